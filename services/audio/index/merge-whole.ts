import { BATCH_POSTINGS, BATCH_ROWS, POSTINGS_APART, SECOND_FROM } from './kernel/layout.ts'
import type { MergeKernel } from './kernel/merge-kernel.ts'
import { BUCKET_COUNT } from './landmarks.ts'
import { type Run, type Source, damaged, mergeRuns, runOf } from './merge-postings.ts'
import { writeBucketRows } from './segment-directory.ts'
import type { Segment } from './segment.ts'

/** Whether a source has a dense directory and nothing of it is left out, as large ones nearly always are. */
export const isWhole = ({ segment, shifts }: Source): boolean => segment.shape.slots === 0 && !shifts

/**
 * Merges sources that are whole into a segment with a dense directory: what `mergePostings` does, through the memory of
 * the kernel, which is twice as fast although everything is copied into it and out of it.
 *
 * @throws {Problem} index/damaged when they have more or fewer postings than `into` has room for.
 */
export function mergeWhole(kernel: MergeKernel, sources: readonly [Source, Source], into: Segment): void {
  const [first, second] = sources
  const { postings, splitBits } = into.shape
  if (first.segment.shape.postings + second.segment.shape.postings !== postings) throw damaged()
  let at = 0
  let bucket = 0
  while (bucket < BUCKET_COUNT) {
    const most = BATCH_ROWS >> splitBits
    const buckets = Math.min(most, bucketsThatFit(first, bucket), bucketsThatFit(second, bucket))
    if (buckets > 0) at = mergeBatch(kernel, sources, into, { bucket, buckets, at })
    else at = mergeLargeBuckets(sources, into, bucket, at)
    bucket += Math.max(BUCKETS_APART, buckets)
  }
  into.offsets[BUCKET_COUNT << splitBits] = postings
}

const offsetOf = ({ segment }: Source, bucket: number): number =>
  segment.offsets[bucket << segment.shape.splitBits]!

/** Batches begin and end at even buckets, so that their rows are copied in words, as postings are. */
const BUCKETS_APART = 2

/** How many buckets of a source from `bucket` on have room in the kernel; an even number, and the fullest may have none. */
function bucketsThatFit(source: Source, bucket: number): number {
  const to = offsetOf(source, bucket) + BATCH_POSTINGS
  let fit = 0
  let beyond = 1 + Math.min(BATCH_ROWS >> source.segment.shape.splitBits, BUCKET_COUNT - bucket)
  while (beyond - fit > 1) {
    const middle = (fit + beyond) >>> 1
    if (offsetOf(source, bucket + middle) <= to) fit = middle
    else beyond = middle
  }
  return fit - (fit % BUCKETS_APART)
}

/** Buckets that are merged at once, and where their postings go. */
interface Batch {
  readonly bucket: number
  readonly buckets: number
  readonly at: number
}

/** @returns where its postings end. */
function mergeBatch(
  kernel: MergeKernel,
  [first, second]: readonly [Source, Source],
  into: Segment,
  batch: Batch,
): number {
  const { bucket, buckets, at } = batch
  const { splitBits } = into.shape
  const firstFrom = bring(kernel, first, batch, kernel.firstRows, 0)
  const secondFrom = bring(kernel, second, batch, kernel.secondRows, SECOND_FROM)
  const [firstBits, secondBits] = [first.segment.shape.splitBits, second.segment.shape.splitBits]
  const from = at % POSTINGS_APART
  const base = at - from
  const to = kernel.merge(buckets, firstFrom, firstBits, secondFrom, secondBits, from, splitBits, base)
  into.order.set(kernel.mergedOrder.subarray(from, to), at)
  into.positions.set(kernel.mergedPositions.subarray(from, to), at)
  into.offsets.set(kernel.mergedRows.subarray(0, buckets << splitBits), bucket << splitBits)
  return base + to
}

/** Brings what a source has in a batch to the kernel. @returns where its postings begin there. */
function bring(
  kernel: MergeKernel,
  { segment, shift }: Source,
  { bucket, buckets }: Batch,
  rows: Uint32Array,
  to: number,
): number {
  const { splitBits } = segment.shape
  rows.set(segment.offsets.subarray(bucket << splitBits, ((bucket + buckets) << splitBits) + 1))
  const [from, end] = [rows[0]!, rows[buckets << splitBits]!]
  const before = from % POSTINGS_APART
  kernel.order.set(segment.order.subarray(from - before, end), to)
  kernel.positions.set(segment.positions.subarray(from - before, end), to)
  if (shift !== 0) kernel.shift(to, to + before + end - from, shift)
  return to + before
}

/** Buckets that the kernel has no room for: music has none, but an index of one sound over and over has. */
function mergeLargeBuckets(
  [first, second]: readonly [Source, Source],
  into: Segment,
  from: number,
  at: number,
): number {
  for (let bucket = from; bucket < from + BUCKETS_APART; bucket++) {
    const runIn = (source: Source): Run =>
      runOf(source, offsetOf(source, bucket), offsetOf(source, bucket + 1))
    const end = mergeRuns(runIn(first), runIn(second), into, at)
    writeBucketRows(into, bucket, at, end)
    at = end
  }
  return at
}
