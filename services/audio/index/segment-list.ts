import { lowerBound } from '../peak-list.ts'
import { buildSegment, endOf } from './segment-build.ts'
import { mergeSegments } from './segment-merge.ts'
import { TIMELINE_FRAMES_MAX } from './segment.ts'
import type { Segment } from './segment.ts'

/** Joins two segments, perhaps in another thread; see `mergeSegments`. */
export type Merge = (first: Segment, second: Segment) => Promise<Segment>

/**
 * The segments of one owner, largest and oldest first. A new recording comes as a segment of its own, which is
 * merged with its neighbours unless they are several times as large. So a hundred thousand recordings that come one
 * by one are in seven segments at most, and each posting has been moved 26 times, one and a half times for each
 * doubling of the size. Recordings keep the order of their numbers through all merges.
 *
 * Source of the scheme: O'Neil et al., "The log-structured merge-tree", Acta Informatica 33, 1996.
 */
export interface SegmentList {
  /** A new array after every change: a search keeps the one that it began with. */
  readonly segments: readonly Segment[]
  /** @param segment its recordings have higher numbers than all before. */
  append(segment: Segment): void
  /** Marks a recording as removed, for searches under way too. */
  bury(number: number): void
  /**
   * Resolves when no merge is under way.
   *
   * @throws what the last merge failed with, once. Nothing is lost by that: its segments stay as they were, and are
   *   merged when the list next changes.
   */
  settled(): Promise<void>
}

/**
 * A segment is merged into the one before it when that is not at least so many times as large. Each probe is looked up
 * in every segment: with 2 there are two and a half times as many of them, and a third of the moving is saved.
 */
const SIZE_RATIO = 6

/** Segments are merged up to this many postings (13,000 h): their time line and two of them in memory set the bound. */
const POSTINGS_MAX = 2 ** 28

/** Merges in another place than here. */
export interface MergeElsewhere {
  readonly merge: Merge
  /** Up to this many postings are merged here nevertheless, at once. */
  readonly postingsHereMax?: number
}

/** Some ms. */
const POSTINGS_HERE_MAX = 200_000

/** Postings of removed recordings only cost time; at this share of a segment they are cleared away. */
const DEAD_SHARE_MAX = 0.25

const nothing = buildSegment([])

/** How many postings of segments are of removed recordings. */
interface DeadCount {
  /** Counts those of a segment that is new in the list. */
  take(segment: Segment): void
  add(segment: Segment, postings: number): void
  /** Whether so many are dead that the segment should be made anew. */
  readonly isDecayed: (segment: Segment) => boolean
}

function createDeadCount(): DeadCount {
  const counts = new WeakMap<Segment, number>()
  return {
    take(segment) {
      const { alive, landmarks } = segment
      let dead = 0
      for (let place = alive.indexOf(0); place >= 0; place = alive.indexOf(0, place + 1))
        dead += landmarks[place]!
      counts.set(segment, dead)
    },
    add: (segment, postings) => void counts.set(segment, (counts.get(segment) ?? 0) + postings),
    isDecayed(segment) {
      const { postings } = segment.shape
      // Recordings without any postings: noise, or a drone.
      if (postings === 0) return segment.alive.includes(0)
      return (counts.get(segment) ?? 0) > DEAD_SHARE_MAX * postings
    },
  }
}

/** What should be merged next of segments that no merge is busy with: the last two of like size, or a decayed one. */
function dueIn(
  segments: readonly Segment[],
  busy: readonly Segment[],
  isDecayed: (segment: Segment) => boolean,
): readonly Segment[] | undefined {
  for (let index = segments.length - 1; index > 0; index--) {
    const [before, last] = [segments[index - 1]!, segments[index]!]
    if (busy.includes(before) || busy.includes(last)) continue
    if (before.shape.postings < SIZE_RATIO * last.shape.postings && fitTogether(before, last))
      return [before, last]
  }
  const decayed = segments.find((segment) => !busy.includes(segment) && isDecayed(segment))
  return decayed && [decayed]
}

const fitTogether = (first: Segment, second: Segment): boolean =>
  first.shape.postings + second.shape.postings <= POSTINGS_MAX &&
  endOf(first) + endOf(second) < TIMELINE_FRAMES_MAX

/**
 * @param isLive whether the recording of a number is still there; asked when a merge is done.
 * @param elsewhere for large segments; without it they are merged at once too.
 */
export function createSegmentList(
  isLive: (number: number) => boolean,
  elsewhere?: MergeElsewhere,
): SegmentList {
  let segments: readonly Segment[] = []
  const dead = createDeadCount()
  /** Those that a merge under way will replace. */
  let busy: readonly Segment[] = []
  let merging: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined

  const replace = (old: readonly Segment[], fresh: Segment): void => {
    const { numbers, alive } = fresh
    for (let place = 0; place < numbers.length; place++) alive[place] = isLive(numbers[place]!) ? 1 : 0
    dead.take(fresh)
    const at = segments.indexOf(old[0]!)
    segments = segments.toSpliced(at, old.length, ...(alive.length > 0 ? [fresh] : []))
  }

  const mergeElsewhere = async (due: readonly Segment[], merge: Merge): Promise<void> => {
    const [first = nothing, second = nothing] = due
    busy = due
    try {
      // Also when it throws at once, this must go on only after it was noted as under way.
      const fresh = await Promise.resolve().then(() => merge(first, second))
      failure = undefined
      replace(due, fresh)
    } catch (error) {
      failure = { error }
    }
    busy = []
    merging = undefined
    // After a failure only the next change begins again: trying at once would most often fail at once.
    if (!failure) tidy()
  }

  const tidy = (): void => {
    for (;;) {
      const due = dueIn(segments, busy, dead.isDecayed)
      if (!due) return
      const postings = due.reduce((sum, { shape }) => sum + shape.postings, 0)
      if (elsewhere && postings > (elsewhere.postingsHereMax ?? POSTINGS_HERE_MAX)) {
        // One at a time: what is due after it is looked for when it is done.
        merging ??= mergeElsewhere(due, elsewhere.merge)
        return
      }
      const [first = nothing, second = nothing] = due
      replace(due, mergeSegments(first, second))
    }
  }

  return {
    get segments() {
      return segments
    },
    append(segment) {
      dead.take(segment)
      segments = [...segments, segment]
      tidy()
    },
    bury(number) {
      // Numbers ascend from segment to segment and within them.
      const segment = segments.findLast(({ numbers }) => numbers[0]! <= number)
      const place = segment ? lowerBound(segment.numbers, number) : 0
      if (segment?.numbers[place] === number && segment.alive[place] === 1) {
        segment.alive[place] = 0
        dead.add(segment, segment.landmarks[place]!)
      }
      tidy()
    },
    async settled() {
      for (let one = merging; one; one = merging) await one
      const failed = failure
      failure = undefined
      if (failed) throw failed.error
    },
  }
}
