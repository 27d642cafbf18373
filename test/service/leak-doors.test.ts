import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { UNFINISHED_AUDITS_MAX, startAudit } from '../../services/actions/exposure.ts'
import { addLeak, changeLeak } from '../../services/actions/leaks.ts'
import { addManifest } from '../../services/actions/manifests.ts'
import { find } from '../../services/catalog/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { LeakManifestId } from '../../services/core/ids.ts'
import { listAudits } from '../../services/leaks/audit-list-store.ts'
import { uploadFolder } from '../../services/leaks/folders.ts'
import { NewLeak } from '../../services/leaks/leak.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { listedLeak } from '../support/checkable-leak.ts'
import { HOSTILE_TITLE, exposedCatalogue } from '../support/exposed-catalogue.ts'
import { describe, expect, test } from '../support/world.ts'

const given = { name: 'Sample dump', kind: 'streaming-dump', lawfulBasis: 'Given to us for a check' } as const
const lines = (count: number): string =>
  Array.from({ length: count }, (_, row) => `${JSON.stringify({ isrc: `AA6Q7${1_000_000 + row}` })}\n`).join(
    '',
  )

describe('leaks by the API', () => {
  test('are added by owners alone, with why their manifests may be held, and are seen by their account only', async ({
    world,
  }) => {
    const api = await serveApi(world)
    const account = await world.account('Holding')
    const owner = await api.signedIn(account.member)
    const signer = await api.signedIn(await memberWith(world, account, ['signer']))
    for (const client of [signer, api.withKey(account.key)])
      expect((await client('post', '/v1/leaks', given)).status).toBe(403)
    const without = await owner('post', '/v1/leaks', { ...given, lawfulBasis: ' ' })
    expect(without.json.faults).toEqual([expect.objectContaining({ pointer: '/lawfulBasis' })])
    const twice = { number: 1, name: 'One', popularityFrom: 0, popularityTo: 50 }
    const overlapping = await owner('post', '/v1/leaks', {
      ...given,
      batches: [twice, { ...twice, number: 2 }],
    })
    expect(overlapping.status).toBe(400)

    const added = await owner('post', '/v1/leaks', { ...given, name: '<b>Leak</b>', batches: [twice] })
    expect(added.json).toMatchObject({ name: '<b>Leak</b>', own: true, manifests: 0, batches: [twice] })
    const path = `/v1/leaks/${added.json.id}`
    expect((await signer('patch', path, { note: 'x' })).status).toBe(403)
    expect((await owner('patch', path, { note: 'Seen' })).json).toMatchObject({
      note: 'Seen',
      batches: [twice],
    })
    const stranger = await world.account('Stranger')
    for (const client of [api.withKey(stranger.key), await api.signedIn(stranger.member)])
      expect((await client('get', path)).status).toBe(404)
    expect((await (await api.signedIn(stranger.member))('delete', path)).status).toBe(404)

    expect((await owner('delete', path)).status).toBe(204)
    expect((await owner('get', path)).status).toBe(404)
    const actions = await world.house.db.tenant(account.tenant.id, async (tx) =>
      (await auditEntries(tx, 1, 100))
        .map(({ action }) => action)
        .filter((action) => action.startsWith('leak')),
    )
    expect(actions).toEqual(['leak.added', 'leak.changed', 'leak.removed'])
  })

  test('of the operator are seen by every account and changed by none', async ({ world }) => {
    const api = await serveApi(world)
    const { leakId, manifestId } = await listedLeak(world, { name: 'Everybody’s', tenantId: null, rows: [] })
    const account = await world.account('Looking')
    const owner = await api.signedIn(account.member)
    expect((await owner('get', `/v1/leaks/${leakId}`)).json).toMatchObject({ own: false, manifests: 1 })
    const seen = await owner('get', `/v1/manifests/${manifestId}`)
    expect(seen.json.files).toEqual([{ name: 'list.jsonl', bytes: 1 }])
    expect(seen.text).not.toContain('/nowhere')
    expect((await owner('patch', `/v1/leaks/${leakId}`, { note: 'mine' })).status).toBe(403)
    expect((await owner('delete', `/v1/leaks/${leakId}`)).status).toBe(403)
    expect((await owner('post', `/v1/leaks/${leakId}/manifests`, new Uint8Array([65]))).status).toBe(403)
  })

  test('take manifests as streams: names stay text, files are numbered, and what is refused leaves nothing', async ({
    world,
  }) => {
    const { house } = world
    const small = { ...world, house: { ...house, config: { ...house.config, MANIFEST_BYTES_MAX: 5_000 } } }
    const api = await serveApi(small)
    const account = await world.account('Bringing')
    const leak = await addLeak(house, account.caller, NewLeak.parse(given))
    const path = `/v1/leaks/${leak.id}/manifests`
    const key = api.withKey(account.key)
    const form = new FormData()
    form.set('mapping', '{"isrc": "Code"}')
    form.set('file', new Blob([lines(3)]), '../../etc/pass|wd\u202Egpj.jsonl')
    const taken = await key('post', path, form)
    expect(taken.json).toMatchObject({ stage: 'manifest', mapping: { isrc: 'Code' }, own: true })
    expect(taken.json.files[0].name).toBe('pass_wdgpj.jsonl')
    const folder = uploadFolder(house.config, LeakManifestId.parse(taken.json.id))
    expect(readdirSync(folder)).toEqual(['0'])
    expect(readFileSync(join(folder, '0'), 'utf8')).toBe(lines(3))

    const uploads = join(folder, '..')
    const refusals = [
      [await key('post', path, new TextEncoder().encode(lines(300))), 413],
      [await key('post', `${path}?mapping={`, new TextEncoder().encode(lines(1))), 400],
      [await key('post', `${path}?batch=3`, new TextEncoder().encode(lines(1))), 400],
      [await key('post', path, new Uint8Array()), 422],
      [await (await api.signedIn(await memberWith(world, account, ['reviewer'])))('post', path, form), 403],
    ] as const
    for (const [{ status, text }, wanted] of refusals) expect(status, text).toBe(wanted)
    expect(readdirSync(uploads)).toEqual([taken.json.id])
  })

  test('of several files make one manifest, together no larger than allowed', async ({ world }) => {
    const { house, owner } = world
    const leak = await addLeak(house, owner, NewLeak.parse(given))
    async function* bytes(text: string) {
      yield Buffer.from(text)
    }
    const config = { ...house.config, MANIFEST_BYTES_MAX: 100 }
    const bring = (sizes: readonly number[]) =>
      addManifest({ ...house, config }, owner, leak.id, async (take) => {
        for (const [index, size] of sizes.entries())
          await take({ fileName: `part-${index}`, source: bytes('x'.repeat(size)) })
        return { batch: 0 }
      })
    const added = await bring([40, 60])
    expect(added).toMatchObject({
      name: 'part-0',
      bytes: 100,
      files: [{ name: 'part-0' }, { name: 'part-1' }],
    })
    await expect(bring([40, 61])).rejects.toThrow('larger together')
    await expect(bring([])).rejects.toThrow('Choose a file')
    expect(readdirSync(join(uploadFolder(config, added.id), '..'))).toEqual([added.id])
    expect(existsSync(join(uploadFolder(config, added.id), '1'))).toBe(true)
  })

  test('whose parts were published since have the catalogue asked anew, and no renaming does', async ({
    world,
  }) => {
    const { house } = world
    const account = await world.account('Waiting')
    const { leakId } = await exposedCatalogue(world, account)
    const causes = async () =>
      (await house.db.tenant(account.tenant.id, (tx) => listAudits(tx, { limit: 50 }))).filter(
        ({ cause }) => cause === 'batch',
      ).length
    const { batches } = await changeLeak(house, account.caller, leakId, { name: 'Renamed' })
    const renamed = batches.map((batch) => ({ ...batch, name: `${batch.name}!` }))
    await changeLeak(house, account.caller, leakId, { batches: renamed })
    expect(await causes()).toBe(0)
    const published = renamed.map((batch) => ({ ...batch, publishedOn: '2026-04-01' }))
    await changeLeak(house, account.caller, leakId, { batches: published })
    expect(await causes()).toBe(1)
  })
})

