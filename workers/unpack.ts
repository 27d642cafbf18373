import type { Blobs } from '../services/core/blobs.ts'
import type { Sha256, SubmissionId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../services/submissions/file-kind.ts'
import * as submissions from '../services/submissions/store.ts'
import type { Tools } from './tools.ts'

/** What is said of files that are understood but hold nothing to hear. */
const unsupported: Readonly<Record<string, string>> = {
  image: 'a picture',
  archive: 'an archive',
  html: 'a web page',
  text: 'a text file',
  torrent: 'a torrent file',
}

/** The first bytes of a blob. @throws {Problem} file/gone */
async function headOf(blobs: Blobs, sha256: Sha256): Promise<Uint8Array> {
  const stream = await blobs.read(sha256)
  if (!stream) throw new Problem('file/gone', 'The file was deleted after it was examined; hand it in again')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= FILE_HEAD_BYTES) break // Leaving the loop closes the file.
  }
  return Buffer.concat(chunks).subarray(0, FILE_HEAD_BYTES)
}

/**
 * Looks at what a file is by its bytes, never by its name, and makes an item of each thing to examine.
 *
 * @throws {Problem} file/unsupported, file/empty, file/gone.
 */
export const unpack =
  ({ db, blobs }: Tools) =>
  async ({ id }: OneRow<SubmissionId>, run: Run): Promise<void> => {
    const submission = await db.system(async (tx) =>
      (await submissions.stages.claim(tx, id, 'unpack')) ? submissions.find(tx, id) : undefined,
    )
    if (!submission?.blobSha256) return run.log.info('nothing to unpack')

    const head = await headOf(blobs, submission.blobSha256)
    if (head.length === 0) throw new Problem('file/empty', 'The file has no bytes')
    const { kind, format, mediaType } = detectFileKind(head)
    const instead = unsupported[kind]
    if (instead)
      throw new Problem(
        'file/unsupported',
        `This is ${instead} (${format}); only audio and video can be examined`,
      )

    const name = submission.fileName ?? 'file'
    const item = { name, mediaType, sha256: submission.blobSha256, bytes: submission.bytes ?? head.length }
    await db.system((tx) => submissions.keepItems(tx, submission, [item]))
    run.log.info({ kind, format }, 'unpacked')
  }
