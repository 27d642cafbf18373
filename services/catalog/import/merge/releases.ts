import { z } from 'zod'

import type { Tx } from '../../../core/db.ts'
import { ReleaseId, type TenantId, newId } from '../../../core/ids.ts'
import { sql } from '../../../core/sql.ts'
import type { ImportedRelease } from '../entry.ts'

/** From what to what a field changed. */
export type FieldChanges = Readonly<Record<string, { from: unknown; to: unknown }>>

/** Where a release is, or will be. */
export interface ReleasePlace {
  readonly id: ReleaseId
  readonly isNew: boolean
}

/** By what a release is recognised: its UPC, else title and label. As in the indexes of the table. */
export const releaseKeyOf = ({ upc, title, label }: ImportedRelease): string =>
  upc ? `upc ${upc}` : `title ${title}\n${label ?? ''}`

const Found = z.object({ key: z.string(), id: ReleaseId })

const Changed = z.object({
  key: z.string(),
  changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
})

/** Told by files beside what a release is recognised by: name in a change, column. */
const told = [
  ['releaseTitle', 'title'],
  ['label', 'label'],
  ['grid', 'grid'],
  ['catalogNumber', 'catalog_number'],
  ['releaseDate', 'release_date'],
  ['cLine', 'c_line'],
] as const

const changesSql = sql([
  told
    .map(
      ([name, column]) => `case when g.${column} is not null and l.${column} is distinct from g.${column}
        then jsonb_build_object('${name}', jsonb_build_object('from', l.${column}, 'to', g.${column})) else '{}' end`,
    )
    .join(' || '),
] as unknown as TemplateStringsArray)

const given = (json: string) => sql`
  json_to_recordset(${json}::json) as g(
    key text, id uuid, title text, upc text, grid text, catalog_number text, label text, release_date date, c_line text)`

/** The releases for `given`, each with where it is. */
const asJson = (
  releases: ReadonlyMap<string, ImportedRelease>,
  idOf: (key: string) => ReleaseId | undefined,
): string =>
  JSON.stringify(
    [...releases].map(([key, release]) => ({
      key,
      id: idOf(key),
      title: release.title,
      upc: release.upc,
      grid: release.grid,
      catalog_number: release.catalogNumber,
      label: release.label,
      release_date: release.releaseDate,
      c_line: release.cLine,
    })),
  )

/**
 * Finds the releases of a batch, and has a place for each that is not there yet. Writes nothing: which of the rows are taken
 * in is not known yet. The caller holds the catalogue's lock.
 *
 * @param releases by `releaseKeyOf`, as the answer is.
 */
export async function placeReleases(
  tx: Tx,
  tenantId: TenantId,
  releases: ReadonlyMap<string, ImportedRelease>,
): Promise<ReadonlyMap<string, ReleasePlace>> {
  if (releases.size === 0) return new Map()
  const json = asJson(releases, () => undefined)
  const found = await tx.all(Found)`
    select g.key, l.id from ${given(json)} join release l on l.tenant_id = ${tenantId} and l.upc = g.upc
     union all
    select g.key, l.id
      from ${given(json)} join release l
        on l.tenant_id = ${tenantId} and l.upc is null and g.upc is null and l.title = g.title
       and coalesce(l.label, '') = coalesce(g.label, '')`
  const ids = new Map(found.map(({ key, id }) => [key, id]))
  return new Map(
    [...releases.keys()].map((key) => {
      const id = ids.get(key)
      return [key, { id: id ?? newId(ReleaseId), isNew: id === undefined }]
    }),
  )
}

/**
 * Writes the releases of the rows that are taken in: makes the new ones, and takes over what the file says differently of
 * the others.
 *
 * @param releases by `releaseKeyOf`. @param places as `placeReleases` found them.
 * @returns what changed, by `releaseKeyOf`; nothing of new ones.
 */
export async function writeReleases(
  tx: Tx,
  tenantId: TenantId,
  releases: ReadonlyMap<string, ImportedRelease>,
  places: ReadonlyMap<string, ReleasePlace>,
): Promise<ReadonlyMap<string, FieldChanges>> {
  const part = (isNew: boolean) => new Map([...releases].filter(([key]) => places.get(key)?.isNew === isNew))
  const [fresh, there] = [part(true), part(false)]
  const idOf = (key: string) => places.get(key)?.id
  if (fresh.size > 0)
    await tx.run`
      insert into release (id, tenant_id, title, upc, grid, catalog_number, label, release_date, c_line)
      select id, ${tenantId}, title, upc, grid, catalog_number, label, release_date, c_line
        from ${given(asJson(fresh, idOf))}`
  if (there.size === 0) return new Map()
  const found = await tx.all(Changed)`
    select g.key, ${changesSql} as changes from ${given(asJson(there, idOf))} join release l on l.id = g.id`
  const changed = new Map(
    found.filter(({ changes }) => Object.keys(changes).length > 0).map(({ key, changes }) => [key, changes]),
  )
  const changing = new Map([...there].filter(([key]) => changed.has(key)))
  if (changing.size > 0)
    await tx.run`
      update release l
         set title = g.title, label = coalesce(g.label, l.label), grid = coalesce(g.grid, l.grid),
             catalog_number = coalesce(g.catalog_number, l.catalog_number),
             release_date = coalesce(g.release_date, l.release_date), c_line = coalesce(g.c_line, l.c_line)
        from ${given(asJson(changing, idOf))}
       where l.id = g.id`
  return changed
}
