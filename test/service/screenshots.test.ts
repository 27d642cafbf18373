import { createHash } from 'node:crypto'

import sharp from 'sharp'

import { auditEntries } from '../../services/core/audit.ts'
import { SCREENSHOTS_MAX, SCREENSHOT_BYTES_MAX } from '../../services/evidence/screenshot.ts'
import { pruneBlobs } from '../../services/submissions/prune.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Role } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { type Client, seed, serveApi } from '../support/api.ts'
import { contentsOf } from '../support/capsule-contents.ts'
import { foundCase } from '../support/found-case.ts'
import { pngOf, screenshotForm } from '../support/screenshot-calls.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const url = 'https://files.sample.example/d/1?b=2&a=1'
const takenAt = '2026-11-20T10:15:00Z'
const facts = { address: url, takenAt }
const png = await pngOf('#204060', 800, 600)

/** A case of the owner at an address, and members with roles who ask in their browsers. */
async function scene(world: World) {
  const caseId = await foundCase(world, { title: 'First Light', url })
  const api = await serveApi(world, { web: createWeb(world.house) })
  const as = async (...roles: Role[]): Promise<Client> => {
    const given = { email: `${roles.join('-')}@example.org`, name: `A ${roles.join(' ')}`, roles }
    return api.signedIn(await world.house.db.system((tx) => createMember(tx, world.owner.tenantId, given)))
  }
  return { caseId, api, as, path: `/v1/cases/${caseId}/screenshots` }
}

