/** Characters of a row. A recording needs some hundred; what is longer is a quote that nobody closed, or an attack. */
export const ROW_CHARACTERS_MAX = 262_144

/** What is wrong with how a row is written. */
export interface RowFault {
  readonly code: 'malformed' | 'limit'
  /** Number of the cell, from 0; undefined of the row as a whole. */
  readonly cell?: number
  readonly message: string
}

/** A row of a table: the line of the file where it begins, from 1, and its cells as written, or why there are none. */
export type CsvRow = CellsRow | { readonly line: number; readonly fault: RowFault }

/** A row as it should be. */
export interface CellsRow {
  readonly line: number
  readonly cells: readonly string[]
  readonly fault?: undefined
}

/** How many cells a row has: at least, and at most of those that are not empty. */
export interface CellCounts {
  readonly min: number
  readonly max: number
}

/** Index in the buffer, and the line of the file that it lies in. */
interface Place {
  at: number
  line: number
}

interface Cell {
  readonly value: string
  /** Index after it, where a separator, a line end or the end of the file is. */
  readonly end: number
  readonly lineEnds: number
}

/** Index of something in the buffer; nowhere is behind everything. */
const NOWHERE = Number.POSITIVE_INFINITY

const tooLong = `the row is longer than ${ROW_CHARACTERS_MAX} characters`

const countLineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0

/**
 * Cuts text into the rows of a table with separators (RFC 4180), as it comes: quoted cells with line breaks in them, doubled
 * quotes, lines that end in CR, LF or both. A quote within a cell that does not begin with one is a character like any
 * other.
 *
 * What is wrong with a row stays with that row. When a quoted cell goes wrong, reading goes on at the line after the one
 * where that cell begins, so a quote that was never closed costs one line and not the rest of the file. The time stays
 * proportional to the length: a later line that opens a quote of its own ends the search of the earlier one.
 */
export class RowSplitter {
  readonly #separator: string
  #counts: CellCounts = { min: 0, max: NOWHERE }
  #buffer = ''
  #at = 0
  #line = 1
  #ended = false
  /** Inside a line of which the beginning was dropped because it is too long. */
  #skipping = false
  // The next quote, LF and CR from some place on: right while they are not before the place that is looked from.
  #quoteAt = -1
  #feedAt = -1
  #returnAt = -1

  /** @param separator one character, neither a quote nor a line end. */
  constructor(separator: string) {
    this.#separator = separator
  }

  /** From here on, rows with fewer or more cells are faulty. */
  expect(counts: CellCounts): void {
    this.#counts = counts
  }

  /** More of the text. Rows that were not taken yet are kept. */
  push(text: string): void {
    this.#buffer = this.#buffer.slice(this.#at) + text
    this.#at = 0
    this.#quoteAt = this.#feedAt = this.#returnAt = -1
  }

  /** There is no more text: what is left is the last row. */
  end(): void {
    this.#ended = true
  }

