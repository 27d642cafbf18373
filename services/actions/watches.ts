import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { WatchId, WatchReadId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { canonicalUrlOf } from '../submissions/canonical-url.ts'
import { defang } from '../submissions/submission.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type WatchAct, requireAct } from '../watches/machine.ts'
import {
  changeWatch,
  countWatches,
  keepWatch,
  listWatches,
  lockWatch,
  setWatch,
  startRead,
} from '../watches/store.ts'
import {
  type NewWatch,
  WATCHES_MAX,
  type Watch,
  type WatchChange,
  type WatchSummary,
  nextReadAt,
} from '../watches/watch.ts'
import { type House, ring } from './house.ts'

/** As much as a name may have. */
const NAME_CHARACTERS_MAX = 200

async function summaryOf(tx: Tx, id: WatchId): Promise<WatchSummary> {
  const [summary] = await listWatches(tx, { id, limit: 1 })
  if (!summary) throw new Problem('row/unknown', 'No such watch')
  return summary
}

/**
 * Watches a place from now on; it is read at once, and then every some hours.
 *
 * @throws {Problem} request/conflict when it is watched already, or too many are.
 */
export async function startWatch(house: House, caller: Caller, given: NewWatch): Promise<WatchSummary> {
  const { tenantId } = caller
  const by = actorOf(caller)
  const { summary, readId } = await house.db.tenant(tenantId, async (tx) => {
    if ((await countWatches(tx)) >= WATCHES_MAX)
      throw new Problem(
        'request/conflict',
        `More than ${WATCHES_MAX} places cannot be watched; end a watch first`,
      )
    const name = (given.name ?? defang(given.url)).slice(0, NAME_CHARACTERS_MAX)
    const id = await keepWatch(tx, tenantId, { ...given, name, urlKey: canonicalUrlOf(given.url), by })
    if (!id) throw new Problem('request/conflict', 'This place is watched already')
    const { url, everyH, takesFirst } = given
    const details = { url, everyH, takesFirst }
    await audit(tx, tenantId, { actor: by, action: 'watch.started', subject: `watch:${id}`, details })
    const started = await startRead(tx, { id, tenantId })
    return { summary: await summaryOf(tx, id), readId: started }
  })
  await ring(house, 'watch', readId)
  return summary
}

/** Does something with a watch in its transaction, with its audit entry. @throws {Problem} row/unknown, row/stage. */
async function act<T>(
  house: House,
  caller: Caller,
  id: WatchId,
  given: { readonly act: WatchAct; readonly action: string; readonly details?: Record<string, unknown> },
  work: (tx: Tx, watch: Watch) => Promise<T>,
): Promise<{ summary: WatchSummary; done: T }> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const watch = await lockWatch(tx, id)
    if (!watch) throw new Problem('row/unknown', 'No such watch')
    requireAct(watch.state, given.act)
    const done = await work(tx, watch)
    const { action, details = {} } = given
    await audit(tx, caller.tenantId, { actor: actorOf(caller), action, subject: `watch:${id}`, details })
    return { summary: await summaryOf(tx, id), done }
  })
}

/** Reads a watched place no more until it is resumed. @throws {Problem} row/unknown, row/stage. */
export async function pauseWatch(house: House, caller: Caller, id: WatchId): Promise<WatchSummary> {
  const given = { act: 'pause', action: 'watch.paused' } as const
  return (await act(house, caller, id, given, (tx) => setWatch(tx, id, { act: 'pause' }))).summary
}

/** Reads it again, beginning now. @throws {Problem} row/unknown, row/stage. */
export async function resumeWatch(house: House, caller: Caller, id: WatchId): Promise<WatchSummary> {
  const given = { act: 'resume', action: 'watch.resumed' } as const
  const { summary, done } = await act(house, caller, id, given, async (tx, watch) => {
    await setWatch(tx, id, { act: 'resume', nextReadAt: nextReadAt(watch, 0, new Date()) })
    return startRead(tx, watch)
  })
  await ring(house, 'watch', done)
  return summary
}

/** Changes its name or how often it is read. @throws {Problem} row/unknown, row/stage. */
export async function editWatch(
  house: House,
  caller: Caller,
  id: WatchId,
  change: WatchChange,
): Promise<WatchSummary> {
  const given = { act: 'change', action: 'watch.changed', details: { ...change } } as const
  const { summary } = await act(house, caller, id, given, async (tx, watch) => {
    await changeWatch(tx, id, change)
    const everyH = change.everyH ?? watch.everyH
    if (watch.nextReadAt && everyH !== watch.everyH)
      await setWatch(tx, id, { act: 'plan', nextReadAt: nextReadAt({ everyH }, watch.failures, new Date()) })
  })
  return summary
}

/** Reads it now; a read that is under way counts. @throws {Problem} row/unknown, row/stage. */
export async function readWatch(house: House, caller: Caller, id: WatchId): Promise<WatchReadId> {
  const given = { act: 'read', action: 'watch.read' } as const
  const { done } = await act(house, caller, id, given, (tx, watch) => startRead(tx, watch))
  await ring(house, 'watch', done)
  return done
}

/** Ends a watch for good; what it found, and its history, stay. @throws {Problem} row/unknown, row/stage. */
export async function endWatch(house: House, caller: Caller, id: WatchId): Promise<WatchSummary> {
  const given = { act: 'end', action: 'watch.ended' } as const
  return (await act(house, caller, id, given, (tx) => setWatch(tx, id, { act: 'end' }))).summary
}
