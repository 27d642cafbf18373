import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Connection } from './connection.ts'
import { ProblemAnswer } from './views.ts'

/** A question without a file is answered in milliseconds; a busy service may take some seconds. */
const ANSWER_TIMEOUT_MS = 30_000
/** A file of the largest size allowed (500 MB) over a slow line (2 Mbit/s) takes 34 minutes. */
const UPLOAD_TIMEOUT_MS = 3_600_000
/** Tries of one request. With the waits below a service may be away for half a minute, as when it restarts. */
const TRIES_MAX = 7
/** Tries of the very first request: a service that never answered is rather not there than restarting. */
const FIRST_TRIES_MAX = 2
const FIRST_WAIT_MS = 500
/** Limits are counted by the minute; a service that asks for more patience is asked again by a person. */
const WAIT_MS_MAX = 65_000

/** The service refused: its title, its reason and the faults it found. */
export class ServerProblem extends Error {
  override readonly name = 'ServerProblem'
  readonly type: string
  readonly title: string
  readonly status: number
  readonly faults: ProblemAnswer['faults']
  /** How long it asks to be left alone; 0 when it does not say. */
  readonly retryAfterMs: number

  constructor({ type, title, detail, faults }: ProblemAnswer, status: number, retryAfterMs: number) {
    super(detail ?? title)
    this.type = type ?? ''
    this.title = title
    this.status = status
    this.faults = faults
    this.retryAfterMs = Number.isFinite(retryAfterMs) ? retryAfterMs : 0
  }
}

/** The service did not answer, or with something that no Earwitness service says. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable'
  /** Whether another try may help: nobody answered, or something broke on the way. */
  readonly mayPass: boolean

  constructor(message: string, options: ErrorOptions & { mayPass: boolean }) {
    super(message, options)
    this.mayPass = options.mayPass
  }
}

/** One request to the service: a path with its query, and JSON or a file to send. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly json?: unknown
  /** It only asks: sent twice it does no harm, and nothing of it needs to be remembered. */
  readonly isQuestion?: boolean
  readonly file?: { readonly path: string; readonly onSent?: (bytes: number, bytesTotal: number) => void }
}

/**
 * Sends requests to one service, and again when it is busy or away.
 *
 * @returns a function that answers with what the service answered, when that is a success. It throws
 *   ServerProblem, ServerUnreachable, or the reason of `signal` when that is aborted.
 */
export function openTransport(
  { server, key }: Connection,
  signal: AbortSignal,
): (request: Request) => Promise<Response> {
  let reached = false
  const fail = (what: string, options: ErrorOptions & { mayPass: boolean }): ServerUnreachable =>
    new ServerUnreachable(`${server}: ${what}`, options)

  async function send(request: Request): Promise<Response> {
    const blob = request.file && (await openAsBlob(request.file.path))
    // The same in every try, so that a request whose answer was lost is not carried out twice.
    const idempotencyKey = randomUUID()
    for (let tries = 1; ; tries++) {
      try {
        return await once(request, idempotencyKey, blob)
      } catch (error) {
        signal.throwIfAborted()
        const waitMs = waitOf(error, tries)
        if (waitMs === undefined || waitMs > WAIT_MS_MAX || tries >= (reached ? TRIES_MAX : FIRST_TRIES_MAX))
          throw error
        await sleep(waitMs, undefined, { signal })
      }
    }
  }

  async function once(
    { method, path, json, file, isQuestion = false }: Request,
    idempotencyKey: string,
    blob?: Blob,
  ): Promise<Response> {
    const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` })
    if (method === 'POST' && !isQuestion) headers.set('idempotency-key', idempotencyKey)
    const timeout = AbortSignal.timeout(blob ? UPLOAD_TIMEOUT_MS : ANSWER_TIMEOUT_MS)
    const init: RequestInit = {
      method,
      headers,
      signal: AbortSignal.any([signal, timeout]),
      redirect: 'error',
    }
    if (json !== undefined) {
      headers.set('content-type', 'application/json')
      init.body = JSON.stringify(json)
    } else if (blob) {
      headers.set('content-type', 'application/octet-stream')
      init.body = counted(blob, file?.onSent)
      init.duplex = 'half'
    }
    const response = await fetch(server + path, init).catch((error: unknown) => {
      throw fail(reasonOf(error), { cause: error, mayPass: true })
    })
    reached = true
    if (response.ok) return response
    const problem = ProblemAnswer.safeParse(await response.json().catch(() => undefined))
    if (!problem.success)
      throw fail(`it answered with status ${response.status}`, { mayPass: response.status >= 500 })
    throw new ServerProblem(problem.data, response.status, Number(response.headers.get('retry-after')) * 1000)
  }

  return send
}

/** A file as a request's body, counted as it leaves. */
function counted(
  blob: Blob,
  onSent?: (bytes: number, bytesTotal: number) => void,
): ReadableStream<Uint8Array> {
  let sent = 0
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent += chunk.length
      onSent?.(sent, blob.size)
      controller.enqueue(chunk)
    },
  })
  return blob.stream().pipeThrough(count)
}

/**
 * How long to wait before a request is sent again, undefined when that would not help. The wait doubles with every
 * try, spread so that clients do not march in step; what the service asks for goes first.
 */
function waitOf(error: unknown, tries: number): number | undefined {
  const refused = error instanceof ServerProblem ? error : undefined
  const isBusy = refused && (refused.status === 429 || refused.status === 503)
  const isInWork = refused?.type.endsWith('/request/in-work')
  if (!isBusy && !isInWork && !(error instanceof ServerUnreachable && error.mayPass)) return undefined
  return refused?.retryAfterMs || FIRST_WAIT_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2)
}

/** Why a connection failed: fetch hides it in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it did not answer'
  if (error.name === 'TimeoutError') return 'it did not answer in time'
  const cause = error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code
  return code === 'ECONNREFUSED'
    ? 'nothing listens there; is the service running?'
    : cause.message || 'no answer'
}
