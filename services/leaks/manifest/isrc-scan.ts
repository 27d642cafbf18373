import { parseIsrc } from '../../metadata/identifiers/identifiers.ts'
import type { IsrcSet } from '../isrc-set.ts'
import { isrcValue } from '../packed/word.ts'

const NEW_LINE = 10
const QUOTE = 34
const COLON = 58
const SPACE = 32
/** The end of a key that has an ISRC behind it, in every schema that is known: `isrc`, `external_id_isrc`. */
const KEY_END = Buffer.from('isrc"')

const DESIGNATIONS = 10_000_000
/** What a byte is worth as a digit of base 36; letters of both cases. 255: none. */
const digits36 = new Uint8Array(256).fill(255)
for (let i = 0; i < 10; i++) digits36[48 + i] = i
for (let i = 0; i < 26; i++) digits36[65 + i] = digits36[97 + i] = 10 + i

/** The value of the ISRC whose 12 characters are at a place, as `isrcValue` gives it; -1 when there is none. */
export function isrcAt(bytes: Buffer, at: number): number {
  let value = 0
  for (let i = 0; i < 2; i++) {
    const digit = digits36[bytes[at + i] as number] as number
    if (digit < 10 || digit > 35) return -1
    value = value * 26 + digit - 10
  }
  for (let i = 2; i < 5; i++) {
    const digit = digits36[bytes[at + i] as number] as number
    if (digit > 35) return -1
    value = value * 36 + digit
  }
  let number = 0
  for (let i = 5; i < 12; i++) {
    const digit = (bytes[at + i] as number) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return value * DESIGNATIONS + number
}

/** Where the text begins that follows a key; -1 when something else follows. */
function textBehind(bytes: Buffer, end: number): number {
  let at = end
  while (bytes[at] === SPACE) at += 1
  if (bytes[at] !== COLON) return -1
  at += 1
  while (bytes[at] === SPACE) at += 1
  return bytes[at] === QUOTE ? at + 1 : -1
}

/** A code with hyphens, spaces and a label before it. */
const WRITTEN_BYTES_MAX = 40
const CODE_BYTES = 12

/** The value of the ISRC whose text begins at a place and ends with a quote, however it is written; -1 when there is none. */
function valueAt(bytes: Buffer, text: number): number {
  if (bytes[text + CODE_BYTES] === QUOTE) {
    const value = isrcAt(bytes, text)
    if (value >= 0) return value
  }
  const end = bytes.indexOf(QUOTE, text)
  if (end - text < CODE_BYTES || end - text > WRITTEN_BYTES_MAX) return -1
  const isrc = parseIsrc(bytes.toString('latin1', text, end))
  return isrc === undefined ? -1 : isrcValue((index) => isrc.charCodeAt(index))
}

/** A line in which an ISRC of the catalogue stands. */
export interface ScanHit {
  /** The line, without its end; good until the next piece is pushed. */
  readonly line: Buffer
  /** Its number, from 1. */
  readonly row: number
}

/** A line, and whether an ISRC stands in it. */
type OnLine = (hit: ScanHit) => void

/**
 * Looks for a catalogue's ISRCs in JSON lines without reading the lines: only where `"isrc": "` stands, and what stands
 * behind it. Lines that have one are given to `onHit`, to be read by whoever wants them.
 */
export class IsrcScan {
  readonly #codes: IsrcSet
  readonly #onHit: OnLine
  readonly #onNameless: OnLine | undefined
  readonly #lineBytesMax: number
  #rest: Buffer = Buffer.alloc(0)
  #isTooLong = false
  /** Lines so far. */
  rows = 0

  /**
   * @param onHit is given lines with a code of the catalogue.
   * @param onNameless is given lines, not empty, without any ISRC, in the order of the file among the others.
   */
  constructor(codes: IsrcSet, lineBytesMax: number, onHit: OnLine, onNameless?: OnLine) {
    this.#codes = codes
    this.#lineBytesMax = lineBytesMax
    this.#onHit = onHit
    this.#onNameless = onNameless
  }

  /** Takes the next bytes. */
  push(piece: Buffer): void {
    const first = piece.indexOf(NEW_LINE)
    if (first === -1) {
      this.#keep(this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]))
      return
    }
    // The line that pieces before began is ended by itself: so the piece is not copied.
    const isOpen = this.#rest.length > 0 || this.#isTooLong
    if (this.#isTooLong) this.rows += 1
    else if (isOpen) {
      const line = Buffer.concat([this.#rest, piece.subarray(0, first + 1)])
      this.#scan(line, 0, line.length)
    }
    this.#isTooLong = false
    const last = piece.lastIndexOf(NEW_LINE)
    this.#scan(piece, isOpen ? first + 1 : 0, last + 1)
    this.#keep(piece.subarray(last + 1))
  }

  /** The bytes are over; a last line need not be ended. */
  end(): void {
    if (this.#rest.length > 0)
      this.#scan(Buffer.concat([this.#rest, Buffer.from('\n')]), 0, this.#rest.length + 1)
    else if (this.#isTooLong) this.rows += 1
    this.#rest = Buffer.alloc(0)
    this.#isTooLong = false
  }

  #keep(bytes: Buffer): void {
    if (bytes.length > this.#lineBytesMax) this.#isTooLong = true
    this.#rest = this.#isTooLong ? Buffer.alloc(0) : Buffer.from(bytes)
  }

  /** Whole lines. A line with several codes is one hit. */
  #scan(bytes: Buffer, from: number, to: number): void {
    let counted = from
    let passed = from
    for (let at = bytes.indexOf(KEY_END, from); at !== -1 && at < to; at = bytes.indexOf(KEY_END, at + 5)) {
      const text = at < counted ? -1 : textBehind(bytes, at + KEY_END.length)
      const value = text === -1 ? -1 : valueAt(bytes, text)
      if (value < 0) continue
      const isHit = this.#codes.numberOf(value) !== -1
      if (!isHit && (!this.#onNameless || at < passed)) continue
      const begin = Math.max(from, bytes.lastIndexOf(NEW_LINE, at) + 1)
      const end = bytes.indexOf(NEW_LINE, at)
      counted = this.#count(bytes, counted, passed, begin)
      passed = end + 1
      if (!isHit) continue
      this.rows += 1
      this.#onHit({ line: bytes.subarray(begin, end), row: this.rows })
      counted = end + 1
    }
    this.#count(bytes, counted, passed, to)
  }

  /**
   * Counts the lines between two places, and gives those from `passed` on as lines without a code.
   *
   * @returns where the counting ended.
   */
  #count(bytes: Buffer, counted: number, passed: number, to: number): number {
    if (!this.#onNameless) {
      this.rows += lineEnds(bytes, counted, to)
      return to
    }
    this.rows += lineEnds(bytes, counted, Math.min(passed, to))
    for (let begin = Math.max(counted, passed); begin < to;) {
      const end = bytes.indexOf(NEW_LINE, begin)
      this.rows += 1
      if (end > begin) this.#onNameless({ line: bytes.subarray(begin, end), row: this.rows })
      begin = end + 1
    }
    return to
  }
}

/** Line ends between two places. */
function lineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEW_LINE, from); at !== -1 && at < to; at = bytes.indexOf(NEW_LINE, at + 1))
    count += 1
  return count
}
