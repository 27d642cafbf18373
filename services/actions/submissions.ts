import type { SubmissionId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import * as submissions from '../submissions/store.ts'
import type { Submission } from '../submissions/submission.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

/** Hands in an address. The same address while it is being worked on gives the same submission. */
export async function submitUrl(
  house: House,
  caller: Caller,
  given: { url: string; note?: string | undefined },
): Promise<Submission> {
  const submission = await house.db.tenant(caller.tenantId, (tx) =>
    submissions.submitUrl(tx, caller.tenantId, { ...given, by: actorOf(caller) }),
  )
  await ring(house, submission.stage, submission.id)
  return submission
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
  const failed = await house.db.tenant(caller.tenantId, (tx) => submissions.find(tx, id))
  if (failed?.blobSha256 && !(await house.blobs.has(failed.blobSha256)))
    throw new Problem('file/gone', 'The file was deleted since; hand it in again')
  const { submission, waiting } = await house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await submissions.find(tx, id))) throw new Problem('row/unknown', 'No such submission')
    if (!(await submissions.retry(tx, id)))
      throw new Problem('row/stage', 'Nothing in this submission has failed')
    const again = await submissions.find(tx, id)
    if (!again) throw new Error('a submission vanished within its transaction')
    return { submission: again, waiting: await submissions.waitingItems(tx, id) }
  })
  await ring(house, submission.stage, submission.id)
  for (const item of waiting) await ring(house, item.stage, item.id)
  return submission
}