describe('a screenshot', () => {
  test('is added by whoever reviews or signs, with its facts, and shown as it came', async ({ world }) => {
    const { caseId, api, as, path } = await scene(world)
    const signer = await as('signer')
    // Another spelling of the same address is the same place.
    const address = 'HTTPS://files.sample.example/d/1?a=1&b=2&utm_source=x'
    const form = screenshotForm({ address, takenAt, note: ' The player ' }, png)
    const added = await signer('post', path, form)
    expect(added.status).toBe(201)
    expect(added.json).toMatchObject({
      caseId,
      number: 1,
      source: 'uploaded',
      address,
      takenAt: '2026-11-20T10:15:00.000Z',
      takenByName: 'A signer',
      note: 'The player',
      sha256: createHash('sha256').update(png).digest('hex'),
      bytes: png.length,
      mediaType: 'image/png',
      width: 800,
      height: 600,
    })
    expect((await signer('get', path)).json.screenshots).toEqual([added.json])

    const shown = await fetch(`${api.url}/v1/screenshots/${added.json.id}/picture`)
    expect(shown.status).toBe(401)
    const picture = await signer('get', `/v1/screenshots/${added.json.id}/picture`)
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(picture.headers.get('content-length')).toBe(String(png.length))
    expect(picture.headers.get('content-security-policy')).toMatch(/; sandbox$/)
    expect(picture.headers.get('x-content-type-options')).toBe('nosniff')

    const jpeg = await sharp(png).jpeg().withMetadata({ orientation: 6 }).toBuffer()
    const second = await (await as('reviewer'))('post', path, screenshotForm(facts, jpeg))
    expect(second.json).toMatchObject({ number: 2, mediaType: 'image/jpeg', width: 600, height: 800 })
    const entries = await world.house.db.tenant(world.owner.tenantId, (tx) => auditEntries(tx, 1, 100))
    const noted = entries.filter(({ action }) => action === 'case.screenshot-added')
    expect(noted.map(({ subject }) => subject)).toEqual([`case:${caseId}`, `case:${caseId}`])
    expect(noted[0]?.details).toMatchObject({ number: 1, source: 'uploaded', sha256: added.json.sha256 })
    const change = world.house.db.system((tx) => tx.run`update screenshot set note = null`)
    await expect(change).rejects.toThrow('permission denied')
  })

  test('is refused to who has neither role, and what it shows to who may not know', async ({ world }) => {
    const { api, as, path } = await scene(world)
    const form = () => screenshotForm(facts, png)
    expect((await (await as('owner'))('post', path, form())).status).toBe(403)
    const key = (await world.account('Keyed')).key
    expect((await api.withKey(key)('post', path, form())).status).toBe(403)
    if (world.stranger.kind !== 'member') throw new Error('no member')
    const stranger = await api.signedIn(world.stranger.member)
    expect((await stranger('post', path, form())).status).toBe(404)
    expect((await stranger('get', path)).status).toBe(404)

    const embargoUntil = new Date(Date.now() + 86_400_000).toISOString()
    const unreleased = await foundCase(world, { title: 'Midnight', url: `${url}&n=1`, embargoUntil })
    const at = `/v1/cases/${unreleased}/screenshots`
    const reviewer = await as('reviewer')
    const added = await reviewer('post', at, screenshotForm({ ...facts, address: `${url}&n=1` }, png))
    expect(added.status).toBe(201)
    const signer = await as('signer')
    expect((await signer('post', at, form())).status).toBe(403)
    expect((await signer('get', at)).json.screenshots).toEqual([])
    const picture = `/v1/screenshots/${added.json.id}/picture`
    expect([(await signer('get', picture)).status, (await reviewer('get', picture)).status]).toEqual([
      404, 200,
    ])
    expect((await stranger('get', picture)).status).toBe(404)
    expect((await signer('get', `/cases/${unreleased}`)).text).not.toContain('/v1/screenshots/')
  })

  test('that is wrong is told why, and nothing is kept', async ({ world }) => {
    const { as, path } = await scene(world)
    const reviewer = await as('reviewer')
    const told = async (words: Record<string, string>, picture: Uint8Array = png) => {
      const { status, json } = await reviewer('post', path, screenshotForm(words, picture))
      return [status, json.type, json.faults?.[0]?.pointer].filter(Boolean).join(' ')
    }
    const invalid = '400 /problems/request/invalid'
    expect(await told({ ...facts, address: 'https://files.sample.example/d/2' })).toBe(`${invalid} /address`)
    expect(await told({ ...facts, address: 'ftp://files.sample.example/d/1' })).toBe(`${invalid} /address`)
    expect(await told({ ...facts, takenAt: '2999-01-01T00:00:00Z' })).toBe(`${invalid} /takenAt`)
    expect(await told({ ...facts, takenAt: '0000-01-01T00:00:00Z' })).toBe(`${invalid} /takenAt`)
    expect(await told({ ...facts, takenAt: '2026-11-20T10:15:00+05:30' })).toBe(`${invalid} /takenAt`)
    expect(await told({ ...facts, note: 'x'.repeat(2_001) })).toBe(`${invalid} /note`)
    expect(await told(facts, new Uint8Array())).toBe('422 /problems/file/empty')
    const unreadable = '422 /problems/image/unreadable'
    expect(await told(facts, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe(unreadable)
    expect(await told(facts, await sharp(png).webp().toBuffer())).toBe(unreadable)
    expect(await told(facts, png.subarray(0, png.length - 40))).toBe(unreadable)
    const huge = Buffer.from(png)
    huge.writeUInt32BE(10_000, 16)
    huge.writeUInt32BE(10_000, 20)
    expect(await told(facts, huge)).toMatch(/^422 /)
    const padded = Buffer.concat([png, Buffer.alloc(SCREENSHOT_BYTES_MAX)])
    expect(await told(facts, padded)).toBe('413 /problems/request/too-large')
    expect((await reviewer('get', path)).json.screenshots).toEqual([])

    const file = await seed(world, await world.account('A File'))
    expect(
      (await reviewer('post', `/v1/cases/${file.caseId}/screenshots`, screenshotForm(facts, png))).status,
    ).toBe(404)
  })

  test('is there once, and a case has so many and no more', async ({ world }) => {
    const { as, path } = await scene(world)
    const reviewer = await as('reviewer')
    const pictures = await Promise.all(
      Array.from({ length: SCREENSHOTS_MAX }, (_, index) => pngOf(`rgb(${index},0,0)`)),
    )
    const send = (picture: Uint8Array) => reviewer('post', path, screenshotForm(facts, picture))
    const twice = await Promise.all([0, 0].map((index) => send(pictures[index] ?? png)))
    expect(new Set(twice.map(({ status }) => status))).toEqual(new Set([201, 409]))
    const sent = await Promise.all([...pictures.slice(1), png].map(send))
    expect(sent.filter(({ status }) => status === 201)).toHaveLength(SCREENSHOTS_MAX - 1)
    expect(sent.filter(({ status }) => status === 409)).toHaveLength(1)
    const { screenshots } = (await reviewer('get', path)).json
    expect(screenshots.map(({ number }: { number: number }) => number)).toEqual(
      Array.from({ length: SCREENSHOTS_MAX }, (_, index) => index + 1),
    )
  })

  test('lies in the capsule of its case with its facts, and is never deleted', async ({ world }) => {
    const { caseId, as, path } = await scene(world)
    const { house } = world
    expect([...(await contentsOf(world, caseId)).items.keys()].join()).not.toContain('screenshot')
    const { json } = await (await as('signer'))('post', path, screenshotForm({ ...facts, note: 'Seen' }, png))
    await pruneBlobs(house.db, house.blobs, 0)
    expect(await house.blobs.has(json.sha256)).toBe(true)

    const { items, contents } = await contentsOf(world, caseId)
    const name = [...items.keys()].find((each) => each.startsWith('screenshots/')) ?? ''
    expect(name).toMatch(/^screenshots\/EW-\d{4}-\d{6}-1\.png$/)
    expect(items.get(name)).toMatchObject({
      kind: 'screenshot',
      sha256: json.sha256,
      bytes: png.length,
      mediaType: 'image/png',
      capturedAt: '2026-11-20T10:15:00.000Z',
      held: true,
    })
    const told = JSON.parse(new TextDecoder().decode(contents.get('screenshots.json') as Uint8Array))
    expect(told.screenshots).toMatchObject([
      {
        path: name,
        address: url,
        source: 'uploaded',
        takenByName: 'A signer',
        note: 'Seen',
        sha256: json.sha256,
      },
    ])

    await house.blobs.delete(json.sha256)
    expect((await contentsOf(world, caseId)).items.get(name)).toMatchObject({
      held: false,
      sha256: json.sha256,
    })
  })

  test('is added on the page of its case, by a form that comes back as it was filled', async ({ world }) => {
    const { caseId, as } = await scene(world)
    const reviewer = await as('reviewer')
    const at = `/cases/${caseId}/screenshots`
    const page = (await reviewer('get', `/cases/${caseId}`)).text
    expect(page).toContain('None yet.')
    expect(page).toContain(`<option value="${url.replaceAll('&', '&amp;')}"`)
    const words = { form: 'screenshot', address: url, takenAt: '2026-11-20 10:15', note: 'Seen' }
    const wrong = await reviewer('post', at, screenshotForm({ ...words, takenAt: 'yesterday' }, png))
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('value="yesterday"')
    expect(wrong.text).toContain('a moment in UTC')
    const none = new FormData()
    for (const [name, value] of Object.entries(words)) none.set(name, value)
    const without = await reviewer('post', at, none)
    expect([without.status, without.text.includes('Choose a picture first')]).toEqual([400, true])

    const sent = await reviewer('post', at, screenshotForm(words, png))
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      `/cases/${caseId}?done=screenshot-added#screenshots`,
    ])
    const shown = (await reviewer('get', `/cases/${caseId}`)).text
    expect(shown).toMatch(/<img\s+src="\/v1\/screenshots\/[0-9a-f-]{36}\/picture"/)
    expect(shown).toContain('Uploaded by A reviewer')
    const again = await reviewer('post', at, screenshotForm(words, png), { accept: 'application/json' })
    expect(again.status).toBe(409)
    expect(again.json.faults['']).toContain('already')
  })
})
