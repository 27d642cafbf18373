import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, MemberId, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { ExceptionAnswers, ExceptionsOutcome, outcomeOf } from './exceptions.ts'

/** What a person answered about the exceptions of the law, once. Reviews are only ever added. */
export const ExceptionsReview = z.object({
  number: z.number(),
  outcome: ExceptionsOutcome,
  answers: ExceptionAnswers,
  reviewerId: MemberId,
  reviewerName: z.string(),
  at: z.date(),
})
export type ExceptionsReview = z.infer<typeof ExceptionsReview>

const columns = sql`e.number, e.outcome, e.answers, e.reviewer_id, m.name as reviewer_name, e.at`
const tables = sql`exceptions_review e join member m on m.id = e.reviewer_id`

/** Keeps the answers of a reviewer; the outcome follows from them. The case is to be locked. */
export async function keepReview(
  tx: Tx,
  about: { readonly id: CaseId; readonly tenantId: TenantId },
  given: { readonly answers: ExceptionAnswers; readonly reviewerId: MemberId },
): Promise<ExceptionsReview> {
  const { answers, reviewerId } = given
  const { number } = await tx.one(ExceptionsReview.pick({ number: true }))`
    insert into exceptions_review (id, tenant_id, case_id, number, outcome, answers, reviewer_id)
    select ${randomUUID()}, ${about.tenantId}, ${about.id}, coalesce(max(number), 0) + 1, ${outcomeOf(answers)},
           ${JSON.stringify(answers)}::jsonb, ${reviewerId}
      from exceptions_review where case_id = ${about.id} returning number`
  return tx.one(ExceptionsReview)`
    select ${columns} from ${tables} where e.case_id = ${about.id} and e.number = ${number}`
}

/** The reviews of a case, newest first. */
export const reviewsOf = (tx: Tx, id: CaseId): Promise<ExceptionsReview[]> =>
  tx.all(ExceptionsReview)`select ${columns} from ${tables} where e.case_id = ${id} order by e.number desc`

/** The review that holds: the latest. */
export const latestReview = (tx: Tx, id: CaseId): Promise<ExceptionsReview | undefined> =>
  tx.maybe(ExceptionsReview)`
    select ${columns} from ${tables} where e.case_id = ${id} order by e.number desc limit 1`

const Standing = z.object({ outcome: ExceptionsOutcome.nullable(), isFresh: z.boolean() })

/** The outcome of the latest review of a case, and whether it was made since the case was found last. */
export const reviewStanding = (tx: Tx, id: CaseId): Promise<z.infer<typeof Standing>> =>
  tx.one(Standing)`
    select e.outcome,
           coalesce(e.at >= (select max(m.created_at) from match m where m.case_id = ${id}), e.at is not null) as is_fresh
      from (select 1) one left join lateral (
             select outcome, at from exceptions_review where case_id = ${id} order by number desc limit 1) e on true`
