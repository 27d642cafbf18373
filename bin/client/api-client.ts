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
  readonly status: number
  readonly title: string
  readonly faults: readonly { pointer: string; detail: string }[]

  constructor(status: number, { title, detail, faults }: ProblemAnswer) {
    super(detail ?? title)
    this.status = status
    this.title = title
    this.faults = faults
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
      const answer = await once(request, idempotencyKey, blob).catch((error: unknown) => {
        signal.throwIfAborted()
        return error
      })
      if (answer instanceof Response && answer.ok) return answer
      const busy = !(answer instanceof Response) || [429, 502, 503, 504].includes(answer.status)
      const waitMs = waitOf(answer, tries)
      if (!busy || tries === TRIES_MAX || waitMs > WAIT_MS_MAX) throw await refusal(answer)
      if (answer instanceof Response) await answer.body?.cancel()
      await sleep(waitMs, undefined, { signal })
    }
  }

  async function once(
    { method, path, json, file }: Request,
    idempotencyKey: string,
    blob?: Blob,
  ): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${key}`, accept: 'application/json' })
    if (method === 'POST') headers.set('idempotency-key', idempotencyKey)
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
    return fetch(server + path, init)
  }

  async function refusal(answer: unknown): Promise<Error> {
    if (!(answer instanceof Response)) return notOurs(reasonOf(answer), answer)
    const problem = ProblemAnswer.safeParse(await answer.json().catch(() => undefined))
    if (problem.success) return new ServerProblem(answer.status, problem.data)
    return notOurs(`it answered with status ${answer.status}`)
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

/** Doubles with every try; what a busy service asks for goes first. Spread, so that clients do not march in step. */
function waitOf(answer: unknown, tries: number): number {
  const asked = answer instanceof Response ? Number(answer.headers.get('retry-after')) * 1000 : 0
  return asked > 0 ? asked : FIRST_WAIT_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2)
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
