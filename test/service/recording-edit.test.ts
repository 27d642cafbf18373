import { excludeSegments } from '../../services/actions/allow-list.ts'
import { editRecording, registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { serveApi } from '../support/api.ts'
import { isrcOf } from '../support/imports.ts'
import { describe, expect, test } from '../support/world.ts'

describe('a recording', () => {
  test('is corrected by hand, with a note of what changed', async ({ world }) => {
    const account = await world.account('Editors')
    const ask = (await serveApi(world)).withKey(account.key)
    const names = { title: 'Song', artists: ['Band'] }
    const { json: one } = await ask('post', '/v1/recordings', {
      ...names,
      isrc: isrcOf(1),
      territories: ['DE'],
    })
    expect(one).toMatchObject({ territories: ['DE'], rights: [{ territories: ['DE'], role: 'owner' }] })
    const { json: other } = await ask('post', '/v1/recordings', { ...names, isrc: isrcOf(2) })
    const path = `/v1/recordings/${one.id}`
    const edited = await ask('patch', path, {
      version: 'Live',
      policy: 'allow',
      rights: [
        { sharePercent: 50, excludedTerritories: ['US'] },
        { role: 'agent', territories: ['US'], validTo: '2020-01-01' },
      ],
    })
    expect(edited.json).toMatchObject({
      version: 'Live',
      policy: 'allow',
      territories: ['Worldwide', 'except US'],
    })
    expect((await ask('get', '/v1/recordings?q=live')).json.items).toHaveLength(1)
    const conflict = await ask('patch', path, { isrc: isrcOf(2) })
    expect(conflict).toMatchObject({ status: 409, json: { detail: expect.stringContaining(other.id) } })
    expect((await ask('patch', path, { title: null })).status).toBe(400)
    const entries = await world.house.db.tenant(account.tenant.id, (tx) => auditEntries(tx, 1, 10))
    expect(entries.at(-1)).toMatchObject({
      action: 'recording.edited',
      details: { version: { from: null, to: 'Live' }, policy: { from: 'block', to: 'allow' } },
    })

    // What a notice says of it.
    const told = {
      publicDomain: true,
      registrationNumber: 'SR 1-234-567',
      officialUrl: 'https://band.example/song',
    }
    expect((await ask('patch', path, told)).json).toMatchObject(told)
    expect((await ask('get', path)).json).toMatchObject(told)
    const none = { publicDomain: false, registrationNumber: null, officialUrl: null }
    expect((await ask('patch', path, none)).json).toMatchObject(none)
    expect((await ask('patch', path, { officialUrl: 'javascript:0' })).status).toBe(400)
  })

  test('that several people correct at once keeps what each of them wrote', async ({ world }) => {
    const { house, owner } = world
    const given = NewRecording.parse({ title: 'Song', artists: ['Band'] })
    const { id } = (await registerRecording(house, owner, given)).recording
    const edits = [{ policy: 'monitor' }, { genre: 'Jazz' }, { pLine: '℗ Ours' }, { language: 'en' }] as const
    const segments = [
      [{ fromMs: 0, toMs: 1000, reason: 'A sample' }],
      [{ fromMs: 5, toMs: 9, reason: 'Noise' }],
    ]
    await Promise.all([
      ...edits.map((edit) => editRecording(house, owner, id, edit)),
      ...segments.map((parts) => excludeSegments(house, owner, id, parts)),
    ])
    const kept = await house.db.tenant(owner.tenantId, (tx) => recordings.find(tx, id))
    expect(kept).toMatchObject(Object.assign({}, ...edits))
  })
})
