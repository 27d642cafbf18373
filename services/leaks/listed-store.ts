import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type LeakId, type LeakManifestId, Sha256, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { ListedFile } from './listed.ts'
import type { TrackCodec } from './manifest-row.ts'

/** A row of a manifest that has the hash of a file. */
export interface FoundFile {
  readonly sha256: Sha256
  readonly leakId: LeakId
  readonly manifestId: LeakManifestId
  readonly row: number
  readonly part: number
  readonly popularity: number | null
  readonly codec: TrackCodec
  /** Of the manifest; 0: told by popularity. */
  readonly batch: number
}

/** Keeps that files of an account are listed. */
export async function keepListed(tx: Tx, tenantId: TenantId, found: readonly FoundFile[]): Promise<void> {
  if (found.length === 0) return
  await tx.run`
    insert into listed_file (tenant_id, sha256, leak_id, manifest_id, row, part, popularity, codec, batch)
    select ${tenantId}, f.sha256, f."leakId", f."manifestId", f.row, f.part, f.popularity, f.codec, f.batch
      from jsonb_to_recordset(${JSON.stringify(found)}::jsonb) f (
             sha256 text, "leakId" uuid, "manifestId" uuid, row bigint, part integer, popularity integer, codec text,
             batch integer)
        on conflict (tenant_id, sha256, manifest_id) do update
           set row = excluded.row, part = excluded.part, popularity = excluded.popularity, codec = excluded.codec,
               batch = excluded.batch`
}

/** Files that an account handed in and that were read as a whole, by their hashes. */
export const filesHandedIn = async (
  tx: Tx,
  tenantId: TenantId,
  page: { readonly after: Sha256 | undefined; readonly limit: number },
): Promise<Sha256[]> => {
  const rows = await tx.all(z.object({ sha256: Sha256 }))`
    select distinct sha256 from item
     where tenant_id = ${tenantId} and sha256 is not null and read is null
       and ${page.after === undefined ? sql`true` : sql`sha256 > ${page.after}`}
     order by sha256 limit ${page.limit}`
  return rows.map(({ sha256 }) => sha256)
}

const columns = sql`f.sha256, f.leak_id, k.name as leak_name, f.manifest_id, f.row, f.part, f.popularity, f.codec, f.found_at,
  b.name as batch_name, case when b.published_on <= (now() at time zone 'utc')::date then b.published_on::text end as published_on`

/** In which leaks files of an account are listed, those that were found first before others. */
export const listedAmong = (tx: Tx, tenantId: TenantId, hashes: readonly Sha256[]): Promise<ListedFile[]> =>
  tx.all(ListedFile)`
    select ${columns} from listed_file f join leak k on k.id = f.leak_id and k.removed_at is null
      left join leak_batch b on b.leak_id = f.leak_id and (b.number = f.batch
        or (f.batch = 0 and f.popularity between b.popularity_from and b.popularity_to))
     where f.tenant_id = ${tenantId} and f.sha256 = any(${[...hashes]}) order by f.found_at, f.manifest_id`
