import { Agent, request as send } from 'node:http'

import { percentile } from '../figures.ts'

/** A server that has not answered by then counts as failed. */
const ANSWER_TIMEOUT_MS = 30_000
/** Compiling hot code and filling caches is over after this long; what came before is not counted. */
const WARM_UP_MS = 2_000

/** A request to one server. */
export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface LoadOptions {
  /** `http://host:port` without a path. */
  readonly server: string
  /** Requests that are under way at any moment, each on a connection of its own. */
  readonly concurrency: number
  readonly seconds: number
  readonly signal: AbortSignal
  /** The request of a number, counted from 0. */
  readonly ask: (number: number) => Asked
}

/** What a server bore. */
export interface Load {
  /** Requests sent, warming up included. */
  readonly asked: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were no success, and requests without an answer; warming up included. */
  readonly failures: number
  /** The first answer that was no success, for the person who looks for the reason. */
  readonly failure: string | undefined
}

/** One request over a kept connection, its answer read to the end. */
export function askOnce(
  server: string,
  agent: Agent,
  { method, path, headers, body }: Asked,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = send(server + path, { method, headers, agent, timeout: ANSWER_TIMEOUT_MS }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      )
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

/** Keeps a server busy: as many clients as asked for, each of which asks again when it was answered. */
export async function load({ server, concurrency, seconds, signal, ask }: LoadOptions): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const tookMs: number[] = []
  let failures = 0
  let failure: string | undefined
  let asked = 0
  const countedFrom = performance.now() + WARM_UP_MS
  const end = countedFrom + seconds * 1000
  const client = async (): Promise<void> => {
    while (performance.now() < end && !signal.aborted) {
      const startedAt = performance.now()
      const { status, text } = await askOnce(server, agent, ask(asked++)).catch((error: unknown) => ({
        status: 0,
        text: String(error),
      }))
      if (status < 200 || status > 299) {
        failures++
        failure ??= `${status} ${text.slice(0, 500)}`
      }
      if (startedAt >= countedFrom) tookMs.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  const tookSeconds = (performance.now() - countedFrom) / 1000
  agent.destroy()
  signal.throwIfAborted()
  return {
    asked,
    perSecond: tookMs.length / tookSeconds,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    failures,
    failure,
  }
}
