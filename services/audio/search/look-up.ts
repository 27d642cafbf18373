import { LENGTH_BITS, LENGTH_MASK } from '../index/landmarks.ts'
import { stretchOf } from '../index/segment.ts'
import type { Segment } from '../index/segment.ts'
import { lowerBound } from '../peak-list.ts'
import { FOUND_MAX, found, takePositions, takePosting } from './hits.ts'
import type { Hits } from './hits.ts'
import {
  PITCH_MOST,
  SPEED_HIGHEST,
  SPEED_LOWEST,
  TEMPO_MOST,
  pitchOf,
  speedOf,
  tempoOf,
  unchanged,
} from './hypotheses.ts'
import type { Probes } from './probes.ts'

/*
 * In a bucket postings are in order of the sum (band + length), then of length. For one sum, all that fits a
 * hypothesis has lengths from one value to another: a run. So a search goes from run to run and skips the rest
 * of the bucket, which in a large index is nearly all of it.
 *
 * A large index is in no cache: each first look at a row of the directory, at its postings and at their positions
 * waits for memory. Processors wait for many such reads at once where none needs the one before. So probes are looked
 * up in batches, in steps: the directory for all of them, a touch of all their postings, the search among these,
 * and the positions of what was found.
 */

/** How far a hit's band may be from where a hypothesis has it. */
const BANDS_OFF_MAX = 1
/** For changed copies a hit may be so far from the line of its hypothesis, in bands of log time. */
const LINE_OFF_MAX = 3

/** Probes of a batch: enough to keep memory busy, few enough for what was touched to stay in the nearest cache. */
const BATCH = 64

/** What one batch works with. */
const batch = {
  /** The least and the greatest order that a probe asks for. */
  lowest: new Int32Array(BATCH),
  highest: new Int32Array(BATCH),
  /** Where postings of these orders are, and some others at both ends; see `stretchOf`. */
  from: new Uint32Array(BATCH),
  to: new Uint32Array(BATCH),
  range: new Uint32Array(2),
  touched: 0,
}

/** Where the postings of a batch are that have the orders asked for; they are on their way into the cache then. */
function locate(segment: Segment, probes: Probes, from: number, count: number): void {
  const { order } = segment
  const { range } = batch
  for (let index = 0; index < count; index++) {
    stretchOf(segment, probes.bucket[from + index]!, batch.lowest[index]!, batch.highest[index]!, range)
    batch.from[index] = range[0]!
    batch.to[index] = range[1]!
  }
  let touched = 0
  for (let index = 0; index < count; index++) {
    const first = batch.from[index]!
    const quarter = (batch.to[index]! - first) >>> 2
    if (quarter > 0)
      touched += order[first + quarter]! + order[first + 2 * quarter]! + order[first + 3 * quarter]!
  }
  // Kept, or the compiler would leave the reads out.
  batch.touched = touched
}

/** Looks probes number `from` … `to` − 1 up in a segment and appends what fits an unchanged copy. */
export function findUnchanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  for (let first = from; first < to; first += BATCH) {
    const count = Math.min(BATCH, to - first)
    for (let index = 0; index < count; index++) {
      const probe = first + index
      const shortest = shortestAt(probes, probe)
      const longest = longestAt(probes, probe)
      const band = probes.band[probe]!
      batch.lowest[index] = orderOf(Math.max(0, band + shortest - BANDS_OFF_MAX), shortest)
      batch.highest[index] = orderOf(band + longest + BANDS_OFF_MAX, longest)
    }
    locate(segment, probes, first, count)
    for (let index = 0; index < count; index++) findFitting(segment, probes, first, index, hits)
    takePositions(segment, probes, hits)
  }
}

const shortestAt = (probes: Probes, probe: number): number =>
  Math.max(0, Math.ceil(probes.length[probe]! - probes.slack[probe]!))

const longestAt = (probes: Probes, probe: number): number =>
  Math.min(LENGTH_MASK, Math.floor(probes.length[probe]! + probes.slack[probe]!))

/** The postings of a probe that fit an unchanged copy. */
function findFitting(segment: Segment, probes: Probes, first: number, index: number, hits: Hits): void {
  // Room for all that it may find, so that it can be left out again.
  const room = probes.hitsMax < FOUND_MAX ? Math.max(STRAIGHT_FEW, probes.hitsMax + 1) : STRAIGHT_FEW
  if (found.count + room > FOUND_MAX) takePositions(segment, probes, hits)
  const before = found.count
  const few = batch.to[index]! - batch.from[index]! <= STRAIGHT_FEW
  if (few) scan(segment, probes, first, index)
  else findRuns(segment, probes, first, index, hits)
  if (found.count - before > probes.hitsMax) found.count = before
}

