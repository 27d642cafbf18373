import { mergeKernel } from './kernel/merge-kernel.ts'
import { BUCKET_COUNT } from './landmarks.ts'
import { DROPPED, mergePostings } from './merge-postings.ts'
import type { Source } from './merge-postings.ts'
import { isWhole, mergeWhole } from './merge-whole.ts'
import { startsOf } from './segment-build.ts'
import { directoryShape, directoryWriter, fillSlots } from './segment-directory.ts'
import { layOut } from './segment.ts'
import type { Segment } from './segment.ts'
import { copyShared } from './shared-copy.ts'

/**
 * Joins two segments without sorting them again, and leaves out what was removed from either. What is removed
 * while it works is taken over as it was when it began: `alive` of the result must be brought up to date after.
 *
 * About 7 ns for each posting, 28 where recordings are left out; it needs the memory of the result and no more. That is
 * fresh, which is 3 of the 7 ns. What earlier merges freed is most often too small, as segments grow from merge to
 * merge, and a search in another thread may still read it.
 *
 * @throws {Problem} index/damaged when a recording has not as many postings as its segment says.
 */
export function mergeSegments(first: Segment, second: Segment): Segment {
  // Once, because recordings may be removed while this works in another thread.
  const places = [placesAlive(first), placesAlive(second)] as const
  const starts = startsOf([
    ...Array.from(places[0], (place) => first.durationsMs[place]!),
    ...Array.from(places[1], (place) => second.durationsMs[place]!),
  ])
  const sources = [
    sourceOf(first, places[0], starts, 0),
    sourceOf(second, places[1], starts, places[0].length),
  ] as const
  const { postings, peakBytes } = sizeOf(sources)
  const common = { recordings: starts.length, postings, peakBytes }
  const dense = directoryShape(postings, BUCKET_COUNT)
  const segment =
    dense.slots === 0 ? mergeDense(sources, { ...common, ...dense }) : mergeSparse(sources, common)
  segment.starts.set(starts)
  copyRecordings(sources, segment)
  return segment
}

function placesAlive({ alive }: Segment): Uint32Array {
  const places = new Uint32Array(alive.length)
  let count = 0
  for (let place = 0; place < alive.length; place++) if (alive[place] === 1) places[count++] = place
  return places.subarray(0, count)
}

function sourceOf(segment: Segment, places: Uint32Array, starts: readonly number[], from: number): Source {
  const shiftOf = (index: number): number => starts[from + index]! - segment.starts[places[index]!]!
  if (places.length === segment.numbers.length)
    return { segment, places, shift: places.length > 0 ? shiftOf(0) : 0, shifts: undefined }
  const shifts = new Float64Array(segment.numbers.length).fill(DROPPED)
  for (let index = 0; index < places.length; index++) shifts[places[index]!] = shiftOf(index)
  return { segment, places, shift: 0, shifts }
}

function sizeOf(sources: readonly Source[]): { postings: number; peakBytes: number } {
  let postings = 0
  let peakBytes = 0
  for (const { segment, places } of sources) {
    for (const place of places) {
      postings += segment.landmarks[place]!
      peakBytes += segment.peakOffsets[place + 1]! - segment.peakOffsets[place]!
    }
  }
  return { postings, peakBytes }
}

function copyRecordings(sources: readonly Source[], into: Segment): void {
  let next = 0
  let at = 0
  for (const { segment, places } of sources) {
    const { peaks, peakOffsets } = segment
    const first = next
    for (const place of places) {
      into.numbers[next] = segment.numbers[place]!
      into.durationsMs[next] = segment.durationsMs[place]!
      into.landmarks[next] = segment.landmarks[place]!
      into.peakOffsets[next] = at
      at += peakOffsets[place + 1]! - peakOffsets[place]!
      next++
    }
    into.peakOffsets[next] = at
    for (let from = 0, to = 0; from < places.length; from = to) {
      // As many as lie one after the other, which is all of them when nothing was removed.
      do to++
      while (to < places.length && places[to] === places[to - 1]! + 1)
      const bytes = peaks.subarray(peakOffsets[places[from]!], peakOffsets[places[to - 1]! + 1])
      copyShared(bytes, into.peaks, into.peakOffsets[first + from]!)
    }
  }
}

function mergeDense(sources: readonly [Source, Source], shape: Segment['shape']): Segment {
  const segment = layOut(shape)
  const kernel = sources.every(isWhole) ? mergeKernel() : undefined
  if (kernel) {
    mergeWhole(kernel, sources, segment)
    return segment
  }
  const directory = directoryWriter(segment)
  mergePostings(sources, segment, (bucket, from, to) => directory.add(bucket, from, to))
  directory.finish()
  return segment
}

/** Small ones are merged aside first: only then it is known how many different buckets there are. */
function mergeSparse(
  sources: readonly [Source, Source],
  size: Pick<Segment['shape'], 'recordings' | 'postings' | 'peakBytes'>,
): Segment {
  const { postings } = size
  const aside = { positions: new Uint32Array(postings), order: new Uint16Array(postings) }
  const buckets = new Uint32Array(postings)
  const offsets = new Uint32Array(postings + 1)
  let rows = 0
  mergePostings(sources, aside, (bucket, from, to) => {
    buckets[rows] = bucket
    offsets[rows] = from
    offsets[++rows] = to
  })
  const segment = layOut({ ...size, ...directoryShape(postings, rows) })
  segment.positions.set(aside.positions)
  segment.order.set(aside.order)
  segment.offsets.set(offsets.subarray(0, rows + 1))
  segment.buckets.set(buckets.subarray(0, rows))
  fillSlots(segment)
  return segment
}
