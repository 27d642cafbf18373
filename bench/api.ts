import { Agent } from 'node:http'

import { z } from 'zod'

import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { RECORDINGS_MAX, vocabulary } from './catalogue.ts'
import { type Figure, atMost, exactly, plain } from './figures.ts'
import { cpuSecondsOf, peakMemoryMb } from './processes.ts'
import { type ApiTarget, startApiTarget, startBareExpress } from './service/api-target.ts'
import { type Asked, type Load, askOnce, load } from './service/load.ts'
import { inFolder, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- api [--json] [options]

Registers recordings, starts the API without workers, and asks it with 16 requests under way: addresses handed
in, the first page of the catalogue, pages deep in it, words searched. A bare Express server that answers with
the same JSON is asked in the same way beside it.

  --recordings N   recordings that are registered; else 100000
  --seconds N      how long each kind of request is repeated, after 2 s of warming up; else 10
  --redis          ring for submissions in a Redis of its own (redis-server on PATH) instead of PostgreSQL`

/** More than one account's people and programs ask at once; beyond it two cores only queue. */
const CONCURRENCY = 16
const SECONDS_MAX = 600
/** Rows of a listed page; the walk through all of them takes the largest pages. */
const PAGE_ROWS = 50
const WALK_ROWS = 200
/** Enough that there are pages deep in the list. */
const RECORDINGS_MIN = 1_000

/**
 * A list or an answer that a person waits for. After a second a thought breaks off (Nielsen, "Usability
 * Engineering", 1993); half of it leaves the rest to network and browser. On two cores that load, PostgreSQL
 * and other work shared, 50 to 260 ms were usual.
 */
const P99_MS_MAX = 500
/**
 * CPU time of API and PostgreSQL together, as a multiple of what bare Express needs for the same answer: a ratio
 * that hardly depends on the machine or on what else runs there. Each is about one and a half times what was
 * measured: 29 for handing in (a row, its audit, its job), 20 for a page. A word is looked up in an index of
 * trigrams, which costs some milliseconds; a search that reads the whole table instead costs 280.
 */
const COST_RATIO_MAX = { submit: 45, first: 32, deep: 32, search: 80 } as const
/** 330 MB were measured, most of it garbage that V8 lets grow while there is room. */
const API_MEMORY_MB_MAX = 500

const Page = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().optional() })

/** Requests by the bench's clients in turn. */
function asking({ keys }: Pick<ApiTarget, 'keys'>) {
  const headersOf = (number: number) => ({ authorization: `Bearer ${keys[number % keys.length]}` })
  return {
    get: (number: number, path: string): Asked => ({ method: 'GET', path, headers: headersOf(number) }),
    post: (number: number, path: string, json: unknown): Asked => {
      const body = JSON.stringify(json)
      const about = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
      return { method: 'POST', path, headers: { ...headersOf(number), ...about }, body }
    },
  }
}
type Asking = ReturnType<typeof asking>

/** Asks once. @throws {Error} when the answer is no success. */
async function answerOf(server: string, agent: Agent, asked: Asked): Promise<unknown> {
  const { status, text } = await askOnce(server, agent, asked)
  if (status < 200 || status > 299) throw new Error(`${asked.method} ${asked.path}: ${status} ${text}`)
  return JSON.parse(text)
}

/** Follows the list from its first page to its last. @returns every page's cursor, and how many recordings it showed. */
async function walk(
  { url }: ApiTarget,
  ask: Asking,
  signal: AbortSignal,
): Promise<{ cursors: readonly string[]; seen: number }> {
  const agent = new Agent({ keepAlive: true })
  const cursors: string[] = []
  const seen = new Set<string>()
  try {
    for (let cursor: string | undefined, number = 0; ; number++) {
      signal.throwIfAborted()
      const path = `/v1/recordings?limit=${WALK_ROWS}${cursor ? `&cursor=${cursor}` : ''}`
      const page = Page.parse(await answerOf(url, agent, ask.get(number, path)))
      for (const { id } of page.items) seen.add(id)
      cursor = page.next
      if (cursor === undefined) return { cursors, seen: seen.size }
      cursors.push(cursor)
    }
  } finally {
    agent.destroy()
  }
}

/** The requests that are measured, by their numbers. */
function requestsOf(ask: Asking, cursors: readonly string[]) {
  const words = vocabulary()
  const list = `/v1/recordings?limit=${PAGE_ROWS}`
  const submit = (number: number): Asked =>
    ask.post(number, '/v1/submissions', {
      url: `https://host.example/leak/${number}.mp3`,
      note: 'Seen in a forum',
    })
  const first = (number: number): Asked => ask.get(number, list)
  // Strides through the whole list, so that pages come from everywhere in it.
  const deep = (number: number): Asked =>
    ask.get(number, `${list}&cursor=${cursors[(number * 7919) % cursors.length] ?? ''}`)
  const search = (number: number): Asked => ask.get(number, `${list}&q=${words[number % words.length] ?? ''}`)
  return { submit, first, deep, search }
}

