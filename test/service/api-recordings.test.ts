import { encodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import { sketchExcerpt } from '../../services/audio/extract/sketch.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { loadSketches } from '../../services/catalog/references.ts'
import { MatchId, newId } from '../../services/core/ids.ts'
import { seed, serveApi } from '../support/api.ts'
import { extract, music } from '../support/audio.ts'
import { describe, expect, test } from '../support/world.ts'
import { sketchOf } from '../unit/report-samples.ts'

const fingerprintOf = (seedNumber: number): string =>
  Buffer.from(encodeFingerprint(extract(music(seedNumber, 12)).reference)).toString('base64')

describe('a registration', () => {
  test('is answered with what is known now, and again recognised and completed', async ({ world }) => {
    const { key } = await world.account('Registering')
    const ask = (await serveApi(world)).withKey(key)
    const first = await ask('post', '/v1/recordings', { title: 'Song', artists: ['B', 'A'] })
    expect(first.json).toMatchObject({
      created: true,
      stage: 'registered',
      isrc: null,
      rightsHolder: 'Registering',
    })
    expect(first.headers.get('location')).toBe(`/v1/recordings/${first.json.id}`)
    const again = await ask('post', '/v1/recordings', {
      title: 'SONG',
      artists: ['A', 'B'],
      isrc: 'aa 6q7 20 00047',
    })
    expect(again.status).toBe(200)
    expect(again.json).toMatchObject({ id: first.json.id, created: false, isrc: 'AA6Q72000047' })
    expect((await ask('get', '/v1/catalogue/counts')).json).toMatchObject({ recordings: 1, recognisable: 0 })
  })

  test('with a fingerprint is recognisable at once, and the same audio under another name is refused', async ({
    world,
  }) => {
    const { key } = await world.account('Fingerprints')
    const ask = (await serveApi(world)).withKey(key)
    const fingerprint = fingerprintOf(1)
    const { json } = await ask('post', '/v1/recordings', { title: 'Song', artists: ['A'], fingerprint })
    expect(json).toMatchObject({ stage: 'done', hasFingerprint: true, durationMs: 12_000 })
    const twin = await ask('post', '/v1/recordings', { title: 'Other', artists: ['A'], fingerprint })
    expect([twin.status, twin.json.type]).toEqual([409, '/problems/request/conflict'])
    const cut = Buffer.from(fingerprint, 'base64').subarray(0, -3).toString('base64')
    const broken = await ask('post', '/v1/recordings', { title: 'Third', artists: ['A'], fingerprint: cut })
    expect([broken.status, broken.json.type]).toEqual([400, '/problems/fingerprint/malformed'])
    expect((await ask('get', '/v1/recordings')).json.items).toHaveLength(1)
  })

  test('may bring a sketch of the same audio, and of no other', async ({ world }) => {
    const account = await world.account('Sketches')
    const ask = (await serveApi(world)).withKey(account.key)
    const sketch = (ms: number): string =>
      Buffer.from(encodeSketch(sketchExcerpt(sketchOf(1), 0, ms, 1000)!)).toString('base64')
    const register = (title: string, rest: Record<string, string>) =>
      ask('post', '/v1/recordings', { title, artists: ['A'], ...rest })
    const fingerprint = fingerprintOf(1)
    const { json, status } = await register('Song', { fingerprint, sketch: sketch(12_000) })
    expect(status).toBe(201)
    const stored = await world.house.db.system((tx) => loadSketches(tx, [json.id]))
    expect(Buffer.from(stored.get(json.id) ?? []).toString('base64')).toBe(sketch(12_000))

    for (const refused of [
      { sketch: sketch(12_000) },
      { fingerprint, sketch: sketch(14_000) },
      { fingerprint, sketch: fingerprint },
      { fingerprint, sketch: Buffer.alloc(100).toString('base64') },
    ]) {
      const answer = await register('Other', refused)
      expect([answer.status, answer.json.type]).toEqual([400, '/problems/sketch/malformed'])
    }
    expect((await ask('get', '/v1/recordings')).json.items).toHaveLength(1)
  })

  test('of many answers each row for itself: a bad one spoils no other', async ({ world }) => {
    const { key } = await world.account('Batch')
    const ask = (await serveApi(world)).withKey(key)
    const rows = [
      { title: 'One', artists: ['A'] },
      { title: 'Two', artists: ['A'], isrc: 'nonsense' },
      'not even an object',
      { title: 'One', artists: ['A'], isrc: 'AA6Q72000047' },
      { title: 'Nul \0', artists: ['A'] },
      { title: 'Five', artists: ['A'], fingerprint: 'AAAA' },
      { title: 'Six', artists: ['A'], fingerprint: fingerprintOf(2) },
    ]
    const { status, json } = await ask('post', '/v1/recordings/batch', { rows })
    expect(status).toBe(200)
    expect(json.results.map((result: { status: number }) => result.status)).toEqual([
      201, 400, 400, 200, 400, 400, 201,
    ])
    expect(json.results[1].problem.faults[0].pointer).toBe('/isrc')
    expect(json.results[3].recording.id).toBe(json.results[0].recording.id)
    expect(json.results[5].problem.type).toBe('/problems/fingerprint/malformed')
    const { items } = (await ask('get', '/v1/recordings')).json
    expect(items.map(({ title }: { title: string }) => title)).toEqual(['Six', 'One'])
  })

  test('of more than a hundred, or of none, is refused as a whole', async ({ world }) => {
    const { key } = await world.account('Too Many')
    const ask = (await serveApi(world)).withKey(key)
    const rows = Array.from({ length: 101 }, (_, i) => ({ title: `T${i}`, artists: ['A'] }))
    for (const given of [rows, []]) {
      expect((await ask('post', '/v1/recordings/batch', { rows: given })).json.faults[0].pointer).toBe(
        '/rows',
      )
    }
    expect((await ask('get', '/v1/recordings')).json.items).toEqual([])
  })
})

describe('a recording', () => {
  test('is removed, but not while a case speaks of it', async ({ world }) => {
    const account = await world.account('Removing')
    const ask = (await serveApi(world)).withKey(account.key)
    const { recordingId, unusedRecordingId } = await seed(world, account)
    const kept = await ask('delete', `/v1/recordings/${recordingId}`)
    expect([kept.status, kept.json.type]).toEqual([409, '/problems/request/conflict'])
    expect((await ask('delete', `/v1/recordings/${unusedRecordingId}`)).status).toBe(204)
    expect((await ask('delete', `/v1/recordings/${unusedRecordingId}`)).status).toBe(404)
  })

  test('is not removed either while it stands beside another in the case of that one', async ({ world }) => {
    const account = await world.account('Beside')
    const ask = (await serveApi(world)).withKey(account.key)
    const { matchId, unusedRecordingId } = await seed(world, account)
    await world.house.db.system(
      (tx) => tx.run`
        insert into match (id, tenant_id, item_id, recording_id, case_id, beside_id, engine_version, confidence,
                           false_match_probability, share_of_recording, share_of_suspect)
        select ${newId(MatchId)}, tenant_id, item_id, ${unusedRecordingId}, case_id, id, engine_version, 1, 1e-9, 1, 1
          from match where id = ${matchId}`,
    )
    const { status, json } = await ask('delete', `/v1/recordings/${unusedRecordingId}`)
    expect([status, json.detail]).toEqual([
      409,
      expect.stringMatching(/^Case EW-\d{4}-000001 speaks of this recording/),
    ])
  })
})
