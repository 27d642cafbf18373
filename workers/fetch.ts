import type { SubmissionId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { readAddress } from '../services/reading/read-address.ts'
import { keepCapture } from '../services/submissions/captures.ts'
import * as submissions from '../services/submissions/store.ts'
import type { Tools } from './tools.ts'
import { isAutomatic, visitAt, wantedOf } from './visit.ts'

/**
 * Fetches a submitted address into the blob store while hashing it, and records what was seen there. Of a long audio file
 * it reads parts, which `match` may find to be too little. Safe to run twice: the record and the step forward are one
 * transaction, from stage `fetch` only.
 */
export const fetch =
  (tools: Tools) =>
  async ({ id }: OneRow<SubmissionId>, run: Run): Promise<void> => {
    const { db } = tools
    const submission = await db.system(async (tx) =>
      (await submissions.stages.claim(tx, id, 'fetch')) ? submissions.find(tx, id) : undefined,
    )
    if (!submission?.url) return run.log.info('nothing to fetch')

    const { url } = submission
    const kind = isAutomatic(submission) ? 'automatic' : 'single'
    const { sha256, bytes, fileName, capture } = await visitAt(tools, run, url, kind, (reading) =>
      readAddress(reading, url, wantedOf(run, { whole: false })),
    )
    await db.system(async (tx) => {
      if (await submissions.keepFetched(tx, submission, { sha256, bytes, fileName }))
        await keepCapture(tx, submission, capture)
    })
  }
