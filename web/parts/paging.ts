import { z } from 'zod'

import { type Html, html } from '../../services/core/html.ts'
import { icon } from './icons.ts'

/** Rows on a page: what fits two screens and is read in one transaction. */
export const PAGE_ROWS = 25

const Cursor = z
  .string()
  .regex(/^[^_]+_[0-9a-f-]{36}$/)
  .transform((text) => ({ at: new Date(text.slice(0, -37)), id: text.slice(-36) }))
  .refine(({ at }) => !Number.isNaN(at.getTime()))

/** Where a page of a list begins, from the address; anything unreadable means the first page. */
export const readAfter = (text: string | undefined): { at: Date; id: string } | undefined =>
  Cursor.safeParse(text).data

/** Lists are asked for one row more than is shown: then there is an older page. */
export function pageOf<Row>(rows: readonly Row[]): { shown: Row[]; last: Row | undefined } {
  const shown = rows.slice(0, PAGE_ROWS)
  return { shown, last: rows.length > PAGE_ROWS ? shown.at(-1) : undefined }
}

/** The address of a list with its filters; `more` wins, and the name of what was done is left behind. */
export function listHref(
  path: string,
  query: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): string {
  const kept = Object.entries({ ...query, ...more }).filter(([name, value]) => value && name !== 'done')
  const search = new URLSearchParams(kept).toString()
  return search ? `${path}?${search}` : path
}

/**
 * Links to the first page and to the next one, keeping the filters of the list.
 *
 * @param last where the next page begins: by time, or as the list itself writes it in its address.
 */
export function pager(
  path: string,
  query: Readonly<Record<string, string>>,
  last: { at: Date; id: string } | { after: string } | undefined,
  words: { first: string; next: string } = { first: 'Newest', next: 'Older' },
): Html | false {
  const { after, ...filters } = query
  const isFirst = !after
  if (isFirst && !last) return false
  const begin = last && ('at' in last ? `${last.at.toISOString()}_${last.id}` : last.after)
  const older = begin && listHref(path, filters, { after: begin })
  return html`<nav class="pager" aria-label="Pages">
    ${!isFirst && html`<a class="button" href="${listHref(path, filters)}">${icon('back')}${words.first}</a>`}
    ${older && html`<a class="button" rel="next" href="${older}">${words.next}${icon('arrow')}</a>`}
  </nav>`
}

/** Cuts rows that are numbered, asked for with one more than a page holds; `next` is what the next page comes after. */
export function numberedPageOf<Row extends { readonly number: number }>(
  rows: readonly Row[],
): { shown: Row[]; next: number | undefined } {
  const shown = rows.slice(0, PAGE_ROWS)
  return { shown, next: rows.length > PAGE_ROWS ? shown.at(-1)?.number : undefined }
}

/** Where a page of numbered rows begins, from the address; anything unreadable means the first page. */
export const readNumber = (text: string | undefined): number =>
  /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0

/**
 * Links to the first page and to the next one of a list of numbered rows, one of several on its page.
 *
 * @param list.name what the address calls where it begins; `id` is where the page is to be looked at.
 */
export function numberPager(
  path: string,
  query: Readonly<Record<string, string>>,
  list: { name: string; id: string; label: string; next: number | undefined },
): Html | false {
  const isFirst = readNumber(query[list.name]) === 0
  if (isFirst && list.next === undefined) return false
  const href = (after: string): string => `${listHref(path, query, { [list.name]: after })}#${list.id}`
  return html`<nav class="pager" aria-label="${list.label}">
    ${!isFirst && html`<a class="button" href="${href('')}">${icon('back')}First</a>`}
    ${list.next !== undefined && html`<a class="button" rel="next" href="${href(String(list.next))}">Next${icon('arrow')}</a>`}
  </nav>`
}
