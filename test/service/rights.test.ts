import { createHash } from 'node:crypto'

import { issueReport } from '../../services/actions/cases.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { CaseId, RecordingId } from '../../services/core/ids.ts'
import { createWeb } from '../../web/router.ts'
import { type Client, seed, serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** An account with a recording that was found, its API and its dashboard. */
async function sceneOf(world: World) {
  const account = await world.account('Rights Records')
  const seeded = await seed(world, account)
  const api = await serveApi(world, { web: createWeb(world.house) })
  const path = `/recordings/${seeded.recordingId}/rights`
  return {
    account,
    seeded,
    key: api.withKey(account.key),
    browser: await api.signedIn(account.member),
    api,
    path,
    rights: async () => {
      const id = seeded.recordingId as RecordingId
      const found = await world.house.db.tenant(account.tenant.id, (tx) => recordings.find(tx, id))
      return found?.rights
    },
    openPoints: async () => {
      const report = await issueReport(world.house, account.caller, seeded.caseId as CaseId)
      return report.document.openPoints.map(({ code }) => code)
    },
  }
}

const right = {
  role: 'owner',
  sharePercent: '50',
  territories: 'Worldwide',
  excludedTerritories: '',
  validFrom: '',
  validTo: '',
  documentName: '',
  documentExpires: '',
}

/** Sends the form of a right as a browser does, its file field empty unless one is given. */
function post(browser: Client, path: string, fields: Record<string, string>, file?: File) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('document', file ?? new File([], ''))
  return browser('post', path, form)
}

/** What the page's form for the right at a place holds in its hidden fields. */
async function hidden(browser: Client, path: string, position: number) {
  const page = (await browser('get', path)).text
  const [, mark = ''] =
    page.match(new RegExp(`name="position" value="${position}" /><input[^>]*name="mark" value="(\\w+)"`)) ??
    []
  return { position: String(position), mark }
}

