import { createHash } from 'node:crypto'

import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'

import { Problem } from '../services/core/problem.ts'
import { cookieName, readCookie } from '../services/tenants/caller.ts'
import { type Sent, textOf } from './forms.ts'

const WINDOW_MS = 15 * 60_000
/** Wrong passwords and links from one address; an office shares one. */
const PER_ADDRESS_MAX = 50
/** Wrong passwords for one account, wherever they come from: enough to mistype, too few to guess. */
const PER_ACCOUNT_MAX = 10

/** Secrets, and what people type where an address belongs, are not kept as they are. */
const hashed = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The account that is tried. */
const accountOf = (request: Request): string =>
  hashed(
    textOf(request.body as Sent | undefined, 'email')
      .trim()
      .toLowerCase(),
  )

const limiter = (
  limit: number,
  keyGenerator: (request: Request) => string,
  refuse: (request: Request, response: Response) => void,
): RequestHandler =>
  rateLimit({
    windowMs: WINDOW_MS,
    limit,
    keyGenerator,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    handler: refuse,
  })

const tooMany = (): never => {
  throw new Problem('request/too-many', 'Too many wrong tries. Wait a quarter of an hour, then try again.')
}

/** Where something secret can be guessed; only what was refused counts. The counts live in this process. */
export const guessesByAddress = (refuse: (request: Request, response: Response) => void = tooMany) =>
  limiter(PER_ADDRESS_MAX, ({ ip }) => ipKeyGenerator(ip ?? ''), refuse)

/** The same for one account, named in the form's field `email`. */
export const guessesByAccount = (refuse: (request: Request, response: Response) => void) =>
  limiter(PER_ACCOUNT_MAX, accountOf, refuse)

/** The same for whoever sits at a browser that somebody left signed in. */
export const guessesBySession = (publicUrl: string) =>
  limiter(
    PER_ACCOUNT_MAX,
    (request) => hashed(readCookie(request.get('cookie'), cookieName(publicUrl)) ?? ''),
    tooMany,
  )
