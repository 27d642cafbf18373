import { parseDate } from '../../../metadata/values/dates.ts'

/** Days as ISO 8601 dates, both included. They compare as text. */
export interface Period {
  readonly from: string
  readonly to: string
}

/** Stand for a period without beginning or end. */
export const EARLIEST = '0000-01-01'
export const LATEST = '9999-12-31'

/** What is outside is a way to write "always": 9999-12-31 is the usual one. */
const YEAR_MIN = '1860'
const YEAR_MAX = '2100'

const DAY_MS = 86_400_000

/** Beginning of an ISO 8601 date or time, as XML Schema writes both. A year or a month alone is no day. */
const ISO_DAY = /^(\d{4})-\d{2}-\d{2}(?=$|T|Z|[+-]\d{2}:)/

/** A day some days after another. */
const daysAfter = (date: string, days: number): string =>
  date === LATEST || date === EARLIEST
    ? date
    : new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)

/** The day of an ISO 8601 date or time, where it was written; undefined when the text is neither. */
export function readDay(text: string): string | undefined {
  const [day, year = ''] = ISO_DAY.exec(text) ?? []
  if (day === undefined) return undefined
  if (year < YEAR_MIN) return EARLIEST
  return year > YEAR_MAX ? LATEST : parseDate(day, 'dmy')
}

/** The last day of something that ends at a moment: a day that it ends with the first second of is not one of it. */
export function readLastDay(text: string): string | undefined {
  const day = readDay(text)
  return day !== undefined && /T00:00(?::00(?:\.0+)?)?(?=$|Z|[+-])/.test(text) ? daysAfter(day, -1) : day
}

/** Days on which both hold, or undefined when there are none. */
export function common(a: Period, b: Period): Period | undefined {
  const from = a.from > b.from ? a.from : b.from
  const to = a.to < b.to ? a.to : b.to
  return from <= to ? { from, to } : undefined
}

export const contains = (outer: Period, inner: Period): boolean =>
  outer.from <= inner.from && outer.to >= inner.to

/** Length in days, to compare by. */
export const daysOf = ({ from, to }: Period): number => (Date.parse(to) - Date.parse(from)) / DAY_MS

/** Periods that touch or overlap made one, in the order of time. */
export function union(periods: readonly Period[]): Period[] {
  const joined: Period[] = []
  for (const period of periods.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1)
    if (!last || period.from > daysAfter(last.to, 1)) joined.push(period)
    else if (period.to > last.to) joined[joined.length - 1] = { from: last.from, to: period.to }
  }
  return joined
}
