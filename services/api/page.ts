import { z } from 'zod'

import { view } from './schema.ts'

/** A page as a person reads it, and the most that one answer should hold. */
const LIMIT_DEFAULT = 50
const LIMIT_MAX = 200

/** Where a page begins: after this row, newest first; the id decides between rows of one moment. */
const Position = z.object({ at: z.iso.datetime().pipe(z.coerce.date()), id: z.uuid() })

export const Cursor = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [at, id] = Buffer.from(text, 'base64url').toString('latin1').split(' ')
    const read = Position.safeParse({ at, id })
    if (read.success) return read.data
    context.addIssue({ code: 'custom', message: 'not a cursor: give `next` of the page before, unchanged' })
    return z.NEVER
  })

/** Where a page of a list begins that is sorted by a rank, highest first; the id decides between equal ones. */
const Rank = z.object({ rank: z.coerce.number().min(0).max(1), id: z.uuid() })

/** Marks a cursor of such a list: it means nothing in a list by time. */
const RANK_MARK = 'rank'

/** Reads a cursor of a list that is sorted by a rank, or tells that it is none. */
export const RankCursor = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [mark, rank, id] = Buffer.from(text, 'base64url').toString('latin1').split(' ')
    const read = Rank.safeParse({ rank, id })
    if (mark === RANK_MARK && read.success) return read.data
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
  return cut(rows, limit, (last) => `${positionOf(last).toISOString()} ${last.id}`)
}

/** The same of rows that are sorted by a rank. */
export const rankedPageOf = <Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  rankOf: (row: Row) => number,
): { items: Row[]; next?: string } => cut(rows, limit, (last) => `${RANK_MARK} ${rankOf(last)} ${last.id}`)

function cut<Row>(
  rows: readonly Row[],
  limit: number,
  after: (last: Row) => string,
): { items: Row[]; next?: string } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (!last || rows.length <= limit) return { items }
  return { items, next: Buffer.from(after(last), 'latin1').toString('base64url') }
}
