import { decodeFingerprint, encodeFingerprint } from '../fingerprint/fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { buildSegment } from './segment-build.ts'
import { createSegmentList } from './segment-list.ts'
import type { MergeElsewhere, SegmentList } from './segment-list.ts'
import type { Segment } from './segment.ts'

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
  readonly postings: number
}

/** What one search sees of the index. Its memory is shared, so it can be handed to another thread. */
export interface IndexView {
  readonly segments: readonly Segment[]
  readonly recordings: number
  readonly hours: number
}

/** All references in memory, ready to be searched. Every change is visible to the next search. */
export interface ReferenceIndex {
  readonly size: number
  has(id: string): boolean
  /** Length of a recording; undefined when it is not there. */
  durationMsOf(id: string): number | undefined
  /** The recording of a number that a segment knows; undefined when it was removed since. */
  idOf(number: number): string | undefined
  /**
   * Registers a recording; one of the same id, whosever it was, is replaced.
   * @throws {TypeError} when the fingerprint is not a reference; {Problem} when it is one that no extractor makes.
   */
  add(id: string, owner: string, fingerprint: Fingerprint): void
  /**
   * As `add` for each, but the faster the more there are at once; of equal ids the last counts.
   *
   * @throws as `add`; some of the entries before may have been added then, and nothing was removed for the others.
   */
  addAll(entries: Iterable<IndexEntry>): void
  /**
   * Takes a segment over that was read from a file. Its recordings replace those of the same ids.
   *
   * @param ids of its recordings, in their order; undefined for one that is not to be found any more.
   */
  adopt(owner: string, segment: Segment, ids: readonly (string | undefined)[]): void
  /** @returns whether it was there. */
  remove(id: string): boolean
  /** Of one owner, or of all. */
  stats(owner?: string): IndexStats
  readonly owners: Iterable<string>
  viewOf(owner: string): IndexView
  /** Resolves when no merge is under way. @throws what one failed with since it was last asked; nothing is lost by that. */
  settled(): Promise<void>
}

/** Recordings that `addAll` makes into one segment: bounds what it holds beside the index. */
const BATCH_RECORDINGS = 2_000

/** A recording as the index knows it; what else there is of it lies in a segment. */
interface Entry {
  readonly id: string
  readonly owner: string
  readonly number: number
  readonly durationMs: number
}

interface Part {
  readonly list: SegmentList
  recordings: number
  durationMs: number
}

const emptyView: IndexView = { segments: [], recordings: 0, hours: 0 }

/** Which recordings there are, by id and by number, and the segments of each owner. */
interface Registry {
  readonly byId: ReadonlyMap<string, Entry>
  /** Undefined for a number whose recording was removed. */
  readonly byNumber: readonly (Entry | undefined)[]
  readonly parts: ReadonlyMap<string, Part>
  /** Takes a segment in whose recordings have the next numbers; those without an id are not to be found. */
  append(owner: string, segment: Segment, ids: readonly (string | undefined)[]): void
  readonly remove: (id: string) => boolean
}

function createRegistry(elsewhere: MergeElsewhere | undefined): Registry {
  const byId = new Map<string, Entry>()
  const byNumber: (Entry | undefined)[] = []
  const parts = new Map<string, Part>()

  const partOf = (owner: string): Part => {
    const known = parts.get(owner)
    if (known) return known
    const list = createSegmentList((number) => byNumber[number] !== undefined, elsewhere)
    const part = { list, recordings: 0, durationMs: 0 }
    parts.set(owner, part)
    return part
  }

  return {
    byId,
    byNumber,
    parts,
    append(owner, segment, ids) {
      const part = partOf(owner)
      for (const [place, id] of ids.entries()) {
        const durationMs = segment.durationsMs[place]!
        const entry = id === undefined ? undefined : { id, owner, number: byNumber.length, durationMs }
        // Before the segment is there: a merge asks which of its recordings live.
        byNumber.push(entry)
        if (!entry) continue
        byId.set(entry.id, entry)
        part.recordings++
        part.durationMs += durationMs
      }
      part.list.append(segment)
    },
    remove(id) {
      const entry = byId.get(id)
      if (!entry) return false
      byId.delete(id)
      byNumber[entry.number] = undefined
      const part = parts.get(entry.owner)!
      part.recordings--
      part.durationMs -= entry.durationMs
      part.list.bury(entry.number)
      if (part.recordings === 0) parts.delete(entry.owner)
      return true
    },
  }
}

/**
 * An index of many owners. Each has segments of its own: what a search costs follows from the owner's catalogue and
 * not from everybody's.
 *
 * @param options.merge joins large segments elsewhere, in another thread; without it they are joined here.
 */
export function createReferenceIndex(options: Partial<MergeElsewhere> = {}): ReferenceIndex {
  const { merge } = options
  const registry = createRegistry(merge && { ...options, merge })
  const { byId, byNumber, parts, remove } = registry

  const append = (owner: string, entries: readonly IndexEntry[]): void => {
    const first = byNumber.length
    const segment = buildSegment(
      entries.map(({ fingerprint }, place) => ({ number: first + place, fingerprint })),
    )
    // Not before: until the new one is there, the old one is found.
    for (const { id } of entries) remove(id)
    registry.append(
      owner,
      segment,
      entries.map(({ id }) => id),
    )
  }

  const addAll = (entries: Iterable<IndexEntry>): void => {
    const waiting = new Map<string, Map<string, IndexEntry>>()
    for (const entry of entries) {
      if (entry.fingerprint.kind !== 'reference') throw new TypeError(`${entry.id}: not a reference`)
      // One that cannot be read back would fail every search that comes upon it.
      decodeFingerprint(encodeFingerprint(entry.fingerprint))
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
    idOf: (number) => byNumber[number]?.id,
    add: (id, owner, fingerprint) => addAll([{ id, owner, fingerprint }]),
    addAll,
    adopt(owner, segment, ids) {
      const lastOf = new Map(ids.map((id, place) => [id, place]))
      const living = ids.map((id, place) => (lastOf.get(id) === place ? id : undefined))
      for (const id of living) if (id !== undefined) remove(id)
      if (living.every((id) => id === undefined)) return
      for (const [place, id] of living.entries()) {
        segment.numbers[place] = byNumber.length + place
        segment.alive[place] = id === undefined ? 0 : 1
      }
      registry.append(owner, segment, living)
    },
    remove,
    get owners() {
      return parts.keys()
    },
    viewOf(owner) {
      const part = parts.get(owner)
      if (!part) return emptyView
      return { segments: part.list.segments, recordings: part.recordings, hours: hoursOf(part) }
    },
    stats: (owner) =>
      statsOf([...parts].flatMap(([of, part]) => (owner === undefined || of === owner ? [part] : []))),
    async settled() {
      const ends = await Promise.allSettled([...parts.values()].map(({ list }) => list.settled()))
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed) throw failed.reason
    },
  }
}

function statsOf(parts: readonly Part[]): IndexStats {
  const segments = parts.flatMap(({ list }) => list.segments)
  return {
    recordings: parts.reduce((sum, { recordings }) => sum + recordings, 0),
    hours: parts.reduce((sum, part) => sum + hoursOf(part), 0),
    bytes: segments.reduce((sum, { memory, alive }) => sum + memory.byteLength + alive.length, 0),
    segments: segments.length,
    postings: segments.reduce((sum, { shape }) => sum + shape.postings, 0),
  }
}

const hoursOf = ({ durationMs }: Part): number => durationMs / 3_600_000
