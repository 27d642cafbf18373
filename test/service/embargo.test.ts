import { decideCase, issueReport } from '../../services/actions/cases.ts'
import { setEmbargo } from '../../services/actions/embargo.ts'
import * as alerts from '../../services/alerts/store.ts'
import * as recordings from '../../services/catalog/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { AlertId, type CaseId, type RecordingId, newId } from '../../services/core/ids.ts'
import { openLog } from '../../services/core/log.ts'
import { caughtMails, startMailCatcher } from '../../services/core/mail-catcher.ts'
import { openMailer } from '../../services/core/mail.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { createMember } from '../../services/tenants/store.ts'
import { createWeb } from '../../web/router.ts'
import { notify } from '../../workers/notify.ts'
import type { Tools } from '../../workers/tools.ts'
import { memberWith, seed, serveApi } from '../support/api.ts'
import { confirming } from '../support/confirming.ts'
import { foundCase } from '../support/found-case.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const run = { log: openLog('test', 'silent'), progress: async () => {}, signal: new AbortController().signal }
const HOUR_MS = 3_600_000
const tomorrow = (): Date => new Date(Date.now() + 24 * HOUR_MS)

/** A recording that was found at an address which names it: its case. */
const openCase = (world: World, title: string, embargoUntil?: string) =>
  foundCase(world, {
    title,
    url: `https://leaks.example.org/The%20Samples%20-%20${title}.mp3`,
    embargoUntil,
  })

/** A mail server that keeps what it is sent, and the worker that sends. */
async function mailing({ house, folder }: World) {
  const catcher = await startMailCatcher(`${folder}/mail`)
  const mailer = openMailer(catcher.url)
  const work = notify({ ...house, mailer } as unknown as Tools)
  return {
    tell: (id: AlertId) => work({ id }, run),
    mails: () => caughtMails(`${folder}/mail`),
    async close() {
      // Its open connections would keep the server waiting.
      mailer.close()
      await catcher.close()
    },
  }
}

const recordingOf = ({ house }: World, id: CaseId): Promise<RecordingId> =>
  house.db.system(async (tx) => {
    const opened = await findCase(tx, id)
    if (!opened) throw new Error('no case')
    return opened.recordingId
  })

