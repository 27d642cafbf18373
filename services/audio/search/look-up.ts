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
import { seek, seekAll, sought } from './seek.ts'

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
  /** The least and the greatest length that a probe asks for, and so order. */
  shortest: new Int32Array(BATCH),
  longest: new Int32Array(BATCH),
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

/** Says what a batch asks for, when copies are unchanged. */
function askUnchanged(probes: Probes, first: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const probe = first + index
    const length = probes.length[probe]!
    const slack = probes.slack[probe]!
    const shortest = Math.max(0, Math.ceil(length - slack))
    const longest = Math.min(LENGTH_MASK, Math.floor(length + slack))
    const band = probes.band[probe]!
    batch.shortest[index] = shortest
    batch.longest[index] = longest
    batch.lowest[index] = orderOf(Math.max(0, band + shortest - BANDS_OFF_MAX), shortest)
    batch.highest[index] = orderOf(band + longest + BANDS_OFF_MAX, longest)
  }
}

/** Looks probes number `from` … `to` − 1 up in a segment and appends what fits an unchanged copy. */
export function findUnchanged(segment: Segment, probes: Probes, from: number, to: number, hits: Hits): void {
  for (let first = from; first < to; first += BATCH) {
    const count = Math.min(BATCH, to - first)
    askUnchanged(probes, first, count)
    locate(segment, probes, first, count)
    for (let index = 0; index < count; index++) {
      if (batch.to[index]! - batch.from[index]! > STRAIGHT_FEW) findRuns(segment, probes, first, index, hits)
      else scan(segment, probes, first, index, hits)
    }
    takePositions(segment, probes, hits)
  }
}

/** How many postings lie between the least and the greatest order that `findUnchanged` asks for, over all probes. */
export function countListed(segment: Segment, probes: Probes): number {
  const { order } = segment
  let listed = 0
  for (let first = 0; first < probes.count; first += BATCH) {
    const count = Math.min(BATCH, probes.count - first)
    askUnchanged(probes, first, count)
    locate(segment, probes, first, count)
    for (let index = 0; index < count; index++) {
      const from = lowerBound(order, batch.lowest[index]!, batch.from[index], batch.to[index])
      listed += lowerBound(order, batch.highest[index]! + 1, from, batch.to[index]) - from
    }
  }
  return listed
}

/** So few postings are all looked at, without a branch: what does not fit is written over by the next one. */
const STRAIGHT_FEW = 128

/** Takes the postings of a probe that fit an unchanged copy, where there are few to look at. */
function scan(segment: Segment, probes: Probes, first: number, index: number, hits: Hits): void {
  if (found.count + STRAIGHT_FEW > FOUND_MAX) takePositions(segment, probes, hits)
  const { order } = segment
  const { at: foundAt, probe: foundProbe, hypothesis } = found
  const probe = first + index
  const band = probes.band[probe]!
  const shortest = batch.shortest[index]!
  const longest = batch.longest[index]!
  const to = batch.to[index]!
  const before = found.count
  let count = before
  for (let at = batch.from[index]!; at < to; at++) {
    const own = order[at]!
    const length = own & LENGTH_MASK
    const raise = (own >>> LENGTH_BITS) - length - band
    foundAt[count] = at
    const misfit =
      (length - shortest) | (longest - length) | (raise + BANDS_OFF_MAX) | (BANDS_OFF_MAX - raise)
    count += (misfit >>> 31) ^ 1
  }
  if (count - before > probes.hitsMax) return
  for (; found.count < count; found.count++) {
    foundProbe[found.count] = probe
    hypothesis[found.count] = unchanged
  }
}

/** The same where there are many: for each sum what fits is a run. All ends of all runs are sought at once. */
function findRuns(segment: Segment, probes: Probes, first: number, index: number, hits: Hits): void {
  const probe = first + index
  const band = probes.band[probe]!
  const shortest = batch.shortest[index]!
  const longest = batch.longest[index]!
  const { keys, places } = sought
  let ends = 0
  for (let sum = Math.max(0, band + shortest - BANDS_OFF_MAX); sum <= band + longest + BANDS_OFF_MAX; sum++) {
    const from = Math.max(shortest, sum - band - BANDS_OFF_MAX)
    const to = Math.min(longest, sum - band + BANDS_OFF_MAX)
    if (from > to) continue
    keys[ends++] = orderOf(sum, from)
    keys[ends++] = orderOf(sum, to) + 1
  }
  seekAll(segment.order, batch.from[index]!, batch.to[index]!, ends)
  let fitting = 0
  for (let end = 0; end < ends; end += 2) fitting += places[end + 1]! - places[end]!
  if (fitting > probes.hitsMax) return
  for (let end = 0; end < ends; end += 2)
    for (let at = places[end]!; at < places[end + 1]!; at++)
      takePosting(segment, at, probes, probe, unchanged, hits)
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
