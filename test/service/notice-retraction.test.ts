import { holdCase } from '../../services/actions/cases.ts'
import { dropDraft } from '../../services/actions/notices.ts'
import { takeLook } from '../../services/actions/rechecks.ts'
import { retractEverywhere, retractNotice } from '../../services/actions/retract-notice.ts'
import { signNotices } from '../../services/actions/sign-notices.ts'
import { supplementNotice } from '../../services/actions/supplement-notice.ts'
import { auditEntries, firstBroken } from '../../services/core/audit.ts'
import { CaseId, newId } from '../../services/core/ids.ts'
import { decisionsOf, findCase, lockKnown } from '../../services/matches/case-store.ts'
import { startRecheck } from '../../services/matches/recheck-store.ts'
import {
  deliveriesOf,
  queueDelivery,
  recordSent,
  retractionOf,
} from '../../services/notices/delivery-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { addEvent, eventsOf, findNotice, findSigned, lockNotice } from '../../services/notices/store.ts'
import { refusalOf } from '../support/allowing.ts'
import {
  after,
  completeContact,
  confirmedAt,
  recipientFor,
  signatureFor,
  signedAbout,
} from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

/** A signed notice about some cases, and who signed it. */
async function signed(world: World, count: number) {
  await completeContact(world)
  await recipientFor(world, HOST)
  const signer = await signerSession(world)
  await world.house.db.system(
    (tx) => tx.run`update member set first_signed_at = now() where id = ${signer.caller.member.id}`,
  )
  const cases: CaseId[] = []
  for (let index = 0; index < count; index += 1)
    cases.push(await confirmedAt(world, `https://${HOST}/d/${index}`, `Song ${index}`))
  const [notice] = await signedAbout(world, signer.caller, cases)
  if (!notice) throw new Error('no notice')
  return { signer: signer.caller, cases, notice }
}

/** Has the mail of a notice go out, as the worker would. */
async function sentByMail({ house }: World, notice: Notice): Promise<void> {
  await house.db.system(async (tx) => {
    const id = await queueDelivery(tx, notice, { kind: 'notice', way: 'mail', address: `abuse@${HOST}` })
    await addEvent(tx, notice, { kind: 'queued', actor: 'system' })
    await tx.run`update delivery set attempted_at = now() where id = ${id}`
    await recordSent(tx, id, { at: new Date(), response: '250 ok', actor: 'system' })
  })
}

const stateOf = async ({ house, owner }: World, id: CaseId) =>
  (await house.db.tenant(owner.tenantId, (tx) => findCase(tx, id)))?.state
const rowsOf = ({ house, owner }: World, { id }: Notice) =>
  house.db.tenant(owner.tenantId, (tx) => locationsOf(tx, id))
const mailsOf = ({ house, owner }: World, { id }: Notice) =>
  house.db.tenant(owner.tenantId, (tx) => deliveriesOf(tx, id))

describe('the next version', () => {
  test('takes over what is still open, and names the version before it', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 2)
    await sentByMail(world, notice)
    expect(await refusalOf(supplementNotice(house, owner, notice.id))).toMatchObject({ type: 'row/stage' })
    await after(world, notice, 'asked')
    await house.db.system((tx) => tx.run`update case_file set state = 'removed' where id = ${cases[0]}`)
    const next = await supplementNotice(house, owner, notice.id)
    expect(next).toMatchObject({
      number: notice.number,
      version: 2,
      supersedes: notice.id,
      state: 'draft',
      locations: 1,
    })
    expect(next.replyToken).not.toBe(notice.replyToken)
    const before = await house.db.tenant(owner.tenantId, (tx) => findNotice(tx, notice.id))
    expect(before?.state).toBe('closed')
    expect((await rowsOf(world, notice)).map(({ live }) => live)).toEqual([true, true])

    await signNotices(house, signer, await signatureFor(world, signer, [next.id]))
    expect((await rowsOf(world, notice)).map(({ live }) => live)).toEqual([false, false])
    expect((await rowsOf(world, next)).map(({ live }) => live)).toEqual([true])
    const kept = await house.db.tenant(owner.tenantId, (tx) => findSigned(tx, next.id))
    expect(kept?.document.supersedes).toEqual({ version: 1, documentSha256: notice.documentSha256 })
    expect(await stateOf(world, cases[1]!)).toBe('in_notice')
  })

  test('that is dropped demands no more what the one before it did', async ({ world }) => {
    const { house, owner } = world
    const { cases, notice } = await signed(world, 1)
    await sentByMail(world, notice)
    await after(world, notice, 'rejected')
    const next = await supplementNotice(house, owner, notice.id)
    await dropDraft(house, owner, next.id)
    expect((await rowsOf(world, notice)).map(({ live }) => live)).toEqual([false])
    expect(await stateOf(world, cases[0]!)).toBe('confirmed')
  })
})