describe('the rights in a recording', () => {
  test('are replaced by the API, which tells where they are held today', async ({ world }) => {
    const { key, path, seeded, api } = await sceneOf(world)
    const put = await key('put', `/v1${path}`, [
      {
        role: 'exclusive-licensee',
        sharePercent: 33.33,
        excludedTerritories: ['US'],
        validFrom: '2020-01-01',
        document: { name: 'Licence 14', expires: day(30) },
      },
      { territories: ['US', 'CA'], validTo: day(-1) },
    ])
    expect(put.json).toMatchObject({
      territories: ['Worldwide', 'except US'],
      rights: [
        {
          role: 'exclusive-licensee',
          sharePercent: 33.33,
          documentName: 'Licence 14',
          documentSha256: null,
          documentExpires: day(30),
        },
        { role: 'owner', territories: ['US', 'CA'], validTo: day(-1), documentName: null },
      ],
    })
    const refused = await key('put', `/v1${path}`, [
      { territories: ['DE'], excludedTerritories: ['US'] },
      { validFrom: '2021-01-01', validTo: '2020-01-01' },
      { role: 'fan', sharePercent: 0.001, document: { expires: '2021-02-31' } },
    ])
    expect(refused.status).toBe(400)
    const pointers = refused.json.faults.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(
      expect.arrayContaining(['/2/role', '/2/sharePercent', '/2/document/name', '/2/document/expires']),
    )
    const together = await key('put', `/v1${path}`, [{ territories: ['DE'], excludedTerritories: ['US'] }])
    expect(together.json.faults).toMatchObject([{ pointer: '/0/excludedTerritories' }])
    const backwards = await key('put', `/v1${path}`, [{ validFrom: '2021-01-01', validTo: '2020-01-01' }])
    expect(backwards.json.faults).toMatchObject([{ pointer: '/0/validTo' }])
    const ancient = await key('put', `/v1${path}`, [{ validFrom: '0000-01-01' }])
    expect(ancient.json.faults).toMatchObject([{ pointer: '/0/validFrom' }])
    expect((await key('get', `/v1/recordings/${seeded.recordingId}`)).json.rights).toHaveLength(2)
    const stranger = api.withKey((await world.account('Another')).key)
    expect((await stranger('put', `/v1${path}`, [])).status).toBe(404)
    expect((await key('put', `/v1${path}`, [])).json).toMatchObject({
      rights: [],
      territories: ['Worldwide'],
    })
  })

  test('are added, changed and removed one by one on their page, without scripts', async ({ world }) => {
    const { browser, path, rights } = await sceneOf(world)
    const contract = new File(['a contract'], 'contract.pdf')
    const added = await post(
      browser,
      path,
      { ...right, excludedTerritories: 'USA, Canada', documentExpires: day(9) },
      contract,
    )
    expect(added.status).toBe(303)
    const sha256 = createHash('sha256').update('a contract').digest('hex')
    const kept = {
      role: 'owner',
      sharePercent: 50,
      excludedTerritories: ['CA', 'US'],
      documentName: 'contract.pdf',
      documentSha256: sha256,
      documentExpires: day(9),
    }
    expect(await rights()).toMatchObject([kept])
    expect((await post(browser, path, { ...right, role: 'agent', territories: 'India; DE' })).status).toBe(
      303,
    )

    const first = await hidden(browser, path, 1)
    const changed = { ...right, ...first, sharePercent: '33,33', documentName: 'contract.pdf' }
    expect((await post(browser, path, changed)).status).toBe(303)
    expect(await rights()).toMatchObject([
      { sharePercent: 33.33, excludedTerritories: [], documentSha256: sha256, documentExpires: null },
      { role: 'agent', territories: ['DE', 'IN'] },
    ])
    const stale = await post(browser, path, { ...right, ...first })
    expect(stale.status).toBe(409)
    expect(stale.text).toContain('Somebody changed the rights meanwhile')

    const remove = { ...right, ...(await hidden(browser, path, 1)), remove: 'on' }
    expect((await post(browser, path, remove)).status).toBe(303)
    expect(await rights()).toMatchObject([{ role: 'agent' }])
  })

  test('come back with each fault beside its field, as they were typed', async ({ world }) => {
    const { browser, path, rights } = await sceneOf(world)
    const wrong = {
      ...right,
      sharePercent: '140',
      territories: 'Atlantis',
      validFrom: '2021-13-01',
      documentExpires: day(9),
    }
    const refused = await post(browser, path, wrong)
    expect(refused.status).toBe(400)
    for (const fault of [
      'id="sharePercent-0-fault">at most 100',
      'id="territories-0-fault">not a country that is known: Atlantis',
      'id="validFrom-0-fault">a day, e.g.',
      'value="Atlantis"',
    ])
      expect(refused.text).toContain(fault)
    const nameless = await post(browser, path, { ...right, documentExpires: day(9) })
    expect(nameless.text).toContain('id="documentExpires-0-fault">of which document?')
    const backwards = await post(browser, path, { ...right, validFrom: day(2), validTo: day(1) })
    expect(backwards.text).toContain('id="validTo-0-fault">ends before it begins')
    const empty = await post(browser, path, right, new File([], 'empty.pdf'))
    expect(empty.status).toBe(422)
    expect(await rights()).toEqual([])
  })

  test('that are not in force are shown as such, and keep a report open', async ({ world }) => {
    const { browser, key, path, seeded, openPoints } = await sceneOf(world)
    expect(await openPoints()).not.toContain('right_not_in_force')
    await key('put', `/v1${path}`, [
      { validTo: day(-2) },
      { document: { name: 'Licence', expires: day(-2) } },
      { validFrom: day(2) },
    ])
    const page = (await browser('get', `/recordings/${seeded.recordingId}`)).text
    for (const words of ['No right is in force today', 'Ended', 'Document expired', 'Not begun'])
      expect(page).toContain(words)
    expect(await openPoints()).toContain('right_not_in_force')
    await key('put', `/v1${path}`, [{ territories: ['IN'], validFrom: day(-1), validTo: day(1) }])
    expect(await openPoints()).not.toContain('right_not_in_force')
    expect((await browser('get', `/recordings/${seeded.recordingId}`)).text).toContain('Held today:')
  })
})
