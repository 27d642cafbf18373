import { claimBackfill, noteBackfill } from './core/backfill-store.ts'
import type { Db, Tx } from './core/db.ts'
import { keepLocationKey, locationKeys } from './matches/location-keys-store.ts'
import { canonicalUrlOf } from './submissions/canonical-url.ts'
import { keepUrlKey, urlKeys } from './submissions/url-keys-store.ts'

/** Rows of one transaction: a second's work, in which nobody waits long for them. */
const BATCH_ROWS = 1_000

/** Whose keys were made by an older rule, and how they are read and written. */
const kinds = {
  'submission addresses': { read: urlKeys, keep: keepUrlKey },
  'case locations': { read: locationKeys, keep: keepLocationKey },
} as const

/**
 * Gives the submissions and cases of older versions the keys by which addresses are known now (canonical-url.ts), so that
 * a new find joins the case that is there. Once for each database; it goes on where it was stopped.
 *
 * @returns how many keys were changed.
 */
export async function renewAddressKeys(db: Pick<Db, 'system'>, batchRows = BATCH_ROWS): Promise<number> {
  let changed = 0
  for (const name of Object.keys(kinds) as (keyof typeof kinds)[]) {
    let renewed: number | undefined
    do {
      renewed = await db.system((tx) => renewSome(tx, name, batchRows))
      changed += renewed ?? 0
    } while (renewed !== undefined)
  }
  return changed
}

/** @returns how many of the next rows were changed; undefined when there are no more. */
async function renewSome(tx: Tx, name: keyof typeof kinds, batchRows: number): Promise<number | undefined> {
  const standing = await claimBackfill(tx, name)
  if (!standing) return undefined
  const { read, keep } = kinds[name]
  const rows = await read(tx, standing.afterId, batchRows)
  let changed = 0
  for (const { id, text, key } of rows) {
    const fresh = URL.canParse(text) ? canonicalUrlOf(text) : key
    if (fresh !== key) changed += await keep(tx, id, fresh)
  }
  await noteBackfill(tx, name, rows.at(-1)?.id)
  return rows.length === 0 ? undefined : changed
}
