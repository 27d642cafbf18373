import { Problem } from './problem.ts'

/** How far a fetch had come when it failed; a break before the first byte is told differently from one after. */
export type FetchPhase = 'connect' | 'body'

/** Failures of the TLS handshake and of certificates, as Node names them. */
const tlsCode = /^ERR_(?:TLS|SSL)_|^CERT_|^UNABLE_TO_|CERT(?:IFICATE)?(?:_|$)|^EPROTO$/

/** Faults in a compressed body, as zlib and brotli name them; the latter are numbered below `ERR_`. */
const codingCode = /^Z_|^ERR_(?:_ERROR|_?BROTLI|PADDING)/

/**
 * What went wrong on the wire, as a problem with words for the person who gave the address. Network errors are
 * known by their code; anything without one is no network error and comes back as it is.
 */
export function toFetchProblem(error: unknown, phase: FetchPhase): unknown {
  if (error instanceof Problem) return error
  if (error instanceof TypeError) return error // Our request was wrong: not the source's doing.
  const code = codeOf(error)
  if (code === undefined) return error
  const problem = (type: Problem['type'], detail: string): Problem =>
    new Problem(type, detail, { cause: error })
  if (code === 'HPE_HEADER_OVERFLOW')
    return problem('fetch/too-large', 'The source sent more header text than is accepted')
  if (phase === 'body') {
    const detail = codingCode.test(code)
      ? 'The compressed file is damaged or cut off'
      : 'The connection broke off before the file was complete'
    return problem('fetch/incomplete', detail)
  }
  if (tlsCode.test(code))
    return problem('fetch/unreachable', 'The source has no valid certificate or does not speak TLS')
  return problem('fetch/unreachable', 'The source could not be reached or broke off the connection')
}

/** The `code` of a system or library error; for several failed attempts, that of the first. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (!(error instanceof Error)) return undefined
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Whether an answer of this status means that its host has too much to do, whoever asks for what. */
export const asksForPatience = (status: number): boolean => status === 429 || status === 503

/** How long a Retry-After header asks to wait: seconds or a date (RFC 9110, 10.2.3); 0 when it says nothing. */
export function waitMsOf(retryAfter: string | undefined, now = Date.now()): number {
  const text = retryAfter?.trim() ?? ''
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : 0
}

/** Answers below 500 that ask to come again: time-out, too early, too many requests. */
const passing: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * The problem that an HTTP status stands for, or undefined when a whole file follows. A source that is busy or
 * broken may be asked again; one that says no has answered.
 */
export function problemOfStatus(status: number, retryAfter?: string): Problem | undefined {
  if (status === 206)
    return new Problem('fetch/incomplete', 'The source sent a part of the file although all was asked for')
  if (status >= 200 && status < 300) return undefined
  if (status >= 500 || passing.has(status))
    return new Problem('fetch/unreachable', `The source is not able to answer now (HTTP ${status})`, {
      ...(asksForPatience(status) && { waitMs: waitMsOf(retryAfter) }),
    })
  return new Problem('fetch/refused', `The source answered HTTP ${status}`)
}
