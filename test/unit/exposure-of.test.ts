import { describe, expect, test } from 'vitest'

import { LeakId, LeakManifestId, ReleaseId, newId } from '../../services/core/ids.ts'
import { addressKeyOf } from '../../services/leaks/audit/address-key.ts'
import { batchesDiffer } from '../../services/leaks/audit/batches-differ.ts'
import { type FoundRow, exposureOf } from '../../services/leaks/audit/exposure-of.ts'
import { forecastOf } from '../../services/leaks/audit/forecast.ts'
import { adviceOf, isWorse, scoreOf } from '../../services/leaks/audit/ranking.ts'
import { SortedLines } from '../../services/leaks/audit/sorted-lines.ts'
import { SummaryBuilder } from '../../services/leaks/audit/summary.ts'
import { EVIDENCE_ROWS_MAX } from '../../services/leaks/exposure.ts'
import type { LeakBatch } from '../../services/leaks/leak.ts'
import type { KeptRow } from '../../services/leaks/rows/row-line.ts'
import { keysOfNames } from '../../services/metadata/compare/name-keys.ts'
import { sampleRow } from '../support/manifest-rows.ts'

const manifestId = newId(LeakManifestId)
const isrc = 'AA6Q72000001'
const names = { title: 'Seven Lanterns', artists: ['The Samples'], isrc, durationMs: 200_000 }
const asked = { keys: keysOfNames(names) }

let numbers = 0
const kept = (given: Partial<KeptRow>): KeptRow => ({
  ...sampleRow({ isrc, title: 'Seven Lanterns', artists: ['The Samples'], durationMs: 200_000 }),
  number: numbers++,
  ...given,
})
const byIsrc = (given: Partial<KeptRow>, alternatives: KeptRow[] = []): FoundRow => {
  const row = kept(given)
  return {
    manifestId,
    batch: 0,
    row,
    foundBy: 'isrc',
    record: { popularity: row.popularity },
    alternatives: alternatives.map((each) => ({ manifestId, batch: 0, row: each })),
  }
}
const answerOf = (...rows: FoundRow[]) => exposureOf(asked, rows, []).answer

describe('what a leak says of a recording', () => {
  test('is the best of all its rows, with the highest popularity and the earliest date', () => {
    const answer = answerOf(
      byIsrc({ status: 'planned', popularity: 60, takenAtMs: 2_000 }),
      byIsrc({ status: 'audio', codec: 'opus-75', popularity: 10, takenAtMs: 3_000 }),
      byIsrc({ status: 'audio', codec: 'vorbis-160', popularity: 20, takenAtMs: 4_000 }),
    )
    expect(answer).toMatchObject({ status: 'audio', codec: 'vorbis-160', popularity: 60, rowsFound: 3 })
    expect(answer?.takenAt).toEqual(new Date(2_000))
  })

  test('a row that says another copy was taken is a sibling, one whose alternative was is found by it', () => {
    expect(answerOf(byIsrc({ status: 'sibling' }))).toMatchObject({ status: 'sibling', foundBy: 'isrc' })
    const alternative = kept({ isrc: 'AA6Q72000002', status: 'audio', codec: 'opus-75', popularity: 33 })
    expect(answerOf(byIsrc({ status: 'failed', alternatives: ['x'] }, [alternative]))).toMatchObject({
      status: 'sibling',
      foundBy: 'alternative',
      codec: 'opus-75',
      popularity: 33,
      rowsFound: 2,
    })
    // What was taken itself needs no alternative.
    expect(answerOf(byIsrc({ status: 'audio' }, [alternative]))).toMatchObject({ foundBy: 'isrc' })
  })

  test('our code on another song is told and not counted; on no name it counts for less', () => {
    const stranger = { title: 'Quite Another', artists: ['Somebody'], durationMs: 90_000 }
    expect(exposureOf(asked, [byIsrc({ ...stranger, status: 'audio' })], [])).toEqual({
      answer: undefined,
      contradicted: true,
    })
    const both = exposureOf(asked, [byIsrc(stranger), byIsrc({ status: 'metadata' })], [])
    expect(both).toMatchObject({ answer: { status: 'metadata', rowsFound: 1 }, contradicted: true })
    const bare = answerOf(byIsrc({ title: undefined, artists: [], durationMs: undefined }))
    expect(bare?.probability).toBeGreaterThan(0.5)
    expect(bare?.probability).toBeLessThan(0.9)
    expect(answerOf(byIsrc({}))?.probability).toBeGreaterThan(0.999)
  })

  test('evidence is bounded, what is best first, and each row once', () => {
    const alternative = kept({ status: 'audio', trackId: 'taken' })
    const rows = Array.from({ length: 8 }, () => byIsrc({ status: 'failed' }, [alternative]))
    const answer = answerOf(...rows, byIsrc({ status: 'metadata' }))
    expect(answer?.rows).toHaveLength(EVIDENCE_ROWS_MAX)
    expect(answer?.rows[0]).toMatchObject({ trackId: 'taken', status: 'audio' })
    expect(answer?.rowsFound).toBe(10)
  })

  test('its batch is the manifest’s, or else that of the row that was taken', () => {
    const batches = [
      { number: 1, popularityFrom: 50, popularityTo: 100 },
      { number: 2, popularityFrom: 0, popularityTo: 49 },
    ]
    const rows = [byIsrc({ status: 'planned', popularity: 80 }), byIsrc({ status: 'audio', popularity: 10 })]
    expect(exposureOf(asked, rows, batches).answer).toMatchObject({ batch: 2, popularity: 80 })
    const own = rows.map((row) => ({ ...row, batch: 1 }))
    expect(exposureOf(asked, own, batches).answer).toMatchObject({ batch: 1 })
    expect(exposureOf(asked, rows, []).answer).toMatchObject({ batch: 0 })
  })
})

