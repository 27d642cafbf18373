import type { Asker, CheckedLeak } from '../../services/leaks/private/private-check.ts'

/** The service refused, or did not answer, in words for the visitor. */
export class AskingFailed extends Error {
  override readonly name = 'AskingFailed'
}

/** Limits are counted by the minute: a service that asks for more patience is asked again by the visitor. */
const WAIT_S_MAX = 65
const TRIES_MAX = 20
const BASE = '/v1/private-check'

const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, 1_000 * seconds))

interface Asking {
  readonly signal: AbortSignal
  /** Told when the service wants to be left alone for some seconds. */
  readonly onWait: (seconds: number) => void
}

async function send(path: string, init: RequestInit, { signal, onWait }: Asking): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(BASE + path, { ...init, signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw new AskingFailed('The service does not answer.', { cause: error })
    })
    if (response.ok) return response
    const waitS = Number(response.headers.get('retry-after')) || 1
    if (response.status !== 429 || waitS > WAIT_S_MAX || tries >= TRIES_MAX)
      throw new AskingFailed(`The service refused: ${await detailOf(response)}`)
    onWait(waitS)
    await pause(waitS)
    signal.throwIfAborted()
  }
}

async function detailOf(response: Response): Promise<string> {
  const { detail } = (await response.json().catch(() => ({}))) as { readonly detail?: string }
  return detail ?? `status ${response.status}`
}

const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer())

/** Asks the service that the page came from. Nothing but these three kinds of requests is ever sent. */
export const httpAsker = (asking: Asking): Asker => ({
  async leaks() {
    const response = await send('/leaks', {}, asking)
    return ((await response.json()) as { readonly items: readonly CheckedLeak[] }).items
  },
  bucket: async (manifestId, prefix) =>
    bytesOf(await send(`/manifests/${manifestId}/buckets/${prefix}`, {}, asking)),
  async buckets(manifestId, prefixes) {
    const body = JSON.stringify({ prefixes })
    const headers = { 'content-type': 'application/json' }
    return bytesOf(await send(`/manifests/${manifestId}/buckets`, { method: 'POST', headers, body }, asking))
  },
})
