import { LENGTH_BITS, LENGTH_MASK } from '../index/landmarks.ts'
import { stretchOf } from '../index/segment.ts'
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
import { enlarged } from './probes.ts'
import type { Probes } from './probes.ts'

/** Hits of one window in one segment: which hypothesis each speaks for, and where the window then lies. */
export interface Hits {
  count: number
  hypothesis: Uint8Array
  /** Place of the window's centre on the time line of the segment, in cells of `CELL_FRAMES`. */
  cell: Uint32Array
}

/** 0.26 s: twice what rounding and a step of scale displace a hit by, at the ends of a window. */
export const CELL_FRAMES = 22

/** How far a hit's band may be from where a hypothesis has it. */
const BANDS_OFF_MAX = 1
/** For changed copies a hit may be so far from the line of its hypothesis, in bands of log time. */
const LINE_OFF_MAX = 3

/** Most hits of one window (40 MB): the rest is not looked at. */
const HITS_MAX = 2 ** 23

export const createHits = (): Hits => ({
  count: 0,
  hypothesis: new Uint8Array(2 ** 14),
  cell: new Uint32Array(2 ** 14),
})

const scales = Float64Array.from(hypotheses, ({ scale }) => scale)

function addHit(hits: Hits, hypothesis: number, position: number, time: number): void {
  if (hits.count === hits.cell.length) {
    if (hits.count >= HITS_MAX) return
    hits.hypothesis = enlarged(hits.hypothesis, new Uint8Array(hits.count * 2))
    hits.cell = enlarged(hits.cell, new Uint32Array(hits.count * 2))
  }
  hits.hypothesis[hits.count] = hypothesis
  hits.cell[hits.count] = (position - scales[hypothesis]! * time) / CELL_FRAMES
  hits.count++
}

/*
 * In a bucket postings are in order of the sum (band + length), then of length. For one sum, all that fits a
 * hypothesis has lengths from one value to another: a run. So a search goes from run to run and skips the rest
 * of the bucket, which in a large index is nearly all of it.
 */

/** From which posting on to look, and up to which; filled by `stretchOf`. */
const range = new Uint32Array(2)

/** Looks probes number `from` … `to` − 1 up in a segment and appends what fits an unchanged copy. */
export function findUnchanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  const { order, positions } = segment
  for (let probe = from; probe < to; probe++) {
    const band = probes.band[probe]!
    const length = probes.length[probe]!
    const slack = probes.slack[probe]!
    const shortest = Math.max(0, Math.ceil(length - slack))
    const longest = Math.min(LENGTH_MASK, Math.floor(length + slack))
    const lowest = Math.max(0, band + shortest - BANDS_OFF_MAX)
    const highest = band + longest + BANDS_OFF_MAX
    stretchOf(
      segment,
      probes.bucket[probe]!,
      lowest << LENGTH_BITS,
      (highest << LENGTH_BITS) | LENGTH_MASK,
      range,
    )
    const end = range[1]!
    let at = range[0]!
    for (let sum = lowest; sum <= highest && at < end; sum++) {
      const least = Math.max(shortest, sum - band - BANDS_OFF_MAX)
      const most = Math.min(longest, sum - band + BANDS_OFF_MAX)
      if (least > most) continue
      at = seek(order, at, end, (sum << LENGTH_BITS) | least)
      const last = (sum << LENGTH_BITS) | most
      for (; at < end && order[at]! <= last; at++)
        addHit(hits, unchanged, positions[at]!, probes.time[probe]!)
    }
  }
}

