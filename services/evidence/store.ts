import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, CapsuleId, type CaseId, type NoticeId, Sha256, type TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import { CAPSULE_DAYS, Capsule, capsuleTransitions } from './capsule.ts'
import type { LogEntry, LogLink } from './log.ts'

export const stages = stagesOf('capsule', capsuleTransitions)

/** What a capsule is about. */
export type CapsuleSubject = { readonly caseId: CaseId } | { readonly noticeId: NoticeId }

const columns = sql`id, tenant_id, case_id, notice_id, stage, problem, progress, manifest_sha256,
  time_stamp is not null as time_stamped, sha256, bytes, held, requested_by, created_at,
  case when stage in ('done', 'failed') then stage_since end as ended_at`

const about = (subject: CapsuleSubject) =>
  'caseId' in subject ? sql`case_id = ${subject.caseId}` : sql`notice_id = ${subject.noticeId}`

export const findCapsule = (tx: Tx, id: CapsuleId): Promise<Capsule | undefined> =>
  tx.maybe(Capsule)`select ${columns} from capsule where id = ${id}`

/** The capsules of a case or a notice, the latest first. */
export const capsulesOf = (tx: Tx, subject: CapsuleSubject, rowsMax: number): Promise<Capsule[]> =>
  tx.all(Capsule)`
    select ${columns} from capsule where ${about(subject)} order by created_at desc, id desc limit ${rowsMax}`

/** Asks for a capsule. While one about the same is being built, that is the answer. */
export async function askForCapsule(
  tx: Tx,
  tenantId: TenantId,
  subject: CapsuleSubject,
  by: string,
): Promise<{ capsule: Capsule; isNew: boolean }> {
  // Two that ask at once take turns, so that the second finds what the first asked for.
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`capsule ${Object.values(subject).join()}`}, 0))`
  const inWork = await tx.maybe(Capsule)`
    select ${columns} from capsule where ${about(subject)} and stage = 'capsule' limit 1`
  if (inWork) return { capsule: inWork, isNew: false }
  const [caseId, noticeId] = 'caseId' in subject ? [subject.caseId, null] : [null, subject.noticeId]
  const capsule = await tx.one(Capsule)`
    insert into capsule (id, tenant_id, case_id, notice_id, stage, requested_by)
    values (${newId(CapsuleId)}, ${tenantId}, ${caseId}, ${noticeId}, 'capsule', ${by}) returning ${columns}`
  return { capsule, isNew: true }
}

/** Notes what was built and ends the work; of two workers one writes. */
export async function keepBuilt(
  tx: Tx,
  id: CapsuleId,
  built: {
    readonly manifestSha256: string
    readonly timeStamp: Uint8Array | undefined
    readonly sha256: Sha256
    readonly bytes: number
  },
): Promise<boolean> {
  const timeStamp = built.timeStamp ? Buffer.from(built.timeStamp) : null
  await tx.run`
    update capsule set manifest_sha256 = ${built.manifestSha256}, time_stamp = ${timeStamp}, sha256 = ${built.sha256},
           bytes = ${built.bytes}, held = true where id = ${id} and stage = 'capsule'`
  return stages.advance(tx, id, 'capsule', 'done')
}

/** Lets go of the files of capsules that are old; cron deletes them then. @returns of how many. */
export const releaseOldCapsules = (tx: Tx): Promise<number> =>
  tx.run`
    update capsule set held = false
     where held and stage = 'done' and stage_since < now() - make_interval(days => ${CAPSULE_DAYS})`

const LogRow = z.object({
  number: z.number(),
  prevHash: z.string(),
  entryHash: z.string(),
  at: z.date(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  concerns: z.boolean(),
})

/** Rows read at a time: some megabytes. */
const LOG_ROWS = 10_000

/**
 * The audit chain of a tenant from the first entry about any of some subjects to its head: those entries in full, and
 * links for all others. Empty when there is no such entry.
 */
export async function logAbout(
  tx: Tx,
  tenantId: TenantId,
  subjects: readonly string[],
): Promise<(LogEntry | LogLink)[]> {
  const asked = [...subjects]
  const { first } = await tx.one(z.object({ first: z.number().nullable() }))`
    select min(number) as first from audit_entry where tenant_id = ${tenantId} and subject = any(${asked})`
  const entries: (LogEntry | LogLink)[] = []
  for (let from = first; from !== null;) {
    const rows = await tx.all(LogRow)`
      select number, prev_hash, entry_hash, at, actor, action, subject, details, subject = any(${asked}) as concerns
        from audit_entry where tenant_id = ${tenantId} and number >= ${from} order by number limit ${LOG_ROWS}`
    for (const { concerns, at, ...entry } of rows) {
      const { number, prevHash, entryHash } = entry
      entries.push(concerns ? { ...entry, at: at.toISOString() } : { number, prevHash, entryHash })
    }
    const last = rows.at(-1)?.number
    from = rows.length === LOG_ROWS && last !== undefined ? last + 1 : null
  }
  return entries
}

const ExceptionsReview = z.object({
  number: z.number(),
  outcome: z.string(),
  answers: z.unknown(),
  reviewerName: z.string(),
  at: z.date(),
})

/** What people answered on whether an exception of the law covers the use, oldest first. */
export const exceptionsReviewsAbout = (tx: Tx, caseId: CaseId): Promise<z.infer<typeof ExceptionsReview>[]> =>
  tx.all(ExceptionsReview)`
    select e.number, e.outcome, e.answers, m.name as reviewer_name, e.at
      from exceptions_review e join member m on m.id = e.reviewer_id where e.case_id = ${caseId} order by e.number`

const KeptReply = z.object({
  kind: z.string(),
  sender: z.string(),
  subject: z.string(),
  findings: z.unknown(),
  rawSha256: Sha256,
  receivedAt: z.date(),
})

/** The mails that answered a notice, oldest first. */
export const repliesAbout = (tx: Tx, noticeId: NoticeId): Promise<z.infer<typeof KeptReply>[]> =>
  tx.all(KeptReply)`
    select kind, sender, subject, findings, raw_sha256, received_at
      from reply where notice_id = ${noticeId} order by received_at, id`

const Stamp = z.object({ timeStamp: Bytes.nullable() })

/** The time stamp over the manifest of a capsule, which outlives its file. */
export const timeStampOf = async (tx: Tx, id: CapsuleId): Promise<Uint8Array | undefined> =>
  (await tx.maybe(Stamp)`select time_stamp from capsule where id = ${id}`)?.timeStamp ?? undefined
