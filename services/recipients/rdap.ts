import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Answer } from '../core/ask.ts'
import { Problem } from '../core/problem.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'
import { Bootstrap, type RdapRegistry, RdapServices, serverFor } from './rdap-bootstrap.ts'
import { RdapContacts, readContacts } from './rdap-contacts.ts'

/** IANA's list of top-level domains is the longest of these answers: some 100 kB. */
const BYTES_MAX = 2 * 1024 * 1024
const TIMEOUT_MS = 20_000
/** From a registry to the one that took over, and from there to its server. */
const REDIRECTS_MAX = 3
/** Registries change rarely; RFC 9224 recommends to keep their lists, and a day is what servers allow for answers. */
const KEEP_S = 24 * 3600
/** How long a server is left alone that asked for it without saying how long, and at most. */
const PAUSE_S = 60
const PAUSE_MAX_S = 3600
/** Servers are asked by everybody and throttle early; one question a second is taken by all of them. */
const INTERVAL_MS = 1_000

/** Answers of servers by their address; what has expired is not found. */
export interface RdapCache {
  find(url: string): Promise<{ readonly status: number; readonly body: unknown } | undefined>
  keep(url: string, answer: { status: number; body: unknown; forS: number }): Promise<void>
}

export interface RdapOptions {
  readonly ask: SafeFetch['ask']
  readonly cache: RdapCache
  /** Where the registries are: `https://data.iana.org/rdap`. */
  readonly bootstrapUrl: string
  /** Between two questions to one server, in milliseconds. */
  readonly intervalMs?: number
}

/** Asks registries who holds an address or a domain. */
export interface Rdap {
  /**
   * @returns undefined when no registry answers for it, or the one that does knows nothing of it.
   * @throws {Problem} registry/unreachable: later, perhaps. registry/unusable: not with this answer.
   */
  contactsOf(about: string, signal?: AbortSignal): Promise<RdapContacts | undefined>
}

const unusable = (host: string, why: string): Problem =>
  new Problem('registry/unusable', `The registry ${host} ${why}`)

/** Seconds for which a server wants to be left alone: Retry-After is a number or a date (RFC 9110). */
export function pauseSecondsOf(retryAfter: string | undefined, now: Date): number {
  const text = retryAfter?.trim() ?? ''
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000
  return Number.isFinite(seconds) ? Math.min(PAUSE_MAX_S, Math.max(1, Math.ceil(seconds))) : PAUSE_S
}

/** Makes the questions to each server wait for their turn; of this process only, and the cache spares the others. */
function turns(intervalMs: number): (origin: string, signal: AbortSignal | undefined) => Promise<void> {
  const freeAt = new Map<string, number>()
  return async (origin, signal) => {
    const now = Date.now()
    const at = Math.max(now, freeAt.get(origin) ?? 0)
    freeAt.set(origin, at + intervalMs)
    if (at > now) await sleep(at - now, undefined, { ...(signal && { signal }) })
  }
}

/** The JSON of an answer. @throws {Problem} registry/unusable. */
function jsonOf(host: string, { body }: Answer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Problem('registry/unusable', `The registry ${host} sent no JSON`, { cause: error })
  }
}

/** A failed fetch as the registry's: what may pass is asked again. */
function registryProblem(host: string, error: unknown): unknown {
  if (!(error instanceof Problem) || !error.type.startsWith('fetch/')) return error
  const type = error.retry ? 'registry/unreachable' : 'registry/unusable'
  return new Problem(type, `The registry ${host}: ${error.message}`, { cause: error })
}

/** Opens the client; one for each process, so that its questions wait for each other. */
export function createRdap({ ask, cache, bootstrapUrl, intervalMs = INTERVAL_MS }: RdapOptions): Rdap {
  const takeTurn = turns(intervalMs)

  /** What a server answers, read and cached; undefined when there is nothing at the address. */
  async function read<T>(
    url: string,
    shape: { readonly fresh: (json: unknown) => T; readonly kept: (body: unknown) => T | undefined },
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    const cached = await cache.find(url)
    if (cached?.status === 404) return undefined
    const kept = cached && shape.kept(cached.body)
    if (kept !== undefined) return kept

    const { origin, host } = new URL(url)
    const paused = `pause:${origin}` // No address: whatever a registry links to, it cannot put one here.
    if (await cache.find(paused)) throw asksForPeace(host)
    await takeTurn(origin, signal)
    const answer = await ask(url, {
      method: 'GET',
      accept: 'application/rdap+json, application/json;q=0.9',
      bytesMax: BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
      redirectsMax: REDIRECTS_MAX,
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw registryProblem(host, error)
    })
    const { status, headers } = answer
    if (status === 404) {
      await cache.keep(url, { status, body: null, forS: KEEP_S })
      return undefined
    }
    if (status === 429 || status === 503) {
      const forS = pauseSecondsOf(headers['retry-after'], new Date())
      await cache.keep(paused, { status, body: null, forS })
      throw asksForPeace(host)
    }
    if (status >= 500)
      throw new Problem('registry/unreachable', `The registry ${host} answered HTTP ${status}`)
    if (status !== 200) throw unusable(host, `answered HTTP ${status}`)
    const body = shape.fresh(jsonOf(host, answer))
    await cache.keep(url, { status, body, forS: KEEP_S })
    return body
  }

  async function servicesOf(registry: RdapRegistry, signal?: AbortSignal): Promise<RdapServices> {
    const url = `${bootstrapUrl.replace(/\/$/, '')}/${registry}.json`
    const services = await read(url, bootstrapShape(new URL(url).host), signal)
    if (!services) throw unusable(new URL(url).host, `has no list of ${registry} servers`)
    return services
  }

  return {
    async contactsOf(about, signal) {
      const family = isIP(about)
      const services = await servicesOf(family === 0 ? 'dns' : family === 4 ? 'ipv4' : 'ipv6', signal)
      const server = serverFor(services, about)
      if (server === undefined) return undefined
      const path = `${family === 0 ? 'domain' : 'ip'}/${encodeURIComponent(about).replaceAll('%3A', ':')}`
      const found = await read(new URL(path, server).href, contactsShape, signal)
      const { relatedUrl } = found ?? {}
      // Thin registries know the registrar and leave its contacts to it.
      if (!found || found.emails.length > 0 || family !== 0 || relatedUrl === undefined) return found
      const related = await read(relatedUrl, contactsShape, signal).catch((error: unknown) => {
        // What the registry itself said stands, whatever the server that it points to does.
        if (error instanceof Problem && error.type.startsWith('registry/')) return undefined
        throw error
      })
      return related ? { ...found, emails: related.emails, tels: related.tels } : found
    },
  }
}

const asksForPeace = (host: string): Problem =>
  new Problem('registry/unreachable', `The registry ${host} asks to be left alone for a while`)

const contactsShape = {
  fresh: readContacts,
  kept: (body: unknown) => RdapContacts.safeParse(body).data,
}

const bootstrapShape = (host: string) => ({
  fresh(json: unknown): RdapServices {
    const read = Bootstrap.safeParse(json)
    if (!read.success) throw unusable(host, 'sent a list that cannot be read')
    return read.data.services
  },
  kept: (body: unknown) => RdapServices.safeParse(body).data,
})
