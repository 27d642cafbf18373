import { randomUUID } from 'node:crypto'

import type { RequestHandler, Response } from 'express'

import type { Logger } from '../core/log.ts'
import { events } from '../core/metrics.ts'

/** A caller's own request id is taken over when it is short and harmless in a log. */
const REQUEST_ID = /^[\w.-]{1,64}$/

/** What we know of a request besides what Express knows; the one place that says how it is kept. */
interface Kept {
  requestId: string
  log: Logger
  /** The declared path, a label of the metrics: few values, no ids. */
  route?: string
}
const kept = (response: Response): Kept => response.locals as unknown as Kept

export const requestIdOf = (response: Response): string => kept(response).requestId
export const logOf = (response: Response): Logger => kept(response).log

/** Names the route that answers, for the metrics. */
export const labelled =
  (route: string): RequestHandler =>
  (_request, response, next) => {
    kept(response).route = route
    next()
  }

/** Gives each request an id, a logger that says it, and a line in the metrics when it has ended. */
export const logRequests =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    if (kept(response).requestId !== undefined) return next() // Two floors may ask for it.
    const startedAt = performance.now()
    const given = request.get('X-Request-Id')
    const requestId = given && REQUEST_ID.test(given) ? given : randomUUID()
    response.setHeader('X-Request-Id', requestId)
    Object.assign(response.locals, { requestId, log: log.child({ requestId }) } satisfies Kept)
    response.once('close', () => {
      events.requestEnded(kept(response).log, {
        method: request.method,
        route: kept(response).route ?? 'other',
        status: response.statusCode,
        seconds: (performance.now() - startedAt) / 1000,
      })
    })
    next()
  }
