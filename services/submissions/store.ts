import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type Sha256, SubmissionId, type TenantId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import { StoredProblem, stagesOf } from '../core/stages.ts'
import { canonicalUrlOf } from './canonical-url.ts'
import { Submission, type SubmissionStage, submissionTransitions } from './submission.ts'

export const stages = stagesOf('submission', submissionTransitions, ['queued', 'compare'])

const columns = sql`id, tenant_id, kind, url, file_name, note, stage, problem, progress, blob_sha256, bytes, url_key,
  batch_id, watch_id, created_at, case when stage in ('done', 'failed') then stage_since end as ended_at`

/** An address that is handed in, by whom, and with what. */
export interface NewSubmittedUrl {
  readonly url: string
  readonly note?: string | undefined
  readonly by: string
  /** `queued`: it waits for its turn among the account's others. Default: `fetch`, at once. */
  readonly stage?: 'queued' | 'fetch' | undefined
  readonly batchId?: string | undefined
  readonly watchId?: string | undefined
}

/**
 * Hands in an address. While the same address is being worked on, that submission is the answer; one that waits for its
 * turn gets it when it is handed in to be fetched at once.
 */
export async function submitUrl(tx: Tx, tenantId: TenantId, given: NewSubmittedUrl): Promise<Submission> {
  const { url, note = null, by, stage = 'fetch', batchId = null, watchId = null } = given
  return tx.one(Submission)`
    insert into submission (id, tenant_id, kind, url, url_key, note, stage, submitted_by, batch_id, watch_id)
    values (${newId(SubmissionId)}, ${tenantId}, 'url', ${url}, ${canonicalUrlOf(url)}, ${note}, ${stage}, ${by}, ${batchId}, ${watchId})
    on conflict (tenant_id, url_key) where url_key is not null and stage in ('queued', 'fetch', 'unpack', 'compare')
      do update set note = coalesce(submission.note, excluded.note),
                    stage = case when submission.stage = 'queued' then excluded.stage else submission.stage end
    returning ${columns}`
}

/** Hands in a file whose bytes are in the blob store already. */
export async function submitFile(
  tx: Tx,
  tenantId: TenantId,
  given: { fileName: string; sha256: Sha256; bytes: number; note?: string | undefined; by: string },
): Promise<Submission> {
  return tx.one(Submission)`
    insert into submission (id, tenant_id, kind, file_name, note, stage, blob_sha256, bytes, submitted_by)
    values (${newId(SubmissionId)}, ${tenantId}, 'file', ${given.fileName}, ${given.note ?? null}, 'unpack', ${given.sha256}, ${given.bytes}, ${given.by})
    returning ${columns}`
}

export const find = (tx: Tx, id: SubmissionId): Promise<Submission | undefined> =>
  tx.maybe(Submission)`select ${columns} from submission where id = ${id}`

/** Where a page of a list begins: after this row, newest first. */
export interface After {
  readonly at: Date
  readonly id: string
}

export async function list(
  tx: Tx,
  asked: { stage?: SubmissionStage | undefined; after?: After | undefined; limit: number },
): Promise<Submission[]> {
  const conditions = [
    sql`true`,
    ...(asked.stage ? [sql`stage = ${asked.stage}`] : []),
    ...(asked.after ? [sql`(created_at, id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(Submission)`
    select ${columns} from submission where ${join(conditions, ' and ')} order by created_at desc, id desc limit ${asked.limit}`
}

/** Notes what was fetched and moves on; of two workers one writes. */
export async function keepFetched(
  tx: Tx,
  submission: Pick<Submission, 'id'>,
  fetched: { sha256: Sha256; bytes: number; fileName?: string | undefined },
): Promise<boolean> {
  await tx.run`
    update submission set blob_sha256 = ${fetched.sha256}, bytes = ${fetched.bytes}, file_name = ${fetched.fileName ?? null}
     where id = ${submission.id} and stage = 'fetch'`
  return stages.advance(tx, submission.id, 'fetch', 'unpack')
}

const Ends = z.object({
  open: z.number(),
  examined: z.number(),
  /** Addresses that robots may not ask for. */
  leftOut: z.number(),
  problem: StoredProblem.nullable(),
})

/** What a submission ends with in which there was nothing, and nothing that failed. */
const nothing = new Problem('open/nothing', 'No audio, no picture and no name of a recording is in it')

/** What one ends with that leads only to what its site keeps from programs. */
const keptAway = (addresses: number): Problem =>
  new Problem(
    'fetch/robots',
    `There is nothing in it but ${addresses === 1 ? 'an address' : `${addresses} addresses`} of which robots.txt says ` +
      'that programs stay away; hand in such an address by itself to have it read',
  )

/** Items that end at once take turns, so that the second sees the first. */
export const lockSubmission = (tx: Tx, id: SubmissionId): Promise<number> =>
  tx.run`select from submission where id = ${id} for update`

/**
 * Ends a submission whose items have all ended: done when at least one could be examined, failed with the first item's
 * problem when none could, or because there is nothing but what may not be read. Called in the transaction that ends an item.
 */
export async function settle(tx: Tx, id: SubmissionId): Promise<void> {
  await lockSubmission(tx, id)
  const ends = await tx.one(Ends)`
    select count(*) filter (where stage not in ('done', 'failed')) as open,
           count(*) filter (where stage = 'done' and kind in ('media', 'cover', 'listed')) as examined,
           count(*) filter (where stage = 'done' and kind = 'link') as left_out,
           (array_agg(problem order by number) filter (where stage = 'failed'))[1] as problem
      from item where submission_id = ${id}`
  if (ends.open > 0) return
  const failed = ends.examined === 0
  const problem = ends.problem ?? (ends.leftOut > 0 ? keptAway(ends.leftOut) : nothing)
  await tx.run`
    update submission set stage = ${failed ? 'failed' : 'done'}, failed_stage = ${failed ? 'compare' : null},
           problem = ${failed ? JSON.stringify(problem) : null}, stage_since = now(), progress = 0
     where id = ${id} and stage = 'compare'`
}

const Counts = z.object({ open: z.number(), done: z.number(), failed: z.number() })
export type SubmissionCounts = z.infer<typeof Counts>

export const counts = (tx: Tx): Promise<SubmissionCounts> =>
  tx.one(Counts)`
    select count(*) filter (where stage in ('queued', 'fetch', 'unpack', 'compare')) as open,
           count(*) filter (where stage = 'done') as done, count(*) filter (where stage = 'failed') as failed
      from submission`
