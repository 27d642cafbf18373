import {
  INTERVAL_BANDS_MAX,
  LENGTH_BITS,
  LENGTH_FRAMES_MAX,
  LENGTH_FRAMES_MIN,
  LENGTH_MASK,
  RATIO_STEPS,
  SECOND_FRAMES_MIN,
  bucketOf,
  lengthInBands,
} from '../index/landmarks.ts'
import { rowOf } from '../index/segment.ts'
import type { Segment } from '../index/segment.ts'
import {
  PITCH_MOST,
  SPEED_HIGHEST,
  SPEED_LOWEST,
  TEMPO_MOST,
  hypotheses,
  pitchOf,
  speedOf,
  tempoOf,
  unchanged,
} from './hypotheses.ts'
import type { SuspectView } from './peak-view.ts'

/** Look-ups of one window of a suspect: landmarks it may have, each in every bucket it may have fallen into. */
export interface Probes {
  count: number
  bucket: Uint32Array
  /** Band of the anchor. */
  band: Int16Array
  /** Length in bands; see `lengthInBands`. */
  length: Float32Array
  /** Anchor's time relative to the window's centre, in frames. */
  time: Float32Array
}

/** Hits of one window in one segment: which hypothesis each speaks for, and where the window then lies. */
export interface Hits {
  count: number
  hypothesis: Uint8Array
  /** Place of the window's centre on the time line of the segment, in cells of `CELL_FRAMES`. */
  cell: Uint32Array
}

/** 0.26 s: twice what rounding and a step of scale displace a hit by, at the ends of a window. */
export const CELL_FRAMES = 22

/** A suspect's landmark is a little longer or shorter than the reference's: by 5 %, or by any change looked for. */
const LENGTH_SLACK_UNCHANGED = 1.05
const LENGTH_SLACK_CHANGED = 2 ** (30 / 36)
const SECOND_SLACK = 0.9

/** A value so near (of 1) to the border of its bucket is looked up in the next one too. */
const BORDER = 0.3

/** How far a hit may be from a hypothesis: bands, and bands of log time. */
const BANDS_OFF_MAX = 1
const LENGTH_OFF_MAX = 3.5
const LINE_OFF_MAX = 3
const STRETCH_MAX = 30

/** Most look-ups and hits of one window (60 MB): what real music needs is a tenth; the rest is not looked at. */
const PROBES_MAX = 2 ** 21
const HITS_MAX = 2 ** 23

export const createProbes = (): Probes => ({
  count: 0,
  bucket: new Uint32Array(2 ** 14),
  band: new Int16Array(2 ** 14),
  length: new Float32Array(2 ** 14),
  time: new Float32Array(2 ** 14),
})

export const createHits = (): Hits => ({
  count: 0,
  hypothesis: new Uint8Array(2 ** 14),
  cell: new Uint32Array(2 ** 14),
})

/**
 * Lists the look-ups for anchors number `from` … `to` − 1 (in place of what the list held): every pair of later
 * peaks in reach, since it is not known which pair the reference chose.
 *
 * @param centre of the window, in frames.
 * @param changed whether changes of speed, pitch and tempo are looked for, which widens the reach.
 */
export function listProbes(
  view: SuspectView,
  from: number,
  to: number,
  centre: number,
  changed: boolean,
  probes: Probes,
): void {
  const slack = changed ? LENGTH_SLACK_CHANGED : LENGTH_SLACK_UNCHANGED
  const lengthMin = LENGTH_FRAMES_MIN / slack
  const lengthMax = LENGTH_FRAMES_MAX * slack
  const secondMin = (SECOND_FRAMES_MIN / slack) * SECOND_SLACK
  const intervalMax = INTERVAL_BANDS_MAX + 0.5
  const { time, bin, count } = view
  probes.count = 0
  for (let anchor = from; anchor < to; anchor++) {
    const start = time[anchor]!
    const base = bin[anchor]!
    for (let second = anchor + 1; second < count; second++) {
      const secondTime = time[second]! - start
      if (secondTime > lengthMax) break
      const secondInterval = bin[second]! - base
      if (secondTime < secondMin || Math.abs(secondInterval) > intervalMax) continue
      for (let third = second + 1; third < count; third++) {
        const thirdTime = time[third]! - start
        if (thirdTime > lengthMax) break
        const thirdInterval = bin[third]! - base
        if (thirdTime < lengthMin || thirdTime - secondTime < 1 || Math.abs(thirdInterval) > intervalMax)
          continue
        if (probes.count + 8 > probes.bucket.length && !grow(probes)) return
        addProbes(probes, secondInterval, thirdInterval, secondTime / thirdTime, {
          band: Math.round(base),
          length: lengthInBands(thirdTime),
          time: start - centre,
        })
      }
    }
  }
}

