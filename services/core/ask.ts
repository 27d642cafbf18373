import { decoded, limited, tooLarge } from './body.ts'
import { toFetchProblem } from './fetch-problem.ts'
import type { FetchedHead, Redirect } from './fetched.ts'
import type { Hop, RequestMethod } from './hop.ts'

/** Headers that the connection needs as it says them itself, or whose change would leave the guard. */
const reserved: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'expect',
  'upgrade',
])

/** One question to a server, whose whole answer fits into memory. */
export interface AskRequest {
  readonly method: RequestMethod
  /** Media types asked for. */
  readonly accept: string
  /** Of the answer's body, both as sent and after decompression. */
  readonly bytesMax: number
  /** Beside those of every request; lower-case names. They are not sent on to another origin. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with POST, with its length. */
  readonly body?: Uint8Array
  /** For this question with its redirects; never more than every fetch has. */
  readonly timeoutMs?: number
  /** Fewer redirects than every fetch may follow. */
  readonly redirectsMax?: number
  /** As of `FetchRequest`. */
  readonly beforeRedirect?: ((to: string) => Promise<void>) | undefined
  readonly signal?: AbortSignal
}

/** What a server answered, whatever it was. */
export interface Answer {
  readonly status: number
  /** As in `FetchedHead`. */
  readonly headers: Readonly<Record<string, string>>
  /** Without its compression. Empty after HEAD. */
  readonly body: Uint8Array
  /** Where it came from. */
  readonly address: string
  readonly finalUrl: string
  readonly redirects: readonly Redirect[]
}

/**
 * The headers that go to a target: the caller's own to the origin that it meant, the common ones everywhere.
 *
 * @throws {Error} when the caller sets a header that is not its own to set, or gives a body to another method than POST.
 */
export function askHeaders(
  asked: URL,
  { method, accept, headers = {}, body }: AskRequest,
  userAgent: string,
): (target: URL) => Readonly<Record<string, string>> {
  const wrong = Object.keys(headers).find((name) => reserved.has(name.toLowerCase()))
  if (wrong !== undefined) throw new Error(`The header ${wrong} is set by the connection`)
  if (body && method !== 'POST') throw new Error(`${method} has no body`)
  const common = { 'user-agent': userAgent, accept, 'accept-encoding': 'identity' }
  return (target) => (target.origin === asked.origin ? { ...common, ...headers } : common)
}

/** A body that a HEAD request or one of these statuses has not, whatever its headers say. */
const hasBody = (method: RequestMethod, status: number): boolean =>
  method !== 'HEAD' && status !== 204 && status !== 304

/** Reads the whole answer. @throws {Problem} fetch/too-large, fetch/incomplete, fetch/too-slow, fetch/refused. */
export async function readAnswer(
  hop: Hop,
  head: FetchedHead,
  { method, bytesMax }: AskRequest,
): Promise<Answer> {
  const { status, headers, address, finalUrl, redirects } = head
  const chunks: Uint8Array[] = []
  if (hasBody(method, status)) {
    if (Number(headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
    const body = decoded(limited(hop.body, bytesMax), hop.headers.get('content-encoding')?.join(', '))
    try {
      for await (const chunk of limited(body, bytesMax)) chunks.push(chunk)
    } catch (error) {
      throw toFetchProblem(error, 'body')
    }
  }
  return { status, headers, body: Buffer.concat(chunks), address, finalUrl, redirects }
}
