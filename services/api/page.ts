import { z } from 'zod'

import { view } from './schema.ts'

/** A page as a person reads it, and the most that one answer should hold. */
const LIMIT_DEFAULT = 50
const LIMIT_MAX = 200

/** Where a page begins: after this row, newest first; the id decides between rows of one moment. */
const Position = z.object({ at: z.iso.datetime().pipe(z.coerce.date()), id: z.uuid() })

const Cursor = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [at, id] = Buffer.from(text, 'base64url').toString('latin1').split(' ')
    const read = Position.safeParse({ at, id })
    if (read.success) return read.data
    context.addIssue({ code: 'custom', message: 'not a cursor: give `next` of the page before, unchanged' })
    return z.NEVER
  })

/** The query of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('Rows of a page'),
  cursor: Cursor.optional().describe('`next` of the page before'),
}

/** Names the list of a view: a page of rows, newest first, and where the next begins. */
export const listOf = <T extends z.ZodType>(id: string, row: T) =>
  view(
    id,
    z.object({
      items: z.array(row),
      next: z.string().optional().describe('Give it as `cursor` for the next page; absent on the last'),
    }),
  )

/**
 * Cuts a page out of rows that were asked for with one more than the page holds.
 *
 * @param positionOf the columns by which the list is sorted.
 */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Date,
): { items: Row[]; next?: string } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (!last || rows.length <= limit) return { items }
  const next = Buffer.from(`${positionOf(last).toISOString()} ${last.id}`, 'latin1').toString('base64url')
  return { items, next }
}
