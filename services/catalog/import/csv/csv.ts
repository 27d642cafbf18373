import { Problem } from '../../../core/problem.ts'
import { guessDateOrder, type DateOrder } from '../../../metadata/values/dates.ts'
import { decodeText, type DecodedText } from '../decode-text.ts'
import type { ImportEntry, RowError, RowErrorEntry } from '../entry.ts'
import { planSheet, type ColumnChoice, type SheetColumn } from './columns.ts'
import { dateFields } from './dates.ts'
import type { CsvField } from './fields.ts'
import type { CellsRow, CsvRow } from './rows.ts'
import { openSheet, type CsvSeparator, type Sheet } from './sheet.ts'
import { readRow, type SheetReading } from './values.ts'

/** Rows of one file; ten of the largest catalogues. */
const ROWS_MAX = 5_000_000

/** Pieces of the file in which the order of day and month is looked for, if none before decides: some 1 MiB. */
const DATE_PIECES_MAX = 16

/** How a table is read. What is left out is found out from the file. */
export interface CsvOptions {
  /** Any name of an encoding that `TextDecoder` knows. */
  readonly encoding?: string | undefined
  readonly separator?: CsvSeparator | undefined
  /** Which number of `05/06/2020` is the month. */
  readonly dateOrder?: DateOrder | undefined
  /** More rows than this are not read; 5,000,000 when not given. */
  readonly rowsMax?: number | undefined
  /** What headings mean that are not known, or mean something else here. */
  readonly columns?: ColumnChoice | undefined
  /** What counts where a row says nothing, written as in a cell. */
  readonly defaults?: Readonly<Partial<Record<CsvField, string>>> | undefined
  /** Cells that a person corrected: by the line of the row, then by heading. */
  readonly fixes?: ReadonlyMap<number, ReadonlyMap<string, string>> | undefined
}

/** What was found out about a file. */
export interface CsvFacts {
  /** Name of the encoding as of the WHATWG Encoding Standard. Of a file of plain ASCII, `utf-8`. */
  readonly encoding: string
  readonly separator: CsvSeparator
  /** Line of the file where the headings are. */
  readonly headingLine: number
  readonly columns: readonly SheetColumn[]
  /** Undefined while no date decides. */
  readonly dateOrder: DateOrder | undefined
  /** Rows so far that were not empty. */
  readonly rows: number
  /** What is worth knowing about the headings: unknown ones, several of one meaning. */
  readonly warnings: readonly RowError[]
}

/** The entries of a table, to be read once, and what was found out about it. */
export interface CsvReading extends AsyncIterable<ImportEntry> {
  /** Undefined until the first entry, and of a file without rows; complete at the end. */
  readonly facts: () => CsvFacts | undefined
}

/** How far a reading has come. */
interface State {
  sheet?: Sheet
  dateOrder?: DateOrder | undefined
  rows: number
}

const errorEntry = (row: number, error: Omit<RowError, 'row'>): RowErrorEntry => ({
  kind: 'error',
  row,
  errors: [{ row, ...error }],
})

/** Pieces of a text with whether one is the last, which the piece after it tells. */
async function* withLast(
  texts: AsyncIterable<string>,
): AsyncGenerator<{ readonly text: string; readonly last: boolean }> {
  let held: string | undefined
  for await (const text of texts) {
    if (held !== undefined) yield { text: held, last: false }
    held = text
  }
  if (held !== undefined) yield { text: held, last: true }
}

/** The rows of a table after its headings, in batches of a piece of the file. */
async function* rowBatches(
  texts: AsyncIterable<string>,
  options: CsvOptions,
  state: State,
): AsyncGenerator<CsvRow[]> {
  for await (const { text, last } of withLast(texts)) {
    if (state.sheet) {
      state.sheet.rows.push(text)
      if (last) state.sheet.rows.end()
    } else {
      const sheet = openSheet(text, last, options.columns ?? {}, options.separator)
      if (!sheet) return
      state.sheet = sheet
      if (sheet.errors.length > 0) return
    }
    const batch: CsvRow[] = []
    for (let row = state.sheet.rows.next(); row !== undefined; row = state.sheet.rows.next()) batch.push(row)
    yield batch
  }
}

/** Texts of the columns with dates. */
function* dateTexts(batch: readonly CsvRow[], { plan }: Sheet): Generator<string> {
  const columns = dateFields.flatMap((field) => plan.cells.get(field) ?? [])
  for (const { cells = [] } of batch as readonly Partial<CellsRow>[])
    for (const column of columns) yield cells[column] ?? ''
}

