import { type Hash, createHash } from 'node:crypto'

import { takeLook } from '../services/actions/rechecks.ts'
import { asksForPatience, waitMsOf } from '../services/core/fetch-problem.ts'
import type { ByteRange, FetchedHead } from '../services/core/fetched.ts'
import type { RecheckId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { PartWanted } from '../services/core/ranges.ts'
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
import { type Visit, visit } from '../services/submissions/politeness-store.ts'
import { hostOf, visitRules } from '../services/submissions/politeness.ts'
import type { Tools } from './tools.ts'
import { politely } from './visit.ts'

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
  turn: Visit,
  signal: AbortSignal,
): Promise<Look> {
  const head = await safeFetch.ask(url, { method: 'HEAD', accept: '*/*', bytesMax: 0, signal })
  if (asksForPatience(head.status)) turn.busy(waitMsOf(head.headers['retry-after']))
  let seen = seenOf(head)
  // Some hosts do not know HEAD; what they would answer to GET is seen there.
  const verdict = head.status === 405 || head.status === 501 ? undefined : verdictOfHead(before, seen)
  if (verdict) return { verdict, seen }
  let ofHead: Verdict | undefined
  const hash = createHash('sha256')
  const get = (
    range: PartWanted | undefined,
    take: (body: AsyncIterable<Uint8Array>, head: FetchedHead) => Promise<void>,
  ) =>
    safeFetch.get(url, {
      signal,
      ...(range && { range }),
      onResponse: (answer) => {
        seen = seenOf(answer)
        // An answer with a part of the file says nothing that a head could be compared with.
        ofHead = answer.status === 206 ? undefined : verdictOfHead(before, seen)
      },
      sink: take,
    })
  try {
    if (before.parts && before.bytes !== null)
      await hashParts(before.parts, before.bytes, hash, get, () => ofHead)
    else
      await get(undefined, async (body) => {
        // What its head tells already is not read.
        for await (const chunk of ofHead ? [] : body) hash.update(chunk)
      })
  } catch (error) {
    if (error instanceof Problem && error.type === 'fetch/wrong-part') ofHead = 'changed'
    if (!ofHead) throw error
  }
  if (ofHead) return { verdict: ofHead, seen }
  const sha256 = hash.digest('hex')
  return { verdict: verdictOfFile(before, { ...seen, sha256 }), seen: { ...seen, sha256 } }
}

type Get = (
  range: PartWanted | undefined,
  take: (body: AsyncIterable<Uint8Array>, head: FetchedHead) => Promise<void>,
) => Promise<unknown>

/**
 * Hashes the parts of a file that were read before, so that little is asked for again; of a host that sends everything when
 * it is asked for a part, those bytes of it.
 */
async function hashParts(
  parts: readonly ByteRange[],
  totalBytes: number,
  hash: Hash,
  get: Get,
  known: () => Verdict | undefined,
): Promise<void> {
  let isAll = false
  for (const part of parts) {
    await get({ ...part, totalBytes }, async (body, head) => {
      isAll = head.range === undefined
      if (known()) return
      let at = isAll ? 0 : part.from
      for await (const chunk of body) {
        for (const wanted of isAll ? parts : [part]) {
          const [from, to] = [Math.max(wanted.from, at), Math.min(wanted.to + 1, at + chunk.length)]
          if (from < to) hash.update(chunk.subarray(from - at, to - at))
        }
        at += chunk.length
      }
    })
    if (isAll || known()) return
  }
}

/**
 * Looks whether the copy of a case is still at its location, and draws the conclusions. A host that does not answer is
 * no failure of the job: that is what was seen.
 */
export const recheck =
  ({ db, queues, safeFetch, config }: Tools) =>
  async ({ id }: OneRow<RecheckId>, run: Run): Promise<void> => {
    const work = await db.system(async (tx) => {
      if (!(await stages.claim(tx, id, 'recheck'))) return undefined
      const row = await findRecheck(tx, id)
      const opened = row && (await findCase(tx, row.caseId))
      return opened && { opened, before: await seenBefore(tx, opened.id) }
    })
    if (!work) return run.log.info('nothing to look at')
    const { opened, before } = work
    const rules = visitRules(config, 'automatic')
    const { location } = opened
    const look = before
      ? await visit(db, hostOf(location), rules, (turn) =>
          lookAt(politely(safeFetch, turn), location, before, turn, run.signal),
        ).catch((error: unknown): Look => {
          const problem = Problem.from(error)
          if (run.signal.aborted || problem.type === 'internal' || problem.type === 'fetch/later') throw error
          return unreachable(problem.type)
        })
      : unreachable('Nothing was fetched there before that it could be compared with')
    const effects = await db.system((tx) => takeLook(tx, id, { ...look, at: new Date() }))
    if (effects?.submissionId) await enqueue(queues, 'fetch', effects.submissionId)
  }