/** So few postings are all looked at, without a branch: what does not fit is written over by the next one. */
const STRAIGHT_FEW = 128

function scan({ order }: Segment, probes: Probes, first: number, index: number): void {
  const probe = first + index
  const { at: foundAt, probe: foundProbe, hypothesis } = found
  const band = probes.band[probe]!
  const shortest = shortestAt(probes, probe)
  const longest = longestAt(probes, probe)
  const to = batch.to[index]!
  let count = found.count
  for (let at = batch.from[index]!; at < to; at++) {
    const length = order[at]! & LENGTH_MASK
    const raise = (order[at]! >>> LENGTH_BITS) - length - band
    foundAt[count] = at
    foundProbe[count] = probe
    hypothesis[count] = unchanged
    const misfit =
      (length - shortest) | (longest - length) | (raise + BANDS_OFF_MAX) | (BANDS_OFF_MAX - raise)
    count += (misfit >>> 31) ^ 1
  }
  found.count = count
}

function findRuns(segment: Segment, probes: Probes, first: number, index: number, hits: Hits): void {
  const { order } = segment
  const probe = first + index
  const band = probes.band[probe]!
  const shortest = shortestAt(probes, probe)
  const longest = longestAt(probes, probe)
  const lowest = batch.lowest[index]!
  const highest = batch.highest[index]!
  const end = batch.to[index]!
  const before = found.count
  let at = lowerBound(order, lowest, batch.from[index], end)
  // What does not fit says where the next run may begin; sums that the bucket does not have cost nothing.
  while (at < end && order[at]! <= highest) {
    const sum = order[at]! >>> LENGTH_BITS
    const otherLength = order[at]! & LENGTH_MASK
    const expected = sum - band
    if (otherLength < Math.max(shortest, expected - BANDS_OFF_MAX))
      at = seek(order, at + 1, end, orderOf(sum, Math.max(shortest, expected - BANDS_OFF_MAX)))
    else if (otherLength > Math.min(longest, expected + BANDS_OFF_MAX))
      at = seek(order, at + 1, end, orderOf(sum + 1, Math.max(shortest, expected + 1 - BANDS_OFF_MAX)))
    else {
      takePosting(segment, at++, probes, probe, unchanged, hits)
      if (found.count - before > probes.hitsMax) return
    }
  }
}

const orderOf = (sum: number, length: number): number => (sum << LENGTH_BITS) | length

/** So many postings are looked at one after the other sooner than forty runs are sought among them. */
const STRAIGHT_MAX = 1_024

/** As `findUnchanged`, for copies of changed speed, pitch or tempo. */
export function findChanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  for (let first = from; first < to; first += BATCH) {
    const count = Math.min(BATCH, to - first)
    for (let index = 0; index < count; index++) {
      const sum = probes.band[first + index]! + probes.length[first + index]!
      const reach = Math.ceil(PITCH_MOST + slackAt(probes, first + index))
      batch.lowest[index] = orderOf(Math.max(0, Math.ceil(sum) - reach), 0)
      batch.highest[index] = orderOf(Math.floor(sum) + reach, LENGTH_MASK)
    }
    locate(segment, probes, first, count)
    for (let index = 0; index < count; index++) {
      const probe = first + index
      const [start, end] = [batch.from[index]!, batch.to[index]!]
      const [lowest, highest] = [batch.lowest[index]!, batch.highest[index]!]
      if (end - start > STRAIGHT_MAX) takeRuns(segment, start, end, probes, probe, hits)
      else
        takeFitting(segment, lowerBound(segment.order, lowest, start, end), end, highest, probes, probe, hits)
    }
    takePositions(segment, probes, hits)
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
  segment: Segment,
  at: number,
  end: number,
  highest: number,
  probes: Probes,
  probe: number,
  hits: Hits,
): number {
  const { order } = segment
  const band = probes.band[probe]!
  const length = probes.length[probe]!
  const slack = slackAt(probes, probe)
  for (; at < end && order[at]! <= highest; at++) {
    const otherLength = order[at]! & LENGTH_MASK
    const stretch = otherLength - length
    const raise = band + otherLength - (order[at]! >>> LENGTH_BITS)
    if (isWithin(raise - stretch, slack) && raise >= SPEED_LOWEST && raise <= SPEED_HIGHEST)
      takePosting(segment, at, probes, probe, speedOf(raise), hits)
    if (isWithin(stretch, slack) && isWithin(raise, PITCH_MOST))
      takePosting(segment, at, probes, probe, pitchOf(raise), hits)
    if (isWithin(raise, BANDS_OFF_MAX) && isWithin(stretch, TEMPO_MOST))
      takePosting(segment, at, probes, probe, tempoOf(stretch), hits)
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
