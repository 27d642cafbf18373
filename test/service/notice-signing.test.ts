import { approvalAhead, approvalObstacle } from '../../services/actions/approval.ts'
import { sendNotice } from '../../services/actions/deliveries.ts'
import { checkNotice, draftNotices, editNotice } from '../../services/actions/notices.ts'
import { approveNotice, signNotices } from '../../services/actions/sign-notices.ts'
import { ApiKeyId, CaseId, newId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import { freezeNotice } from '../../services/notices/notice.ts'
import { findNotice, findSigned, listNotices } from '../../services/notices/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { refusalOf } from '../support/allowing.ts'
import {
  completeContact,
  confirmedAt,
  planOf,
  recipientFor,
  signatureFor,
  signedAbout,
} from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

/** A signer who has signed before, so that nobody has to approve. */
async function practised(world: World) {
  const signer = await signerSession(world)
  await world.house.db.system(
    (tx) => tx.run`update member set first_signed_at = now() where id = ${signer.caller.member.id}`,
  )
  return signer
}

async function caseState({ house, owner }: World, id: CaseId) {
  return (await house.db.tenant(owner.tenantId, (tx) => findCase(tx, id)))?.state
}

describe('signing', () => {
  test('forty locations at three hosts is one call; each notice is frozen with its statements', async ({
    world,
  }) => {
    const { house, owner } = world
    await completeContact(world)
    const hosts = ['a.example', 'b.example', 'c.example']
    for (const host of hosts) await recipientFor(world, host)
    const ids: CaseId[] = []
    for (let index = 0; index < 40; index += 1)
      ids.push(await confirmedAt(world, `https://${hosts[index % 3]}/d/${index}`, `Song ${index}`))
    const signer = await practised(world)
    const signed = await signedAbout(world, signer.caller, ids)
    expect(signed.map(({ state, locations }) => [state, locations])).toEqual([
      ['signed', 14],
      ['signed', 13],
      ['signed', 13],
    ])
    for (const { id } of signed) {
      const kept = await house.db.tenant(owner.tenantId, (tx) => findSigned(tx, id))
      if (!kept) throw new Error('not signed')
      expect(freezeNotice(kept.document)).toEqual({ text: kept.documentText, sha256: kept.documentSha256 })
      expect(kept.document.statements).toMatchObject({
        status: 'made',
        signatory: { memberId: signer.caller.member.id, signatureText: '/s/ A Signer', secondFactor: 'totp' },
      })
    }
    for (const id of ids) expect(await caseState(world, id)).toBe('in_notice')
    await expect(
      house.db.system((tx) => tx.run`update notice set document_text = 'x' where id = ${signed[0]!.id}`),
    ).rejects.toThrow('a signed notice is never changed')
    await expect(
      house.db.tenant(
        owner.tenantId,
        (tx) => tx.run`update notice set language = 'de' where id = ${signed[0]!.id}`,
      ),
    ).rejects.toThrow('a signed notice is never changed')
  }, 60_000)

  test('is for a person with the role and a fresh second factor, under their own name', async ({ world }) => {
    const { house, owner } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    const [draft] = await draftNotices(
      house,
      owner,
      planOf([await confirmedAt(world, `https://${HOST}/d/1`)]),
    )
    if (!draft) throw new Error('no draft')
    const signer = await practised(world)
    const given = await signatureFor(world, signer.caller, [draft.id])
    const key = { kind: 'key', tenantId: owner.tenantId, keyId: newId(CaseId) } as unknown as Caller
    expect(await refusalOf(signNotices(house, key, given))).toMatchObject({
      type: 'auth/forbidden',
      message: expect.stringContaining('signatory_required'),
    })
    expect(
      await refusalOf(signNotices(house, signer.caller, { ...given, signatureText: '/s/ Else' })),
    ).toMatchObject({
      type: 'request/invalid',
    })
    await signer.age(20)
    expect(await refusalOf(signNotices(house, signer.caller, given))).toMatchObject({
      type: 'auth/second-factor',
    })
    expect((await house.db.tenant(owner.tenantId, (tx) => findNotice(tx, draft.id)))?.signedAt).toBeNull()
  })

  test('signs nothing at all while one of the notices is open, and names everything that is', async ({
    world,
  }) => {
    const { house, owner } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    await recipientFor(world, 'b.example')
    const [first, second] = [
      await confirmedAt(world, `https://${HOST}/d/1`),
      await confirmedAt(world, 'https://b.example/d/2', 'Second Light'),
    ]
    const drafts = await draftNotices(house, owner, planOf([first, second]))
    const signer = await practised(world)
    const given = await signatureFor(
      world,
      signer.caller,
      drafts.map(({ id }) => id),
    )
    await house.db.system(async (tx) => {
      await tx.run`
        insert into recheck (id, tenant_id, case_id, stage, verdict, seen, checked_at)
        values (gen_random_uuid(), ${owner.tenantId}, ${second}, 'done', 'gone', null, now() + interval '1 second')`
      await tx.run`update tenant set own_domains = '{b.example}' where id = ${owner.tenantId}`
    })
    const shown = { ...given.shown, [drafts[0]!.id]: 'f'.repeat(64) }
    const refused = await refusalOf(signNotices(house, signer.caller, { ...given, shown }))
    expect(refused?.type).toBe('notice/not-ready')
    const details = refused?.faults.map(({ pointer, detail }) => `${pointer} ${detail}`) ?? []
    for (const code of ['capture_stale', 'own_domain', 'changed_since_shown'])
      expect(details.join('\n')).toContain(code)
    expect(details.find((text) => text.includes('changed_since_shown'))).toContain('/notices/0')
    expect(details.find((text) => text.includes('own_domain'))).toContain('/notices/1/')
    expect(await caseState(world, first)).toBe('confirmed')
    const rows = await house.db.tenant(owner.tenantId, (tx) => listNotices(tx, { limit: 10 }))
    expect(rows.map(({ signedAt }) => signedAt)).toEqual([null, null])
  })

  test('signs nothing that was changed since it was shown, though its statements are the same', async ({
    world,
  }) => {
    const { house, owner } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    const other = await recipientFor(world, 'other.example')
    const [draft] = await draftNotices(
      house,
      owner,
      planOf([await confirmedAt(world, `https://${HOST}/d/1`)]),
    )
    const signer = await practised(world)
    const given = await signatureFor(world, signer.caller, [draft!.id])
    const key: Caller = { kind: 'key', tenantId: owner.tenantId, keyId: newId(ApiKeyId) }
    for (const change of [
      { recipientId: other },
      {
        recipientId: draft!.recipientId,
        details: { ...draft!.details, notes: 'And all else that is there' },
      },
      { details: draft!.details, language: 'en' as const, format: 'xarf-mail' as const },
    ]) {
      await editNotice(house, key, draft!.id, change)
      await checkNotice(house, key, draft!.id)
      const refused = await refusalOf(signNotices(house, signer.caller, given))
      expect(refused?.type).toBe('notice/not-ready')
      expect(refused?.faults.map(({ detail }) => detail).join()).toContain('changed_since_shown')
    }
    await editNotice(house, key, draft!.id, { format: draft!.format })
    // What was shown is what is signed; that a copy was seen again meanwhile changes nothing of it.
    await checkNotice(house, key, draft!.id)
    await house.db.system(
      (tx) => tx.run`
        insert into recheck (id, tenant_id, case_id, stage, verdict, seen, checked_at)
        select gen_random_uuid(), tenant_id, case_id, 'done', 'live', null, now() from notice_location`,
    )
    expect(await signNotices(house, signer.caller, given)).toMatchObject([{ state: 'signed' }])
  })

  test('of what is demanded already names the other notice; another work at the same address is in the same one', async ({
    world,
  }) => {
    const { house, owner } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    const signer = await practised(world)
    const album = `https://${HOST}/album.zip`
    const ids = [
      await confirmedAt(world, album, 'Track 1'),
      await confirmedAt(world, `${album}?utm_source=x`, 'Track 2'),
    ]
    const [signed] = await signedAbout(world, signer.caller, ids)
    const rows = await house.db.tenant(owner.tenantId, (tx) => locationsOf(tx, signed!.id))
    expect(rows.map(({ live, besideId }) => [live, besideId])).toEqual([
      [true, null],
      [true, rows[0]?.id],
    ])
    const kept = await house.db.tenant(owner.tenantId, (tx) => findSigned(tx, signed!.id))
    expect(kept?.document.locations).toHaveLength(1)
    expect(kept?.document.works).toHaveLength(2)

    const third = await confirmedAt(world, `${album}#top`, 'Track 3')
    const drafts = await draftNotices(house, owner, planOf([third]))
    const given = await signatureFor(
      world,
      signer.caller,
      drafts.map(({ id }) => id),
    )
    expect(await refusalOf(signNotices(house, signer.caller, given))).toMatchObject({
      type: 'notice/duplicate',
      message: expect.stringContaining(signed!.number),
    })
  })

  test('for the first time waits for another signer, who is not the same person', async ({ world }) => {
    const { house } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    const [first, second] = [await signerSession(world, 'A Signer'), await signerSession(world, 'B Signer')]
    const [signed] = await signedAbout(world, first.caller, [await confirmedAt(world, `https://${HOST}/d/1`)])
    expect(signed).toMatchObject({ state: 'signed', approvalNeeded: true })
    expect(await refusalOf(approveNotice(house, first.caller, signed!.id))).toMatchObject({
      type: 'auth/forbidden',
    })
    const approved = await approveNotice(house, second.caller, signed!.id)
    expect(approved).toMatchObject({ state: 'signed', approvedBy: second.caller.member.id })
    expect(await refusalOf(approveNotice(house, second.caller, signed!.id))).toMatchObject({
      type: 'row/stage',
    })
    const [later] = await signedAbout(world, first.caller, [
      await confirmedAt(world, `https://${HOST}/d/2`, 'Second Light'),
    ])
    expect(later?.approvalNeeded).toBe(false)
  })

  test('above the limit of a day waits for another signer too', async ({ world }) => {
    const { house, owner } = world
    await completeContact(world)
    await recipientFor(world, HOST)
    await house.db.system(
      (tx) => tx.run`update tenant set second_approver_above = 1 where id = ${owner.tenantId}`,
    )
    const signer = await practised(world)
    const sign = async (number: number) =>
      signedAbout(world, signer.caller, [
        await confirmedAt(world, `https://${HOST}/d/${number}`, `Song ${number}`),
      ])
    expect((await sign(1))[0]?.approvalNeeded).toBe(false)
    await house.db.system(
      (tx) =>
        tx.run`update member set roles = array_remove(roles, 'signer') where id <> ${signer.caller.member.id}`,
    )
    const [waiting] = await sign(2)
    expect(waiting?.approvalNeeded).toBe(true)
    const noSecond = expect.stringMatching(/needs a second signer; this account has one.*role ‘signer’/)
    const refusal = await refusalOf(sendNotice(house, signer.caller, waiting!.id))
    expect(refusal).toMatchObject({ type: 'row/stage', message: noSecond })
    const told = () => house.db.tenant(owner.tenantId, (tx) => approvalObstacle(tx, waiting!))
    expect(await told()).toEqual(noSecond)
    const ahead = (locations: number) =>
      house.db.tenant(owner.tenantId, (tx) => approvalAhead(tx, signer.caller, locations))
    expect(await ahead(1)).toEqual(noSecond)
    const second = await signerSession(world, 'B Signer')
    expect([await told(), await ahead(1)]).toEqual([undefined, undefined])
    expect((await approveNotice(house, second.caller, waiting!.id)).approvedAt).not.toBeNull()
  })
})
