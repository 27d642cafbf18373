import type { SubmissionId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { keepCapture } from '../services/submissions/captures.ts'
import * as submissions from '../services/submissions/store.ts'
import type { Tools } from './tools.ts'

/** Tells how much of a stream has passed. */
async function* counted(
  body: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => Promise<void>,
): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    await tell(bytes)
    yield chunk
  }
}

/**
 * Fetches a submitted address into the blob store while hashing it, and records what was seen there.
 * Safe to run twice: the record and the step forward are one transaction, from stage `fetch` only.
 */
export const fetch =
  ({ db, blobs, safeFetch, config }: Tools) =>
  async ({ id }: OneRow<SubmissionId>, run: Run): Promise<void> => {
    const submission = await db.system(async (tx) =>
      (await submissions.stages.claim(tx, id, 'fetch')) ? submissions.find(tx, id) : undefined,
    )
    if (!submission?.url) return run.log.info('nothing to fetch')

    let expectedBytes = config.FETCH_BYTES_MAX
    const fetched = await safeFetch.get(submission.url, {
      signal: run.signal,
      onResponse: ({ headers }) => {
        expectedBytes = Math.max(1, Number(headers['content-length'] ?? config.FETCH_BYTES_MAX))
      },
      sink: (body) =>
        blobs.put(
          counted(body, (bytes) => run.progress(Math.min(0.99, bytes / expectedBytes))),
          { bytesMax: config.FETCH_BYTES_MAX },
        ),
    })

    const { kept, headers, ...seen } = fetched
    await db.system(async (tx) => {
      const moved = await submissions.keepFetched(tx, submission, { ...kept, fileName: seen.fileName })
      if (!moved) return
      await keepCapture(tx, submission, {
        ...seen,
        headers: { ...headers },
        redirects: [...seen.redirects],
        tls: seen.tls ? { ...seen.tls } : null,
        sha256: kept.sha256,
        bytes: kept.bytes,
      })
    })
  }
