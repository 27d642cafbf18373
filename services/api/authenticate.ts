import type { Request, RequestHandler, Response } from 'express'

import type { House } from '../actions/house.ts'
import { Problem } from '../core/problem.ts'
import { type Credentials, callerOf as callerBehind, refuseForeignOrigin } from '../tenants/caller.ts'
import { type Caller, hasRole } from '../tenants/tenant.ts'
import type { CallerRule } from './route.ts'

/** Who asks, once `authenticate` has found out. */
export const callerOf = (response: Response): Caller | undefined =>
  (response.locals as { caller?: Caller }).caller

const credentialsOf = (request: Request): Credentials => ({
  method: request.method,
  authorization: request.get('Authorization'),
  cookie: request.get('Cookie'),
  origin: request.get('Origin'),
  fetchSite: request.get('Sec-Fetch-Site'),
})

/**
 * A route that anybody may call can still be called by another site in a visitor's browser, e.g. to sign
 * them in as somebody else. Browsers say where they come from; programs do not and are let through.
 */
function refuseForeignBrowser(given: Credentials, publicUrl: string): void {
  if (given.origin !== undefined || given.fetchSite !== undefined) refuseForeignOrigin(given, publicUrl)
}

/** @throws {Problem} auth/forbidden when the caller is not the kind that may do this. */
function refuseUnlessAllowed(caller: Caller, rule: Exclude<CallerRule, 'none' | 'visitor'>): void {
  if (rule === 'any') return
  if (caller.kind === 'key')
    throw new Problem('auth/forbidden', 'Only a signed-in person can do this, not an API key')
  if (typeof rule === 'object' && !hasRole(caller, rule.role))
    throw new Problem('auth/forbidden', `This needs the role ${rule.role}`)
}

/** Finds out who asks and whether they may, before anything of the body is read. */
export const authenticate =
  (house: House, rule: CallerRule): RequestHandler =>
  async (request, response, next) => {
    const given = credentialsOf(request)
    if (rule === 'none') {
      refuseForeignBrowser(given, house.config.publicUrl)
      return next()
    }
    if (rule === 'visitor') refuseForeignBrowser(given, house.config.publicUrl)
    const caller = await callerBehind(house.db, house.config.publicUrl, given)
    // A key that is wrong is told, also where one could do without.
    if (!caller && rule === 'visitor' && !given.authorization) return next()
    if (!caller) {
      const detail = given.authorization
        ? 'The API key is not known, or it was revoked'
        : 'Give an API key (Authorization: Bearer ewk_…), or sign in'
      throw new Problem('auth/missing', detail)
    }
    if (rule !== 'visitor') refuseUnlessAllowed(caller, rule)
    response.locals['caller'] = caller
    return next()
  }
