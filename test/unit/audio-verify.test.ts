import { describe, expect, test } from 'vitest'

import { randomNumbers } from '../../bench/synthetic.ts'
import {
  BANDS_PER_OCTAVE,
  BAND_COUNT,
  BIN_UNITS_PER_BAND,
  FRAMES_PER_SECOND,
  TIME_UNITS_PER_FRAME,
} from '../../services/audio/constants.ts'
import { createPeakListBuilder } from '../../services/audio/peak-list.ts'
import { maskOf } from '../../services/audio/search/align.ts'
import { ACCEPTANCE_MAX, decide } from '../../services/audio/search/decide.ts'
import type { PeakView, SuspectView } from '../../services/audio/search/peak-view.ts'
import { suspectViewOf } from '../../services/audio/search/peak-view.ts'
import { isShift } from '../../services/audio/search/shift.ts'
import { verify } from '../../services/audio/search/verify.ts'

const SECONDS = 10
const FRAMES = SECONDS * FRAMES_PER_SECOND
const CENTRE = FRAMES / 2
/** Where in the recording the suspect begins. */
const STARTS_AT = 2_000

interface Place {
  readonly time: number
  readonly bin: number
}

const scattered = (random: () => number, count: number, frames: number): Place[] =>
  Array.from({ length: count }, () => ({ time: random() * frames, bin: 20 + random() * (BAND_COUNT - 60) }))

function viewOf(places: readonly Place[], frames: number): PeakView {
  const sorted = places.toSorted((a, b) => a.time - b.time)
  return {
    count: sorted.length,
    time: Float64Array.from(sorted, ({ time }) => time),
    bin: Float64Array.from(sorted, ({ bin }) => bin),
    frames,
  }
}

function suspectWith(places: readonly Place[]): SuspectView {
  const { time, bin } = viewOf(places, FRAMES)
  const list = createPeakListBuilder()
  for (const [index, at] of time.entries())
    list.append(Math.round(at * TIME_UNITS_PER_FRAME), Math.round(bin[index]! * BIN_UNITS_PER_BAND), 1, 0)
  return suspectViewOf(list.build(), FRAMES)
}

/** A recording of seven peaks a second, and a suspect of twenty that has a share of them, played `scale` times as fast. */
function trial({ kept, scale = 1, seed = 3 }: { kept: number; scale?: number; seed?: number }) {
  const random = randomNumbers(seed)
  const recording = scattered(random, 7 * 60, 60 * FRAMES_PER_SECOND)
  const copied = recording
    .filter(() => random() < kept)
    .map(({ time, bin }) => ({ time: (time - STARTS_AT) / scale, bin: bin + 0.2 * (random() - 0.5) }))
    .filter(({ time }) => time >= 0 && time < FRAMES)
  const noise = scattered(random, 20 * SECONDS - copied.length, FRAMES)
  const suspect = suspectWith([...copied, ...noise])
  const window = { from: 0, to: FRAMES }
  // The vote knows the place to a cell of a quarter of a second.
  const candidate = { start: STARTS_AT + CENTRE + 9, scale: 1, raise: 0, centre: CENTRE }
  const mask = maskOf(suspect, -80, FRAMES + 80)
  const reference = viewOf(recording, 60 * FRAMES_PER_SECOND)
  const verified = verify(reference, suspect, mask, candidate, 'none', window)
  return (
    verified && { ...verified, decision: decide(verified, { indexHours: 15, suspectSeconds: SECONDS }, 500)! }
  )
}

describe('what may be an unchanged copy', () => {
  test.each([0.35, 0.6, 0.95])('is placed exactly when %d of its peaks are left', (kept) => {
    const { alignment, evidence, decision } = trial({ kept })!
    expect(isShift(alignment)).toBe(true)
    expect(alignment.start).toBeCloseTo(STARTS_AT + CENTRE, 0)
    expect(evidence.matched).toBeLessThan((kept + 0.25) * evidence.expected)
    expect(decision).toMatchObject({ change: 'none', accepted: true })
  })

  test('is fitted freely when it plays one percent faster', () => {
    const { alignment, decision } = trial({ kept: 0.9, scale: 1.01 })!
    expect(isShift(alignment)).toBe(false)
    expect(alignment.scale).toBeCloseTo(1.01, 3)
    expect(decision).toMatchObject({ change: 'none', accepted: true })
  })

  test('is nothing when only chance meets', () => {
    for (let seed = 1; seed <= 20; seed++)
      expect(trial({ kept: 0, seed })?.decision.accepted ?? false).toBe(false)
  })
})

describe('music that repeats one note', () => {
  const BEAT_FRAMES = 15
  const BEATS = Math.floor(FRAMES / BEAT_FRAMES)
  /** Played 3 % faster, which raises it by one and a half bands. */
  const SCALE = 1.03
  const RAISE = BANDS_PER_OCTAVE * Math.log2(SCALE)

  /** A recording of evenly played notes, and another one, faster, of the same notes and much else. */
  function meeting(noteAt: (beat: number, random: () => number) => number) {
    const random = randomNumbers(7)
    const notes = Array.from({ length: BEATS }, (_, beat) => ({
      time: STARTS_AT + beat * BEAT_FRAMES,
      bin: noteAt(beat, random),
    }))
    const heard = notes.map(({ time, bin }) => ({ time: (time - STARTS_AT) / SCALE, bin: bin + RAISE }))
    const suspect = suspectWith([...heard, ...scattered(random, 13 * SECONDS, FRAMES)])
    const elsewhere = scattered(random, 200, STARTS_AT - 100)
    const candidate = { start: STARTS_AT + CENTRE * SCALE, scale: SCALE, raise: RAISE, centre: CENTRE }
    const verified = verify(
      viewOf([...elsewhere, ...notes], 60 * FRAMES_PER_SECOND),
      suspect,
      maskOf(suspect, -80, FRAMES + 80),
      candidate,
      'speed',
      { from: 0, to: FRAMES },
    )
    return verified && decide(verified, { indexHours: 15, suspectSeconds: SECONDS }, ACCEPTANCE_MAX)
  }

  test('is not taken for other music that does, though all the beats meet', () => {
    const decision = meeting(() => 100)
    expect(decision?.accepted ?? false).toBe(false)
    expect(decision?.score ?? 0).toBeLessThan(40)
  })

  test('is found by its melody when it has one', () => {
    expect(meeting((_, random) => 60 + 80 * random())).toMatchObject({ change: 'speed', accepted: true })
  })
})
