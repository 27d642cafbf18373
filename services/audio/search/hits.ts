import { LENGTH_BITS, LENGTH_MASK } from '../index/landmarks.ts'
import { stretchOf } from '../index/segment.ts'
import type { Segment } from '../index/segment.ts'
import { lowerBound } from '../peak-list.ts'
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
    const time = probes.time[probe]!
    const shortest = Math.max(0, Math.ceil(length - slack))
    const longest = Math.min(LENGTH_MASK, Math.floor(length + slack))
    const lowest = orderOf(Math.max(0, band + shortest - BANDS_OFF_MAX), shortest)
    const highest = orderOf(band + longest + BANDS_OFF_MAX, longest)
    stretchOf(segment, probes.bucket[probe]!, lowest, highest, range)
    const end = range[1]!
    let at = lowerBound(order, lowest, range[0], end)
    // What does not fit says where the next run may begin; sums that the bucket does not have cost nothing.
    while (at < end && order[at]! <= highest) {
      const sum = order[at]! >>> LENGTH_BITS
      const otherLength = order[at]! & LENGTH_MASK
      const expected = sum - band
      if (otherLength < Math.max(shortest, expected - BANDS_OFF_MAX))
        at = seek(order, at + 1, end, orderOf(sum, Math.max(shortest, expected - BANDS_OFF_MAX)))
      else if (otherLength > Math.min(longest, expected + BANDS_OFF_MAX))
        at = seek(order, at + 1, end, orderOf(sum + 1, Math.max(shortest, expected + 1 - BANDS_OFF_MAX)))
      else addHit(hits, unchanged, positions[at++]!, time)
    }
  }
}

const orderOf = (sum: number, length: number): number => (sum << LENGTH_BITS) | length

/** So many postings are looked at one after the other sooner than forty runs are sought among them. */
const STRAIGHT_MAX = 1_024

/** As `findUnchanged`, for copies of changed speed, pitch or tempo. */
export function findChanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  for (let probe = from; probe < to; probe++) {
    const sum = probes.band[probe]! + probes.length[probe]!
    const reach = Math.ceil(PITCH_MOST + slackAt(probes, probe))
    const lowest = orderOf(Math.max(0, Math.ceil(sum) - reach), 0)
    const highest = orderOf(Math.floor(sum) + reach, LENGTH_MASK)
    stretchOf(segment, probes.bucket[probe]!, lowest, highest, range)
    const [first = 0, end = 0] = range
    if (end - first > STRAIGHT_MAX) takeRuns(segment, first, end, probes, probe, hits)
    else
      takeFitting(segment, lowerBound(segment.order, lowest, first, end), end, highest, probes, probe, hits)
  }
}

const slackAt = (probes: Probes, probe: number): number => Math.min(LINE_OFF_MAX, probes.slack[probe]!)

/** Seeks the runs of every sum in reach: where pitch changed the length stays, where tempo did the band, where speed did their sum. */
function takeRuns(
  segment: Segment,
  first: number,
  end: number,
  probes: Probes,
  probe: number,
  hits: Hits,
): void {
  const band = probes.band[probe]!
  const length = probes.length[probe]!
  const slack = slackAt(probes, probe)
  const reach = Math.ceil(PITCH_MOST + slack)
  const pitchFrom = Math.ceil(length - slack)
  const pitchTo = Math.floor(length + slack)
  let at = first
  const take = (sum: number, shortest: number, longest: number): void => {
    if (at === end || longest < 0 || shortest > LENGTH_MASK) return
    at = seek(segment.order, at, end, orderOf(sum, Math.max(0, shortest)))
    at = takeFitting(segment, at, end, orderOf(sum, Math.min(LENGTH_MASK, longest)), probes, probe, hits)
  }
  const highest = Math.floor(band + length) + reach
  for (let sum = Math.max(0, Math.ceil(band + length) - reach); sum <= highest; sum++) {
    const tempoFrom = sum - band - BANDS_OFF_MAX
    const tempoTo = sum - band + BANDS_OFF_MAX
    if (Math.abs(sum - band - length) <= slack)
      take(sum, sum - band + SPEED_LOWEST, sum - band + SPEED_HIGHEST)
    else if (pitchTo < tempoFrom - 1) {
      take(sum, pitchFrom, pitchTo)
      take(sum, tempoFrom, tempoTo)
    } else if (tempoTo < pitchFrom - 1) {
      take(sum, tempoFrom, tempoTo)
      take(sum, pitchFrom, pitchTo)
    } else take(sum, Math.min(pitchFrom, tempoFrom), Math.max(pitchTo, tempoTo))
  }
}

/** Appends the hits among the postings from `at` on whose order is at most `highest`. @returns where it stopped. */
function takeFitting(
  { order, positions }: Segment,
  at: number,
  end: number,
  highest: number,
  probes: Probes,
  probe: number,
  hits: Hits,
): number {
  const band = probes.band[probe]!
  const length = probes.length[probe]!
  const time = probes.time[probe]!
  const slack = slackAt(probes, probe)
  for (; at < end && order[at]! <= highest; at++) {
    const otherLength = order[at]! & LENGTH_MASK
    const stretch = otherLength - length
    const raise = band + otherLength - (order[at]! >>> LENGTH_BITS)
    if (isWithin(raise - stretch, slack) && raise >= SPEED_LOWEST && raise <= SPEED_HIGHEST)
      addHit(hits, speedOf(raise), positions[at]!, time)
    if (isWithin(stretch, slack) && isWithin(raise, PITCH_MOST))
      addHit(hits, pitchOf(raise), positions[at]!, time)
    if (isWithin(raise, BANDS_OFF_MAX) && isWithin(stretch, TEMPO_MOST))
      addHit(hits, tempoOf(stretch), positions[at]!, time)
  }
  return at
}

const isWithin = (value: number, most: number): boolean => value <= most && -value <= most

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