/** A server under load: what it bore, and CPU milliseconds a request where the system tells them. */
interface Borne extends Load {
  readonly cpuMs: Readonly<Record<string, number>>
}

const names = {
  submit: 'hand in an address',
  first: 'first page',
  deep: 'deep page',
  search: 'search for a word',
} as const
type Kind = keyof typeof names

/** CPU milliseconds of a request in all parts of a server. */
const totalMs = ({ cpuMs }: Borne): number => Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0)

function figuresOf(kind: Kind, service: Borne, bare: Borne): Figure[] {
  const name = names[kind]
  const cpu = Object.entries({ ...service.cpuMs, ...bare.cpuMs })
  return [
    plain(`${name}: requests a second`, service.perSecond, '/s'),
    plain(`${name}: bare Express, requests a second`, bare.perSecond, '/s'),
    plain(`${name}: p50`, service.p50Ms, 'ms'),
    atMost(`${name}: p99`, service.p99Ms, 'ms', P99_MS_MAX),
    plain(`${name}: bare Express, p99`, bare.p99Ms, 'ms'),
    ...cpu.map(([part, ms]) => plain(`${name}: CPU time a request, ${part}`, ms, 'ms')),
    ...(cpu.length > 0
      ? [atMost(`${name}: CPU time, ratio`, totalMs(service) / totalMs(bare), '×', COST_RATIO_MAX[kind])]
      : []),
  ]
}

/** Gives a server one kind of request. */
async function bear(
  terminal: Terminal,
  name: string,
  server: { url: string; parts: Readonly<Record<string, number>> | undefined },
  given: { seconds: number; ask: (number: number) => Asked },
): Promise<Borne> {
  const { parts = {} } = server
  const before = await cpuSecondsOf(parts)
  const borne = await load({
    server: server.url,
    concurrency: CONCURRENCY,
    signal: terminal.signal,
    ...given,
  })
  const after = await cpuSecondsOf(parts)
  if (borne.failure) terminal.err.write(`${name}: ${borne.failures} failed, the first: ${borne.failure}\n`)
  const cpuMs = Object.entries(after).map(
    ([part, seconds]) => [part, (1000 * (seconds - (before[part] ?? 0))) / borne.asked] as const,
  )
  return { ...borne, cpuMs: Object.fromEntries(cpuMs) }
}

/** Loads the bare server and the service by turns. */
async function measure(
  terminal: Terminal,
  target: ApiTarget,
  { recordings, seconds }: { recordings: number; seconds: number },
): Promise<readonly Figure[]> {
  const ask = asking(target)
  const { cursors, seen } = await walk(target, ask, terminal.signal)
  const requests = requestsOf(ask, cursors)
  const agent = new Agent()
  const bare = await startBareExpress({
    // A number that no load reaches: this address must not have been handed in before.
    post: await answerOf(target.url, agent, requests.submit(Number.MAX_SAFE_INTEGER)),
    get: await answerOf(target.url, agent, requests.first(0)),
  })
  const figures: Figure[] = []
  let failures = 0
  try {
    for (const kind of Object.keys(names) as Kind[]) {
      terminal.err.write(`Asking: ${names[kind]} …\n`)
      const given = { seconds, ask: requests[kind] }
      const bareServer = { url: bare.url, parts: target.parts && { 'bare Express': bare.pid } }
      const bareLoad = await bear(terminal, `bare Express, ${names[kind]}`, bareServer, given)
      const service = await bear(terminal, names[kind], target, given)
      failures += bareLoad.failures + service.failures
      figures.push(...figuresOf(kind, service, bareLoad))
    }
  } finally {
    await bare.close()
  }
  if (target.parts) {
    const memoryMb = await peakMemoryMb(target.parts['api'] ?? 0)
    figures.push(atMost('peak memory of the API', memoryMb, 'MB', API_MEMORY_MB_MAX))
  }
  figures.push(exactly('requests that failed', failures, '', 0))
  figures.push(exactly('recordings seen by following `next`', seen, '', recordings))
  return figures
}

/** `npm run bench -- api`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    recordings: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    redis: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const recordings = wholeNumber('recordings', given.values.recordings, {
    min: RECORDINGS_MIN,
    max: RECORDINGS_MAX,
  })
  const seconds = wholeNumber('seconds', given.values.seconds, { min: 1, max: SECONDS_MAX })
  return inFolder(async (folder) => {
    const progress = createProgress(terminal, 'Registering', { unit: 'recordings' })
    const target = await startApiTarget({
      folder,
      env: terminal.env,
      recordings,
      redis: given.values.redis,
      onProgress(done) {
        terminal.signal.throwIfAborted()
        progress.show(done, recordings)
      },
    })
    progress.end()
    try {
      return await measure(terminal, target, { recordings, seconds })
    } finally {
      await target.close()
    }
  })
}
