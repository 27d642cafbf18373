import type { ErrorRequestHandler, RequestHandler, Response } from 'express'

import { Problem } from '../core/problem.ts'
import { logOf, requestIdOf } from './request-log.ts'

/** A request that is being worked on has usually ended a moment later. */
const IN_WORK_RETRY_AFTER_S = 1
/** A recipient takes some messages every hour. */
const RECIPIENT_RETRY_AFTER_S = 3600

/** Sends a problem as RFC 9457 has it, with the id under which the log knows the request. */
export function sendProblem(response: Response, problem: Problem): void {
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="earwitness"')
  if (problem.type === 'request/in-work') response.setHeader('Retry-After', IN_WORK_RETRY_AFTER_S)
  if (problem.type === 'recipient/limit') response.setHeader('Retry-After', RECIPIENT_RETRY_AFTER_S)
  const body = { ...problem.toJSON(), requestId: requestIdOf(response) }
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(body))
}

/** What express and its body reader throw, in our words. */
function namedProblem(error: unknown): Problem {
  if (error instanceof Problem || !(error instanceof Error)) return Problem.from(error)
  const { type, status } = error as { type?: string; status?: number }
  if (type === 'entity.parse.failed') return new Problem('request/invalid', 'The body is not JSON')
  if (type === 'entity.too.large') return new Problem('request/too-large', 'The JSON body is too large')
  if (status === 415) return new Problem('request/unsupported-media', error.message)
  // Whatever else has a status of the caller's: a broken-off body, a malformed %-escape in the path.
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem('request/invalid', 'The request is malformed', { cause: error })
  return Problem.from(error)
}

/** Answers every failure of the routes before it. What was not foreseen is logged and not told. */
export const answerProblems: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const problem = namedProblem(error)
  if (problem.type === 'internal') logOf(response).error({ err: problem.cause ?? problem }, 'request failed')
  // The status is out already, so all that is left is to break the answer off.
  if (response.headersSent) return next(error)
  sendProblem(response, problem)
}

/** There is nothing at this address. */
export const unknownPath: RequestHandler = (request) => {
  throw new Problem('request/unknown-path', `There is nothing at ${request.baseUrl}${request.path}`)
}

/** There is something at this address, but it does not take the method. */
export const unknownMethod =
  (methods: readonly string[]): RequestHandler =>
  (request, response) => {
    response.setHeader('Allow', methods.join(', '))
    if (request.method === 'OPTIONS') {
      response.status(204).end()
      return
    }
    throw new Problem(
      'request/unknown-method',
      `${request.method} is not possible here, only ${methods.join(', ')}`,
    )
  }
