import { BAND_COUNT, BIN_UNITS_PER_BAND, TIME_UNITS_PER_FRAME } from '../constants.ts'
import type { PeakList } from '../peak-list.ts'

/*
 * Peaks as the index keeps them to verify a candidate: twenty bits each, two in five bytes. Eight bits are the time
 * since the peak before in half frames (5.8 ms), of which 255 says that as much time passes without a peak; twelve
 * are the bin in sixteenths of a band. That is finer than any codec leaves a peak in place.
 */

const BYTES_PER_PAIR = 5
const TIME_UNITS_PER_STEP = TIME_UNITS_PER_FRAME / 2
const STEPS_PER_FRAME = 2
/** A step count that stands for itself and no peak. */
const PAUSE = 255

/** Times in frames and bins in bands, both with fractions, in order of time. */
export interface UnpackedPeaks {
  readonly count: number
  readonly time: Float64Array
  readonly bin: Float64Array
}

/** Bytes that some peaks take when packed. */
export function packedBytes(peaks: PeakList): number {
  let codes = 0
  eachCode(peaks, () => codes++)
  return bytesOfCodes(codes)
}

/** Packs peaks into `into`, from `at` on. @returns where it ended. */
export function packPeaks(peaks: PeakList, into: Uint8Array, at: number): number {
  let codes = 0
  eachCode(peaks, (steps, bin) => {
    const pair = at + (codes >>> 1) * BYTES_PER_PAIR
    if (codes % 2 === 0) {
      into[pair] = steps
      into[pair + 1] = bin & 255
      into[pair + 2] = bin >>> 8
    } else {
      into[pair + 2] = into[pair + 2]! | ((steps & 15) << 4)
      into[pair + 3] = (steps >>> 4) | ((bin & 15) << 4)
      into[pair + 4] = bin >>> 4
    }
    codes++
  })
  return at + bytesOfCodes(codes)
}

/** An odd last code leaves the last two bytes of its pair out. */
const bytesOfCodes = (codes: number): number =>
  Math.floor(codes / 2) * BYTES_PER_PAIR + (codes % 2 === 1 ? 3 : 0)

function eachCode(peaks: PeakList, take: (steps: number, bin: number) => void): void {
  let before = 0
  for (let index = 0; index < peaks.count; index++) {
    const now = Math.round(peaks.time[index]! / TIME_UNITS_PER_STEP)
    let steps = now - before
    for (; steps >= PAUSE; steps -= PAUSE) take(PAUSE, 0)
    take(steps, peaks.bin[index]!)
    before = now
  }
}

/** Reads peaks back from `from` up to `to`. */
export function unpackPeaks(packed: Uint8Array, from: number, to: number): UnpackedPeaks {
  const codes = 2 * Math.floor((to - from) / BYTES_PER_PAIR) + ((to - from) % BYTES_PER_PAIR === 3 ? 1 : 0)
  const time = new Float64Array(codes)
  const bin = new Float64Array(codes)
  let count = 0
  let now = 0
  for (let code = 0; code < codes; code++) {
    const pair = from + (code >>> 1) * BYTES_PER_PAIR
    const even = code % 2 === 0
    const steps = even ? packed[pair]! : (packed[pair + 2]! >>> 4) | ((packed[pair + 3]! & 15) << 4)
    now += steps
    if (steps === PAUSE) continue
    const units = even
      ? packed[pair + 1]! | ((packed[pair + 2]! & 15) << 8)
      : (packed[pair + 3]! >>> 4) | (packed[pair + 4]! << 4)
    time[count] = now / STEPS_PER_FRAME
    bin[count] = units / BIN_UNITS_PER_BAND
    count++
  }
  return { count, time: time.subarray(0, count), bin: bin.subarray(0, count) }
}

/**
 * Whether packed bytes are what `packPeaks` may have written for audio of some length: whole codes, no peak after
 * the end, none above the highest band.
 *
 * @param frames length of the audio.
 */
export function arePackedPeaks(packed: Uint8Array, from: number, to: number, frames: number): boolean {
  const rest = (to - from) % BYTES_PER_PAIR
  if (rest !== 0 && rest !== 3) return false
  let steps = 0
  let pair = from
  for (; pair + BYTES_PER_PAIR <= to; pair += BYTES_PER_PAIR) {
    const middle = packed[pair + 2]!
    const third = packed[pair + 3]!
    const second = (middle >>> 4) | ((third & 15) << 4)
    steps += packed[pair]! + second
    if ((packed[pair + 1]! | ((middle & 15) << 8)) > BIN_MAX) return false
    if (((third >>> 4) | (packed[pair + 4]! << 4)) > BIN_MAX) return false
  }
  if (rest === 3) {
    steps += packed[pair]!
    // The half byte behind an odd last code is not used.
    if ((packed[pair + 1]! | (packed[pair + 2]! << 8)) > BIN_MAX) return false
  }
  return steps <= STEPS_PER_FRAME * frames
}

const BIN_MAX = (BAND_COUNT - 1) * BIN_UNITS_PER_BAND
