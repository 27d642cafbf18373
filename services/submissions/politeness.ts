import { z } from 'zod'

import type { Config } from '../core/config.ts'

/** `single`: somebody waits for it. `automatic`: nobody does, so that it can wait for others. */
export type VisitKind = 'single' | 'automatic'

/** How a host is treated; of one kind of visit. */
export interface VisitRules {
  readonly kind: VisitKind
  /** At the same time. */
  readonly visitsMax: number
  /** Between the beginnings of two automatic visits. */
  readonly delayMs: number
  /** Automatic ones, of a day in UTC. */
  readonly perDayMax: number
  /** After this long a visit is taken for over: whoever made it is gone. */
  readonly longestMs: number
}

/** What is known of a host: the account that all workers keep together. */
export const Manners = z.object({
  /** Nothing is asked of it before; while it has refused not even by somebody who waits. */
  freeAt: z.date(),
  /** Visits under way: when each is over at the latest. */
  open: z.array(z.iso.datetime().pipe(z.coerce.date())),
  /** Answers in a row by which it asked for patience. */
  refusals: z.number(),
  /** The day of `visits`, as an ISO 8601 date. */
  visitsOn: z.string(),
  visits: z.number(),
})
export type Manners = z.infer<typeof Manners>

/**
 * What a visit came to: it was `answered`, nothing is known (`silent`), or the host asked for patience, for so long; 0 when
 * it did not say.
 */
export type Outcome = 'answered' | 'silent' | { readonly busyMs: number }

/** A turn, or why there is none now. `resting`: it has refused so often that nobody should wait for it. */
export type Turn =
  | { readonly isFree: true; readonly manners: Manners; readonly until: Date }
  | { readonly isFree: false; readonly why: 'busy' | 'resting' | 'budget'; readonly waitMs: number }

/** Programs and proxies keep a visit open longer than the fetch: what it writes at its end counts as well. */
const LONGEST_SLACK_MS = 60_000
/** With all places of a host taken one looks again after so long: about what a small file takes. */
const TAKEN_WAIT_MS = 2_000
/** The first pause after a refusal without Retry-After; it doubles with each further one. */
const PAUSE_FIRST_MS = 30_000
/** No pause is longer, whatever a host asks for: then it is asked whether it still wants that. */
const PAUSE_MAX_MS = 24 * 3_600_000
/** After so many refusals in a row, more than an hour of pauses, whoever waits is told instead. */
const REFUSALS_MAX = 8

/** The rules that an installation sets. */
export const visitRules = (
  config: Pick<Config, 'HOST_VISITS_MAX' | 'HOST_DELAY_MS' | 'HOST_VISITS_PER_DAY' | 'FETCH_TIMEOUT_MS'>,
  kind: VisitKind,
): VisitRules => ({
  kind,
  visitsMax: config.HOST_VISITS_MAX,
  delayMs: config.HOST_DELAY_MS,
  perDayMax: config.HOST_VISITS_PER_DAY,
  longestMs: config.FETCH_TIMEOUT_MS + LONGEST_SLACK_MS,
})

/** The host of an address, as it is accounted for: with its port, where that is another than its scheme's. */
export const hostOf = (url: string): string => new URL(url).host

/** What is known of a host that was never visited. */
export const strange = (now: Date): Manners => ({
  freeAt: now,
  open: [],
  refusals: 0,
  visitsOn: dayOf(now),
  visits: 0,
})

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

const untilTomorrowMs = (now: Date): number =>
  Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()

/** Asks whether a host may be visited now, and what is known of it when it is. */
export function takeTurn(known: Manners, rules: VisitRules, now: Date): Turn {
  const { kind, visitsMax, delayMs, perDayMax, longestMs } = rules
  const open = known.open.filter((until) => until > now)
  const visits = known.visitsOn === dayOf(now) ? known.visits : 0
  const isAutomatic = kind === 'automatic'
  const pauseMs = known.freeAt.getTime() - now.getTime()
  if (pauseMs > 0 && known.refusals >= REFUSALS_MAX) return { isFree: false, why: 'resting', waitMs: pauseMs }
  if (pauseMs > 0 && (isAutomatic || known.refusals > 0))
    return { isFree: false, why: 'busy', waitMs: pauseMs }
  if (isAutomatic && visits >= perDayMax)
    return { isFree: false, why: 'budget', waitMs: untilTomorrowMs(now) }
  if (open.length >= visitsMax) return { isFree: false, why: 'busy', waitMs: TAKEN_WAIT_MS }
  const until = new Date(now.getTime() + longestMs)
  const freeAt = isAutomatic ? new Date(now.getTime() + delayMs) : known.freeAt
  const counted = { visitsOn: dayOf(now), visits: visits + (isAutomatic ? 1 : 0) }
  return { isFree: true, until, manners: { ...known, ...counted, freeAt, open: [...open, until] } }
}

/** What is known of a host when a visit is over. @param until as `takeTurn` gave it. */
export function endTurn(known: Manners, until: Date, outcome: Outcome, now: Date): Manners {
  const at = known.open.findIndex((each) => each.getTime() === until.getTime())
  const open = known.open.filter((_, index) => index !== at)
  if (outcome === 'answered') return { ...known, open, refusals: 0 }
  if (outcome === 'silent') return { ...known, open }
  // Visits that were under way together and are all refused count as one refusal.
  const isSame = known.refusals > 0 && known.freeAt > now
  const refusals = known.refusals + (isSame ? 0 : 1)
  const pauseMs = Math.max(outcome.busyMs, PAUSE_FIRST_MS * 2 ** (refusals - 1))
  const freeAt = new Date(now.getTime() + Math.min(PAUSE_MAX_MS, pauseMs))
  return { ...known, open, refusals, freeAt: freeAt > known.freeAt ? freeAt : known.freeAt }
}
