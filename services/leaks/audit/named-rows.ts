import type { LeakId, RecordingId } from '../../core/ids.ts'
import { trackStatuses } from '../manifest-row.ts'
import type { BareFound } from './find-rows.ts'

/** Rows of one leak that are held of a recording until its answer is made: the best of them. */
const ROWS_MAX = 20

const rankOf = (found: BareFound): number => trackStatuses.indexOf(found.row.status)

/** What the names pass found, by recording and leak. */
export class NamedRows {
  readonly #found = new Map<RecordingId, Map<LeakId, BareFound[]>>()

  add(recordingId: RecordingId, leakId: LeakId, row: BareFound): void {
    let leaks = this.#found.get(recordingId)
    if (!leaks) this.#found.set(recordingId, (leaks = new Map()))
    const rows = leaks.get(leakId)
    if (!rows) leaks.set(leakId, [row])
    else if (rows.length < ROWS_MAX) rows.push(row)
    else {
      const worst = rows.reduce((a, b) => (rankOf(b) > rankOf(a) ? b : a))
      if (rankOf(row) < rankOf(worst)) rows[rows.indexOf(worst)] = row
    }
  }

  of(recordingId: RecordingId, leakId: LeakId): readonly BareFound[] {
    return this.#found.get(recordingId)?.get(leakId) ?? []
  }
}
