import { createHash } from 'node:crypto'

import type { Request, RequestHandler, Response } from 'express'
import { type Options, ipKeyGenerator, rateLimit } from 'express-rate-limit'

import { Problem } from '../core/problem.ts'
import { actorOf } from '../tenants/tenant.ts'
import { callerOf } from './authenticate.ts'

/** How often is too often. The counts live in this process and begin anew with it. */
export interface LimitOptions {
  /** Of one member or key: 20 a second is more than a person or an import needs. */
  readonly requestsPerMinute: number
  /** Of visitors without an account from one address; a private check of 10,000 ISRCs needs 19 for each manifest. */
  readonly visitsPerMinute: number
  /** Requests without a valid key or session, from one address: a program with a revoked key, or a guesser. */
  readonly refusalsPerMinute: number
  /** Wrong passwords and links from one address in a quarter of an hour; an office shares one. */
  readonly guessesPerAddress: number
  /** Wrong passwords for one account in a quarter of an hour, wherever they come from. */
  readonly guessesPerAccount: number
}

export const limitDefaults: LimitOptions = {
  requestsPerMinute: 1_200,
  visitsPerMinute: 60,
  refusalsPerMinute: 300,
  guessesPerAddress: 50,
  guessesPerAccount: 10,
}

const MINUTE_MS = 60_000
const GUESSING_MS = 15 * MINUTE_MS

export interface Limits {
  readonly byCaller: RequestHandler
  /** For routes that visitors may use: by caller, and by address where there is none. */
  readonly byVisitor: RequestHandler
  readonly refusals: RequestHandler
  /** Both of the next two are for routes where something secret can be guessed. */
  readonly guessesByAddress: RequestHandler
  /** Runs after the body was read. */
  readonly guessesByAccount: RequestHandler
}

const addressOf = ({ ip }: Request): string => ipKeyGenerator(ip ?? '')

function whoAsks(request: Request, response: Response): string {
  const caller = callerOf(response)
  return caller ? actorOf(caller) : addressOf(request)
}

/** The account that a sign-in is for, as a hash: what people type there need not be an address. */
function accountOf(request: Request): string {
  const { email } = (request.body ?? {}) as { email?: unknown }
  const text = typeof email === 'string' ? email.trim().toLowerCase() : addressOf(request)
  return createHash('sha256').update(text).digest('base64url')
}

function limiter(
  windowMs: number,
  limit: number | ((request: Request, response: Response) => number),
  keyGenerator: (request: Request, response: Response) => string,
  more: Partial<Options> = {},
): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) =>
      next(new Problem('request/too-many', 'Too many requests; try again after the time in Retry-After')),
    ...more,
  })
}

/** Counts only answers with this status: what was right costs nothing. */
const onlyAnswered = (status: number): Partial<Options> => ({
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_request, response) => response.statusCode !== status,
})

/** The limits of one program. Every limiter counts on its own. */
export function createLimits(options: LimitOptions): Limits {
  return {
    byCaller: limiter(MINUTE_MS, options.requestsPerMinute, whoAsks),
    byVisitor: limiter(
      MINUTE_MS,
      (_request, response) => (callerOf(response) ? options.requestsPerMinute : options.visitsPerMinute),
      whoAsks,
    ),
    refusals: limiter(MINUTE_MS, options.refusalsPerMinute, addressOf, {
      ...onlyAnswered(401),
      standardHeaders: false,
    }),
    guessesByAddress: limiter(GUESSING_MS, options.guessesPerAddress, addressOf, {
      requestWasSuccessful: (_request, response) => response.statusCode < 400,
      skipSuccessfulRequests: true,
    }),
    guessesByAccount: limiter(GUESSING_MS, options.guessesPerAccount, accountOf, onlyAnswered(401)),
  }
}
