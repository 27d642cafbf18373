import type { Db, Tx } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { Manners, type Outcome, type VisitRules, endTurn, strange, takeTurn } from './politeness.ts'

/** Jobs that wait for one host come back within this share of their wait after its end, not all in the same moment. */
const SPREAD = 0.5
const SPREAD_MS_MAX = 60_000
/** What is known of a host that nobody visited for so long is of no use. */
const FORGET_DAYS = 7

/** What is known of a host, so that nobody else changes it in this transaction. */
async function lockManners(tx: Tx, host: string): Promise<Manners> {
  const now = new Date()
  await tx.run`insert into host_manners (host, free_at) values (${host}, ${now}) on conflict do nothing`
  const known = await tx.maybe(Manners)`
    select free_at, open, refusals, visits_on::text as visits_on, visits from host_manners where host = ${host} for update`
  return known ?? strange(now)
}

async function keepManners(tx: Tx, host: string, manners: Manners): Promise<void> {
  await tx.run`
    update host_manners set free_at = ${manners.freeAt}, open = ${JSON.stringify(manners.open)},
           refusals = ${manners.refusals}, visits_on = ${manners.visitsOn}, visits = ${manners.visits}
     where host = ${host}`
}

const words = {
  busy: 'others are visiting it, or it asked for patience',
  budget: 'it was visited often enough today',
} as const

/** What a visit may find out while it lasts, and where it may lead. */
export interface Visit {
  /** The host that was asked last asks for patience (429, 503). @param waitMs as it says; 0 when it does not. */
  busy(waitMs: number): void
  /**
   * Goes on to another host, as a redirect or a playlist leads there: a visit of its own until the whole visit is over. Nothing
   * happens at a host that is being visited already. @throws {Problem} as `visit`; open/too-many.
   */
  enter(host: string): Promise<void>
}

/** Redirects and the parts of a stream lead to a few hosts; a playlist could send us to thousands. */
const HOSTS_MAX = 20
/** Who was led to a host waits there for so long, since coming again costs the first host another visit. */
const WAIT_IN_PLACE_MS = 5_000

/** Takes a turn, or tells when there is one. @returns until when it lasts at most. */
async function turnAt(db: Db, host: string, rules: VisitRules, patienceMs: number): Promise<Date> {
  const turn = await db.system(async (tx) => {
    const asked = takeTurn(await lockManners(tx, host), rules, new Date())
    if (asked.isFree) await keepManners(tx, host, asked.manners)
    return asked
  })
  if (turn.isFree) return turn.until
  if (turn.why === 'resting') {
    const from = new Date(Date.now() + turn.waitMs).toISOString().slice(0, 16)
    throw new Problem('fetch/resting', `It asked for patience again and again; try after ${from} UTC`)
  }
  if (turn.waitMs <= patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, turn.waitMs))
    return turnAt(db, host, rules, patienceMs - Math.max(1, turn.waitMs))
  }
  const waitMs = turn.waitMs + Math.random() * Math.min(SPREAD_MS_MAX, turn.waitMs * SPREAD)
  throw new Problem('fetch/later', `It is not visited now: ${words[turn.why]}`, { waitMs })
}

/**
 * Visits a host when it is its turn, as all workers together agree (politeness.ts).
 *
 * @param host as `hostOf` gives it.
 * @param work what is done there. A Problem that says how long to wait counts as a request for patience, of the host that
 *   was entered last.
 * @throws {Problem} `fetch/later`, saying when to come again; `fetch/resting`. What `work` throws is thrown on.
 */
export async function visit<T>(
  db: Db,
  host: string,
  rules: VisitRules,
  work: (visit: Visit) => Promise<T>,
): Promise<T> {
  const turns = new Map([[host, await turnAt(db, host, rules, 0)]])
  let asked = host
  const outcomes = new Map<string, Outcome>()
  const turn: Visit = {
    busy: (waitMs) => void outcomes.set(asked, { busyMs: waitMs }),
    async enter(next) {
      if (!turns.has(next)) {
        if (turns.size >= HOSTS_MAX)
          throw new Problem('open/too-many', `It is spread over more than ${HOSTS_MAX} hosts`)
        turns.set(next, await turnAt(db, next, rules, WAIT_IN_PLACE_MS))
      }
      asked = next
    },
  }
  try {
    const done = await work(turn)
    for (const each of turns.keys()) if (!outcomes.has(each)) outcomes.set(each, 'answered')
    return done
  } catch (error) {
    // What is put off by another host says nothing of this one.
    if (error instanceof Problem && error.type !== 'fetch/later' && error.waitMs !== undefined)
      outcomes.set(asked, { busyMs: error.waitMs })
    throw error
  } finally {
    for (const [each, until] of turns)
      await db.system(async (tx) => {
        const outcome = outcomes.get(each) ?? 'silent'
        await keepManners(tx, each, endTurn(await lockManners(tx, each), until, outcome, new Date()))
      })
  }
}

/** Forgets hosts that nobody visits any more. */
export const forgetHosts = (tx: Tx): Promise<number> =>
  tx.run`
    delete from host_manners
     where free_at < now() - make_interval(days => ${FORGET_DAYS}) and visits_on < current_date - ${FORGET_DAYS}::integer`
