/**
 * Days as ISO 8601 dates (`2026-11-20`), counted without clocks and zones: a period of days is the same everywhere.
 */
const DAY_MS = 24 * 60 * 60_000

const at = (day: string): Date => new Date(`${day}T00:00:00Z`)
const iso = (date: Date): string => date.toISOString().slice(0, 10)

/** The day so many days later; earlier with a negative count. */
export const addDays = (day: string, days: number): string => iso(new Date(at(day).getTime() + days * DAY_MS))

/** The `nth` such weekday of a month; the last one with -1. Months 1 … 12, weekdays 0 (Sunday) … 6. */
function nthWeekday(year: number, month: number, weekday: number, nth: number): string {
  if (nth < 0) {
    const last = new Date(Date.UTC(year, month, 0))
    return iso(new Date(last.getTime() - ((last.getUTCDay() - weekday + 7) % 7) * DAY_MS))
  }
  const first = new Date(Date.UTC(year, month - 1, 1))
  return iso(new Date(first.getTime() + (((weekday - first.getUTCDay() + 7) % 7) + (nth - 1) * 7) * DAY_MS))
}

/** A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after (5 U.S.C. 6103(b)). */
function observed(day: string): string {
  const weekday = at(day).getUTCDay()
  return weekday === 6 ? addDays(day, -1) : weekday === 0 ? addDays(day, 1) : day
}

/** The eleven federal holidays of the United States as they are kept (5 U.S.C. 6103), for one calendar year. */
const federalHolidays = (year: number): readonly string[] => [
  observed(`${year}-01-01`),
  nthWeekday(year, 1, 1, 3), // Martin Luther King, Jr.
  nthWeekday(year, 2, 1, 3), // Washington
  nthWeekday(year, 5, 1, -1), // Memorial Day
  observed(`${year}-06-19`),
  observed(`${year}-07-04`),
  nthWeekday(year, 9, 1, 1), // Labor Day
  nthWeekday(year, 10, 1, 2), // Columbus Day
  observed(`${year}-11-11`),
  nthWeekday(year, 11, 4, 4), // Thanksgiving
  observed(`${year}-12-25`),
]

/** Whose holidays count: those of the United States, or none but the weekends. */
export type Calendar = 'US' | 'weekends'

/** Whether offices work on a day. New Year's Day of the next year may be kept on the last of this one. */
export function isBusinessDay(day: string, calendar: Calendar): boolean {
  const weekday = at(day).getUTCDay()
  if (weekday === 0 || weekday === 6) return false
  if (calendar === 'weekends') return true
  const year = Number(day.slice(0, 4))
  return !federalHolidays(year).includes(day) && !federalHolidays(year + 1).includes(day)
}

/** The `count`-th business day after a day, which itself is not counted. @param count 1 or more. */
export function businessDaysAfter(day: string, count: number, calendar: Calendar): string {
  let reached = day
  for (let left = count; left > 0;) {
    reached = addDays(reached, 1)
    if (isBusinessDay(reached, calendar)) left -= 1
  }
  return reached
}

/** When a provider may put the material back after a counter-notice: 17 U.S.C. 512(g)(2)(C). */
export const putBackWindow = (receivedOn: string): { from: string; latest: string } => ({
  from: businessDaysAfter(receivedOn, 10, 'US'),
  latest: businessDaysAfter(receivedOn, 14, 'US'),
})
