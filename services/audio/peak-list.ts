import { SPAN_UNITS } from './constants.ts'

/**
 * Peaks of a spectrogram as columns, in order of time and, at equal times, of bin. All four have `count` values.
 *
 * - `time` in 1/8 frames from the start of the audio (`TIME_UNITS_PER_FRAME`)
 * - `bin` in 1/16 bands above the lowest (`BIN_UNITS_PER_BAND`)
 * - `radius`: how far the next clearly stronger peak is, 0 … 248 (`RADIUS_UNITS`); the measure of importance
 * - `level` in steps of 0.75 dB; it only breaks ties between equal radii
 */
export interface PeakList {
  readonly count: number
  readonly time: Uint32Array
  readonly bin: Uint16Array
  readonly radius: Uint8Array
  readonly level: Uint8Array
}

/** A peak list that grows at its end. */
export interface PeakListBuilder {
  append(time: number, bin: number, radius: number, level: number): void
  readonly count: number
  /** The peaks so far; a copy. */
  build(): PeakList
  clear(): void
}

const CAPACITY_FIRST = 256

/** Makes an empty growing list; values are stored as they are given, so give whole numbers in range. */
export function createPeakListBuilder(): PeakListBuilder {
  let time = new Uint32Array(CAPACITY_FIRST)
  let bin = new Uint16Array(CAPACITY_FIRST)
  let radius = new Uint8Array(CAPACITY_FIRST)
  let level = new Uint8Array(CAPACITY_FIRST)
  let count = 0
  const grow = () => {
    const capacity = time.length * 2
    const wider = {
      time: new Uint32Array(capacity),
      bin: new Uint16Array(capacity),
      radius: new Uint8Array(capacity),
      level: new Uint8Array(capacity),
    }
    wider.time.set(time)
    wider.bin.set(bin)
    wider.radius.set(radius)
    wider.level.set(level)
    ;({ time, bin, radius, level } = wider)
  }
  return {
    append(newTime, newBin, newRadius, newLevel) {
      if (count === time.length) grow()
      time[count] = newTime
      bin[count] = newBin
      radius[count] = newRadius
      level[count] = newLevel
      count++
    },
    get count() {
      return count
    },
    build: () => ({
      count,
      time: time.slice(0, count),
      bin: bin.slice(0, count),
      radius: radius.slice(0, count),
      level: level.slice(0, count),
    }),
    clear() {
      count = 0
    },
  }
}

/**
 * Keeps the most important peaks of every span of two seconds: largest radius first, then level, then the
 * earlier, then the lower. Depends on the list alone, so that everybody who has it thins it the same way.
 *
 * @param perSpan most peaks a span keeps.
 * @param eligible which peaks may be kept at all; all when absent.
 */
export function thinPeaks(peaks: PeakList, perSpan: number, eligible?: (index: number) => boolean): PeakList {
  const kept = createPeakListBuilder()
  let from = 0
  while (from < peaks.count) {
    const span = spanOf(peaks.time[from]!)
    const keys: number[] = []
    let to = from
    for (; to < peaks.count && spanOf(peaks.time[to]!) === span; to++) {
      if (!eligible || eligible(to)) keys.push(keyOf(peaks, to, to - from))
    }
    // As numbers and not as text, and without asking a function a thousand times: this is called for every peak.
    const chosen = Uint32Array.from(keys).sort().subarray(0, perSpan)
    const places = chosen.map((key) => key & PLACE_MASK).sort()
    for (const place of places) {
      const index = from + place
      kept.append(peaks.time[index]!, peaks.bin[index]!, peaks.radius[index]!, peaks.level[index]!)
    }
    from = to
  }
  return kept.build()
}

const PLACE_BITS = 16
const PLACE_MASK = (1 << PLACE_BITS) - 1

/** A number that is the smaller the more important a peak is: radius and level turned round, then its place in the span. */
function keyOf({ radius, level }: PeakList, index: number, place: number): number {
  if (place > PLACE_MASK) throw new RangeError('A span has more than 65,536 peaks')
  return (((255 - radius[index]!) << 24) | ((255 - level[index]!) << PLACE_BITS) | place) >>> 0
}

/** Number of the two-second span that a time (in 1/8 frames) lies in. */
export const spanOf = (time: number): number => Math.floor(time / SPAN_UNITS)

/** First index whose value is at least `least`, in an ascending column; its length when there is none. */
export function lowerBound(
  column: Uint32Array | Float64Array | Float32Array | Uint16Array,
  least: number,
  from = 0,
  to = column.length,
): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (column[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
