import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Answer } from '../services/core/ask.ts'
import { problemOfStatus } from '../services/core/fetch-problem.ts'
import type { SubmissionId, WatchReadId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { SafeFetch } from '../services/core/safe-fetch.ts'
import { dispatch } from '../services/dispatch.ts'
import type { OneRow } from '../services/jobs.ts'
import { OpeningBudget, openingLimits } from '../services/openers/budget.ts'
import { openFeed } from '../services/openers/feed.ts'
import { openHtml } from '../services/openers/html.ts'
import { openM3u } from '../services/openers/m3u.ts'
import type { Opener } from '../services/openers/opener.ts'
import { openPls } from '../services/openers/pls.ts'
import { openUrlList } from '../services/openers/url-list.ts'
import { openXspf } from '../services/openers/xspf.ts'
import { enqueue } from '../services/pipeline.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../services/submissions/file-kind.ts'
import { visit } from '../services/submissions/politeness-store.ts'
import { hostOf, visitRules } from '../services/submissions/politeness.ts'
import { type SeenPlace, takeRead } from '../services/watch-reads.ts'
import { findRead, findWatch, stages } from '../services/watches/store.ts'
import { FOUND_MAX, type Watch } from '../services/watches/watch.ts'
import { mayFollow, requireAllowed } from './crawling.ts'
import type { Tools } from './tools.ts'
import { politely } from './visit.ts'

/** A page that names thousands of links has one or two megabytes. */
const PLACE_BYTES_MAX = 8 * 2 ** 20
/** Reading a page of the greatest length takes a second. */
const OPENING_TIMEOUT_MS = 30_000

/** What can be watched, by its format in `detectFileKind`. Archives and media are for submissions. */
const openers: Readonly<Record<string, Opener>> = {
  html: openHtml,
  rss: openFeed,
  atom: openFeed,
  m3u: openM3u,
  pls: openPls,
  xspf: openXspf,
  'url-list': openUrlList,
}

/** What a refusal means to somebody who watches the place. */
function problemOfPlace({ status, headers }: Answer): Problem | undefined {
  if (status === 404 || status === 410)
    return new Problem('watch/gone', `Its host answered HTTP ${status}: there is no such page`)
  if (status === 401 || status === 403 || status === 451)
    return new Problem(
      'watch/closed',
      `Its host answered HTTP ${status}: it wants a sign-in, or does not want us`,
    )
  return problemOfStatus(status, headers['retry-after'])
}

/** The addresses that a page, a feed or a list names. @throws {Problem} `open/…` when nothing can be read of it. */
async function linksIn(body: Uint8Array, url: string, signal: AbortSignal): Promise<string[]> {
  const { format } = detectFileKind(body.subarray(0, FILE_HEAD_BYTES))
  const opener = Object.hasOwn(openers, format) ? openers[format] : undefined
  if (!opener)
    throw new Problem('open/unsupported', 'Only pages, feeds, playlists and lists of addresses are watched')
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-watch-'))
  const links: string[] = []
  try {
    const path = join(folder, 'place')
    await writeFile(path, body)
    const budget = new OpeningBudget({ ...openingLimits, timeoutMs: OPENING_TIMEOUT_MS })
    for await (const found of opener({ name: 'place', path, bytes: body.length, url }, budget, signal)) {
      if (found.kind === 'link' && found.role !== 'cover' && /^https?:/i.test(found.url))
        links.push(found.url)
      if (links.length >= FOUND_MAX) break
    }
  } catch (error) {
    // What was found before the fault stays found.
    if (!(error instanceof Problem) || links.length === 0) throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return links
}

/** Reads a place as far as it has changed. @throws {Problem} `watch/…`, `fetch/…`, `open/…`. */
async function readPlace(
  safeFetch: SafeFetch,
  watch: Pick<Watch, 'url' | 'etag' | 'lastModified'>,
  signal: AbortSignal,
): Promise<SeenPlace> {
  const headers = {
    ...(watch.etag !== null && { 'if-none-match': watch.etag }),
    ...(watch.lastModified !== null && { 'if-modified-since': watch.lastModified }),
  }
  const asked = { method: 'GET', accept: '*/*', bytesMax: PLACE_BYTES_MAX, headers, signal } as const
  const answer = await safeFetch.ask(watch.url, asked)
  const { status } = answer
  if (status === 304) {
    const { etag, lastModified } = watch
    return { status, etag, lastModified, links: undefined }
  }
  const refusal = problemOfPlace(answer)
  if (refusal) throw refusal
  return {
    status,
    etag: answer.headers['etag'] ?? null,
    lastModified: answer.headers['last-modified'] ?? null,
    links: await linksIn(answer.body, answer.finalUrl, signal),
  }
}

/** Reads a watched place once more, when its host is free, and hands in what was not there before. */
export const watch =
  ({ db, queues, safeFetch, config }: Tools) =>
  async ({ id }: OneRow<WatchReadId>, run: Run): Promise<void> => {
    const place = await db.system(async (tx) => {
      const read = (await stages.claim(tx, id, 'watch')) ? await findRead(tx, id) : undefined
      return read && findWatch(tx, read.watchId)
    })
    if (!place) return run.log.info('nothing to read')
    const mayRead = requireAllowed({ safeFetch }, run.signal)
    const seen = await visit(db, hostOf(place.url), visitRules(config, 'automatic'), async (turn) => {
      if (!(await mayFollow({ safeFetch }, place.url, run.signal)))
        throw new Problem('watch/robots', 'Its robots.txt does not allow this address')
      return readPlace(politely(safeFetch, turn, mayRead), place, run.signal)
    })
    const tenantId = await db.system((tx) => takeRead(tx, id, seen))
    const ring = (next: SubmissionId) => enqueue(queues, 'fetch', next)
    if (tenantId) await dispatch(db, ring, tenantId)
  }
