import type { SubmissionId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import * as items from '../submissions/item-store.ts'
import * as submissions from '../submissions/store.ts'
import { MagnetLink, type Submission } from '../submissions/submission.ts'
import { firstStageOfSingle, takePlace } from '../submissions/turns-store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

/** What a magnet link is called among files; its torrent has a name of its own. */
const MAGNET_NAME = 'magnet link'

/**
 * Hands in an address, which begins at once unless the account has many at work. The same address while it is being worked
 * on gives the same submission. A magnet link is no address of a file: it is taken as a text that lists what a torrent is
 * called.
 */
export async function submitUrl(
  house: House,
  caller: Caller,
  given: { url: string; note?: string | undefined },
): Promise<Submission> {
  if (MagnetLink.safeParse(given.url).success)
    return submitFile(house, caller, { fileName: MAGNET_NAME, note: given.note, source: textOf(given.url) })
  const { tenantId } = caller
  const submission = await house.db.tenant(tenantId, async (tx) => {
    const stage = await firstStageOfSingle(tx, tenantId)
    return submissions.submitUrl(tx, tenantId, { ...given, by: actorOf(caller), stage })
  })
  await ring(house, submission.stage, submission.id)
  return submission
}

async function* textOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/**
 * Hands in a file.
 *
 * @throws {Problem} request/too-large, file/empty.
 */
export async function submitFile(
  house: House,
  caller: Caller,
  given: { fileName: string; note?: string | undefined; source: AsyncIterable<Uint8Array> },
): Promise<Submission> {
  const { sha256, bytes } = await house.blobs.put(given.source, { bytesMax: house.config.FETCH_BYTES_MAX })
  if (bytes === 0) throw new Problem('file/empty', 'The file has no bytes')
  const submission = await house.db.tenant(caller.tenantId, (tx) =>
    submissions.submitFile(tx, caller.tenantId, {
      fileName: given.fileName,
      note: given.note,
      sha256,
      bytes,
      by: actorOf(caller),
    }),
  )
  await ring(house, submission.stage, submission.id)
  return submission
}

/** Sets a failed submission, or what failed in it, back to work. @throws {Problem} row/unknown, row/stage, file/gone. */
export async function retrySubmission(house: House, caller: Caller, id: SubmissionId): Promise<Submission> {
  const { failed, opened } = await house.db.tenant(caller.tenantId, async (tx) => ({
    failed: await submissions.find(tx, id),
    opened: await items.itemsOf(tx, id, { limit: 2 }),
  }))
  // Only what is one file, or was not opened yet, needs the file that was handed in; items tell for themselves.
  const isFile = opened.length === 0 || (opened.length === 1 && opened[0]?.sha256 === failed?.blobSha256)
  if (failed?.blobSha256 && isFile && !(await house.blobs.has(failed.blobSha256)))
    throw new Problem('file/gone', 'The file was deleted since; hand it in again')
  const { submission, waiting } = await house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await submissions.find(tx, id))) throw new Problem('row/unknown', 'No such submission')
    if (!(await items.retryFailed(tx, id)))
      throw new Problem('row/stage', 'Nothing in this submission has failed that could be tried again')
    const set = await submissions.find(tx, id)
    if (set) await takePlace(tx, set)
    const again = await submissions.find(tx, id)
    if (!again) throw new Error('a submission vanished within its transaction')
    return { submission: again, waiting: await items.waitingItems(tx, { submissionId: id }) }
  })
  await ring(house, submission.stage, submission.id)
  for (const item of waiting) await ring(house, item.stage, item.id)
  return submission
}
