import type { SubmissionId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { openerOf } from '../services/openers/openers.ts'
import { readStream } from '../services/reading/read-stream.ts'
import { captureAt, keepCapture } from '../services/submissions/captures.ts'
import type { DetectedFile } from '../services/submissions/file-kind.ts'
import { endUnpacking, keepFinds } from '../services/submissions/opened-store.ts'
import { PartsRead } from '../services/submissions/parts-read.ts'
import * as submissions from '../services/submissions/store.ts'
import type { Submission } from '../services/submissions/submission.ts'
import { detectAt, isHeard, mayBeHeard, openInto } from './opening.ts'
import type { Tools } from './tools.ts'
import { wantedOf } from './visit.ts'

/** What a submitted page is called where things lie in it; any other thing has a name of its own. */
const PAGE_NAME = 'page'

/** What is said of files that are understood but hold nothing to hear. @throws {Problem} file/unsupported. */
export function requireOpenable(detected: DetectedFile): void {
  const { kind, format } = detected
  if (isHeard(detected) || mayBeHeard(detected) || kind === 'image' || openerOf(detected)) return
  throw new Problem(
    'file/unsupported',
    `A file of this kind (${format}) has nothing in it that can be examined`,
  )
}

/**
 * Looks at what a file is by its bytes, never by its name, and makes an item of each thing in it. Safe to run twice: what
 * was kept before is passed over, and of two workers one moves the submission on.
 *
 * @throws {Problem} file/unsupported, file/empty, file/gone, and one of `open/…` when nothing could be had of it.
 */
export const unpack =
  (tools: Tools) =>
  async ({ id }: OneRow<SubmissionId>, run: Run): Promise<void> => {
    const { db, blobs } = tools
    const { submission, capture } = await db.system(async (tx) => {
      if (!(await submissions.stages.claim(tx, id, 'unpack'))) return {}
      const found = await submissions.find(tx, id)
      const at = { itemId: undefined, url: found?.url ?? null }
      return { submission: found, capture: await captureAt(tx, id, at) }
    })
    if (!submission?.blobSha256) return run.log.info('nothing to unpack')
    const { blobSha256: sha256, bytes } = submission
    const path = await blobs.path(sha256)
    if (!path) throw new Problem('file/gone', 'The file was deleted after it was examined; hand it in again')
    if (bytes === null || bytes === 0) throw new Problem('file/empty', 'The file has no bytes')

    const detected = await detectAt(path)
    requireOpenable(detected)
    const name = nameOf(submission, detected)
    const url = submission.url
      ? { asked: submission.url, final: capture?.finalUrl ?? submission.url }
      : undefined
    const read = capture?.read ? PartsRead.parse(capture.read) : null
    // Of what was read in part, tracks cannot be taken apart.
    const end = read
      ? { itself: detected }
      : await openInto(
          tools,
          {
            of: { submission },
            name,
            place: [],
            sha256,
            bytes,
            url,
            pageUrl: null,
            crawled: true,
            readStream: url ? undefined : readWholeStream(tools, submission, run),
          },
          run,
        )
    if ('problem' in end) throw end.problem
    await db.system(async (tx) => {
      if ('itself' in end) {
        const kind = end.itself.kind === 'image' ? 'cover' : 'media'
        const { mediaType } = end.itself
        const itself = { kind, name, place: [], mediaType, sha256, bytes, url: url?.asked, read } as const
        await keepFinds(tx, { submission }, 0, [itself])
      }
      await endUnpacking(tx, submission)
    })
    run.log.info({ kind: detected.kind, format: detected.format }, 'unpacked')
  }

const nameOf = ({ fileName }: Submission, { kind }: DetectedFile): string =>
  kind === 'html' ? PAGE_NAME : (fileName ?? 'file')

/** Reads the streams of a playlist that was handed in as a file: nothing leads back to them, so they are read whole. */
const readWholeStream =
  (tools: Tools, submission: Submission, run: Run) => async (stream: Parameters<typeof readStream>[1]) => {
    const { sha256, bytes, detected, capture } = await readStream(
      { ...tools, log: run.log },
      stream,
      wantedOf(run, { whole: true }),
    )
    await tools.db.system((tx) => keepCapture(tx, submission, capture))
    return { sha256, bytes, mediaType: detected.mediaType }
  }
