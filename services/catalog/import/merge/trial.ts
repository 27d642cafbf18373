import type { Db, Tx } from '../../../core/db.ts'
import { isDataError } from '../../../core/db.ts'
import type { RowError } from '../entry.ts'
import type { StagedRow } from './staged-row.ts'

/** Thrown to end a transaction that did what it should and must leave nothing. */
class RolledBack extends Error {
  override readonly name = 'RolledBack'
}

/** Does work in a transaction of which nothing stays. */
export async function rolledBack<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | undefined
  try {
    await db.system(async (tx) => {
      answer = { value: await work(tx) }
      throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  if (!answer) throw new Error('A transaction ended without its work')
  return answer.value
}

/** The rows that the database refuses, found by halving: what was not foreseen in one must not cost the others. */
async function refusedOf(
  rows: readonly StagedRow[],
  tryOut: (rows: StagedRow[]) => Promise<unknown>,
): Promise<Map<StagedRow, string>> {
  try {
    await tryOut([...rows])
    return new Map()
  } catch (error) {
    const [first] = rows
    if (!isDataError(error) || !first) throw error
    if (rows.length === 1) return new Map([[first, error.message]])
    const middle = Math.ceil(rows.length / 2)
    const before = await refusedOf(rows.slice(0, middle), tryOut)
    return new Map([...before, ...(await refusedOf(rows.slice(middle), tryOut))])
  }
}

/**
 * A batch without the rows that the database refuses, which are told as errors.
 *
 * @param error why the batch could not be written; thrown again when that does not lie in its rows.
 * @param tryOut writes some rows and leaves nothing.
 */
export async function refusedAlone<
  Batch extends {
    readonly rows: readonly StagedRow[]
    readonly errors: readonly RowError[]
    readonly failed: number
  },
>(error: unknown, batch: Batch, tryOut: (rows: StagedRow[]) => Promise<unknown>): Promise<Batch> {
  if (!isDataError(error)) throw error
  const refused = await refusedOf(batch.rows, tryOut)
  if (refused.size === 0) throw error
  return {
    ...batch,
    rows: batch.rows.filter((row) => !refused.has(row)),
    errors: [
      ...batch.errors,
      ...[...refused].map(([{ entry }, message]): RowError => ({
        row: entry.row,
        column: '',
        code: 'malformed',
        message,
      })),
    ],
    failed: batch.failed + refused.size,
  }
}
