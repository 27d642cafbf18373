import express from 'express'

import { sendNotice } from '../../services/actions/deliveries.ts'
import type { House } from '../../services/actions/house.ts'
import { draftNotices } from '../../services/actions/notices.ts'
import { takeReply } from '../../services/actions/replies.ts'
import { createHttpApp } from '../../services/api/app.ts'
import type { CaseId, NoticeId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { findNotice } from '../../services/notices/store.ts'
import { createWeb } from '../../web/router.ts'
import {
  after,
  completeContact,
  confirmedAt,
  explanation,
  planOf,
  recipientFor,
  signedAbout,
} from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { type World, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

/** The dashboard as a signer without a script sees it. */
async function openPages(world: World) {
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const here = { ...world, house }
  const recipientId = await recipientFor(here, HOST)
  const caseId = await confirmedAt(here, `https://${HOST}/d/1`)
  await completeContact(here)
  const signer = await signerSession(here, 'A. Sample')
  await house.db.system(
    (tx) => tx.run`update member set first_signed_at = now() where id = ${signer.caller.member.id}`,
  )
  const ask = async (path: string, form?: Record<string, string> | [string, string][]) => {
    const answer = await fetch(url + path, {
      redirect: 'manual',
      headers: { cookie: signer.cookie, ...(form && { origin: url }) },
      ...(form && { method: 'post', body: new URLSearchParams(form) }),
    })
    return { status: answer.status, to: answer.headers.get('location') ?? '', text: await answer.text() }
  }
  const stateOf = (id: NoticeId) =>
    house.db.tenant(world.owner.tenantId, async (tx) => (await findNotice(tx, id))?.state)
  return { world: here, house, recipientId, caseId, signer, ask, stateOf }
}

const drafted = async ({ house, owner }: World, caseId: CaseId) => {
  const [draft] = await draftNotices(house, owner, planOf([caseId]))
  if (!draft) throw new Error('no draft')
  return draft
}

test('what is prepared is refused beside its fields, and nothing that was typed is lost', async ({
  world,
}) => {
  const { ask, caseId } = await openPages(world)
  const empty = await ask('/notices/new', { language: 'en', storage: 'A disk in Sampletown' })
  expect(empty.status).toBe(400)
  expect(empty.text).toContain('href="#regimes"')
  expect(empty.text).toContain('A disk in Sampletown')
  const none = await ask('/notices/new', { language: 'en', regimes: 'GENERIC' })
  expect(none.text).toContain('tick the cases that the notices are about')
  const form = { language: 'en', regimes: 'GENERIC', caseIds: caseId, illegalityExplanation: explanation }
  const done = await ask('/notices/new', form)
  expect(done.to).toMatch(/^\/notices\/[0-9a-f-]{36}\?done=notice-drafted$/)
  expect((await ask('/notices/new')).text).toContain('in the draft')
})

test('a location is left out of a draft by its button, as long as another stays', async ({ world }) => {
  const { ask, caseId, world: here, house } = await openPages(world)
  const second = await confirmedAt(here, `https://${HOST}/d/2`, 'Second Light')
  const [draft] = await draftNotices(house, here.owner, planOf([caseId, second]))
  const path = `/notices/${draft!.id}`
  expect((await ask(path)).text).toContain('Leave out')
  expect((await ask(`${path}/leave-out`, { caseId: second })).to).toBe(`${path}?done=notice-saved`)
  const { text } = await ask(path)
  expect([text.includes('Leave out'), text.includes('/d/2')]).toEqual([false, false])
  expect((await ask(`${path}/leave-out`, { caseId })).status).toBe(409)
})

test('a guess is marked, and cannot be chosen before a person has confirmed it', async ({ world }) => {
  const { ask, recipientId, caseId, house } = await openPages(world)
  const radio = (text: string) => text.match(/<input\s+type="radio"[^>]*>/)?.[0] ?? ''
  expect(radio((await ask('/notices/new')).text)).toContain('checked')
  await house.db.system((tx) => tx.run`update recipient set source = 'rfc2142' where id = ${recipientId}`)
  const { text } = await ask('/notices/new')
  expect(text).toContain('A guess:')
  expect(radio(text)).toContain('disabled')
  const form = { language: 'en', regimes: 'GENERIC', caseIds: caseId }
  const looking = await ask('/notices/new', { ...form, lookUp: HOST, notes: 'Kept as typed' })
  expect(looking.text).toContain(`${HOST} is being looked up`)
  expect(looking.text).toContain('Kept as typed')
  const refused = await ask('/notices/new', form)
  expect(refused.status).toBe(422)
  expect(refused.text).toContain(`href="#host-${HOST}"`)
})

test('the dry run shows the mail as it would go, and the sheet for a form', async ({ world }) => {
  const { ask, caseId, world: here } = await openPages(world)
  const { id, number } = await drafted(here, caseId)
  const mail = await ask(`/notices/${id}/preview`)
  expect(mail.text).toContain(`abuse@${HOST}`)
  expect(mail.text).toContain(`[${number}]`)
  expect(mail.text).toContain('OPEN: to be made by a person')
  const words = { language: 'en', regimes: 'US_512C', format: 'hand', illegalityExplanation: explanation }
  expect((await ask(`/notices/${id}`, words)).status).toBe(303)
  for (const [format, shown] of [
    ['xarf-mail', 'xarf.json'],
    ['acns-mail', 'Infringement'],
  ] as const) {
    await ask(`/notices/${id}`, { ...words, format })
    expect((await ask(`/notices/${id}/preview`)).text).toContain(shown)
  }
  await ask(`/notices/${id}`, words)
  const sheet = await ask(`/notices/${id}/preview`)
  expect(sheet.text).toContain('To copy into the form')
  expect(sheet.text.match(/data-copy="field-\d+"/g)?.length).toBeGreaterThan(8)
})

test('signing needs the estimate read, a fresh factor, and the very notice that was shown', async ({
  world,
}) => {
  const { ask, caseId, signer, stateOf, world: here } = await openPages(world)
  const { id } = await drafted(here, caseId)
  const open = await ask(`/notices/sign?ids=${id}`)
  expect(open.text).toContain('It was not checked since it was last changed')
  expect(open.text).not.toContain('name="signatureText"')
  await ask('/notices/check', { ids: id })
  const { text } = await ask(`/notices/sign?ids=${id}`)
  const shown = text.match(/name="shown"\s+value="([^"]+)"/)?.[1] ?? ''
  const form = { ids: id, shown, acknowledged: 'on', signatureText: '/s/ A. Sample' }
  const unread = await ask('/notices/sign', { ...form, acknowledged: '' })
  expect([unread.status, unread.text.includes('href="#acknowledged"')]).toEqual([400, true])
  const others = await ask('/notices/sign', { ...form, shown: `${id} ${'0'.repeat(64)}` })
  expect([others.status, others.text.includes('this is not what was shown')]).toEqual([422, true])
  await signer.age(60)
  const stale = await ask('/notices/sign', form)
  expect(decodeURIComponent(stale.to)).toBe(`/settings/security?then=/notices/sign?ids=${id}`)
  expect(await stateOf(id)).toBe('ready')
  await signer.age(0)
  expect((await ask('/notices/sign', form)).to).toBe(`/notices/send?ids=${id}&done=notices-signed`)
  expect(await stateOf(id)).toBe('signed')
  const sent = await ask('/notices/send', { ids: id })
  expect([sent.status, await stateOf(id)]).toEqual([303, 'queued'])
})

test('a second signer reads and approves; whoever signed cannot', async ({ world }) => {
  const { ask, caseId, signer, stateOf, house, world: here } = await openPages(world)
  const other = await signerSession(here, 'B. Sample')
  const [notice] = await signedAbout(here, other.caller, [caseId])
  if (!notice) throw new Error('nothing was signed')
  expect((await ask(`/notices/${notice.id}/approve`)).text).toContain('Read it as if you signed it yourself')
  await signer.age(60)
  expect((await ask(`/notices/${notice.id}/approve`, {})).to).toContain('/settings/security?then=')
  await signer.age(0)
  expect((await ask(`/notices/${notice.id}/approve`, {})).to).toContain('done=notice-approved')
  expect((await ask(`/notices/${notice.id}`)).text).toContain('Send now')
  await sendNotice(house, signer.caller, notice.id)
  expect(await stateOf(notice.id)).toBe('queued')
})

test('a reply is shown as text, and a person says what it means', async ({ world }) => {
  const { ask, caseId, signer, stateOf, house, world: here } = await openPages(world)
  const [notice] = await signedAbout(here, signer.caller, [caseId])
  if (!notice) throw new Error('nothing was signed')
  await after(here, notice, 'queued', 'sent')
  const to = replyAddressOf(notice.replyToken, house.config.REPLY_DOMAIN)
  const mail = [
    `From: desk@${HOST}`,
    `To: ${to}`,
    'Subject: About your notice',
    'Message-ID: <1@hoster.example>',
    'Content-Type: text/plain',
    '',
  ]
  const raw = Buffer.from([...mail, 'See <script>alert(1)</script> https://phish.example/x', ''].join('\r\n'))
  const taken = await takeReply(house, raw, { envelopeTo: to })
  expect(taken.waits).toBe(true)
  expect((await ask('/replies')).text).toContain('About your notice')
  const { text } = await ask(`/replies/${taken.id}`)
  expect(text).toContain('&lt;script&gt;')
  expect(text).not.toContain('href="https://phish')
  const unsaid = await ask(`/replies/${taken.id}`, { as: 'rejected' })
  expect([unsaid.status, unsaid.text.includes('href="#comment"')]).toEqual([400, true])
  const form = { as: 'rejected', outcome: 'not_infringing', comment: 'They see a parody' }
  expect((await ask(`/replies/${taken.id}`, form)).to).toBe('/replies?done=reply-handled')
  expect(await stateOf(notice.id)).toBe('rejected')
  expect((await ask('/replies')).text).toContain('Nothing waits for you')
})

test('a notice that was wrong is retracted, with what becomes of its cases', async ({ world }) => {
  const { ask, caseId, signer, stateOf, house, world: here } = await openPages(world)
  const [notice] = await signedAbout(here, signer.caller, [caseId])
  if (!notice) throw new Error('nothing was signed')
  const path = `/notices/${notice.id}/retract`
  const unsaid = await ask(path, { reason: 'They have a licence', to: 'dismissed' })
  expect([unsaid.status, unsaid.text.includes('href="#dismissReason"')]).toEqual([400, true])
  const form = { reason: 'They have a licence', to: 'dismissed', dismissReason: 'authorised_use' }
  expect((await ask(path, form)).to).toContain('done=notice-retracted')
  expect(await stateOf(notice.id)).toBe('retracted')
  const opened = await house.db.tenant(world.owner.tenantId, (tx) => findCase(tx, caseId))
  expect(opened?.state).toBe('dismissed')
})

test('a case says which notices are about it, and is taken back from all of them at once', async ({
  world,
}) => {
  const { ask, caseId, signer, stateOf, world: here } = await openPages(world)
  expect((await ask(`/cases/${caseId}`)).text).toContain('Prepare a notice')
  const [notice] = await signedAbout(here, signer.caller, [caseId])
  if (!notice) throw new Error('nothing was signed')
  const { text } = await ask(`/cases/${caseId}`)
  expect(text).toContain(`href="/notices/${notice.id}"`)
  expect(text).toContain(`href="/cases/${caseId}/retract"`)
  expect((await ask(`/cases/${caseId}/retract`)).text).toContain(notice.number)
  expect((await ask(`/cases/${caseId}/retract`, { to: 'needs_review' })).text).toContain(
    'href="#retract-reason"',
  )
  const form = { reason: 'It is another recording', to: 'needs_review' }
  expect((await ask(`/cases/${caseId}/retract`, form)).to).toContain('done=case-retracted')
  expect(await stateOf(notice.id)).toBe('retracted')
  expect((await ask(`/cases/${caseId}`)).text).not.toContain('retract everywhere')
})

test('a notice for a form is given in by hand, and recorded', async ({ world }) => {
  const { ask, caseId, recipientId, signer, stateOf, house, world: here } = await openPages(world)
  await house.db.system(
    (tx) => tx.run`
      update recipient set formats = '{hand}', form_url = 'https://portal.hoster.example/form' where id = ${recipientId}`,
  )
  const [notice] = await signedAbout(here, signer.caller, [caseId])
  if (!notice) throw new Error('nothing was signed')
  expect((await ask(`/notices/send?ids=${notice.id}`)).text).toContain('is given in by hand')
  expect((await ask(`/notices/${notice.id}`)).text).toContain('I sent it by hand')
  const path = `/notices/${notice.id}/by-hand`
  const form = { formUrl: 'https://portal.hoster.example/form', reference: 'HX-1' }
  const early = await ask(path, { ...form, at: '2020-01-01 10:00' })
  expect([early.status, early.text.includes('must lie between the signature and now')]).toEqual([400, true])
  expect(early.text).toContain('HX-1')
  expect((await ask(path, { ...form, at: 'yesterday' })).text).toContain('a moment like 2031-03-06 14:30')
  expect((await ask(path, form)).to).toContain('done=notice-by-hand')
  expect(await stateOf(notice.id)).toBe('sent')
  const { text } = await ask(`/notices/${notice.id}`)
  expect(text).toContain('sent by hand, reference HX-1')
  expect(text).toContain('A reminder goes out')
})
