import type { ErrorRequestHandler, Request, RequestHandler } from 'express'

import { type Html, html } from '../../services/core/html.ts'
import { Problem, problemOf } from '../../services/core/problem.ts'
import { icon } from '../parts/icons.ts'
import { plainLayout } from '../parts/layout.ts'
import { type Web, isPartial } from '../visit.ts'
import { safeNext } from './sign-in.ts'

/** Where a visitor shows a second factor, and comes back from: the page asked for, or the one that sent the form. */
function securityHref(request: Request): string {
  const referrer = request.get('referer') ?? ''
  const page =
    request.method === 'GET' ? request.originalUrl : URL.canParse(referrer) && new URL(referrer).pathname
  return `/settings/security?then=${encodeURIComponent(safeNext(page))}`
}

const view = (problem: Problem, request?: Request): Html =>
  html` <p class="error-number">${problem.status}</p>
    <h1>${problemOf(problem.type).title}</h1>
    <p class="lead">${problem.message}</p>
    ${
      request &&
      problem.type === 'auth/second-factor' &&
      html`<p>
        <a class="button button-primary" href="${securityHref(request)}">${icon('key')}Show it now</a>
      </p>`
    }
    <p><a class="button button-primary" href="/">${icon('home')}To the overview</a></p>`

/** What express itself refuses (a form too large, a broken escape) comes with a status of its own. */
function problemFrom(error: unknown): Problem {
  const status = error instanceof Error && 'status' in error && !(error instanceof Problem) ? error.status : 0
  if (status === 413) return new Problem('request/too-large', 'What you sent is larger than this form takes')
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem('request/invalid', 'What you sent could not be read')
  return Problem.from(error)
}

/** A failure as a page in the same design; what we did not foresee goes to the log and not to the page. */
export function errorPage({ house }: Web): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = problemFrom(error)
    if (problem.status >= 500)
      house.log.error({ err: error, method: request.method, path: request.path }, 'a page failed')
    if (response.headersSent) return next(error)
    response.status(problem.status).set('cache-control', 'no-store').type('html')
    response.send(
      isPartial(request)
        ? ''
        : plainLayout({ title: problemOf(problem.type).title, body: view(problem, request) }).text,
    )
  }
}

/** The page for an address that nothing answers to; only for those who read pages. */
export const notFoundPage: RequestHandler = (request, response, next) => {
  if (!['GET', 'HEAD'].includes(request.method) || !request.accepts('html')) return next()
  const problem = new Problem('request/unknown-path', 'The address may be mistyped, or what was here is gone')
  response
    .status(404)
    .type('html')
    .send(plainLayout({ title: 'Not found', body: view(problem) }).text)
}
