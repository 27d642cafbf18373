import type { CaseId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { counterElements } from '../../services/notices/clocks/counter-notice.ts'
import { counterNoticesOf } from '../../services/notices/counter-store.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { findNotice } from '../../services/notices/store.ts'
import { openDashboard } from '../support/dashboard.ts'
import { after, completeContact, confirmedAt, recipientFor, signedAbout } from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

/** A signed notice about two copies, with a browser of its signer. */
async function signed(world: World) {
  await completeContact(world)
  await recipientFor(world, HOST)
  const { caller } = await signerSession(world)
  const caseIds = [
    await confirmedAt(world, `https://${HOST}/d/1`),
    await confirmedAt(world, `https://${HOST}/d/2`, 'Second Light'),
  ]
  const [notice] = await signedAbout(world, caller, caseIds)
  const [first, second] = caseIds
  if (!notice || !first || !second) throw new Error('nothing was signed')
  const browserOf = await openDashboard(world)
  return { notice, first, second, browserOf, browser: await browserOf(caller.member) }
}

const today = (): string => new Date().toISOString().slice(0, 10)

const fieldsOf = (caseId: CaseId, elements: readonly string[] = counterElements) => ({
  caseId,
  receivedOn: today(),
  sender: 'U. Sample <uploader@mail.example>',
  text: 'This is my own recording.\r\nPut it back.',
  reason: 'owner',
  ...Object.fromEntries(elements.map((element) => [element, 'on'])),
})

const stateOf = ({ house, owner }: World, id: CaseId) =>
  house.db.tenant(owner.tenantId, async (tx) => (await findCase(tx, id))?.state)

const noticeState = ({ house, owner }: World, { id }: Notice) =>
  house.db.tenant(owner.tenantId, async (tx) => (await findNotice(tx, id))?.state)

describe('the pages of counter-notices', () => {
  test('register one at its notice, say what it lacks, and take an answer', async ({ world }) => {
    const { notice, first, second, browser } = await signed(world)
    const { get, send } = browser
    const form = `/notices/${notice.id}/counter-notice`
    const none = await get('/counter-notices')
    expect(none.text).toContain('No counter-notice waits for you')
    expect((await get('/notices')).text).not.toContain('href="/counter-notices"')
    expect((await get(form)).text).toContain('The notice was not sent yet')
    expect((await send(form, fieldsOf(first))).status).toBe(409)
    await after(world, notice, 'queued', 'sent')
    expect((await get(`/notices/${notice.id}`)).text).toContain(`href="${form}"`)

    const fields = fieldsOf(first, ['signature', 'name_address_phone'])
    const unsaid = await send(form, { ...fields, reason: '', receivedOn: 'soon', caseId: '' })
    expect(unsaid.status).toBe(400)
    for (const id of ['caseId', 'receivedOn', 'reason']) expect(unsaid.text).toContain(`href="#${id}"`)
    expect(unsaid.text).toContain('This is my own recording.')
    expect(unsaid.text.match(/type="checkbox"[^>]*checked/g)).toHaveLength(2)
    const future = await send(form, { ...fields, receivedOn: '2999-01-04' })
    expect(future.text).toContain('is in the future')

    const made = await send(form, fields)
    const path = made.headers.get('location')?.split('?')[0] ?? ''
    expect(path).toMatch(/^\/counter-notices\/[0-9a-f-]{36}$/)
    const shown = (await get(path)).text
    for (const text of [
      '3 elements of 17 U.S.C. 512(g)(3) missing',
      'the consent to a court',
      '10 business days left',
    ])
      expect(shown).toContain(text)
    expect(shown).not.toContain('<li>a signature</li>')
    const [kept] = await world.house.db.tenant(notice.tenantId, (tx) => counterNoticesOf(tx, notice.id))
    expect(kept?.text).toBe('This is my own recording.\nPut it back.')
    const again = await send(form, fields)
    expect(again.status).toBe(409)
    expect((await get(form)).text).not.toContain(`value="${first}"`)

    await send(form, { ...fieldsOf(second), receivedOn: '2020-01-06' })
    const listed = (await get('/counter-notices')).text
    expect(listed).toContain('The time has passed')
    expect(listed.indexOf('/d/2')).toBeLessThan(listed.indexOf('/d/1'))
    expect((await get('/notices')).text).toContain('href="/counter-notices"')

    const filed = await send(path, { answer: 'action_filed', comment: 'We went to court' })
    expect([filed.status, filed.text.includes('href="#action_filed-docket"')]).toEqual([400, true])
    expect(filed.text).toContain('We went to court')
    const done = await send(path, {
      answer: 'action_filed',
      docket: '1:26-cv-1',
      comment: 'We went to court',
    })
    expect(done.headers.get('location')).toBe(`${path}?done=counter-answered`)
    expect((await get(path)).text).toContain('docket number 1:26-cv-1')
    expect(await stateOf(world, first)).toBe('escalated')
    expect((await get('/counter-notices')).text).not.toContain(path)
    expect((await get(`/notices/${notice.id}`)).text).toContain('An action was filed')
  })

  test('take a location back, or let it be', async ({ world }) => {
    const { notice, first, second, browser } = await signed(world)
    const { send } = browser
    await after(world, notice, 'queued', 'sent')
    const registered = async (caseId: CaseId) => {
      const made = await send(`/notices/${notice.id}/counter-notice`, fieldsOf(caseId))
      return made.headers.get('location')?.split('?')[0] ?? ''
    }
    const one = await registered(first)
    expect((await send(one, { answer: 'retracted', comment: '' })).text).toContain(
      'href="#retracted-comment"',
    )
    expect((await send(one, { answer: 'retracted', comment: 'They have a licence' })).status).toBe(303)
    expect(await stateOf(world, first)).toBe('dismissed')
    expect((await send(one, { answer: 'accepted', comment: 'Twice' })).status).toBe(409)
    const two = await registered(second)
    expect((await send(two, { answer: 'accepted', comment: 'Not worth a suit' })).status).toBe(303)
    expect(await stateOf(world, second)).toBe('closed')
    expect(await noticeState(world, notice)).toBe('closed')
  })

  test('are for reviewers and signers, answers for signers, and nothing for another account', async ({
    world,
  }) => {
    const { notice, first, browserOf, browser } = await signed(world)
    await after(world, notice, 'queued', 'sent')
    const form = `/notices/${notice.id}/counter-notice`
    const reviewer = await browserOf((await signerSession(world, 'R', { roles: ['reviewer'] })).caller.member)
    const owner = await browserOf((await signerSession(world, 'O', { roles: ['owner'] })).caller.member)
    expect((await owner.get(form)).status).toBe(403)
    expect((await owner.send(form, fieldsOf(first))).status).toBe(403)
    expect((await owner.get(`/notices/${notice.id}`)).text).not.toContain(`href="${form}"`)
    const made = await reviewer.send(form, fieldsOf(first))
    const path = made.headers.get('location')?.split('?')[0] ?? ''
    expect((await reviewer.get(path)).text).toContain('Only a member with the role ‘signer’ can answer')
    expect((await reviewer.send(path, { answer: 'accepted', comment: 'x' })).status).toBe(403)
    expect((await browser.get(path)).text).toContain('Take it back everywhere')

    if (world.stranger.kind !== 'member') throw new Error('no member')
    const stranger = await browserOf(world.stranger.member)
    expect((await stranger.get('/counter-notices')).text).toContain('No counter-notice waits for you')
    for (const each of [path, form]) expect((await stranger.get(each)).status).toBe(404)
    expect((await stranger.send(path, { answer: 'accepted', comment: 'x' })).status).toBe(404)
    expect((await stranger.send(form, fieldsOf(first))).status).toBe(404)
  })
})
