import { gatherNews } from './alerts/news-store.ts'
import type { Tx } from './core/db.ts'
import type { TenantId, WatchReadId } from './core/ids.ts'
import type { Problem } from './core/problem.ts'
import { canonicalUrlOf } from './submissions/canonical-url.ts'
import { queueUrls } from './submissions/turns-store.ts'
import { endFailedRead, endRead, findRead, keepSeen, lockWatch, seenAt, wasRead } from './watches/store.ts'
import { FAILING_AFTER, FRESH_MAX, type Watch, nextReadAt } from './watches/watch.ts'

/** What was seen at a watched place. */
export interface SeenPlace {
  readonly status: number
  readonly etag: string | null
  readonly lastModified: string | null
  /** Addresses on it, in their order; undefined when it has not changed since it was last read. */
  readonly links: readonly string[] | undefined
}

/** The addresses of a place by their keys, each once and without the place itself. */
function keyed(links: readonly string[], { urlKey }: Pick<Watch, 'urlKey'>): { url: string; key: string }[] {
  const once = new Map<string, string>()
  for (const url of links) {
    const key = canonicalUrlOf(url)
    if (key !== urlKey && !once.has(key)) once.set(key, url)
  }
  return [...once].map(([key, url]) => ({ key, url }))
}

/**
 * Takes in what a read has seen: addresses that were not there before are handed in, to wait for their turn. At the first
 * read they are only noted, unless the watch says otherwise.
 *
 * @returns the account in which something was handed in; undefined when nothing was, or the read was over already.
 */
export async function takeRead(
  tx: Tx,
  id: WatchReadId,
  { links, ...seen }: SeenPlace,
): Promise<TenantId | undefined> {
  const read = await findRead(tx, id)
  const watch = read && (await lockWatch(tx, read.watchId))
  if (!watch || read.stage !== 'watch') return undefined
  const next = nextReadAt(watch, 0, new Date())
  if (links === undefined) {
    await endRead(tx, read, { ...seen, found: null, fresh: 0, leftOut: 0 }, next)
    return undefined
  }
  const onIt = keyed(links, watch)
  const before = await seenAt(
    tx,
    watch.id,
    onIt.map(({ key }) => key),
  )
  const unseen = onIt.filter(({ key }) => !before.has(key))
  const isHandedIn = watch.state !== 'ended' && (watch.takesFirst || (await wasRead(tx, watch.id)))
  const taken = isHandedIn ? unseen.slice(0, FRESH_MAX) : unseen
  const given = { addresses: taken, note: `Seen at ${watch.name}`, by: 'system', watchId: watch.id }
  if (isHandedIn) await queueUrls(tx, watch.tenantId, given)
  await keepSeen(
    tx,
    watch,
    taken.map(({ key }) => key),
  )
  const counts = {
    found: onIt.length,
    fresh: isHandedIn ? taken.length : 0,
    leftOut: unseen.length - taken.length,
  }
  // A place of which something was left is not to be taken for unchanged.
  const validators = counts.leftOut > 0 ? { etag: null, lastModified: null } : {}
  await endRead(tx, read, { ...seen, ...counts, ...validators }, next)
  return counts.fresh > 0 ? watch.tenantId : undefined
}

/** Ends a read with a problem; when it is not the first in a row, its account is told once. */
export async function failRead(tx: Tx, id: WatchReadId, problem: Problem): Promise<void> {
  const read = await findRead(tx, id)
  const watch = read && (await lockWatch(tx, read.watchId))
  if (!watch) return
  const failures = watch.failures + 1
  if (!(await endFailedRead(tx, read, problem, nextReadAt(watch, failures, new Date())))) return
  if (failures !== FAILING_AFTER || watch.state === 'ended') return
  await gatherNews(tx, watch.tenantId, {
    kind: 'watch_failing',
    key: `watch_failing:${id}`,
    details: { watchId: watch.id, name: watch.name, failures, problem: problem.toJSON().title },
  })
}
