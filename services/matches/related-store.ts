import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import { type Sql, sql } from '../core/sql.ts'
import { caseColumns, caseTables } from './case-store.ts'
import { RelatedCase, RelatedReason } from './related.ts'

/** Files of a case that are looked for elsewhere: nearly all cases have one. */
const FILES_MAX = 20
/** The latest that are looked at for each file and each reason: a file or an account may be in every case there is. */
const CANDIDATES_MAX = 200

/**
 * The other cases that have a case's file, its audio, its recording at the same host, or its uploader; those with the
 * strongest reason first, then the latest. Each reason reads only the newest candidates, by an index in that order, so
 * that it takes as long among a hundred thousand cases as among a hundred.
 */
export const relatedCases = (tx: Tx, id: CaseId, limit: number): Promise<RelatedCase[]> =>
  tx.all(RelatedCase)`${relatedQuery(id, limit)}`

/** The query of `relatedCases`, so that its plan can be looked at. */
export const relatedQuery = (id: CaseId, limit: number): Sql =>
  sql`
    with self as (select id, tenant_id, recording_id, host, channel, uploader_key from case_file where id = ${id}),
    own as materialized (
      select distinct i.tenant_id, i.sha256, i.audio_sha256 from match m join item i on i.id = m.item_id
       where m.case_id = ${id} limit ${FILES_MAX}),
    found as (
      select m.case_id, 1 as rank from (select distinct tenant_id, sha256 from own where sha256 is not null) f
       cross join lateral (select id from item where sha256 = f.sha256 and tenant_id = f.tenant_id
                            order by created_at desc limit ${CANDIDATES_MAX}) i
        join match m on m.item_id = i.id
      union all
      select m.case_id, 2 from (select distinct tenant_id, audio_sha256 from own where audio_sha256 is not null) f
       cross join lateral (select id, sha256 from item where audio_sha256 = f.audio_sha256 and tenant_id = f.tenant_id
                            order by created_at desc limit ${CANDIDATES_MAX}) i
        join match m on m.item_id = i.id
       where i.sha256 not in (select sha256 from own where sha256 is not null)
      union all
      select c.id, 3 from self cross join lateral (
        select id from case_file where recording_id = self.recording_id and tenant_id = self.tenant_id and host = self.host
         order by opened_at desc limit ${CANDIDATES_MAX}) c
      union all
      select c.id, 4 from self cross join lateral (
        select id from case_file where tenant_id = self.tenant_id and channel = self.channel
         order by opened_at desc limit ${CANDIDATES_MAX}) c
      union all
      select c.id, 5 from self cross join lateral (
        (select id, channel from case_file where tenant_id = self.tenant_id and uploader_key = self.uploader_key
          order by opened_at desc limit ${CANDIDATES_MAX})
        union all
        (select id, channel from case_file where tenant_id = self.tenant_id and channel = self.uploader_key
          order by opened_at desc limit ${CANDIDATES_MAX})
        union all
        (select id, channel from case_file where tenant_id = self.tenant_id and uploader_key = self.channel
          order by opened_at desc limit ${CANDIDATES_MAX})) c
       where c.channel is distinct from self.channel or self.channel is null),
    related as (
      select case_id, array_agg(distinct rank order by rank) as ranks from found where case_id <> ${id} group by case_id)
    select ${caseColumns}, (select array_agg((${[...RelatedReason.options]}::text[])[rank] order by rank)
                              from unnest(related.ranks) as rank) as reasons
      from related join ${caseTables} on c.id = related.case_id
     order by related.ranks[1], c.opened_at desc, c.id limit ${limit}`
