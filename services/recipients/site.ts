import type { Answer } from '../core/ask.ts'
import { Problem } from '../core/problem.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'
import { hostNameOf, siteOfHost } from './host.ts'
import { mailOnPage } from './site-page.ts'

/**
 * Where sites say whom to write to. Never `security.txt` (RFC 9116): it is for those who found a weakness, and a
 * copyright notice sent there is spam.
 */
const CONTACT_PATHS = ['/dmca', '/copyright', '/legal', '/impressum'] as const

const PAGE_BYTES_MAX = 1024 * 1024
const PAGE_TIMEOUT_MS = 15_000
const REDIRECTS_MAX = 5

/** What a host showed when it was asked. */
export interface Seen {
  /** The address that answered for it. */
  readonly address: string | undefined
  /** Headers of its answers, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** The mail address on one of its own pages about copyright, and which page that is. */
  readonly contact: { readonly email: string; readonly pageUrl: string } | undefined
  /** Whether it answered at all. */
  readonly answered: boolean
}

interface Asking {
  readonly ask: SafeFetch['ask']
  /** Scheme, host and port. */
  readonly origin: string
  /** Whether its pages are read; else one answer is enough to see where it is. */
  readonly readPages: boolean
  readonly signal?: AbortSignal
}

/** Whose pages an address is one of; an address without a name stands for itself. */
function siteOf(url: string): string | undefined {
  const host = hostNameOf(new URL(url).hostname)
  return host === undefined ? undefined : siteOfHost(host)
}

/** The mail address on a page, if it is a page of the same site and there is one. */
function contactOn(origin: string, { status, headers, body, finalUrl }: Answer): Seen['contact'] {
  const isText = /^\s*text\/(?:html|plain)\b|^\s*application\/xhtml/i.test(headers['content-type'] ?? '')
  if (status !== 200 || !isText || siteOf(origin) !== siteOf(finalUrl)) return undefined
  const email = mailOnPage(new TextDecoder().decode(body))
  return email === undefined ? undefined : { email, pageUrl: finalUrl }
}

/** One page of a host, or nothing when it does not answer: there may be others. @throws an abort's reason. */
async function pageOf({ ask, origin, signal }: Asking, path: string): Promise<Answer | undefined> {
  try {
    return await ask(`${origin}${path}`, {
      method: 'GET',
      accept: 'text/html, text/plain;q=0.8',
      bytesMax: PAGE_BYTES_MAX,
      timeoutMs: PAGE_TIMEOUT_MS,
      redirectsMax: REDIRECTS_MAX,
      ...(signal && { signal }),
    })
  } catch (error) {
    if (error instanceof Problem && error.type.startsWith('fetch/')) return undefined
    throw error
  }
}

/** Asks a host for the pages on which sites name their contact, until one does. A host that is gone is no error. */
export async function lookAtSite(asking: Asking): Promise<Seen> {
  let seen: Seen = { address: undefined, headers: {}, contact: undefined, answered: false }
  for (const path of asking.readPages ? CONTACT_PATHS : ['/']) {
    const answer = await pageOf(asking, path)
    if (!answer) {
      // Four time-outs would tell no more than one.
      if (!seen.answered) return seen
      continue
    }
    const { redirects, address, headers } = answer
    const own = redirects.length === 0 || new URL(answer.finalUrl).host === new URL(asking.origin).host
    seen = {
      answered: true,
      address: redirects[0]?.address ?? address,
      headers: own ? { ...seen.headers, ...headers } : seen.headers,
      contact: contactOn(asking.origin, answer),
    }
    if (seen.contact) return seen
  }
  return seen
}
