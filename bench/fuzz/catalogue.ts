import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import type { CatalogueImport, ImportKind } from '../../services/catalog/import/import.ts'
import * as imports from '../../services/catalog/import/store.ts'
import type { Db } from '../../services/core/db.ts'
import { type ImportId, Sha256, type TenantId } from '../../services/core/ids.ts'
import type { Logger } from '../../services/core/log.ts'
import { inPieces } from '../../test/support/mutate.ts'
import { importCatalogue } from '../../workers/import.ts'

/** A catalogue in a database where nobody else works. */
export interface FuzzedPlace {
  readonly db: Db
  readonly log: Logger
  readonly tenantId: TenantId
}

/** PostgreSQL tidies up on its own now and then; its locks are gone after this. */
const LOOKS_MAX = 50
const LOOK_MS = 100

const Tally = z.object({ at: z.date(), recordings: z.number(), withdrawn: z.number() })
type Tally = z.infer<typeof Tally>

const tally = ({ db }: FuzzedPlace): Promise<Tally> =>
  db.system(
    (tx) => tx.one(Tally)`
      select clock_timestamp() as at, count(*) as recordings,
             count(*) filter (where withdrawn_at is not null) as withdrawn
        from recording`,
  )

const Count = z.object({ count: z.number() })

/** Releases that were made since and that no recording is on. */
const orphans = async ({ db }: FuzzedPlace, since: Date): Promise<number> => {
  const { count } = await db.system(
    (tx) => tx.one(Count)`
      select count(*) from release l
       where created_at > ${since} and not exists (select from recording r where r.release_id = l.id)`,
  )
  return count
}

/** Whether another connection has a transaction in this database that nobody ends. */
async function isSomethingOpen({ db }: FuzzedPlace): Promise<boolean> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { count } = await db.system(
      (tx) => tx.one(Count)`
        select count(*) from pg_locks
         where locktype = 'relation' and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database())`,
    )
    if (count === 0) return false
    await sleep(LOOK_MS)
  }
  return true
}

const Kept = z.object({ errors: z.number(), warnings: z.number(), changes: z.number() })

const keptOf = ({ db }: FuzzedPlace, id: ImportId): Promise<z.infer<typeof Kept>> =>
  db.system(
    (tx) => tx.one(Kept)`
      select count(*) filter (where severity = 'error') as errors,
             count(*) filter (where severity = 'warning') as warnings,
             (select count(*) from catalogue_import_change where import_id = ${id}) as changes
        from catalogue_import_error where import_id = ${id}`,
  )

class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

/** A file that may end in the middle, as when a disk fails. */
async function* read(bytes: Buffer, breaksOff: boolean): AsyncGenerator<Buffer> {
  yield* inPieces(breaksOff ? bytes.subarray(0, bytes.length / 2) : bytes)
  if (breaksOff) throw new BrokenOff('the file broke off')
}

/** Does the job of an import. @returns what it threw. */
async function worked(
  { db, log }: FuzzedPlace,
  id: ImportId,
  source: AsyncGenerator<Buffer>,
): Promise<unknown> {
  try {
    const run = { log, progress: async () => {}, signal: new AbortController().signal }
    const blobs = { read: async () => Readable.from(source) }
    await importCatalogue({ db, blobs })({ id }, run)
    return undefined
  } catch (error) {
    return error
  }
}

/** What of the counts of an import does not agree with the tables. */
async function disagreements(place: FuzzedPlace, about: CatalogueImport, before: Tally): Promise<string[]> {
  const { kind, rows, created, updated, unchanged, purged, errors, warnings, entries, dryRun } = about
  const after = await tally(place)
  const kept = await keptOf(place, about.id)
  const withdrawn = after.withdrawn - before.withdrawn
  const sum = created + updated + unchanged + errors
  const rules: readonly (readonly [boolean, string])[] = [
    [
      after.recordings - before.recordings === (dryRun ? 0 : created),
      `${after.recordings - before.recordings} recordings more, ${created} counted`,
    ],
    [
      withdrawn <= (dryRun ? 0 : purged) && withdrawn >= (dryRun ? 0 : -updated),
      `${withdrawn} recordings more are withdrawn, ${purged} counted, ${updated} updated`,
    ],
    // An entry that takes something back is a row, too.
    [kind === 'ern' ? sum <= rows : sum === rows, `${rows} rows came to ${sum}`],
    [entries === rows, `${entries} entries are ${rows} rows`],
    [
      kept.errors >= errors && (errors > 0 || kept.errors === 0),
      `${errors} rows with ${kept.errors} errors kept`,
    ],
    [kept.warnings === warnings, `${warnings} warnings, ${kept.warnings} kept`],
    [kept.changes === updated + purged, `${updated} updated and ${purged} purged, ${kept.changes} changes`],
    [(await orphans(place, before.at)) === 0, 'a release without recordings was made'],
    [!(await isSomethingOpen(place)), 'a transaction was left open'],
  ]
  return rules.filter(([holds]) => !holds).map(([, text]) => text)
}

/**
 * Takes a file into the catalogue by the job, from its first byte to the last or to where it breaks off, and looks whether
 * just what the import says is in the tables.
 *
 * @returns what is not as it should be.
 */
export async function takeInOnce(
  place: FuzzedPlace,
  kind: ImportKind,
  bytes: Buffer,
  breaksOff: boolean,
): Promise<readonly string[]> {
  const { db, tenantId } = place
  const before = await tally(place)
  const { id } = await db.tenant(tenantId, (tx) =>
    imports.add(tx, tenantId, {
      kind,
      fileName: 'catalogue',
      sha256: Sha256.parse('0'.repeat(64)),
      bytes: Math.max(1, bytes.length),
      options: {},
      dryRun: false,
      by: 'system',
    }),
  )
  const thrown = await worked(place, id, read(bytes, breaksOff))
  const about = await db.tenant(tenantId, (tx) => imports.find(tx, id))
  if (!about) return ['the import is gone']
  const isExpected = breaksOff ? thrown instanceof BrokenOff : thrown === undefined
  return [
    ...(isExpected ? [] : [`it threw ${String(thrown)}`]),
    ...(about.stage === (thrown === undefined ? 'done' : 'import') ? [] : [`its stage is ${about.stage}`]),
    ...(await disagreements(place, about, before)),
  ]
}
