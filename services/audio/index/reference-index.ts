import { decodeFingerprint, encodeFingerprint } from '../fingerprint/fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { buildSegment, fitsTimeline, mergeSegments } from './segment.ts'
import type { IndexedRecording, Segment } from './segment.ts'

/** One recording to be found. */
export interface IndexEntry {
  readonly id: string
  /** Only searches of the same owner see it. */
  readonly owner: string
  readonly fingerprint: Fingerprint
}

export interface IndexStats {
  readonly recordings: number
  readonly hours: number
  readonly bytes: number
  readonly segments: number
  readonly landmarks: number
}

/** All references in memory, ready to be searched. Every change is visible to the next search. */
export interface ReferenceIndex {
  readonly size: number
  has(id: string): boolean
  /** Length of a recording; undefined when it is not there. */
  durationMsOf(id: string): number | undefined
  /**
   * Registers a recording; one of the same id, whosever it was, is replaced.
   * @throws {TypeError} when the fingerprint is not a reference; {Problem} when it is one that no extractor makes.
   */
  add(id: string, owner: string, fingerprint: Fingerprint): void
  /** As `add` for each, but the faster the more there are at once; of equal ids the last counts. */
  addAll(entries: Iterable<IndexEntry>): void
  /** @returns whether it was there. */
  remove(id: string): boolean
  /** Of one owner, or of all. */
  stats(owner?: string): IndexStats
  /** What `searchIndex` looks through; never changed afterwards, except that recordings may die. */
  segmentsOf(owner: string): readonly Segment[]
}

/** Segments are merged up to this many postings (54 h a million): a merge then takes a fraction of a second. */
const SEGMENT_POSTINGS_MAX = 16_000_000

/** A segment is merged into the one before it when that is not at least so many times as large. */
const SIZE_RATIO = 2

/** Postings of removed recordings only cost time; at this share of an owner's they are cleared away. */
const DEAD_SHARE_MAX = 0.25

/** Recordings that `addAll` makes into one segment: bounds what it holds beside the index. */
const BATCH_RECORDINGS = 2_000

interface OwnerPart {
  segments: Segment[]
  deadLandmarks: number
}

/**
 * An index as a list of immutable segments for each owner, largest first. A new recording is a segment of its
 * own, merged at once with its smaller neighbours; so there are only as many segments as the size has
 * doublings, and each posting is moved that often.
 *
 * Source of the scheme: O'Neil et al., "The log-structured merge-tree", Acta Informatica 33, 1996.
 */
export function createReferenceIndex(): ReferenceIndex {
  const byId = new Map<string, IndexedRecording>()
  const owners = new Map<string, OwnerPart>()

  const remove = (id: string): boolean => {
    const recording = byId.get(id)
    if (!recording) return false
    byId.delete(id)
    recording.alive = false
    const part = owners.get(recording.owner)!
    part.deadLandmarks += recording.landmarks
    const landmarks = part.segments.reduce((sum, segment) => sum + segment.count, 0)
    if (part.deadLandmarks > DEAD_SHARE_MAX * landmarks) purge(part)
    if (part.segments.length === 0) owners.delete(recording.owner)
    return true
  }

  const append = (owner: string, entries: readonly IndexEntry[]): void => {
    const part = owners.get(owner) ?? { segments: [], deadLandmarks: 0 }
    owners.set(owner, part)
    const segment = buildSegment(entries)
    for (const recording of segment.recordings) byId.set(recording.id, recording)
    part.segments.push(segment)
    mergeTail(part)
  }

  const addAll = (entries: Iterable<IndexEntry>): void => {
    const waiting = new Map<string, Map<string, IndexEntry>>()
    for (const entry of entries) {
      if (entry.fingerprint.kind !== 'reference') throw new TypeError(`${entry.id}: not a reference`)
      // One that cannot be read back would fail every search that comes upon it.
      decodeFingerprint(encodeFingerprint(entry.fingerprint))
      remove(entry.id)
      for (const other of waiting.values()) other.delete(entry.id)
      const batch = waiting.get(entry.owner) ?? new Map<string, IndexEntry>()
      waiting.set(entry.owner, batch.set(entry.id, entry))
      if (batch.size >= BATCH_RECORDINGS) {
        append(entry.owner, [...batch.values()])
        batch.clear()
      }
    }
    for (const [owner, batch] of waiting) if (batch.size > 0) append(owner, [...batch.values()])
  }

  return {
    get size() {
      return byId.size
    },
    has: (id) => byId.has(id),
    durationMsOf: (id) => byId.get(id)?.durationMs,
    add: (id, owner, fingerprint) => addAll([{ id, owner, fingerprint }]),
    addAll,
    remove,
    segmentsOf: (owner) => owners.get(owner)?.segments ?? [],
    stats(owner) {
      const parts = owner === undefined ? [...owners.values()] : [owners.get(owner)].filter((part) => !!part)
      const segments = parts.flatMap((part) => part.segments)
      const recordings = segments.flatMap((segment) => segment.recordings.filter(({ alive }) => alive))
      return {
        recordings: recordings.length,
        hours: recordings.reduce((sum, { durationMs }) => sum + durationMs, 0) / 3_600_000,
        bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
        segments: segments.length,
        landmarks: recordings.reduce((sum, { landmarks }) => sum + landmarks, 0),
      }
    },
  }
}

function mergeTail(part: OwnerPart): void {
  // A new array: searches under way keep the list they began with.
  const segments = [...part.segments]
  while (segments.length >= 2) {
    const last = segments.at(-1)!
    const before = segments.at(-2)!
    const tooLarge = last.count + before.count > SEGMENT_POSTINGS_MAX || !fitsTimeline([before, last])
    if (tooLarge || before.count >= SIZE_RATIO * last.count) break
    part.deadLandmarks -= deadLandmarksIn(before) + deadLandmarksIn(last)
    segments.splice(-2, 2, mergeSegments(before, last))
  }
  part.segments = segments
}

const deadLandmarksIn = (segment: Segment): number =>
  segment.recordings.reduce((sum, { alive, landmarks }) => sum + (alive ? 0 : landmarks), 0)

const nothing = buildSegment([])

function purge(part: OwnerPart): void {
  part.segments = part.segments
    .map((segment) => (deadLandmarksIn(segment) > 0 ? mergeSegments(segment, nothing) : segment))
    .filter((segment) => segment.recordings.length > 0)
  part.deadLandmarks = 0
}
