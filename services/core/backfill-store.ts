import { z } from 'zod'

import type { Tx } from './db.ts'

const Standing = z.object({ afterId: z.uuid().nullable(), endedAt: z.date().nullable() })

/**
 * How far a change to the rows of older versions has come, so that nobody else goes on with it in this transaction.
 *
 * @returns the last row that was seen, undefined when all were.
 */
export async function claimBackfill(tx: Tx, name: string): Promise<{ afterId: string | null } | undefined> {
  await tx.run`insert into backfill (name) values (${name}) on conflict do nothing`
  const standing = await tx.one(
    Standing,
  )`select after_id, ended_at from backfill where name = ${name} for update`
  return standing.endedAt === null ? { afterId: standing.afterId } : undefined
}

/** Notes the last row that was seen; undefined when there are no more. */
export const noteBackfill = (tx: Tx, name: string, afterId: string | undefined): Promise<number> =>
  afterId === undefined
    ? tx.run`update backfill set ended_at = now() where name = ${name}`
    : tx.run`update backfill set after_id = ${afterId} where name = ${name}`
