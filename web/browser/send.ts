import type { LocalFingerprint } from './fingerprinter.ts'

/** What a row of the table says of one recording. */
export interface RecordingNames {
  readonly title: string
  readonly artists: readonly string[]
  readonly isrc: string
  readonly release?: { readonly title: string } | undefined
}

/** What became of one: the page of its recording, or what the service said. `ended`: nothing more can be sent. */
export type Sent =
  | { readonly href: string; readonly isNew: boolean }
  | { readonly refusal: string; readonly ended: boolean }

/** How much of an array becomes arguments of one call; more would overflow the stack. */
const CHUNK_BYTES = 8_192

/** Bytes in the text form that the API takes. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    text += String.fromCodePoint(...bytes.subarray(at, at + CHUNK_BYTES))
  return btoa(text)
}

interface ProblemAnswer {
  readonly detail?: string
  readonly faults?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** In words, with the fields that are meant. */
function refusalOf({ detail, faults }: ProblemAnswer, status: number): string {
  if (faults?.length) return faults.map((fault) => `${fault.pointer.slice(1)}: ${fault.detail}`).join('; ')
  return detail ?? `the service answered ${status}`
}

/** Registers one recording by its names and its fingerprint. Nothing else is sent. */
export async function register(names: RecordingNames, made: LocalFingerprint): Promise<Sent> {
  const { isrc, release, ...rest } = names
  const body = JSON.stringify({
    ...rest,
    ...(isrc && { isrc }),
    ...(release && { release }),
    durationMs: made.durationMs,
    fingerprint: base64(made.fingerprint),
    sketch: base64(made.sketch),
  })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch('/v1/recordings', { method: 'POST', headers, body }).catch(() => undefined)
  if (!response) return { refusal: 'the service does not answer', ended: true }
  const answer = (await response.json().catch(() => ({}))) as ProblemAnswer & { readonly id?: string }
  if (response.ok) return { href: `/recordings/${answer.id}`, isNew: response.status === 201 }
  if (response.status === 401)
    return { refusal: 'your session has ended: sign in in another window, then go on here', ended: true }
  return { refusal: refusalOf(answer, response.status), ended: response.status >= 500 }
}
