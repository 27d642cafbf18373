import { type TrackCodec, trackStatuses } from '../manifest-row.ts'
import type { ScanHit } from './row-matcher.ts'

/** What a manifest has of one recording: the row that says most of what was taken, and how many there are. */
export interface Finding {
  readonly best: ScanHit
  readonly rows: number
}

/** Codings by what they are worth to whoever has the leak. */
const codecRank: Readonly<Record<TrackCodec, number>> = {
  'vorbis-160': 0,
  other: 1,
  'opus-75': 2,
  unknown: 3,
}

/** Orders hits: what was taken first, in the best coding, of the surest, by the first row. */
function compareHits({ row: a, ...one }: ScanHit, { row: b, ...other }: ScanHit): number {
  return (
    trackStatuses.indexOf(a.status) - trackStatuses.indexOf(b.status) ||
    codecRank[a.codec] - codecRank[b.codec] ||
    other.probability - one.probability ||
    a.locator.part - b.locator.part ||
    a.locator.row - b.locator.row
  )
}

/** Hits gathered by recording: one of them each is kept, so that memory is bounded by the catalogue. */
export class Findings {
  readonly #byRecording = new Map<number, { best: ScanHit; rows: number }>()

  get size(): number {
    return this.#byRecording.size
  }

  add(hit: ScanHit): void {
    const before = this.#byRecording.get(hit.recording)
    if (!before) {
      this.#byRecording.set(hit.recording, { best: hit, rows: 1 })
      return
    }
    before.rows += 1
    if (compareHits(hit, before.best) < 0) before.best = hit
  }

  /** By how exposed they are: what was taken first, and the better known of equal ones. */
  sorted(): Finding[] {
    return [...this.#byRecording.values()].toSorted(
      ({ best: a }, { best: b }) =>
        trackStatuses.indexOf(a.row.status) - trackStatuses.indexOf(b.row.status) ||
        (b.row.popularity ?? -1) - (a.row.popularity ?? -1) ||
        a.recording - b.recording,
    )
  }
}