describe('an exposure audit by the API', () => {
  test('is started by anybody of the account, of what is there, and not without end', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Asking')
    const key = api.withKey(account.key)
    const path = '/v1/exposure-audits'
    expect((await key('post', path, { kind: 'all' })).json).toMatchObject({
      type: '/problems/request/conflict',
      detail: expect.stringContaining('no leak'),
    })
    await exposedCatalogue(world, account)
    expect((await key('post', path, { kind: 'label', label: 'Nobody' })).json.faults[0].pointer).toBe(
      '/label',
    )
    expect((await key('post', path, { kind: 'recordings' })).status).toBe(400)
    const wrong = await key('post', path, { kind: 'isrcs', isrcs: ['AA6Q70000001', 'nonsense'] })
    expect(wrong.json.faults).toEqual([{ pointer: '/isrcs/1', detail: 'not an ISRC' }])
    const codes = await key('post', path, { kind: 'isrcs', isrcs: ['aa-6q7-00-00001'] })
    expect(codes.json).toMatchObject({ stage: 'audit', scope: { kind: 'isrcs', isrcs: 1 }, summary: null })
    expect(codes.headers.get('location')).toBe(`${path}/${codes.json.id}`)
    const signer = await memberWith(world, account, ['signer'])
    const asSigner = await api.signedIn(signer)
    expect((await asSigner('post', path, { kind: 'label', label: 'Sample Records' })).status).toBe(202)
    const racing = await Promise.allSettled(
      [1, 2, 3].map(() => startAudit(world.house, account.caller, { kind: 'all' })),
    )
    expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(UNFINISHED_AUDITS_MAX - 2)
    const early = await key('get', `${path}/${codes.json.id}/lines.csv`)
    expect(early.json.type).toBe('/problems/row/stage')
  })

  test('has its lines page by page, ranked, and as files that are safe to open', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Reading')
    const exposed = await exposedCatalogue(world, account)
    const key = api.withKey(account.key)
    const path = `/v1/exposure-audits/${exposed.auditId}`
    const first = await key('get', `${path}/lines?limit=1`)
    expect(first.json).toMatchObject({
      items: [{ number: 1, title: HOSTILE_TITLE, status: 'audio' }],
      next: 1,
    })
    const second = await key('get', `${path}/lines?limit=1&after=1`)
    expect(second.json.items).toMatchObject([{ number: 2, recordingId: exposed.unreleasedId }])
    expect(second.json.next).toBeUndefined()
    expect((await key('get', `${path}/lines?status=planned`)).json.items).toEqual([])

    const csv = await key('get', `${path}/lines.csv`)
    expect(csv.text.split('\r\n')[1]).toContain(`,'=cmd|`)
    expect(csv.headers.get('content-disposition')).toContain(`exposure-audit-${exposed.auditId}.csv`)
    const pdf = await key('get', `${path}/report.pdf`)
    expect(pdf.text.slice(0, 5)).toBe('%PDF-')
    const now = await key('get', '/v1/exposures')
    expect(now.json.items).toHaveLength(2)
    expect(now.json.items[0]).toMatchObject({
      leakName: 'Sample dump',
      batchName: 'Popular',
      publishedOn: '2026-03-01',
    })
    const one = await key('get', `/v1/recordings/${exposed.recordingId}/exposures`)
    expect(one.json.items).toMatchObject([
      { status: 'audio', rows: [{ row: 1, sha256: ['0123456789abcdef'] }] },
    ])
  })

  test('tells who only signs no names of what is unreleased', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Secret')
    const { auditId, unreleasedId } = await exposedCatalogue(world, account)
    const signer = await api.signedIn(await memberWith(world, account, ['signer']))
    const owner = await api.signedIn(account.member)
    const releaseId = await world.house.db.tenant(
      account.tenant.id,
      async (tx) => (await find(tx, unreleasedId))?.releaseId,
    )
    const ofSecret = await signer('post', '/v1/exposure-audits', { kind: 'release', releaseId })
    const paths = [
      '/v1/exposure-audits',
      `/v1/exposure-audits/${ofSecret.json.id}`,
      `/v1/exposure-audits/${auditId}`,
      `/v1/exposure-audits/${auditId}/lines`,
      `/v1/exposure-audits/${auditId}/lines.csv`,
      '/v1/exposures',
      `/v1/recordings/${unreleasedId}/exposures`,
    ]
    for (const path of paths) {
      expect((await owner('get', path)).text, path).toMatch(/Not Out Yet|Secret Album/)
      const { status, text } = await signer('get', path)
      expect(status).toBe(200)
      expect(text, path).not.toMatch(/Not Out Yet|Secret Album|AA6Q70000002|track2/)
    }
  })
})
