import {
  BAND_COUNT,
  BIN_UNITS_PER_BAND,
  BIN_UNITS_PER_SEMITONE,
  SPAN_UNITS,
  TIME_UNITS_PER_FRAME,
  msToFrames,
} from '../../services/audio/constants.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { type PeakList, spanOf } from '../../services/audio/peak-list.ts'
import { randomNumbers } from '../synthetic.ts'

/** Two semitones beyond what a search looks for: a rhythm that is right and pitches that cannot be. */
const RAISED_SEMITONES = 8

const BIN_MAX = (BAND_COUNT - 1) * BIN_UNITS_PER_BAND

/** A suspect that cannot be a copy, although it has everything that music has. */
export interface Decoy {
  readonly kind: 'reversed' | 'raised' | 'shuffled'
  readonly suspect: Fingerprint
}

/**
 * Strangers by construction: a suspect played backwards, one raised by more than any search looks for, and one cut into
 * spans of two seconds in another order. What its own recording shares with them (a loop is the same backwards, and two
 * seconds are two seconds) must not be counted.
 */
export const decoysOf = (suspect: Fingerprint): readonly Decoy[] => {
  const end = Math.ceil(msToFrames(suspect.durationMs)) * TIME_UNITS_PER_FRAME
  const raise = RAISED_SEMITONES * BIN_UNITS_PER_SEMITONE
  return [
    {
      kind: 'reversed',
      suspect: moved(
        suspect,
        (time) => Math.max(0, end - time),
        (bin) => bin,
      ),
    },
    { kind: 'shuffled', suspect: moved(suspect, shuffledSpans(end), (bin) => bin) },
    {
      kind: 'raised',
      suspect: moved(
        suspect,
        (time) => time,
        (bin) => bin + raise,
      ),
    },
  ]
}

/** Where a time comes to lie when all spans up to `end` are put in another, always the same, order. */
function shuffledSpans(end: number): (time: number) => number {
  const random = randomNumbers(SHUFFLE_SEED)
  const places = Array.from({ length: spanOf(end) + 1 }, (_, span) => span)
  for (let last = places.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[places[last], places[other]] = [places[other]!, places[last]!]
  }
  return (time) => time + (places[spanOf(time)]! - spanOf(time)) * SPAN_UNITS
}

const SHUFFLE_SEED = 21

/** The same peaks elsewhere; those that leave the range of bins are lost. */
function moved(
  suspect: Fingerprint,
  timeOf: (time: number) => number,
  binOf: (bin: number) => number,
): Fingerprint {
  const { peaks } = suspect
  const places = Array.from({ length: peaks.count }, (_, index) => ({
    index,
    time: timeOf(peaks.time[index]!),
    bin: binOf(peaks.bin[index]!),
  }))
    .filter(({ bin }) => bin <= BIN_MAX)
    .toSorted((a, b) => a.time - b.time || a.bin - b.bin)
  const list: PeakList = {
    count: places.length,
    time: Uint32Array.from(places, ({ time }) => time),
    bin: Uint16Array.from(places, ({ bin }) => bin),
    radius: Uint8Array.from(places, ({ index }) => peaks.radius[index]!),
    level: Uint8Array.from(places, ({ index }) => peaks.level[index]!),
  }
  return { ...suspect, peaks: list }
}