describe('an unreleased recording', () => {
  test('is told at once in a mail of its own, and named to owners and reviewers only', async ({ world }) => {
    const { db } = world.house
    const { tenantId } = world.owner
    const post = await mailing(world)
    await db.system(async (tx) => {
      for (const role of ['reviewer', 'signer'] as const)
        await createMember(tx, tenantId, { email: `${role}@example.org`, name: role, roles: [role] })
    })
    const released = await openCase(world, 'Monsoon')
    const secret = await openCase(world, 'Midnight', tomorrow().toISOString())
    const [later, atOnce] = await db.system(async (tx) => [
      await alerts.gather(tx, tenantId, released, 600),
      await alerts.gather(tx, tenantId, secret, 600),
    ])
    expect(later).toMatchObject({ isNew: true, delayMs: 600_000 })
    expect(atOnce).toMatchObject({ isNew: true, delayMs: 0 })
    expect(atOnce?.id).not.toBe(later?.id)

    await post.tell(later?.id ?? newId(AlertId))
    expect(await post.mails()).toEqual([])
    await post.tell(atOnce?.id ?? newId(AlertId))
    const mails = await post.mails()
    expect(mails).toHaveLength(3)
    for (const mail of mails) {
      expect(mail.subject).toMatch(/unreleased/)
      const text = [mail.subject, mail.text, mail.html, JSON.stringify(mail.headers)].join('\n')
      expect(text).not.toContain('Monsoon')
      expect(text).toContain('leaks[.]example[.]org')
      const mayKnow = !mail.to.includes('signer')
      expect({ to: mail.to, told: /Midnight|The(%20| )Samples/.test(text) }).toEqual({
        to: mail.to,
        told: mayKnow,
      })
      expect(/unreleased recording$/m.test(mail.text)).toBe(!mayKnow)
    }
    await post.close()
  })

  test('is not named in a mail that was gathering when its embargo was set, and is when it has ended', async ({
    world,
  }) => {
    const { db } = world.house
    const { tenantId } = world.owner
    const post = await mailing(world)
    await db.system((tx) =>
      createMember(tx, tenantId, { email: 'signer@example.org', name: 'S', roles: ['signer'] }),
    )
    const opened = await openCase(world, 'Midnight')
    const recordingId = await recordingOf(world, opened)
    const gather = () => db.system((tx) => alerts.gather(tx, tenantId, opened, 0))
    const tellSigner = async (id: AlertId) => {
      await post.tell(id)
      return (await post.mails()).find(({ to }) => to.includes('signer'))?.text
    }
    const { id } = await gather()
    await setEmbargo(world.house, world.owner, recordingId, tomorrow())
    expect(await tellSigner(id)).not.toContain('Midnight')
    await setEmbargo(world.house, world.owner, recordingId, null)
    expect(await tellSigner((await gather()).id)).toContain('Midnight')
    await post.close()
  })

  test('becomes so by an owner or a key, until a moment to come, and the audit chain tells', async ({
    world,
  }) => {
    const account = await world.account('Embargo Records')
    const { recordingId } = await seed(world, account)
    const api = await serveApi(world)
    const path = `/v1/recordings/${recordingId}/embargo`
    const key = api.withKey(account.key)
    const until = tomorrow().toISOString()
    expect((await key('put', path, { until })).json).toMatchObject({ embargoUntil: until })
    expect((await key('get', `/v1/recordings/${recordingId}`)).json).toMatchObject({ embargoUntil: until })

    const past = await key('put', path, { until: '2020-01-01T00:00:00Z' })
    expect(past.json).toMatchObject({ status: 400, faults: [{ pointer: '/until' }] })
    expect((await key('put', path, { until: '3020-01-01T00:00:00Z' })).status).toBe(400)
    expect((await key('put', path, { until: 'soon' })).status).toBe(400)
    const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer', 'signer']))
    expect((await reviewer('put', path, { until: null })).status).toBe(403)
    expect((await api.withKey((await world.account('Other')).key)('put', path, { until: null })).status).toBe(
      404,
    )

    const owner = await api.signedIn(account.member)
    expect((await owner('put', path, { until: null })).json).toMatchObject({ embargoUntil: null })
    const entries = await world.house.db.tenant(account.tenant.id, (tx) => auditEntries(tx, 1, 100))
    const told = entries.filter(({ action }) => action.startsWith('recording.embargo'))
    expect(told.map(({ action, details }) => [action, details])).toEqual([
      ['recording.embargo-set', { from: null, to: until }],
      ['recording.embargo-ended', { from: until, to: null }],
    ])
  })

  test('is so from its registration on, if that says so', async ({ world }) => {
    const api = await serveApi(world)
    const { key } = await world.account('Early Records')
    const given = { title: 'Early', artists: ['A'], embargoUntil: tomorrow().toISOString() }
    const made = await api.withKey(key)('post', '/v1/recordings', given)
    expect(made.json).toMatchObject({ created: true, embargoUntil: given.embargoUntil })
    const pages = await serveApi(world, { web: createWeb(world.house) })
    const form = new FormData()
    form.set('title', 'Later')
    form.set('artists', 'A')
    form.set('embargoUntil', `${given.embargoUntil.slice(0, 10)} 12:00`)
    if (world.owner.kind !== 'member') throw new Error('the fixture’s owner is a person')
    const browser = await pages.signedIn(world.owner.member)
    const registered = await browser('post', '/recordings', form)
    const page = registered.headers.get('location') ?? ''
    expect((await browser('get', page)).text).toContain('Unreleased until')
    form.set('title', 'Past')
    form.set('embargoUntil', '2020-01-01')
    expect((await browser('post', '/recordings', form)).text).toContain('embargoUntil-fault')

    const late = { ...given, title: 'Late', embargoUntil: '2020-01-01T00:00:00Z' }
    expect((await api.withKey(key)('post', '/v1/recordings', late)).status).toBe(400)
  })

  test('is marked on its pages, where an owner sets and ends the embargo', async ({ world }) => {
    const account = await world.account('Page Records')
    const { recordingId, matchId } = await seed(world, account)
    const api = await serveApi(world, { web: createWeb(world.house) })
    const browser = await api.signedIn(account.member)
    const page = `/recordings/${recordingId}`
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const refused = await browser('post', `${page}/embargo`, 'until=yesterday', form)
    expect(refused.status).toBe(400)
    expect(refused.text).toMatch(/id="until-fault">a day and a time/)
    const day = tomorrow().toISOString().slice(0, 10)
    expect((await browser('post', `${page}/embargo`, `until=${day}+23:30`, form)).status).toBe(303)
    for (const path of [page, `${page}/rights`, `/matches/${matchId}`])
      expect((await browser('get', path)).text).toContain('Unreleased until')
    const found = () =>
      world.house.db.tenant(account.tenant.id, (tx) => recordings.find(tx, recordingId as RecordingId))
    expect((await found())?.embargoUntil?.toISOString()).toBe(`${day}T23:30:00.000Z`)

    const signer = await api.signedIn(await memberWith(world, account, ['signer']))
    expect((await signer('get', `${page}/rights`)).text).not.toContain('name="until"')
    expect((await signer('post', `${page}/embargo/end`, '', form)).status).toBe(403)
    expect((await browser('post', `${page}/embargo/end`, '', form)).status).toBe(303)
    expect(await found()).toMatchObject({ embargoUntil: null })
  })

  test('has an open point in its report until somebody signs', async ({ world }) => {
    const account = await world.account('Report Records')
    const { recordingId, caseId } = await seed(world, account)
    await setEmbargo(world.house, account.caller, recordingId as RecordingId, tomorrow())
    const codes = async (...statements: Parameters<typeof issueReport>[3][]) => {
      const { document } = await issueReport(world.house, account.caller, caseId as CaseId, statements[0])
      return document.openPoints.map(({ code }) => code)
    }
    expect(await codes()).toContain('work_unreleased')
    await decideCase(world.house, account.caller, caseId as CaseId, confirming)
    const made = { goodFaith: true, accuracy: true, authority: true } as const
    expect(await codes({ ...made, signatureText: `/s/ ${account.member.name}` })).not.toContain(
      'work_unreleased',
    )
  })
})