describe('ranking', () => {
  const audio = {
    status: 'audio',
    codec: 'vorbis-160',
    popularity: 50,
    probability: 1,
    publishedOn: null,
  } as const

  test('published audio is worse than other audio, that than being on the list, and surer is worse', () => {
    const scores = [
      scoreOf({ ...audio, publishedOn: '2026-01-01' }),
      scoreOf({ ...audio, codec: 'opus-75', popularity: 0, publishedOn: '2026-01-01' }),
      scoreOf({ ...audio, popularity: 100 }),
      scoreOf(audio),
      scoreOf({ ...audio, status: 'sibling' }),
      scoreOf({ ...audio, status: 'planned', popularity: 100 }),
      scoreOf({ ...audio, status: 'metadata', popularity: 100 }),
    ]
    expect(scores).toEqual(scores.toSorted((one, other) => other - one))
    expect(Math.max(...scores)).toBeLessThanOrEqual(1)
    expect(scoreOf({ ...audio, probability: 0.5 })).toBeCloseTo(scoreOf(audio) / 2)
  })

  test('what is published, taken or found for the first time is worse than before; the reverse is not', () => {
    const planned = { status: 'planned', publishedOn: null } as const
    expect(isWorse(null, planned)).toBe(true)
    expect(isWorse(planned, audio)).toBe(true)
    expect(isWorse(audio, { ...audio, publishedOn: '2026-01-01' })).toBe(true)
    expect(isWorse({ ...audio, publishedOn: '2026-01-01' }, audio)).toBe(false)
    expect(isWorse(audio, { ...audio, status: 'sibling' })).toBe(false)
  })

  test('advice is by what can be done', () => {
    const dump = { kind: 'streaming-dump', isInBatch: true } as const
    expect(adviceOf({ ...audio, publishedOn: '2026-01-01' }, dump)).toMatch(/anybody/)
    expect(adviceOf(audio, dump)).toMatch(/not published yet/)
    expect(adviceOf({ ...audio, status: 'metadata', probability: 0.7 }, dump)).toMatch(/^Compare the rows/)
    expect(adviceOf(audio, { ...dump, kind: 'data-set' })).toMatch(/Reserve your rights/)
  })
})

const batchesOf = (...published: (string | null)[]): LeakBatch[] =>
  published.map((publishedOn, place) => ({
    number: place + 1,
    name: `Tier ${place + 1}`,
    popularityFrom: 100 - 10 * (place + 1) + 1,
    popularityTo: 100 - 10 * place,
    publishedOn,
  }))

