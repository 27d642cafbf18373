import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, ReleaseId, type TenantId } from '../core/ids.ts'
import { type Sql, sql } from '../core/sql.ts'
import type { ExposureAudit } from './exposure.ts'

/** A recording as leaks are asked for it. */
export const AskedRecording = z.object({
  id: RecordingId,
  title: z.string(),
  version: z.string().nullable(),
  artists: z.array(z.string()),
  isrc: z.string().nullable(),
  durationMs: z.number().nullable(),
  upc: z.string().nullable(),
  releaseId: ReleaseId.nullable(),
  releaseTitle: z.string().nullable(),
  label: z.string().nullable(),
  year: z.number().nullable(),
  /** Addresses where it is by its holder's leave. */
  authorised: z.array(z.string()),
  officialUrl: z.string().nullable(),
  embargoUntil: z.date().nullable(),
})
export type AskedRecording = z.infer<typeof AskedRecording>

const columns = sql`r.id, r.title, r.version, r.artists, r.isrc, r.duration_ms, l.upc, r.release_id, l.title as release_title,
  l.label, extract(year from l.release_date)::integer as year, r.authorised, r.official_url, r.embargo_until`
const tables = sql`recording r left join release l on l.id = r.release_id`

type Asked = Pick<ExposureAudit, 'id' | 'tenantId' | 'scope'>

/** Which recordings of its account an audit asks for. */
function inScope({ id, scope }: Asked): Sql {
  switch (scope.kind) {
    case 'all':
      return sql`true`
    case 'label':
      return sql`l.label = ${scope.label}`
    case 'release':
      return sql`r.release_id = ${scope.releaseId}`
    case 'isrcs':
      return sql`r.isrc in (select jsonb_array_elements_text(a.scope->'isrcs') from exposure_audit a where a.id = ${id})`
    case 'recordings':
      return sql`r.id in (select w.recording_id from exposure_audit_recording w where w.audit_id = ${id})`
  }
}

/** Where a page begins, and how long it is. */
export interface AskedPage {
  readonly after: RecordingId | undefined
  readonly limit: number
}

const from = ({ after }: AskedPage): Sql => (after === undefined ? sql`true` : sql`r.id > ${after}`)

/** The recordings that an audit asks for, without those that were withdrawn, by their ids. */
export const listAsked = (tx: Tx, asked: Asked, page: AskedPage): Promise<AskedRecording[]> =>
  tx.all(AskedRecording)`
    select ${columns} from ${tables}
     where r.tenant_id = ${asked.tenantId} and r.withdrawn_at is null and ${inScope(asked)} and ${from(page)}
     order by r.id limit ${page.limit}`

/** All recordings of an account, without those that were withdrawn, by their ids. */
export const listCatalogue = (tx: Tx, tenantId: TenantId, page: AskedPage): Promise<AskedRecording[]> =>
  tx.all(AskedRecording)`
    select ${columns} from ${tables}
     where r.tenant_id = ${tenantId} and r.withdrawn_at is null and ${from(page)} order by r.id limit ${page.limit}`

const Count = z.object({ count: z.number() })

/** How many recordings an audit asks for. */
export const countAsked = async (tx: Tx, asked: Asked): Promise<number> =>
  (
    await tx.one(Count)`
      select count(*) as count from ${tables}
       where r.tenant_id = ${asked.tenantId} and r.withdrawn_at is null and ${inScope(asked)}`
  ).count

/** Codes that an audit asks for and that no recording of its account has, in their order and each once. */
export async function unregisteredCodes(tx: Tx, { id, tenantId, scope }: Asked): Promise<string[]> {
  if (scope.kind !== 'isrcs') return []
  const rows = await tx.all(z.object({ isrc: z.string() }))`
    select distinct c.isrc from exposure_audit a, jsonb_array_elements_text(a.scope->'isrcs') c (isrc)
     where a.id = ${id} and not exists (
             select from recording r where r.tenant_id = ${tenantId} and r.isrc = c.isrc and r.withdrawn_at is null)
     order by c.isrc`
  return rows.map(({ isrc }) => isrc)
}
