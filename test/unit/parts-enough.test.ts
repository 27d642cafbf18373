import { describe, expect, test } from 'vitest'

import { RecordingId, newId } from '../../services/core/ids.ts'
import type { FoundRecording } from '../../services/matches/match.ts'
import { asWhole, isEnough } from '../../services/reading/enough.ts'
import { BEGINNING_MS, MIDDLE_MS, SAMPLED_MS_MIN, middlePlaces } from '../../services/reading/places.ts'

type Passage = FoundRecording['passages'][number]

/** Four minutes of which three parts were listened to. */
const durationMs = 240_000
const parts = [
  { from: 0, to: 99, fromMs: 0, toMs: 8_000 },
  { from: 1_000, to: 1_099, fromMs: 80_000, toMs: 89_000 },
  { from: 2_000, to: 2_099, fromMs: 170_000, toMs: 179_000 },
  { from: 2_990, to: 2_999, fromMs: null, toMs: null },
]
const item = { read: { totalBytes: 3_000, parts, durationMs }, durationMs }

/** A passage of the suspect that begins so much later in the recording. */
const passage = (fromMs: number, toMs: number, laterMs = 0, change: Partial<Passage> = {}): Passage => ({
  suspectFromMs: fromMs,
  suspectToMs: toMs,
  referenceFromMs: fromMs + laterMs,
  referenceToMs: toMs + laterMs,
  speed: 1,
  pitch: 1,
  speedError: 0,
  pitchError: 0,
  change: 'none',
  landmarksMatched: 50,
  landmarksExpected: 60,
  bits: 300,
  score: 300,
  threshold: 40,
  falseMatchProbability: 1e-6,
  sharedWith: [],
  excluded: false,
  points: [],
  ...change,
})

const recordingId = newId(RecordingId)
/** A recording of four minutes, or another length, in which these passages were found. */
const found = (passages: readonly Passage[], lengthMs = durationMs): FoundRecording => {
  const coveredMs = passages.reduce((sum, each) => sum + each.referenceToMs - each.referenceFromMs, 0)
  return {
    recordingId,
    passages,
    confidence: 1,
    falseMatchProbability: 1e-6,
    shareOfRecording: coveredMs / lengthMs,
    shareOfSuspect: coveredMs / durationMs,
  }
}
const nearly = (value: number): unknown => expect.closeTo(value, 9)
const all = [passage(500, 7_500), passage(80_500, 88_500), passage(170_500, 178_500)]

describe('parts are enough', () => {
  test('when all of the file was read', () => {
    expect(isEnough({ read: null, durationMs }, [])).toBe(true)
  })

  test('for a whole copy, of which the shares are those of the whole', () => {
    expect(isEnough(item, [found(all)])).toBe(true)
    const [whole] = asWhole(item, [found(all)])
    expect(whole).toMatchObject({ shareOfRecording: nearly(1), shareOfSuspect: nearly(1), passages: all })
  })

  test('for an excerpt that lies within a longer recording', () => {
    const later = all.map((each) => passage(each.suspectFromMs, each.suspectToMs, 100_000))
    expect(isEnough(item, [found(later, 400_000)])).toBe(true)
    expect(asWhole(item, [found(later, 400_000)])[0]).toMatchObject({
      shareOfRecording: nearly(0.6),
      shareOfSuspect: nearly(1),
    })
  })

  test('for a copy that plays faster', () => {
    const faster = all.map(({ suspectFromMs, suspectToMs }) =>
      passage(suspectFromMs, suspectToMs, 0, {
        referenceFromMs: suspectFromMs * 1.04,
        referenceToMs: suspectToMs * 1.04,
        speed: 1.04,
        pitch: 1.04,
        change: 'speed',
      }),
    )
    expect(isEnough(item, [found(faster, durationMs * 1.04)])).toBe(true)
  })

  test('where times are estimated and a little wrong', () => {
    const off = [all[0]!, passage(80_500, 88_500, 1_200), passage(170_500, 178_500, -900)]
    expect(isEnough(item, [found(off)])).toBe(true)
  })
})

describe('parts are not enough', () => {
  const cases: Readonly<Record<string, readonly FoundRecording[]>> = {
    'when nothing is found': [],
    'when a part is not found': [found(all.slice(0, 2))],
    'when a part is found by less than half': [found([passage(5_000, 8_000), ...all.slice(1)])],
    'when two recordings are found': [found(all), found(all)],
    'when a part lies elsewhere in the recording': [
      found([all[0]!, all[1]!, passage(170_500, 178_500, -60_000)]),
    ],
    'when parts play at other speeds': [
      found([all[0]!, all[1]!, passage(170_500, 178_500, 0, { speed: 1.02 })]),
    ],
    'when other recordings explain a passage': [
      found([all[0]!, all[1]!, passage(170_500, 178_500, 0, { sharedWith: [newId(RecordingId)] })]),
    ],
    'when a passage is not the owner’s': [
      found([all[0]!, all[1]!, passage(170_500, 178_500, 0, { excluded: true })]),
    ],
    'when the file goes on after the recording': [found(all, 185_000)],
    'when the file begins before the recording': [
      found(all.map((each) => passage(each.suspectFromMs, each.suspectToMs, -20_000))),
    ],
  }
  test.each(Object.entries(cases))('%s', (_when, recordings) => {
    expect(isEnough(item, recordings)).toBe(false)
    expect(asWhole(item, recordings)).toBe(recordings)
  })

  test('when fewer than three were listened to, or the length is not known', () => {
    const two = { ...item.read, parts: parts.slice(0, 2) }
    expect(isEnough({ read: two, durationMs }, [found(all)])).toBe(false)
    expect(isEnough({ ...item, durationMs: null }, [found(all)])).toBe(false)
  })
})

describe('places', () => {
  const on = new Date('2026-03-01T10:00:00Z')

  test('stay for a day and cannot be told from those of another address or day', () => {
    const places = middlePlaces('https://files.example/a', on, durationMs)
    expect(middlePlaces('https://files.example/a', new Date('2026-03-01T23:59:00Z'), durationMs)).toEqual(
      places,
    )
    expect(middlePlaces('https://files.example/b', on, durationMs)).not.toEqual(places)
    expect(middlePlaces('https://files.example/a', new Date('2026-03-02T00:00:00Z'), durationMs)).not.toEqual(
      places,
    )
  })

  test('lie apart, after the beginning and before the end, however short the file', () => {
    for (let number = 0; number < 500; number++) {
      const [first = 0, second = 0] = middlePlaces(`https://files.example/${number}`, on, SAMPLED_MS_MIN)
      expect(first).toBeGreaterThan(BEGINNING_MS)
      expect(second - first).toBeGreaterThanOrEqual(0.05 * SAMPLED_MS_MIN)
      expect(second + MIDDLE_MS).toBeLessThanOrEqual(SAMPLED_MS_MIN)
    }
  })
})
