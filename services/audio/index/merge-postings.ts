import { Problem } from '../../core/problem.ts'
import { BUCKET_COUNT } from './landmarks.ts'
import { placeFinder } from './segment.ts'
import type { Segment } from './segment.ts'

/** What goes into a merged segment from one of the two it is made of. */
export interface Source {
  readonly segment: Segment
  /** Places of the recordings that live on. */
  readonly places: Uint32Array
  /** What is added to all positions, when all recordings live on. */
  readonly shift: number
  /** Else what is added to those of each place, or `DROPPED`. */
  readonly shifts: Float64Array | undefined
}

/** In place of a shift: the recording is left out. */
export const DROPPED = Number.NEGATIVE_INFINITY

/** Where merged postings go. */
export type Postings = Pick<Segment, 'positions' | 'order'>

/**
 * Walks both sources in order of bucket and writes their postings in order.
 *
 * @param endBucket told of each bucket that has any postings, where they are in `into`.
 * @throws {Problem} index/damaged when they are more or fewer than `into` has room for.
 */
export function mergePostings(
  [first, second]: readonly [Source, Source],
  into: Postings,
  endBucket: (bucket: number, from: number, to: number) => void,
): void {
  const a = walk(first)
  const b = walk(second)
  let at = 0
  for (;;) {
    const bucket = Math.min(a.bucket, b.bucket)
    if (bucket === NO_BUCKET) break
    const from = at
    if (a.bucket < b.bucket) at = copyRun(a.run, a.run.from, into, at)
    else if (b.bucket < a.bucket) at = copyRun(b.run, b.run.from, into, at)
    else at = mergeRuns(a.run, b.run, into, at)
    if (at > from) endBucket(bucket, from, at)
    if (a.bucket === bucket) a.advance()
    if (b.bucket === bucket) b.advance()
  }
  if (at !== into.order.length) throw damaged()
}

/** Only a file that was made to do harm says of its recordings other numbers of postings than it has. */
export const damaged = (): Problem =>
  new Problem('index/damaged', 'A segment has other postings than it says')

/** A bucket after all others. */
const NO_BUCKET = BUCKET_COUNT

/** The postings of one bucket in one source: from `from` up to `to`, `shift` to be added to their positions. */
export interface Run extends Postings {
  positions: Uint32Array
  order: Uint16Array
  from: number
  to: number
  shift: number
}

/** The postings `from` … `to` of a source. */
export const runOf = ({ segment: { positions, order }, shift }: Source, from: number, to: number): Run => ({
  positions,
  order,
  from,
  to,
  shift,
})

/** Where in a source the merge is: a bucket with postings, or `NO_BUCKET` at its end. */
interface Walk {
  bucket: number
  readonly run: Run
  advance(): void
}

function walk(source: Source): Walk {
  const { segment, shifts } = source
  const { offsets, buckets, shape } = segment
  const sparse = shape.slots > 0
  const last = sparse ? shape.rows : BUCKET_COUNT
  const run = runOf(source, 0, 0)
  const keep = shifts && livingPostings(segment, shifts)
  let row = -1
  const state: Walk = {
    bucket: NO_BUCKET,
    run,
    advance() {
      for (row++; row < last; row++) {
        run.from = offsets[sparse ? row : row << shape.splitBits]!
        run.to = offsets[sparse ? row + 1 : (row + 1) << shape.splitBits]!
        if (run.from === run.to) continue
        state.bucket = sparse ? buckets[row]! : row
        keep?.(run)
        return
      }
      state.bucket = NO_BUCKET
    },
  }
  state.advance()
  return state
}

/** Makes runs of a segment into runs of what lives on, aside; they hold until the next is made. */
function livingPostings(segment: Segment, shifts: Float64Array): (run: Run) => void {
  const placeOf = placeFinder(segment)
  let positions = new Uint32Array(1024)
  let order = new Uint16Array(1024)
  return (run) => {
    if (run.to - run.from > order.length) {
      positions = new Uint32Array(2 * (run.to - run.from))
      order = new Uint16Array(positions.length)
    }
    let count = 0
    for (let at = run.from; at < run.to; at++) {
      const position = segment.positions[at]!
      const shift = shifts[placeOf(position)]!
      if (shift === DROPPED) continue
      positions[count] = position + shift
      order[count] = segment.order[at]!
      count++
    }
    run.positions = positions
    run.order = order
    run.from = 0
    run.to = count
  }
}

/** Copies what a run has from `from` on. @returns where it ended. */
function copyRun({ positions, order, to, shift }: Run, from: number, into: Postings, at: number): number {
  const { positions: positionsInto, order: orderInto } = into
  for (let index = from; index < to; index++, at++) {
    positionsInto[at] = (positions[index]! + shift) | 0
    orderInto[at] = order[index]!
  }
  return at
}

/**
 * Two runs into one; of equal orders those of `a` come first. Which is next cannot be predicted, so the loop takes
 * it by a mask instead of a branch, which is twice as fast.
 */
export function mergeRuns(a: Run, b: Run, into: Postings, at: number): number {
  const { positions, order } = into
  const { positions: positionsOfA, order: orderOfA, to: toOfA, shift: shiftOfA } = a
  const { positions: positionsOfB, order: orderOfB, to: toOfB, shift: shiftOfB } = b
  let i = a.from
  let j = b.from
  while (i < toOfA && j < toOfB) {
    const ofA = orderOfA[i]!
    const ofB = orderOfB[j]!
    const isA = (ofA - ofB - 1) >>> 31
    const mask = -isA
    const ifB = (positionsOfB[j]! + shiftOfB) | 0
    order[at] = ofB ^ ((ofA ^ ofB) & mask)
    positions[at] = ifB ^ ((((positionsOfA[i]! + shiftOfA) | 0) ^ ifB) & mask)
    i += isA
    j += 1 - isA
    at++
  }
  at = copyRun(a, i, into, at)
  return copyRun(b, j, into, at)
}
