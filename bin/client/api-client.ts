import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import type { z } from 'zod'

import type { NewRecordingInput } from '../../services/catalog/recording.ts'
import type { Connection } from './connection.ts'
import {
  AcceptedView,
  AccountView,
  CaseView,
  ProblemAnswer,
  RecordingView,
  RegisteredView,
  ReportView,
  SubmissionView,
} from './views.ts'

/** A question without a file is answered in milliseconds; a busy service may take some seconds. */
const ANSWER_TIMEOUT_MS = 30_000
/** A file of the largest size allowed (500 MB) over a slow line (2 Mbit/s) takes 34 minutes. */
const UPLOAD_TIMEOUT_MS = 3_600_000
/** Tries of one request. With the waits below a service may be away for half a minute, as when it restarts. */
const TRIES_MAX = 7
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
}

export interface Client {
  /** Whose key it is. */
  account(): Promise<AccountView>
  /** Registers a recording, with its reference fingerprint in text form if there is one. */
  register(recording: NewRecordingInput, fingerprint?: string): Promise<RegisteredView>
  /** Sends a recording's audio to be fingerprinted by the service. */
  uploadAudio(recordingId: string, path: string): Promise<RecordingView>
  recording(id: string): Promise<RecordingView>
  submitUrl(url: string, note?: string): Promise<AcceptedView>
  /** Sends a suspect file. @param onSent told how many bytes are on their way. */
  submitFile(
    path: string,
    about: { fileName: string; note?: string | undefined },
    onSent?: (bytes: number, bytesTotal: number) => void,
  ): Promise<AcceptedView>
  submission(id: string): Promise<SubmissionView>
  /** Sets what failed in a submission back to work. */
  retry(id: string): Promise<AcceptedView>
  caseOf(id: string): Promise<CaseView>
  createReport(caseId: string): Promise<ReportView>
  report(id: string, format: 'pdf' | 'json' | 'text'): Promise<Buffer>
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly json?: unknown
  readonly file?: { readonly path: string; readonly onSent?: (bytes: number, bytesTotal: number) => void }
}

/**
 * A client of one service. Requests are repeated when the service is busy or away.
 *
 * Its methods throw ServerProblem, ServerUnreachable, or the reason of `signal` when that is aborted.
 */
export function openClient({ server, key }: Connection, signal: AbortSignal): Client {
  const ask = async <T extends z.ZodType>(schema: T, request: Request): Promise<z.output<T>> => {
    const response = await persist(request)
    const answer: unknown = await response.json().catch(() => undefined)
    const read = schema.safeParse(answer)
    if (!read.success) throw notOurs(`it answered ${request.method} ${request.path} in an unknown form`)
    return read.data
  }
  const notOurs = (what: string, cause?: unknown): ServerUnreachable =>
    new ServerUnreachable(`${server}: ${what}`, { cause })

  async function persist(request: Request): Promise<Response> {
    const blob = request.file && (await openAsBlob(request.file.path))
    // The same in every try, so that a request whose answer was lost is not carried out twice.
    const idempotencyKey = randomUUID()
    for (let tries = 1; ; tries++) {
      try {
        return await once(request, idempotencyKey, blob)
      } catch (error) {
        signal.throwIfAborted()
        const waitMs = waitOf(error, tries)
        if (waitMs === undefined || waitMs > WAIT_MS_MAX || tries === TRIES_MAX) throw error
        await sleep(waitMs, undefined, { signal })
      }
    }
  }

  async function once(
    { method, path, json, file }: Request,
    idempotencyKey: string,
    blob?: Blob,
  ): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${key}` })
    if (method === 'POST') headers.set('idempotency-key', idempotencyKey)
    const timeout = AbortSignal.timeout(blob ? UPLOAD_TIMEOUT_MS : ANSWER_TIMEOUT_MS)
    const init: RequestInit = { method, headers, signal: AbortSignal.any([signal, timeout]), redirect: 'error' }
    if (json !== undefined) {
      headers.set('content-type', 'application/json')
      init.body = JSON.stringify(json)
    } else if (blob) {
      headers.set('content-type', 'application/octet-stream')
      init.body = counted(blob, file?.onSent)
      init.duplex = 'half'
    }
    const response = await fetch(server + path, init).catch((error: unknown) => {
      throw notOurs(reasonOf(error), error)
    })
    if (response.ok) return response
    const problem = ProblemAnswer.safeParse(await response.json().catch(() => undefined))
    if (!problem.success) throw notOurs(`it answered with status ${response.status}`)
    throw new ServerProblem(problem.data, response.status, Number(response.headers.get('retry-after')) * 1000)
  }

  return {
    account: () => ask(AccountView, { method: 'GET', path: '/v1/account' }),
    register: (recording, fingerprint) =>
      ask(RegisteredView, {
        method: 'POST',
        path: '/v1/recordings',
        json: { ...recording, ...(fingerprint && { fingerprint }) },
      }),
    uploadAudio: (id, path) =>
      ask(RecordingView, {
        method: 'PUT',
        path: `/v1/recordings/${encodeURIComponent(id)}/audio`,
        file: { path },
      }),
    recording: (id) =>
      ask(RecordingView, { method: 'GET', path: `/v1/recordings/${encodeURIComponent(id)}` }),
    submitUrl: (url, note) =>
      ask(AcceptedView, { method: 'POST', path: '/v1/submissions', json: { url, ...(note && { note }) } }),
    submitFile: (path, { fileName, note }, onSent) =>
      ask(AcceptedView, {
        method: 'POST',
        path: `/v1/submissions/file?${new URLSearchParams({ fileName, ...(note && { note }) }).toString()}`,
        file: { path, ...(onSent && { onSent }) },
      }),
    submission: (id) =>
      ask(SubmissionView, { method: 'GET', path: `/v1/submissions/${encodeURIComponent(id)}` }),
    retry: (id) =>
      ask(AcceptedView, { method: 'POST', path: `/v1/submissions/${encodeURIComponent(id)}/retry` }),
    caseOf: (id) => ask(CaseView, { method: 'GET', path: `/v1/cases/${id}` }),
    createReport: (id) => ask(ReportView, { method: 'POST', path: `/v1/cases/${id}/reports`, json: {} }),
    async report(id, format) {
      const answer = await persist({ method: 'GET', path: `/v1/reports/${id}/download?format=${format}` })
      return Buffer.from(await answer.arrayBuffer())
    },
  }
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
  if (!isBusy && !isInWork && !(error instanceof ServerUnreachable)) return undefined
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