describe('what comes next', () => {
  const id = newId(LeakId)
  const forecast = (batches: LeakBatch[]) => forecastOf({ id, batches }, (batch) => batch * 10, '2026-03-01')

  test('goes on in the order of popularity so far', () => {
    const falling = forecast(batchesOf('2026-01-01', '2026-02-01', null, null))
    expect(falling?.batches).toMatchObject([
      { number: 3, recordings: 30, isNext: true },
      { number: 4, isNext: false },
    ])
    expect(falling?.reason).toMatch(/from the most popular downwards/)
    const rising = forecast(batchesOf(null, null, '2026-02-01', '2026-01-01'))
    expect(rising?.batches.map(({ number }) => number)).toEqual([2, 1])
  })

  test('a day that was announced comes before; nothing left is no forecast', () => {
    const announced = forecast(batchesOf('2026-01-01', '2026-02-01', null, '2026-04-01'))
    expect(announced?.batches[0]).toMatchObject({ number: 4, isNext: true })
    expect(announced?.reason).toContain('2026-04-01')
    expect(forecast(batchesOf('2026-01-01'))).toBeUndefined()
    expect(forecast([])).toBeUndefined()
    expect(forecast(batchesOf(null, null))?.batches[0]).toMatchObject({ number: 1 })
  })

  test('batches without popularity come by their numbers', () => {
    const bare = batchesOf(null, null).map((each) => ({ ...each, popularityFrom: null, popularityTo: null }))
    expect(forecast(bare)?.reason).toMatch(/order of their numbers/)
  })

  test('only ranges and dates of batches change answers', () => {
    const batches = batchesOf('2026-01-01', null)
    expect(batchesDiffer(batches, batches.toReversed())).toBe(false)
    expect(
      batchesDiffer(
        batches,
        batches.map((each) => ({ ...each, name: 'other' })),
      ),
    ).toBe(false)
    expect(batchesDiffer(batches, batchesOf('2026-01-01', '2026-02-01'))).toBe(true)
  })
})

test('a summary counts each recording once, each release and each leak', () => {
  const [one, other] = [newId(LeakId), newId(LeakId)]
  const release = { releaseId: newId(ReleaseId), releaseTitle: 'First Album' }
  const line = (leakId: LeakId, score: number, publishedOn: string | null = null) =>
    ({ leakId, status: 'audio', batch: 2, publishedOn, score }) as const
  const builder = new SummaryBuilder()
  builder.add(release, [line(one, 0.6), line(other, 0.8, '2026-01-01')], false)
  builder.add(release, [], true)
  builder.add({ releaseId: null, releaseTitle: null }, [{ ...line(one, 0.1), status: 'metadata' }], false)
  const leaks = [
    { id: one, name: 'One', batches: batchesOf('2026-01-01', null) },
    { id: other, name: 'Other', batches: [] },
  ]
  expect(builder.summary(leaks, '2026-03-01')).toEqual({
    asked: 3,
    listed: 2,
    audio: 1,
    published: 1,
    contradicted: 1,
    releases: [
      { ...release, title: 'First Album', asked: 2, listed: 1, audio: 1, published: 1, score: 0.4 },
      { releaseId: null, title: null, asked: 1, listed: 1, audio: 0, published: 0, score: 0.1 },
    ].map(({ releaseTitle: _, ...each }: Record<string, unknown>) => each),
    leaks: [
      { leakId: one, name: 'One', listed: 2, audio: 1, published: 0 },
      { leakId: other, name: 'Other', listed: 1, audio: 1, published: 1 },
    ],
    forecasts: [
      {
        leakId: one,
        batches: [{ number: 2, name: 'Tier 2', recordings: 1, isNext: true }],
        reason: expect.any(String),
      },
    ],
  })
})

test('lines come out by their scores, however many there are, and each is one line', async () => {
  const lines = new SortedLines(1_000)
  const count = 5_500
  for (let i = 0; i < count; i++)
    await lines.add(((i * 7919) % 1000) / 1000, JSON.stringify({ i, title: '\u2028 \n' }))
  let [last, seen] = [1, 0]
  let rest = ''
  for await (const piece of lines.bytes()) {
    const parts = (rest + piece.toString()).split(/[\n\u2028]/)
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const { i, title } = JSON.parse(part) as { i: number; title: string }
      const score = ((i * 7919) % 1000) / 1000
      if (score > last || title !== '\u2028 \n') expect.fail(`line ${seen} is out of order or damaged`)
      last = score
      seen += 1
    }
  }
  await lines.close()
  expect([seen, rest]).toEqual([count, ''])
})

test('an address is the same place however it is written; a text is none', () => {
  expect(addressKeyOf('abcdefghijk')).toBe(addressKeyOf('https://youtu.be/abcdefghijk?si=abc'))
  expect(addressKeyOf('HTTPS://Files.Example/a?utm_source=x')).toBe('https://files.example/a')
  expect(addressKeyOf('Sample Channel')).toBeUndefined()
  expect(addressKeyOf('javascript:alert(1)')).toBeUndefined()
  expect(addressKeyOf(`https://files.example/${'a'.repeat(3_000)}`)).toBeUndefined()
})
