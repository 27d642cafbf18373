import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Db, Tx } from '../core/db.ts'
import type { TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'

/** The longest a request may last: the largest upload over a slow line (4 Mbit/s). */
export const REQUEST_TIMEOUT_MS = 15 * 60_000

/** After this long a first request that has not ended is taken for dead: longer than any is allowed to last. */
const IN_WORK_MAX_S = REQUEST_TIMEOUT_MS / 1000 + 60

/** A key is what the caller likes, e.g. a UUID: printable, and no longer than the column. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 printable characters without spaces')

/** An answer as it is kept to be repeated. */
export const KeptAnswer = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  json: z.unknown(),
})
export type KeptAnswer = z.infer<typeof KeptAnswer>

/** A request by which it is recognised when it comes again. */
export interface Repeatable {
  readonly tenantId: TenantId
  readonly key: string
  readonly requestHash: string
}

/** One hash of what makes two requests the same. */
export const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

const Row = z.object({ requestHash: z.string(), body: KeptAnswer.nullable() })

/** Takes a key for the work of one request; of two at once one gets it. A dead request's key is taken over. */
async function take(tx: Tx, asked: Repeatable): Promise<boolean> {
  const written = await tx.run`
    insert into idempotent_answer as known (tenant_id, key, request_hash) values (${asked.tenantId}, ${asked.key}, ${asked.requestHash})
    on conflict (tenant_id, key) do update set created_at = now()
      where known.request_hash = excluded.request_hash and known.status is null
        and known.created_at < now() - make_interval(secs => ${IN_WORK_MAX_S})`
  return written === 1
}

const known = (tx: Tx, asked: Repeatable): Promise<z.infer<typeof Row> | undefined> =>
  tx.maybe(Row)`
    select request_hash, body from idempotent_answer where tenant_id = ${asked.tenantId} and key = ${asked.key}`

const keep = (tx: Tx, asked: Repeatable, answer: KeptAnswer): Promise<number> =>
  tx.run`
    update idempotent_answer set status = ${answer.status}, body = ${JSON.stringify(answer)}
     where tenant_id = ${asked.tenantId} and key = ${asked.key}`

const release = (tx: Tx, asked: Repeatable): Promise<number> =>
  tx.run`delete from idempotent_answer where tenant_id = ${asked.tenantId} and key = ${asked.key} and status is null`

/**
 * Does the work of a request once, however often it is sent, and repeats its answer. A failure is not kept:
 * nothing was done then, so the same key may try again.
 *
 * @throws {Problem} request/conflict when the key stands for another request, request/in-work while the first
 *   is being worked on.
 */
export async function answerOnce(
  db: Db,
  asked: Repeatable,
  work: () => Promise<KeptAnswer>,
): Promise<{ answer: KeptAnswer; replayed: boolean }> {
  const before = await db.tenant(asked.tenantId, async (tx) =>
    (await take(tx, asked)) ? undefined : ((await known(tx, asked)) ?? 'gone'),
  )
  // Its first request failed between our two looks; whoever sends it again finds the key free.
  if (before === 'gone') throw new Problem('request/in-work', 'Send the request again')
  if (before) {
    if (before.requestHash !== asked.requestHash)
      throw new Problem('request/conflict', 'This Idempotency-Key was used for another request')
    if (!before.body)
      throw new Problem('request/in-work', 'The first request with this key has not ended yet')
    return { answer: before.body, replayed: true }
  }
  try {
    const answer = await work()
    await db.tenant(asked.tenantId, (tx) => keep(tx, asked, answer))
    return { answer, replayed: false }
  } catch (error) {
    await db.tenant(asked.tenantId, (tx) => release(tx, asked))
    throw error
  }
}
