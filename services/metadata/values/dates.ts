/** Which of the first two numbers of `05/06/2020` is the month. */
export type DateOrder = 'dmy' | 'mdy'

/** The first sound recording is of 1860; what is after 2100 is a typing error. */
const YEAR_MIN = 1860
const YEAR_MAX = 2100

/** Sheets count days from here, so that 1 March 1900 is day 61 (ISO/IEC 29500-1, section 18.17.4.1). */
const SERIAL_EPOCH = Date.UTC(1899, 11, 30)
/** Serial numbers of 1950 to 2100. Outside it, five digits are more likely something else. */
const SERIAL_MIN = 18_264
const SERIAL_MAX = 73_415
const DAY_MS = 86_400_000

/** A date in words has no more characters; what is longer is not looked at. */
const TEXT_LENGTH_MAX = 60

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?' +
  '|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'

/** A time of day and its zone after a date; XML Schema also has a zone alone. Neither moves the date. */
const TIME =
  /(?:t|,? )\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?$|(?<=\d)(?:z|[+-]\d{2}:\d{2})$/

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/
const BASIC = /^(\d{4})(\d{2})(\d{2})$/
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/
const SERIAL = /^(\d{5})(?:\.\d+)?$/
const DAY_MONTH_NAME = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th|\\.)?[ -]?(?:of )?${MONTH},?[ -]?(\\d{4})$`)
const MONTH_NAME_DAY = new RegExp(`^${MONTH}[ -]?(\\d{1,2})(?:st|nd|rd|th)?(?:, ?|[ -])(\\d{4})$`)
const YEAR_MONTH_NAME = new RegExp(`^(\\d{4})[ -]${MONTH}[ -](\\d{1,2})$`)

/** An ISO 8601 date, if the calendar has that day. */
const calendarDay = (year: number, month: number, day: number): string | undefined => {
  if (year < YEAR_MIN || year > YEAR_MAX) return undefined
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date.toISOString().slice(0, 10)
    : undefined
}

const monthNumber = (name = ''): number => MONTHS.indexOf(name.slice(0, 3)) + 1

const fromNames = (text: string): string | undefined => {
  const dayFirst = DAY_MONTH_NAME.exec(text)
  if (dayFirst) return calendarDay(Number(dayFirst[3]), monthNumber(dayFirst[2]), Number(dayFirst[1]))
  const monthFirst = MONTH_NAME_DAY.exec(text)
  if (monthFirst) return calendarDay(Number(monthFirst[3]), monthNumber(monthFirst[1]), Number(monthFirst[2]))
  const yearFirst = YEAR_MONTH_NAME.exec(text)
  return yearFirst
    ? calendarDay(Number(yearFirst[1]), monthNumber(yearFirst[2]), Number(yearFirst[3]))
    : undefined
}

const fromSerial = (days: number): string | undefined =>
  days >= SERIAL_MIN && days <= SERIAL_MAX
    ? new Date(SERIAL_EPOCH + days * DAY_MS).toISOString().slice(0, 10)
    : undefined

/** Two numbers and a year: a date in the order given, or, when the calendar has no such day, in the other. */
const inOrder = (first: number, second: number, year: number, order: DateOrder): string | undefined => {
  const dayFirst = calendarDay(year, second, first)
  const monthFirst = calendarDay(year, first, second)
  return order === 'dmy' ? (dayFirst ?? monthFirst) : (monthFirst ?? dayFirst)
}

const withoutTime = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').replace(TIME, '')

/**
 * A date as catalogues write it: `2020-01-31`, `20200131`, `31.01.2020`, `1/31/2020`, `31 Jan 2020`, `January 31, 2020`,
 * a date with a time of day, or the serial number under which a sheet keeps a date (`43861`).
 *
 * @param order how to read `05/06/2020`. Where one number is above 12 it does not matter.
 * @returns an ISO 8601 date of 1860 to 2100, or undefined when the text is no day of the calendar. Two-digit years are
 * none: their century is a guess.
 */
export function parseDate(text: string, order: DateOrder): string | undefined {
  const trimmed = text.trim()
  if (trimmed.length > TEXT_LENGTH_MAX) return undefined
  const written = withoutTime(trimmed)
  const last = YEAR_LAST.exec(written)
  if (last) return inOrder(Number(last[1]), Number(last[3]), Number(last[4]), order)
  const first = YEAR_FIRST.exec(written)
  if (first) return calendarDay(Number(first[1]), Number(first[3]), Number(first[4]))
  const basic = BASIC.exec(written)
  if (basic) return calendarDay(Number(basic[1]), Number(basic[2]), Number(basic[3]))
  const serial = SERIAL.exec(written)
  return serial ? fromSerial(Number(serial[1])) : fromNames(written)
}

/**
 * How a column writes its dates, told by the days above 12: of `05/06/2020`, `31/01/2020` the second decides.
 *
 * @returns undefined when nothing decides: no such day, or days that contradict each other.
 */
export function guessDateOrder(texts: Iterable<string>): DateOrder | undefined {
  const orders = new Set<DateOrder>()
  for (const text of texts) {
    const trimmed = text.trim()
    const parts = trimmed.length > TEXT_LENGTH_MAX ? null : YEAR_LAST.exec(withoutTime(trimmed))
    if (!parts) continue
    const [first, second, year] = [Number(parts[1]), Number(parts[3]), Number(parts[4])]
    if (first > 12 && calendarDay(year, second, first) !== undefined) orders.add('dmy')
    if (second > 12 && calendarDay(year, first, second) !== undefined) orders.add('mdy')
    if (orders.size > 1) return undefined
  }
  const [order] = orders
  return order
}
