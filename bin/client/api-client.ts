import { z } from 'zod'

import type { NewRecordingInput } from '../../services/catalog/recording.ts'
import type { Connection } from './connection.ts'
import { type Request, ServerUnreachable, openTransport } from './transport.ts'
import {
  AcceptedView,
  AccountView,
  BatchView,
  ImportErrorView,
  ImportView,
  ItemPage,
  RecordingView,
  RegisteredView,
  ReportView,
  SubmissionView,
} from './views.ts'

/** Rows of the largest page of the service. */
const PAGE_MAX = 200
const ImportErrors = z.object({ items: z.array(ImportErrorView) })

/** What the commands ask of a service. Ids are the service's; times and problems are as in views.ts. */
export interface Client {
  /** Whose key it is. */
  account(): Promise<AccountView>
  /** Registers a recording, with its reference fingerprint, its sketch and its cover's hashes in base64 if they are there. */
  register(
    recording: NewRecordingInput,
    fingerprint?: string,
    sketch?: string,
    cover?: string,
  ): Promise<RegisteredView>
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
  /** Hands in a file of addresses: one in a line, a table or JSON. */
  submitList(path: string, about: { name: string; note?: string | undefined }): Promise<BatchView>
  batch(id: string): Promise<BatchView>
  /** With the first of its items; all of them when it has ended. */
  submission(id: string): Promise<SubmissionView>
  /** Sets what failed in a submission back to work. */
  retry(id: string): Promise<AcceptedView>
  /** Sends a catalogue's file to be taken in. @param query how it is to be read, in the service's words. */
  startImport(
    path: string,
    query: Readonly<Record<string, string>>,
    onSent?: (bytes: number, bytesTotal: number) => void,
  ): Promise<ImportView>
  import(id: string): Promise<ImportView>
  /** The first things that were wrong with rows of an import, at most 200. */
  importErrors(id: string): Promise<readonly ImportErrorView[]>
  /** All of them as a table in CSV. */
  importErrorTable(id: string): Promise<Buffer>
  /** Issues the report of a case; each time a new version. */
  createReport(caseId: string): Promise<ReportView>
  report(id: string, format: 'pdf' | 'json' | 'text'): Promise<Buffer>
}

/** Asks the service, and reads its answer. */
type Ask = <T extends z.ZodType>(schema: T, request: Request) => Promise<z.output<T>>

/** What is asked about lists of addresses. */
const listCalls = (ask: Ask): Pick<Client, 'submitList' | 'batch'> => ({
  submitList: (path, { name, note }) =>
    ask(BatchView, {
      method: 'POST',
      path: `/v1/batches?${new URLSearchParams({ name, ...(note && { note }) }).toString()}`,
      file: { path },
    }),
  batch: (id) => ask(BatchView, { method: 'GET', path: `/v1/batches/${encodeURIComponent(id)}` }),
})

/** What is asked about imports. */
const importCalls = (
  ask: Ask,
  send: ReturnType<typeof openTransport>,
): Pick<Client, 'startImport' | 'import' | 'importErrors' | 'importErrorTable'> => ({
  startImport: (path, query, onSent) =>
    ask(ImportView, {
      method: 'POST',
      path: `/v1/imports?${new URLSearchParams(query).toString()}`,
      file: { path, ...(onSent && { onSent }) },
    }),
  import: (id) => ask(ImportView, { method: 'GET', path: `/v1/imports/${encodeURIComponent(id)}` }),
  importErrors: async (id) =>
    (
      await ask(ImportErrors, {
        method: 'GET',
        path: `/v1/imports/${id}/errors?severity=error&limit=${PAGE_MAX}`,
      })
    ).items,
  async importErrorTable(id) {
    const answer = await send({ method: 'GET', path: `/v1/imports/${id}/errors.csv` })
    return Buffer.from(await answer.arrayBuffer())
  },
})

/**
 * A client of one service. Requests are repeated when the service is busy or away.
 *
 * Its methods throw ServerProblem, ServerUnreachable, or the reason of `signal` when that is aborted.
 */
export function openClient(connection: Connection, signal: AbortSignal): Client {
  const send = openTransport(connection, signal)
  const ask: Ask = async (schema, request) => {
    const response = await send(request)
    const answer: unknown = await response.json().catch(() => undefined)
    const read = schema.safeParse(answer)
    if (read.success) return read.data
    const what = `its answer to ${request.method} ${request.path} has a form that is not known here`
    throw new ServerUnreachable(`${connection.server}: ${what}`, { cause: read.error, mayPass: false })
  }

  return {
    account: () => ask(AccountView, { method: 'GET', path: '/v1/account' }),
    register: (recording, fingerprint, sketch, cover) =>
      ask(RegisteredView, {
        method: 'POST',
        path: '/v1/recordings',
        json: {
          ...recording,
          ...(fingerprint && { fingerprint }),
          ...(sketch && { sketch }),
          ...(cover && { cover }),
        },
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
    ...listCalls(ask),
    async submission(id) {
      const path = `/v1/submissions/${encodeURIComponent(id)}`
      const submission = await ask(SubmissionView, { method: 'GET', path })
      const isEnded = submission.stage === 'done' || submission.stage === 'failed'
      const items = [...submission.items]
      // While there is work only its progress is looked at.
      for (let after = isEnded ? submission.nextItem : undefined; after !== undefined;) {
        const page = await ask(ItemPage, {
          method: 'GET',
          path: `${path}/items?limit=${PAGE_MAX}&after=${after}`,
        })
        items.push(...page.items)
        after = page.next
      }
      return { ...submission, items }
    },
    retry: (id) =>
      ask(AcceptedView, { method: 'POST', path: `/v1/submissions/${encodeURIComponent(id)}/retry` }),
    ...importCalls(ask, send),
    createReport: (id) => ask(ReportView, { method: 'POST', path: `/v1/cases/${id}/reports`, json: {} }),
    async report(id, format) {
      const answer = await send({ method: 'GET', path: `/v1/reports/${id}/download?format=${format}` })
      return Buffer.from(await answer.arrayBuffer())
    },
  }
}
