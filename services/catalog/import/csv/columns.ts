import type { RowError } from '../entry.ts'
import { legible } from '../legible.ts'
import { csvFields, fieldOf, headingKey, listFields, type CsvField } from './fields.ts'

/** A column of a sheet and what it was taken for. */
export interface SheetColumn {
  /** As the file writes it, shortened. */
  readonly heading: string
  /** Absent of a column that is not read. */
  readonly field?: CsvField
  /** An earlier column has the same meaning: this one counts in rows where that is empty. */
  readonly after?: string
}

/** How a sheet is read: which cells hold what. */
export interface SheetPlan {
  readonly columns: readonly SheetColumn[]
  /** Numbers of the cells that hold a field, the first that is not empty counts. */
  readonly cells: ReadonlyMap<CsvField, readonly number[]>
  /** Lists over numbered columns, `Artist 1` and `Artist 2`: all of them count, not the first. */
  readonly joined: ReadonlySet<CsvField>
  /** Cells that a row must have: later ones may be left off when they are empty, as some programs do. */
  readonly cellsMin: number
  /** What is worth knowing about the headings. */
  readonly warnings: readonly RowError[]
}

/** What users say about headings that are not known, or that mean something else with them. */
export type ColumnChoice = Readonly<Record<string, CsvField | 'ignore'>>

/** A sheet of a distributor has some dozens, a wide one two hundred. */
const COLUMNS_MAX = 1000

/** Of a heading that is shown or kept. */
const SHOWN_CHARACTERS_MAX = 100

/** Without these nothing can be registered. */
const required: readonly CsvField[] = ['title', 'artist']

/** A row that ends before one of these was cut off: that they are empty would say more than the file does. */
const neverLeftOff: ReadonlySet<CsvField> = new Set([
  'title',
  'artist',
  'isrc',
  'rights_holder',
  'role',
  'share_percent',
  'territories',
  'excluded_territories',
  'valid_from',
  'valid_to',
  'right_type',
  'policy',
])

/** `Track Title` beside `Title`: the plain one is then that of the album. */
const isSpecific = (heading: string): boolean =>
  /track|song|recording|primary|main|display/.test(headingKey(heading))

const shown = (heading: string): string => legible(heading.trim().slice(0, SHOWN_CHARACTERS_MAX))

/** What the headings of a row are taken for; those of the user's choice first. */
const fieldsOf = (
  headings: readonly string[],
  choice: ReadonlyMap<string, CsvField | 'ignore'>,
): (CsvField | undefined)[] =>
  headings.slice(0, COLUMNS_MAX).map((heading) => {
    const chosen = choice.get(headingKey(heading))
    return chosen === 'ignore' ? undefined : (chosen ?? fieldOf(heading))
  })

const choiceByKey = (choice: ColumnChoice): ReadonlyMap<string, CsvField | 'ignore'> =>
  new Map(Object.entries(choice).map(([heading, field]) => [headingKey(heading), field]))

/** How many different fields a row names, if it were the row of headings; 0 when a required one is missing. */
export function countFields(cells: readonly string[], choice: ColumnChoice): number {
  const fields = new Set(fieldsOf(cells, choiceByKey(choice)))
  fields.delete(undefined)
  return required.every((field) => fields.has(field)) ? fields.size : 0
}

/** Required fields for which a row of headings has no column. */
export function missingFields(cells: readonly string[], choice: ColumnChoice): readonly CsvField[] {
  const fields = new Set(fieldsOf(cells, choiceByKey(choice)))
  return required.filter((field) => !fields.has(field))
}

/**
 * Takes the headings of a sheet for what they mean. Several columns of one meaning are kept in order, those that name the
 * track before those that do not.
 *
 * @param line of the file where the headings are, for the warnings.
 */
export function planSheet(headings: readonly string[], choice: ColumnChoice, line: number): SheetPlan {
  const fields = fieldsOf(headings, choiceByKey(choice))
  const cells = new Map<CsvField, number[]>()
  for (const field of csvFields) {
    const found = fields.flatMap((other, column) => (other === field ? [column] : []))
    const rank = (column: number): number => (isSpecific(headings[column]!) ? 0 : 1)
    if (found.length > 0)
      cells.set(
        field,
        found.toSorted((a, b) => rank(a) - rank(b) || a - b),
      )
  }
  const isNumbered = (column: number): boolean => /\d\s*$/.test(headings[column]!)
  const joined = new Set([...listFields].filter((field) => (cells.get(field) ?? []).some(isNumbered)))
  const columns = headings.slice(0, COLUMNS_MAX).map((written, column): SheetColumn => {
    const heading = shown(written)
    const field = fields[column]
    if (field === undefined) return { heading }
    const first = cells.get(field)![0]!
    return first === column || joined.has(field)
      ? { heading, field }
      : { heading, field, after: shown(headings[first]!) }
  })
  return {
    columns,
    cells,
    joined,
    cellsMin: 1 + Math.max(...fields.map((field, column) => (field && neverLeftOff.has(field) ? column : 0))),
    warnings: headingWarnings(columns, choiceByKey(choice), line),
  }
}

function headingWarnings(
  columns: readonly SheetColumn[],
  choice: ReadonlyMap<string, CsvField | 'ignore'>,
  row: number,
): readonly RowError[] {
  const warnings: RowError[] = []
  for (const { heading, field, after } of columns) {
    if (heading === '') continue
    if (field === undefined && choice.get(headingKey(heading)) !== 'ignore')
      warnings.push({ row, column: heading, code: 'unknown-column', message: 'not known, and left out' })
    if (after !== undefined) {
      const message = `means the same as ${after}, and is read in rows where that is empty`
      warnings.push({ row, column: heading, code: 'duplicate', message })
    }
  }
  return warnings
}

/** Values that are plainly samples: the ISRC is the example of the ISRC Handbook, the UPC the usual one of textbooks. */
const samples: Readonly<Partial<Record<CsvField, string>>> = {
  title: 'Sample Song',
  artist: 'Sample Artist|Second Sample Artist',
  version: 'Radio Edit',
  isrc: 'AA6Q72000047',
  upc: '012345678905',
  label: 'Sample Label',
  catalog_number: 'SAMPLE-001',
  release_title: 'Sample Album',
  release_date: '2020-01-31',
  duration: '3:45',
  rights_holder: 'Sample Records',
  p_year: '2020',
  p_line: 'Sample Records',
  explicit: 'no',
  language: 'en',
  genre: 'Pop',
  role: 'owner',
  share_percent: '100',
  territories: 'Worldwide',
  policy: 'monitor',
  custom_id: 'sample-1',
}

/** Spellings of other columns, which a template does not need. */
const notInTemplate: ReadonlySet<CsvField> = new Set(['duration_ms', 'right_type', 'remixer'])

/** A sheet to fill in: our own columns, and one row of sample values. */
export function csvTemplate(): string {
  const fields = csvFields.filter((field) => !notInTemplate.has(field))
  return `${fields.join(',')}\r\n${fields.map((field) => samples[field] ?? '').join(',')}\r\n`
}
