import { parseUpc } from '../../../metadata/identifiers/identifiers.ts'
import { entryLimits } from '../entry-limits.ts'
import type { RowError } from '../entry.ts'
import { remembered } from '../remembered.ts'
import { quoted, RowChecks } from '../row-checks.ts'
import type { RowErrorCode, Severity } from '../row-error.ts'
import type { SheetPlan } from './columns.ts'
import { listFields, type CsvField } from './fields.ts'
import { nothingWords } from './words.ts'

/** Cells whose text is free: there, `None` and `-` may be meant. */
const freeText: ReadonlySet<CsvField> = new Set(['title', 'artist', 'featured', 'release_title'])

/** What stands in a cell that cannot be taken as it is: controls, no-break and double spaces, loose marks, lost characters. */
// oxlint-disable-next-line no-control-regex
const UNUSUAL = /[\0-\x1F\x7F-\xA0\u2028\u2029\uFEFF\uFFFD]|\p{M}|  |^="/u

/** What no character of a text is: controls but for white space, bytes that could not be decoded. */
// oxlint-disable-next-line no-control-regex
const BROKEN = /[\0-\x08\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFD]/

/** `="0123"`: so sheets are made to keep zeros. */
const FORMULA_TEXT = /^="(.*)"$/s

/** Nearly all ISRCs are written so, and no two rows have the same: they need no reading. */
const CANONICAL_ISRC = /^[A-Z]{2}[A-Z\d]{3}\d{7}$/

/** The tracks of a release have the same. */
const upcOf = remembered(parseUpc)

/** A title with one of these has a letter or a digit, whatever else is in it. */
const LATIN = /[A-Za-z0-9]/

/** Words for nothing have no more characters. */
const NOTHING_CHARACTERS_MAX = 4

/** A row of a sheet by its fields. Collects everything that is wrong with it, in the words of its headings. */
export class CsvCells {
  readonly #checks: RowChecks
  readonly #cells: readonly string[]
  readonly #plan: SheetPlan
  readonly #defaults: ReadonlyMap<CsvField, string>

  constructor(
    row: number,
    cells: readonly string[],
    plan: SheetPlan,
    defaults: ReadonlyMap<CsvField, string>,
  ) {
    this.#checks = new RowChecks(row)
    this.#cells = cells
    this.#plan = plan
    this.#defaults = defaults
  }

  /** Text of a field, trimmed and with single spaces, or its default; undefined where the row says nothing. */
  text(field: CsvField): string | undefined {
    const columns = this.#plan.cells.get(field)
    if (columns === undefined) return this.#defaults.get(field)
    if (this.#plan.joined.has(field)) return this.#joined(field, columns)
    for (const column of columns) {
      const text = this.#cleaned(field, column)
      if (text !== undefined) return text
    }
    return this.#defaults.get(field)
  }

  /** As `text`, of at most so many characters; more is an error, or a warning and left out. */
  limited(severity: Severity, field: CsvField, charactersMax: number): string | undefined {
    const text = this.text(field)
    return text === undefined || text.length <= charactersMax
      ? text
      : this.#checks.text(severity, this.heading(field), text, charactersMax)
  }

  /** An identifier in its canonical spelling. One with a fault is an error: left out, it would be another recording. */
  identifier(kind: 'isrc' | 'iswc' | 'upc' | 'grid'): string | undefined {
    const text = this.text(kind)
    if (text === undefined) return undefined
    if (kind === 'isrc' && CANONICAL_ISRC.test(text)) return text
    const known = kind === 'upc' ? upcOf(text) : undefined
    return known ?? this.#checks.identifier('error', this.heading(kind), kind, text)
  }

  /** The title; '' and an error when there is none. */
  title(): string {
    const before = this.#checks.errors.length
    const text = this.text('title')
    const isBroken = this.#checks.errors.length > before
    if (text !== undefined && text.length <= entryLimits.titleCharacters && LATIN.test(text)) return text
    return (isBroken ? undefined : this.#checks.title(this.heading('title'), text)) ?? ''
  }

  error(field: CsvField, code: RowErrorCode, message: string): void {
    this.#checks.add('error', this.heading(field), code, message)
  }

  warn(field: CsvField, code: RowErrorCode, message: string): void {
    this.#checks.add('warning', this.heading(field), code, message)
  }

  /** What keeps the row out, as found so far. */
  get errors(): readonly RowError[] {
    return this.#checks.errors
  }

  /** What is worth knowing about the row, as found so far. */
  get warnings(): readonly RowError[] {
    return this.#checks.warnings
  }

  /** Whether the sheet has a column for a field. */
  has(field: CsvField): boolean {
    return this.#plan.cells.has(field)
  }

  /** The heading of the cell that holds a field, as the file writes it; our own name where there is none. */
  heading(field: CsvField): string {
    const columns = this.#plan.cells.get(field) ?? []
    const column = columns.find((column) => (this.#cells[column] ?? '').trim() !== '') ?? columns[0]
    return column === undefined ? field : (this.#plan.columns[column]?.heading ?? field)
  }

  #joined(field: CsvField, columns: readonly number[]): string | undefined {
    const texts = columns.flatMap((column) => this.#cleaned(field, column) ?? [])
    return texts.length > 0 ? texts.join('|') : this.#defaults.get(field)
  }

  #cleaned(field: CsvField, column: number): string | undefined {
    const cell = this.#cells[column]
    if (cell === undefined || cell === '') return undefined
    const text = UNUSUAL.test(cell) ? this.#repaired(field, cell) : cell.trim()
    const isNothing =
      text.length <= NOTHING_CHARACTERS_MAX && !freeText.has(field) && nothingWords.has(text.toLowerCase())
    return text === '' || isNothing ? undefined : text
  }

  #repaired(field: CsvField, cell: string): string {
    if (BROKEN.test(cell)) {
      this.error(
        field,
        'encoding',
        `${quoted(cell)} has what is no character; was the file read in its encoding?`,
      )
      return ''
    }
    return cell
      .trim()
      .replace(FORMULA_TEXT, '$1')
      .replaceAll(/\s*[\r\n]\s*/g, listFields.has(field) ? '|' : ' ')
      .replaceAll(/[\s\x85]+/g, ' ')
      .trim()
      .normalize('NFC')
  }
}
