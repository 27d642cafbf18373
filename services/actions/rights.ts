import { createHash } from 'node:crypto'

import { edit } from '../catalog/editing.ts'
import type { Recording } from '../catalog/recording.ts'
import { RIGHTS_MAX, type RecordingRight } from '../catalog/rights.ts'
import * as recordings from '../catalog/store.ts'
import { audit } from '../core/audit.ts'
import { type RecordingId, Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** A scanned contract; longer files are no documents. */
const DOCUMENT_BYTES_MAX = 50_000_000

/** A short mark of a right as it stands, by which one notices that somebody changed it meanwhile. */
export const markOf = (right: RecordingRight): string =>
  createHash('sha256').update(JSON.stringify(right)).digest('hex').slice(0, 16)

/** Which right of a recording is meant: its place from 1, and its mark as it was when it was shown. */
export interface RightAt {
  readonly position: number
  readonly mark: string
}

/** The rights with one of them changed, removed (no `next`) or added (no `at`). */
function changed(
  rights: readonly RecordingRight[],
  at: RightAt | undefined,
  next: RecordingRight | undefined,
): RecordingRight[] {
  if (!at) {
    if (rights.length >= RIGHTS_MAX)
      throw new Problem('request/conflict', `A recording has at most ${RIGHTS_MAX} rights`)
    return [...rights, ...(next ? [next] : [])]
  }
  const known = rights[at.position - 1]
  if (!known || markOf(known) !== at.mark)
    throw new Problem('request/conflict', 'Somebody changed the rights meanwhile; look at them again')
  return rights.toSpliced(at.position - 1, 1, ...(next ? [next] : []))
}

/**
 * Changes, removes or adds one right of a recording.
 *
 * @param at   left out: one is added. @param next left out: it is removed.
 * @throws {Problem} row/unknown, request/conflict when it is not any more as it was shown, or there would be too many.
 */
export const changeRight = (
  house: House,
  caller: Caller,
  id: RecordingId,
  at: RightAt | undefined,
  next: RecordingRight | undefined,
): Promise<Recording> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    await recordings.lockRecording(tx, caller.tenantId, id)
    const known = await recordings.find(tx, id)
    if (!known) throw new Problem('row/unknown', 'No such recording')
    const details = await edit(tx, known, { rights: changed(known.rights, at, next) })
    if (Object.keys(details).length > 0) {
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'recording.edited',
        subject: `recording:${id}`,
        details,
      })
    }
    const now = await recordings.find(tx, id)
    if (!now) throw new Error('a recording went while its rights were changed')
    return now
  })

/**
 * Reads a document to its end and keeps nothing of it but its hash, by which the original can be recognised.
 *
 * @throws {Problem} request/too-large, file/empty.
 */
export async function hashDocument(source: AsyncIterable<Uint8Array>): Promise<Sha256> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > DOCUMENT_BYTES_MAX)
      throw new Problem('request/too-large', `The document is larger than ${DOCUMENT_BYTES_MAX} bytes`)
    hash.update(chunk)
  }
  if (bytes === 0) throw new Problem('file/empty', 'The document has no bytes')
  return Sha256.parse(hash.digest('hex'))
}