describe('a retraction', () => {
  test('tells everybody whom the notice reached, once, and frees its cases', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 2)
    await sentByMail(world, notice)
    await house.db.system(async (tx) => {
      const copy = await queueDelivery(tx, notice, {
        kind: 'notice',
        way: 'hand',
        address: 'https://form.example',
      })
      await recordSent(tx, copy, { at: new Date(), response: 'by hand', actor: 'system' })
      await queueDelivery(tx, notice, { kind: 'reminder', way: 'mail', address: 'late@hoster.example' })
    })
    const given = { reason: 'The uploader has a licence' }
    const done = await retractNotice(house, signer, notice.id, {
      ...given,
      cases: { to: 'dismissed', reason: 'authorised_use', caseIds: [cases[0]!] },
    })
    expect(done.state).toBe('retracted')
    const mails = await mailsOf(world, notice)
    const retractions = mails.filter(({ kind }) => kind === 'retraction')
    expect(retractions.map(({ way, address, stage }) => [way, address, stage])).toEqual(
      expect.arrayContaining([
        ['mail', `abuse@${HOST}`, 'send'],
        ['hand', 'https://form.example', 'send'],
      ]),
    )
    expect(retractions).toHaveLength(2)
    expect(mails.find(({ kind }) => kind === 'reminder')).toMatchObject({ stage: 'failed' })
    expect((await rowsOf(world, notice)).map(({ live, outcome }) => [live, outcome])).toEqual([
      [false, 'retracted'],
      [false, 'retracted'],
    ])
    expect(await stateOf(world, cases[0]!)).toBe('dismissed')
    expect(await stateOf(world, cases[1]!)).toBe('confirmed')
    expect(await refusalOf(retractNotice(house, signer, notice.id, given))).toMatchObject({
      type: 'row/stage',
    })
    const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 1000))
    expect(firstBroken(entries)).toBeUndefined()
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['notice.drafted', 'notice.signed', 'notice.retracted', 'case.dismissed']),
    )
  })

  test('of what nobody got writes to nobody; its cases are looked at again', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 1)
    const asReviewer = { ...owner, member: { ...signer.member, roles: ['reviewer'] as const } }
    expect(
      await refusalOf(retractNotice(house, asReviewer as never, notice.id, { reason: 'Wrong' })),
    ).toMatchObject({ type: 'auth/forbidden' })
    expect(
      await refusalOf(
        retractNotice(house, signer, notice.id, {
          reason: 'Wrong',
          cases: { to: 'needs_review', caseIds: [newId(CaseId)] },
        }),
      ),
    ).toMatchObject({ type: 'request/invalid', faults: [{ pointer: '/cases/caseIds/0' }] })
    await retractNotice(house, signer, notice.id, { reason: 'Wrong' })
    expect(await mailsOf(world, notice)).toEqual([])
    expect(await stateOf(world, cases[0]!)).toBe('needs_review')
  })

  test('everywhere takes one case out of notices that go on about others', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 2)
    await sentByMail(world, notice)
    const [taken] = await retractEverywhere(house, signer, cases[0]!, { reason: 'Not our recording' })
    expect(taken).toMatchObject({ id: notice.id, state: 'sent' })
    const events = await house.db.tenant(owner.tenantId, (tx) => eventsOf(tx, notice.id))
    const retractions = (await mailsOf(world, notice)).filter(({ kind }) => kind === 'retraction')
    expect(events.at(-1)).toMatchObject({
      kind: 'location_retracted',
      state: 'sent',
      details: { caseIds: [cases[0]], locationIds: [cases[0]], deliveryIds: retractions.map(({ id }) => id) },
    })
    const told = await house.db.system((tx) => retractionOf(tx, notice.id, retractions[0]!.id))
    expect(told).toEqual({ reason: 'Not our recording', locationIds: [cases[0]] })
    expect((await rowsOf(world, notice)).map(({ live, outcome }) => [live, outcome])).toEqual([
      [false, 'retracted'],
      [true, null],
    ])
    expect(await stateOf(world, cases[0]!)).toBe('needs_review')
    expect(await stateOf(world, cases[1]!)).toBe('in_notice')
    expect(await retractEverywhere(house, signer, cases[0]!, { reason: 'Again' })).toEqual([])
    const [whole] = await retractEverywhere(house, signer, cases[1]!, { reason: 'Nor this' })
    expect(whole?.state).toBe('retracted')
    const last = (await mailsOf(world, notice)).findLast(({ kind }) => kind === 'retraction')
    expect(await house.db.system((tx) => retractionOf(tx, notice.id, last!.id))).toEqual({
      reason: 'Nor this',
    })
  })

  test('takes every work at an address back with it, and leaves the others confirmed', async ({ world }) => {
    const { house } = world
    const { signer, cases, notice: first } = await signed(world, 1)
    const album = `https://${HOST}/album.zip`
    const [one, two] = [
      await confirmedAt(world, album, 'Track 1'),
      await confirmedAt(world, `${album}?`, 'Track 2'),
    ]
    const elsewhere = await confirmedAt(world, `https://${HOST}/d/99`, 'Track 3')
    const [notice] = await signedAbout(world, signer, [one, two, elsewhere])
    await sentByMail(world, notice!)
    await retractEverywhere(house, signer, two, { reason: 'Not ours' })
    expect((await rowsOf(world, notice!)).map(({ live, outcome }) => [live, outcome])).toEqual([
      [false, 'retracted'],
      [false, 'retracted'],
      [true, null],
    ])
    expect(await stateOf(world, one)).toBe('confirmed')
    expect(await stateOf(world, two)).toBe('needs_review')
    expect(await stateOf(world, elsewhere)).toBe('in_notice')
    expect((await rowsOf(world, first)).map(({ live }) => live)).toEqual([true])
    expect(await stateOf(world, cases[0]!)).toBe('in_notice')
  })

  test('of a case in a notice that waits to be sent keeps the notice from going out', async ({ world }) => {
    const { house } = world
    const { signer, cases, notice } = await signed(world, 2)
    await house.db.system(async (tx) => {
      await queueDelivery(tx, notice, { kind: 'notice', way: 'mail', address: `abuse@${HOST}` })
      await addEvent(tx, notice, { kind: 'queued', actor: 'system' })
    })
    const [taken] = await retractEverywhere(house, signer, cases[0]!, { reason: 'Not ours' })
    expect(taken?.state).toBe('retracted')
    expect((await mailsOf(world, notice)).map(({ kind, stage }) => [kind, stage])).toEqual([
      ['notice', 'failed'],
    ])
    expect(await stateOf(world, cases[0]!)).toBe('needs_review')
    expect(await stateOf(world, cases[1]!)).toBe('confirmed')
  })

  test('and a look wait for whoever writes to the notice, and never crosswise', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 1)
    const caseId = cases[0]!
    const lookId = await house.db.system((tx) => startRecheck(tx, { id: caseId, tenantId: owner.tenantId }))
    const nothing = { finalUrl: null, mediaType: null, bytes: null, etag: null, sha256: null, problem: null }
    const look = { verdict: 'gone', seen: { ...nothing, status: 404 }, at: new Date() } as const
    for (const work of [
      () => house.db.system((tx) => takeLook(tx, lookId, look)),
      () => retractEverywhere(house, signer, caseId, { reason: 'Not ours' }),
    ]) {
      const { begun } = await house.db.system(async (tx) => {
        await lockNotice(tx, notice.id)
        const working = work()
        await new Promise((resolve) => setTimeout(resolve, 300))
        await lockKnown(tx, caseId)
        return { begun: working }
      })
      expect(await refusalOf(begun)).toBeUndefined()
    }
    expect(await stateOf(world, caseId)).toBe('needs_review')
  })

  test('waits for no reviewer who looks at one of its cases, and tells them', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 2)
    await sentByMail(world, notice)
    // A refusal had freed it before; the other is held while it is in the notice.
    await house.db.system((tx) => tx.run`update case_file set state = 'confirmed' where id = ${cases[0]}`)
    const { caller: reviewer } = await signerSession(world, 'B Reviewer')
    for (const id of cases) await holdCase(house, reviewer, id)
    await retractNotice(house, signer, notice.id, { reason: 'Not ours' })
    for (const id of cases) {
      expect(await stateOf(world, id)).toBe('needs_review')
      const history = await house.db.tenant(owner.tenantId, (tx) => decisionsOf(tx, id))
      expect(history.map(({ comment }) => comment)).toContainEqual(
        `B Reviewer was looking at it when notice ${notice.number} was retracted, and has to look again`,
      )
      const { assignedTo } = await house.db.tenant(owner.tenantId, (tx) => lockKnown(tx, id))
      expect(assignedTo).toBeNull()
    }
  })

  test('of an earlier version leaves the cases to the later one', async ({ world }) => {
    const { house, owner } = world
    const { signer, cases, notice } = await signed(world, 1)
    await sentByMail(world, notice)
    await after(world, notice, 'asked')
    const next = await supplementNotice(house, owner, notice.id)
    await signNotices(house, signer, await signatureFor(world, signer, [next.id]))
    await retractNotice(house, signer, notice.id, { reason: 'A slip in it' })
    expect(await stateOf(world, cases[0]!)).toBe('in_notice')
    expect((await rowsOf(world, next)).map(({ live }) => live)).toEqual([true])
    await retractEverywhere(house, signer, cases[0]!, { reason: 'Not ours' })
    expect(await stateOf(world, cases[0]!)).toBe('needs_review')
  })
})
