import type { Request, RequestHandler, Response } from 'express'

import type { MemberCaller } from '../services/actions/account.ts'
import type { House } from '../services/actions/house.ts'
import type { Tx } from '../services/core/db.ts'
import { Html } from '../services/core/html.ts'
import { Problem } from '../services/core/problem.ts'
import { type Credentials, callerOf } from '../services/tenants/caller.ts'
import type { Caller, Role } from '../services/tenants/tenant.ts'
import { hasRole } from '../services/tenants/tenant.ts'
import { flashText } from './flash.ts'
import type { Sent } from './forms.ts'
import { type Section, frameOf, layout } from './parts/layout.ts'

/** What the pages need of the program that offers them. */
export interface Web {
  readonly house: House
  /** Where caught mails lie; not given: no inbox, because a real mail server sends them. */
  readonly inboxFolder: string | undefined
}

/** A member's request, with everything a page may need of it. */
export interface Visit extends Web {
  readonly caller: MemberCaller
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly form: Sent
  /** The request itself, for uploads that are read as they come. */
  readonly request: Request
  /** A transaction that sees the member's own rows. */
  tenant<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

/** A whole page. */
export interface Page {
  readonly title: string
  readonly section: Section
  readonly body: Html
  readonly status?: number
}

/** What a handler answers: a page, a piece of one for htmx, plain data for a script, or where to go. */
export type Reply =
  | Page
  | Html
  | { readonly json: unknown; readonly status: number }
  | { readonly redirect: string; readonly cookie?: string }

export const credentialsOf = (request: Request): Credentials => ({
  method: request.method,
  authorization: request.get('authorization'),
  cookie: request.get('cookie'),
  origin: request.get('origin'),
  fetchSite: request.get('sec-fetch-site'),
})

/** Whether htmx asks: it wants a piece, and follows a redirect only when told by its own header. */
export const isPartial = (request: Request): boolean => request.get('hx-request') === 'true'

/** The texts of a query; what came twice counts as its first. */
function plainQuery(request: Request): Record<string, string> {
  const params = new URL(request.originalUrl, 'http://localhost').searchParams
  return Object.fromEntries([...params.keys()].map((name) => [name, params.get(name) ?? '']))
}

function plainParams(request: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('/') : value,
    ]),
  )
}

function goTo(request: Request, response: Response, path: string): void {
  if (isPartial(request)) response.set('hx-redirect', path).status(204).end()
  else response.redirect(303, path)
}

/** Whether upload.js asks: it sends each file by itself and shows what came of it. */
export const wantsData = (request: Request): boolean => request.get('accept') === 'application/json'

/** Where a visitor without a session goes, and comes back from: only to our own pages, and only by reading. */
function signInPath(request: Request): string {
  const next = request.method === 'GET' && !isPartial(request) ? request.originalUrl : '/'
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`
}

function askToSignIn(request: Request, response: Response): void {
  if (wantsData(request))
    response.status(401).json({ faults: { '': 'Your session has ended. Sign in again.' } })
  else goTo(request, response, signInPath(request))
}

/** Sends what a handler answered, in the frame that every page has. */
async function send(web: Web, request: Request, response: Response, caller: MemberCaller, reply: Reply) {
  response.set('cache-control', 'no-store')
  if (reply instanceof Html) {
    response.type('html').send(reply.text)
    return
  }
  if ('redirect' in reply) {
    if (reply.cookie) response.append('set-cookie', reply.cookie)
    goTo(request, response, reply.redirect)
    return
  }
  if ('json' in reply) {
    response.status(reply.status).json(reply.json)
    return
  }
  const frame = await frameOf(web.house, caller, web.inboxFolder !== undefined)
  const flash = flashText(plainQuery(request)['done'])
  response.status(reply.status ?? 200).type('html')
  response.send(layout({ ...frame, ...reply, flash }).text)
}

/** A handler for signed-in members; everybody else is asked to sign in first. */
export function forMembers(web: Web, handle: (visit: Visit) => Promise<Reply>): RequestHandler {
  return async (request, response) => {
    const { house } = web
    const caller = await callerOf(house.db, house.config.publicUrl, credentialsOf(request))
    if (caller?.kind !== 'member') return askToSignIn(request, response)
    const visit: Visit = {
      ...web,
      caller,
      params: plainParams(request),
      query: plainQuery(request),
      form: (request.body as Sent | undefined) ?? {},
      request,
      tenant: (work) => house.db.tenant(caller.tenantId, work),
    }
    await send(web, request, response, caller, await handle(visit))
  }
}

/** @throws {Problem} auth/forbidden when the member has not this role. */
export function needRole(caller: Caller, role: Role): void {
  if (!hasRole(caller, role)) throw new Problem('auth/forbidden', `This needs the role ‘${role}’`)
}

/** A row that must be there. @throws {Problem} row/unknown, which becomes the page ‘not found’. */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Problem('row/unknown', `There is no such ${what} in your account`)
  return row
}

/** An identifier from the address. @throws {Problem} row/unknown when it is none: such a row cannot exist. */
export function idOf<T>(
  kind: { safeParse(text: unknown): { success: true; data: T } | { success: false } },
  text: string | undefined,
  what: string,
): T {
  const read = kind.safeParse(text)
  return found(read.success ? read.data : undefined, what)
}