  /** The next row, or undefined when it is not complete yet, or when there is none. Empty lines are no rows. */
  next(): CsvRow | undefined {
    if (this.#skipping && !this.#skipLine()) return undefined
    for (;;) {
      if (this.#at >= this.#buffer.length) return undefined
      const end = this.#lineEnd()
      if (end === this.#at) {
        if (!this.#passLineEnd()) return undefined
        continue
      }
      return this.#nextQuote() < end ? this.#quotedRow() : this.#plainRow(end)
    }
  }

  /** Index of the next line end. What was found is kept, or a file without CR would be searched for it at each line. */
  #lineEnd(from = this.#at): number {
    if (this.#feedAt < from) this.#feedAt = this.#find('\n', from)
    if (this.#returnAt < from) this.#returnAt = this.#find('\r', from)
    return Math.min(this.#feedAt, this.#returnAt)
  }

  #nextQuote(): number {
    if (this.#quoteAt < this.#at) this.#quoteAt = this.#find('"', this.#at)
    return this.#quoteAt
  }

  #find(text: string, from: number): number {
    const at = this.#buffer.indexOf(text, from)
    return at === -1 ? NOWHERE : at
  }

  /** Over the line end at `#at`. False when more text is needed to tell CR from CR LF. */
  #passLineEnd(): boolean {
    const isReturn = this.#buffer[this.#at] === '\r'
    if (isReturn && this.#at + 1 >= this.#buffer.length && !this.#ended) return false
    this.#at += isReturn && this.#buffer[this.#at + 1] === '\n' ? 2 : 1
    this.#line += 1
    return true
  }

  /** Whether a line end at this index can be told from the first half of one. */
  #isComplete(end: number): boolean {
    return this.#ended || end + 1 < this.#buffer.length || this.#buffer[end] === '\n'
  }

  /** Over the rest of the line. False when its end has not come yet. */
  #skipLine(): boolean {
    const end = this.#lineEnd()
    this.#skipping = end === NOWHERE
    this.#at = Math.min(end, this.#buffer.length)
    return !this.#skipping && this.#passLineEnd()
  }

  #plainRow(lineEnd: number): CsvRow | undefined {
    const end = Math.min(lineEnd, this.#buffer.length)
    const line = this.#line
    if (end - this.#at > ROW_CHARACTERS_MAX) {
      this.#skipLine()
      return { line, fault: { code: 'limit', message: tooLong } }
    }
    if (lineEnd === NOWHERE ? !this.#ended : !this.#isComplete(end)) return undefined
    const cells = this.#buffer.slice(this.#at, end).split(this.#separator)
    this.#at = end
    if (end < this.#buffer.length) this.#passLineEnd()
    const fault = this.#countFault(cells)
    return fault ? { line, fault } : { line, cells }
  }

  #countFault(cells: readonly string[]): RowFault | undefined {
    const { min, max } = this.#counts
    if (cells.length >= min && cells.length <= max) return undefined
    if (cells.length > max && cells.slice(max).every((cell) => cell.trim() === '')) return undefined
    // A row of separators only is an empty one; who reads it leaves it out.
    if (cells.every((cell) => cell.trim() === '')) return undefined
    const message = `${cells.length} values, the heading has ${max}; is a separator or a quote missing?`
    return { code: 'malformed', message }
  }

  /** A row with a quote in it, cell by cell. */
  #quotedRow(): CsvRow | undefined {
    const start: Place = { at: this.#at, line: this.#line }
    const cells: string[] = []
    let place = start
    // The last cell with line breaks in it, and how many there are.
    let broken = start
    let brokenCells = 0
    for (;;) {
      const cell = this.#cell(place.at)
      if (cell === undefined || ('end' in cell && cell.end - start.at > ROW_CHARACTERS_MAX))
        return this.#unfinished(start, place, cells.length)
      if (!('end' in cell)) return this.#giveUp(start, place, { ...cell, cell: cells.length })
      cells.push(cell.value)
      if (cell.lineEnds > 0) {
        broken = place
        brokenCells += 1
      }
      place = { at: cell.end, line: place.line + cell.lineEnds }
      if (this.#buffer[place.at] !== this.#separator) break
      place.at += 1
    }
    if (place.at < this.#buffer.length && !this.#isComplete(place.at)) return this.#rewind(start)
    const fault = this.#countFault(cells)
    // One cell over several lines in a row of the wrong length: its quote was closed by that of a later line.
    if (fault && brokenCells === 1) return this.#giveUp(start, broken, fault)
    this.#at = place.at
    this.#line = place.line
    if (place.at < this.#buffer.length) this.#passLineEnd()
    return fault ? { line: start.line, fault } : { line: start.line, cells }
  }

  /** One cell with its end, or what is wrong with it; undefined when its end has not come yet. */
  #cell(at: number): Cell | RowFault | undefined {
    const buffer = this.#buffer
    let opening = at
    while (buffer[opening] === ' ') opening += 1
    if (buffer[opening] === '"') return this.#quotedCell(opening)
    const separator = buffer.indexOf(this.#separator, at)
    const end = Math.min(this.#lineEnd(at), separator === -1 ? NOWHERE : separator)
    if (end === NOWHERE && !this.#ended) return undefined
    return { value: buffer.slice(at, end), end: Math.min(end, buffer.length), lineEnds: 0 }
  }

  #quotedCell(opening: number): Cell | RowFault | undefined {
    const buffer = this.#buffer
    let value = ''
    for (let from = opening + 1; ;) {
      const quote = buffer.indexOf('"', from)
      if (quote === -1) return undefined
      value += buffer.slice(from, quote)
      from = quote + 2
      if (buffer[quote + 1] === '"') {
        value += '"'
        continue
      }
      let end = quote + 1
      while (buffer[end] === ' ') end += 1
      if (end === buffer.length && !this.#ended) return undefined
      if (end === buffer.length || this.#separator === buffer[end] || '\r\n'.includes(buffer[end]!))
        return { value, end, lineEnds: countLineEnds(value) }
      return {
        code: 'malformed',
        message:
          'a quote within a quoted value is not written twice, or the one before the value is too much',
      }
    }
  }

  /** A row of which the buffer has no end: more text may bring it, unless there is none, or there was too much. */
  #unfinished(start: Place, place: Place, cell: number): CsvRow | undefined {
    if (this.#buffer.length - start.at > ROW_CHARACTERS_MAX)
      return this.#giveUp(start, place, { code: 'limit', cell, message: tooLong })
    if (!this.#ended) return this.#rewind(start)
    return this.#giveUp(start, place, { code: 'malformed', cell, message: 'the quote is never closed' })
  }

  /** Gives a row up. Reading goes on after the line where its faulty cell begins. */
  #giveUp(start: Place, cell: Place, fault: RowFault): CsvRow {
    this.#rewind(cell)
    this.#skipLine()
    return { line: start.line, fault }
  }

  /** Back to a place that was passed, where what was found behind it is not the next. */
  #rewind(place: Place): undefined {
    this.#at = place.at
    this.#line = place.line
    this.#quoteAt = this.#feedAt = this.#returnAt = -1
  }
}