/** Holds the first batches back until their dates tell the order of day and month, or do not. */
async function* withDateOrder(
  batches: AsyncIterable<CsvRow[]>,
  options: CsvOptions,
  state: State,
): AsyncGenerator<CsvRow[]> {
  let held: CsvRow[][] | undefined = []
  state.dateOrder = options.dateOrder
  for await (const batch of batches) {
    if (held === undefined) {
      yield batch
      continue
    }
    held.push(batch)
    state.dateOrder ??= guessDateOrder(dateTexts(batch, state.sheet!))
    if (state.dateOrder === undefined && held.length < DATE_PIECES_MAX) continue
    yield* held
    held = undefined
  }
  if (held) yield* held
}

/** A row with the cells that a person corrected. */
function fixed(
  row: CellsRow,
  headings: readonly SheetColumn[],
  fixes: CsvOptions['fixes'],
): readonly string[] {
  const fix = fixes?.get(row.line)
  return fix === undefined
    ? row.cells
    : headings.map(({ heading }, column) => fix.get(heading) ?? row.cells[column] ?? '')
}

/** The headings once more: sheets are made by putting others below one another. */
const isHeading = (cells: readonly string[], { headings, plan }: Sheet): boolean =>
  (['title', 'artist'] as const).every((field) => {
    const column = plan.cells.get(field)![0]!
    return cells[column] === headings[column]
  })

/** Makes rows into entries, one after the other. */
function rowReader(
  options: CsvOptions,
  sheet: Sheet,
  state: State,
): (row: CsvRow) => ImportEntry | undefined {
  const { plan, separator } = sheet
  const reading: SheetReading = {
    plan,
    separator,
    dateOrder: state.dateOrder,
    defaults: new Map(Object.entries(options.defaults ?? {}) as [CsvField, string][]),
  }
  return (row) => {
    if (row.fault) {
      const { cell, code, message } = row.fault
      const column = cell === undefined ? '' : (plan.columns[cell]?.heading ?? '')
      return errorEntry(row.line, { column, code, message })
    }
    if (isHeading(row.cells, sheet)) return undefined
    return readRow(row.line, fixed(row, plan.columns, options.fixes), reading)
  }
}

async function* entriesOf(
  decoded: DecodedText,
  options: CsvOptions,
  state: State,
): AsyncGenerator<ImportEntry> {
  const rowsMax = options.rowsMax ?? ROWS_MAX
  let read: ReturnType<typeof rowReader> | undefined
  for await (const batch of withDateOrder(rowBatches(decoded.text, options, state), options, state)) {
    read ??= rowReader(options, state.sheet!, state)
    for (const row of batch) {
      const entry = read(row)
      if (entry === undefined) continue
      if (state.rows === rowsMax) {
        const message = `more than ${rowsMax} rows; from here on they were not read`
        yield errorEntry(row.line, { column: '', code: 'limit', message })
        return
      }
      state.rows += 1
      yield entry
    }
  }
  if (!state.sheet) yield errorEntry(1, { column: '', code: 'missing', message: 'the file has no rows' })
  else if (state.sheet.errors.length > 0)
    yield { kind: 'error', row: state.sheet.line, errors: state.sheet.errors }
}

/** @throws {Problem} `request/invalid` naming every default that a cell could not hold. */
function checkDefaults({ defaults, dateOrder }: CsvOptions): void {
  const sample = { title: 'title', artist: 'artist', ...defaults }
  const entry = readRow(1, Object.values(sample), {
    plan: planSheet(Object.keys(sample), {}, 1),
    separator: ',',
    dateOrder,
    defaults: new Map(),
  })
  const wrong = entry?.kind === 'error' ? entry.errors : (entry?.warnings ?? [])
  if (wrong.length === 0) return
  throw new Problem('request/invalid', 'A default cannot be used', {
    faults: wrong.map(({ column, message }) => ({ pointer: `/defaults/${column}`, detail: message })),
  })
}

/**
 * Reads a table of recordings (CSV, TSV) as it comes: a million rows take no more memory than a thousand. Whatever
 * a row says, it is an entry; the rows around it are not touched. A file without the columns for title and artist is one error entry.
 *
 * @param bytes the file. What its source throws is passed on.
 * @throws {Problem} `request/invalid`, at once, for an encoding that is not known and for defaults that cannot be used.
 */
export function readCsv(bytes: AsyncIterable<Uint8Array>, options: CsvOptions = {}): CsvReading {
  checkDefaults(options)
  const decoded = decodeText(bytes, options.encoding)
  const state: State = { rows: 0 }
  return {
    facts: () =>
      state.sheet && {
        encoding: decoded.encoding(),
        separator: state.sheet.separator,
        headingLine: state.sheet.line,
        columns: state.sheet.plan.columns,
        dateOrder: state.dateOrder,
        rows: state.rows,
        warnings: state.sheet.plan.warnings,
      },
    [Symbol.asyncIterator]: () => entriesOf(decoded, options, state),
  }
}
