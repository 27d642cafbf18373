import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'

import type { House } from '../actions/house.ts'
import { Problem } from '../core/problem.ts'
import { actorOf } from '../tenants/tenant.ts'
import { authenticate, callerOf } from './authenticate.ts'
import { bodyOf, bodyReader } from './bodies.ts'
import { IdempotencyKey, type KeptAnswer, answerOnce, hashOf } from './idempotency.ts'
import type { Limits } from './limits.ts'
import { invalid, parse } from './parse.ts'
import { labelled } from './request-log.ts'
import { type AnsweredFile, type GivenFile, Reply, type Route } from './route.ts'
import { sendFile, sendJson } from './send.ts'

/** What a handler answered, with its status and headers. */
interface Answered extends Omit<KeptAnswer, 'json'> {
  readonly value: unknown
}

/** An id that cannot be one is the id of nothing. */
function paramsOf(route: Route, request: Request): unknown {
  const read = route.params.safeParse(request.params)
  if (!read.success) throw new Problem('row/unknown', 'No such thing: this is no id')
  return read.data
}

/** Reads everything of a request that its handler is given; nothing has been done yet when this rejects. */
async function prepare(
  route: Route,
  house: House,
  request: Request,
  response: Response,
): Promise<{ body: unknown; run: () => Promise<Answered> }> {
  const params = paramsOf(route, request)
  // The words beside a file may stand in the query; its body reads them.
  const query = route.body.kind === 'file' ? {} : parse(route.query, request.query, '/query')
  const limit = route.body.kind === 'file' ? route.body.limit : 'FETCH_BYTES_MAX'
  const body = await bodyOf(request, route.body, house.config[limit])
  return {
    body,
    async run() {
      const reply = await route.handle({ params, query, body, caller: callerOf(response), house })
      if (!(reply instanceof Reply)) return { status: route.status, headers: {}, value: reply }
      return { status: reply.status ?? route.status, headers: reply.headers, value: reply.value }
    },
  }
}

/** Only what the answer's schema names leaves the house. @throws {z.ZodError} when a handler breaks its word. */
const toKept = (route: Route, { value, ...rest }: Answered): KeptAnswer => ({
  ...rest,
  json: route.answer instanceof z.ZodType ? route.answer.parse(value) : undefined,
})

/** What of a request must be the same for its answer to be repeated. A file's bytes are not looked at. */
function requestHashOf(route: Route, request: Request, response: Response, body: unknown): string {
  const caller = callerOf(response)
  const { fields, fileName } = (route.body.kind === 'file' ? body : {}) as Partial<GivenFile<unknown>>
  const asked = route.body.kind === 'file' ? { fields, fileName } : (request.body ?? null)
  return hashOf(request.method, request.path, caller && actorOf(caller), asked)
}

function idempotencyKeyOf(route: Route, request: Request): string | undefined {
  const given = request.get('Idempotency-Key')
  if (given === undefined || route.method !== 'post') return undefined
  const pointer = '/header/Idempotency-Key'
  if (!route.idempotent)
    throw invalid([{ pointer, detail: 'is not taken here: this answer holds a secret and is never kept' }])
  const read = IdempotencyKey.safeParse(given)
  if (!read.success) throw invalid([{ pointer, detail: read.error.issues[0]?.message ?? 'is not a key' }])
  return read.data
}

/** Answers one request, or rejects with what went wrong. */
async function answer(route: Route, house: House, request: Request, response: Response): Promise<void> {
  const key = idempotencyKeyOf(route, request)
  const caller = callerOf(response)
  const { body, run } = await prepare(route, house, request, response)
  if (key !== undefined && caller) {
    const asked = {
      tenantId: caller.tenantId,
      key,
      requestHash: requestHashOf(route, request, response, body),
    }
    const { answer, replayed } = await answerOnce(house.db, asked, async () => toKept(route, await run()))
    if (replayed) response.setHeader('Idempotency-Replayed', 'true')
    return sendJson(response, answer)
  }
  const answered = await run()
  if (!('kind' in route.answer)) return sendJson(response, toKept(route, answered))
  response.status(answered.status).set(answered.headers)
  if (route.answer.kind === 'nothing') response.end()
  else await sendFile(request, response, answered.value as AnsweredFile)
}

/** The handlers by which Express serves a declared route, in order. */
export const serve = (route: Route, house: House, limits: Limits): RequestHandler[] => [
  labelled(route.path),
  route.guessable ? limits.guessesByAddress : limits.refusals,
  authenticate(house, route.caller),
  ...(route.caller === 'none' ? [] : [route.caller === 'visitor' ? limits.byVisitor : limits.byCaller]),
  bodyReader(route.body),
  ...(route.guessable ? [limits.guessesByAccount] : []),
  async (request, response) => {
    try {
      await answer(route, house, request, response)
    } finally {
      // What was not read of an upload must not keep the answer from being seen.
      if (!request.complete) request.unpipe().resume()
    }
  },
]