function addProbes(
  probes: Probes,
  secondInterval: number,
  thirdInterval: number,
  ratio: number,
  anchor: { band: number; length: number; time: number },
): void {
  const second = Math.round(secondInterval)
  const third = Math.round(thirdInterval)
  const step = Math.floor(ratio * RATIO_STEPS)
  const otherSecond = neighbour(second, secondInterval - second + 0.5)
  const otherThird = neighbour(third, thirdInterval - third + 0.5)
  const otherStep = neighbour(step, ratio * RATIO_STEPS - step)
  for (let choice = 0; choice < 8; choice++) {
    if (choice & 1 && otherSecond === second) continue
    if (choice & 2 && otherThird === third) continue
    if (choice & 4 && otherStep === step) continue
    const a = choice & 1 ? otherSecond : second
    const b = choice & 2 ? otherThird : third
    const c = choice & 4 ? otherStep : step
    if (Math.abs(a) > INTERVAL_BANDS_MAX || Math.abs(b) > INTERVAL_BANDS_MAX || c < 0 || c >= RATIO_STEPS)
      continue
    probes.bucket[probes.count] = bucketOf(a, b, c)
    probes.band[probes.count] = anchor.band
    probes.length[probes.count] = anchor.length
    probes.time[probes.count] = anchor.time
    probes.count++
  }
}

/** The bucket on the other side of the nearer border, if that is near; `within` = 0 … 1 inside the own one. */
const neighbour = (bucket: number, within: number): number =>
  within < BORDER ? bucket - 1 : within > 1 - BORDER ? bucket + 1 : bucket

function grow(list: Probes): boolean {
  const size = list.bucket.length * 2
  if (size > PROBES_MAX) return false
  list.bucket = enlarged(list.bucket, new Uint32Array(size))
  list.band = enlarged(list.band, new Int16Array(size))
  list.length = enlarged(list.length, new Float32Array(size))
  list.time = enlarged(list.time, new Float32Array(size))
  return true
}

function enlarged<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from)
  return into
}

function addHit(hits: Hits, hypothesis: number, position: number, time: number): void {
  if (hits.count === hits.cell.length) {
    if (hits.count >= HITS_MAX) return
    hits.hypothesis = enlarged(hits.hypothesis, new Uint8Array(hits.count * 2))
    hits.cell = enlarged(hits.cell, new Uint32Array(hits.count * 2))
  }
  hits.hypothesis[hits.count] = hypothesis
  hits.cell[hits.count] = (position - hypotheses[hypothesis]!.scale * time) / CELL_FRAMES
  hits.count++
}

/** Looks probes number `from` … `to` − 1 up in a segment and appends what fits an unchanged copy. */
export function findUnchanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  const { order, position, directory } = segment
  for (let probe = from; probe < to; probe++) {
    const row = rowOf(directory, probes.bucket[probe]!)
    if (row < 0) continue
    const end = directory.offsets[row + 1]!
    const band = probes.band[probe]!
    const length = probes.length[probe]!
    const lowest = Math.ceil(band + length - BANDS_OFF_MAX - LENGTH_OFF_MAX)
    const highest = Math.floor(band + length + BANDS_OFF_MAX + LENGTH_OFF_MAX)
    for (let at = firstOfSum(order, directory.offsets[row]!, end, lowest); at < end; at++) {
      const sum = order[at]! >>> LENGTH_BITS
      if (sum > highest) break
      const otherLength = order[at]! & LENGTH_MASK
      if (Math.abs(otherLength - length) > LENGTH_OFF_MAX) continue
      if (Math.abs(sum - otherLength - band) > BANDS_OFF_MAX) continue
      addHit(hits, unchanged, position[at]!, probes.time[probe]!)
    }
  }
}

/** As `findUnchanged`, for copies of changed speed, pitch or tempo. */
export function findChanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  const { order, position, directory } = segment
  const reach = PITCH_MOST + LINE_OFF_MAX
  for (let probe = from; probe < to; probe++) {
    const row = rowOf(directory, probes.bucket[probe]!)
    if (row < 0) continue
    const end = directory.offsets[row + 1]!
    const band = probes.band[probe]!
    const length = probes.length[probe]!
    const time = probes.time[probe]!
    const highest = Math.floor(band + length + reach)
    for (
      let at = firstOfSum(order, directory.offsets[row]!, end, Math.ceil(band + length - reach));
      at < end;
      at++
    ) {
      const sum = order[at]! >>> LENGTH_BITS
      if (sum > highest) break
      const otherLength = order[at]! & LENGTH_MASK
      const stretch = Math.round(otherLength - length)
      const raise = band - (sum - otherLength)
      if (Math.abs(stretch) > STRETCH_MAX || raise < SPEED_LOWEST || raise > SPEED_HIGHEST) continue
      if (Math.abs(raise - stretch) <= LINE_OFF_MAX) addHit(hits, speedOf(raise), position[at]!, time)
      if (Math.abs(stretch) <= LINE_OFF_MAX && Math.abs(raise) <= PITCH_MOST) {
        addHit(hits, pitchOf(raise), position[at]!, time)
      }
      if (Math.abs(raise) <= 1 && Math.abs(stretch) <= TEMPO_MOST) {
        addHit(hits, tempoOf(stretch), position[at]!, time)
      }
    }
  }
}

/** First posting of a bucket whose band + length is at least `sum`. */
function firstOfSum(order: Uint16Array, from: number, to: number, sum: number): number {
  const least = Math.max(0, sum) << LENGTH_BITS
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