/** As `findUnchanged`, for copies of changed speed, pitch or tempo. */
export function findChanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  for (let probe = from; probe < to; probe++) {
    const band = probes.band[probe]!
    const length = probes.length[probe]!
    const slack = Math.min(LINE_OFF_MAX, probes.slack[probe]!)
    const reach = Math.ceil(PITCH_MOST + slack)
    const lowest = Math.max(0, Math.ceil(band + length) - reach)
    const highest = Math.floor(band + length) + reach
    stretchOf(
      segment,
      probes.bucket[probe]!,
      lowest << LENGTH_BITS,
      (highest << LENGTH_BITS) | LENGTH_MASK,
      range,
    )
    const end = range[1]!
    let at = range[0]!
    for (let sum = lowest; sum <= highest && at < end; sum++) {
      // Changed pitch: the length stays. Changed tempo: the band stays. Changed speed: their sum stays.
      const pitchFrom = Math.ceil(length - slack)
      const pitchTo = Math.floor(length + slack)
      const tempoFrom = sum - band - BANDS_OFF_MAX
      const tempoTo = sum - band + BANDS_OFF_MAX
      if (Math.abs(sum - band - length) <= slack) {
        at = takeRun(
          segment,
          at,
          end,
          sum,
          sum - band + SPEED_LOWEST,
          sum - band + SPEED_HIGHEST,
          probes,
          probe,
          hits,
        )
      } else if (pitchTo < tempoFrom - 1) {
        at = takeRun(segment, at, end, sum, pitchFrom, pitchTo, probes, probe, hits)
        at = takeRun(segment, at, end, sum, tempoFrom, tempoTo, probes, probe, hits)
      } else if (tempoTo < pitchFrom - 1) {
        at = takeRun(segment, at, end, sum, tempoFrom, tempoTo, probes, probe, hits)
        at = takeRun(segment, at, end, sum, pitchFrom, pitchTo, probes, probe, hits)
      } else {
        const [least, most] = [Math.min(pitchFrom, tempoFrom), Math.max(pitchTo, tempoTo)]
        at = takeRun(segment, at, end, sum, least, most, probes, probe, hits)
      }
    }
  }
}

/** Appends the hits among the postings of one sum with lengths from `shortest` to `longest`. @returns where it stopped. */
function takeRun(
  { order, positions }: Segment,
  from: number,
  end: number,
  sum: number,
  shortest: number,
  longest: number,
  probes: Probes,
  probe: number,
  hits: Hits,
): number {
  if (longest < 0 || shortest > LENGTH_MASK) return from
  let at = seek(order, from, end, (sum << LENGTH_BITS) | Math.max(0, shortest))
  const last = (sum << LENGTH_BITS) | Math.min(LENGTH_MASK, longest)
  const band = probes.band[probe]!
  const length = probes.length[probe]!
  const slack = Math.min(LINE_OFF_MAX, probes.slack[probe]!)
  const time = probes.time[probe]!
  for (; at < end && order[at]! <= last; at++) {
    const otherLength = order[at]! & LENGTH_MASK
    const stretch = otherLength - length
    const raise = band - (sum - otherLength)
    const isPitch = Math.abs(stretch) <= slack && Math.abs(raise) <= PITCH_MOST
    const isTempo = Math.abs(raise) <= BANDS_OFF_MAX && Math.abs(stretch) <= TEMPO_MOST
    const isSpeed = Math.abs(raise - stretch) <= slack && raise >= SPEED_LOWEST && raise <= SPEED_HIGHEST
    if (isSpeed) addHit(hits, speedOf(raise), positions[at]!, time)
    if (isPitch) addHit(hits, pitchOf(raise), positions[at]!, time)
    if (isTempo) addHit(hits, tempoOf(stretch), positions[at]!, time)
  }
  return at
}

/** First posting from `at` on whose order is at least `least`; it is most often near, so steps grow from one. */
function seek(order: Uint16Array, at: number, end: number, least: number): number {
  let step = 1
  let low = at
  while (low < end && order[low]! < least) {
    at = low + 1
    low += step
    step *= 2
  }
  let high = Math.min(low, end)
  while (at < high) {
    const middle = (at + high) >>> 1
    if (order[middle]! < least) at = middle + 1
    else high = middle
  }
  return at
}
