import { parseDate, type DateOrder } from '../../../metadata/values/dates.ts'
import { remembered } from '../remembered.ts'
import { quoted } from '../row-checks.ts'
import type { CsvCells } from './cells.ts'
import type { CsvField } from './fields.ts'

/** Columns with dates: together they tell which comes first in this sheet, the day or the month. */
export const dateFields = ['release_date', 'valid_from', 'valid_to'] as const satisfies readonly CsvField[]

/** An ISO 8601 date, or why the text is none; neither where the cell is empty. */
export interface DateReading {
  readonly date?: string
  readonly fault?: string
}

/** A date by the order in which its numbers are read. Those of a release are the same in each of its rows. */
const dateIn = {
  dmy: remembered((text) => parseDate(text, 'dmy')),
  mdy: remembered((text) => parseDate(text, 'mdy')),
} as const satisfies Record<DateOrder, unknown>

/**
 * A date of a cell.
 *
 * @param order how to read `05/06/2020`. While it is not known such a text is none: a guess would often be wrong, and never
 * be noticed.
 */
export function readDate(
  cells: CsvCells,
  field: (typeof dateFields)[number],
  order: DateOrder | undefined,
): DateReading {
  const text = cells.text(field)
  if (text === undefined) return {}
  const date = dateIn[order ?? 'dmy'](text)
  if (date === undefined) return { fault: `${quoted(text)} is no date such as 2020-01-31` }
  if (order === undefined && dateIn.mdy(text) !== date)
    return { fault: `${quoted(text)} may be two dates; say which comes first, the day or the month` }
  return { date }
}
