import { createHash } from 'node:crypto'

import { takeLook } from '../services/actions/rechecks.ts'
import type { RecheckId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { SafeFetch } from '../services/core/safe-fetch.ts'
import type { OneRow } from '../services/jobs.ts'
import { findCase } from '../services/matches/case-store.ts'
import { findRecheck, seenBefore, stages } from '../services/matches/recheck-store.ts'
import {
  type Seen,
  type SeenBefore,
  type Verdict,
  verdictOfFile,
  verdictOfHead,
} from '../services/matches/recheck.ts'
import { enqueue } from '../services/pipeline.ts'
import type { Tools } from './tools.ts'

const nothingSeen: Seen = {
  status: null,
  finalUrl: null,
  mediaType: null,
  bytes: null,
  etag: null,
  sha256: null,
  problem: null,
}

interface Look {
  readonly verdict: Verdict
  readonly seen: Seen
}

const unreachable = (problem: string): Look => ({
  verdict: 'unreachable',
  seen: { ...nothingSeen, problem },
})

type Head = {
  readonly status: number
  readonly finalUrl: string
  readonly headers: Readonly<Record<string, string>>
}

/** What of a head a verdict is told by. */
function seenOf({ status, finalUrl, headers }: Head): Seen {
  const length = Number(headers['content-length'])
  return {
    ...nothingSeen,
    status,
    finalUrl,
    mediaType: headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? null,
    bytes: headers['content-length'] !== undefined && Number.isInteger(length) ? length : null,
    etag: headers['etag'] ?? null,
  }
}

/** Looks at the head first, since mostly it is enough, and reads the file where it is not. */
async function lookAt(
  safeFetch: SafeFetch,
  url: string,
  before: SeenBefore,
  signal: AbortSignal,
): Promise<Look> {
  const head = await safeFetch.ask(url, { method: 'HEAD', accept: '*/*', bytesMax: 0, signal })
  let seen = seenOf(head)
  // Some hosts do not know HEAD; what they would answer to GET is seen there.
  const verdict = head.status === 405 || head.status === 501 ? undefined : verdictOfHead(before, seen)
  if (verdict) return { verdict, seen }
  let ofHead: Verdict | undefined
  const hash = createHash('sha256')
  try {
    await safeFetch.get(url, {
      signal,
      onResponse: (answer) => {
        seen = seenOf(answer)
        ofHead = verdictOfHead(before, seen)
      },
      sink: async (body) => {
        // What its head tells already is not read.
        for await (const chunk of ofHead ? [] : body) hash.update(chunk)
      },
    })
  } catch (error) {
    if (!ofHead) throw error
  }
  if (ofHead) return { verdict: ofHead, seen }
  const sha256 = hash.digest('hex')
  return { verdict: verdictOfFile(before, sha256), seen: { ...seen, sha256 } }
}

/**
 * Looks whether the copy of a case is still at its location, and draws the conclusions. A host that does not answer is
 * no failure of the job: that is what was seen.
 */
export const recheck =
  ({ db, queues, safeFetch }: Tools) =>
  async ({ id }: OneRow<RecheckId>, run: Run): Promise<void> => {
    const work = await db.system(async (tx) => {
      if (!(await stages.claim(tx, id, 'recheck'))) return undefined
      const row = await findRecheck(tx, id)
      const opened = row && (await findCase(tx, row.caseId))
      return opened && { opened, before: await seenBefore(tx, opened.id) }
    })
    if (!work) return run.log.info('nothing to look at')
    const { opened, before } = work
    const look = before
      ? await lookAt(safeFetch, opened.location, before, run.signal).catch((error: unknown): Look => {
          const problem = Problem.from(error)
          if (run.signal.aborted || problem.type === 'internal') throw error
          return unreachable(problem.type)
        })
      : unreachable('Nothing was fetched there before that it could be compared with')
    const effects = await db.system((tx) => takeLook(tx, id, { ...look, at: new Date() }))
    if (effects?.submissionId) await enqueue(queues, 'fetch', effects.submissionId)
  }
