import type { IsrcSet } from '../isrc-set.ts'

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

/** A line in which an ISRC of the catalogue stands. */
export interface ScanHit {
  /** The line, without its end; good until the next piece is pushed. */
  readonly line: Buffer
  /** Its number, from 1. */
  readonly row: number
}

/**
 * Looks for a catalogue's ISRCs in JSON lines without reading the lines: only where `"isrc": "` stands, and what stands
 * behind it. Lines that have one are given to `onHit`, to be read by whoever wants them.
 */
export class IsrcScan {
  readonly #codes: IsrcSet
  readonly #onHit: (hit: ScanHit) => void
  readonly #lineBytesMax: number
  #rest: Buffer = Buffer.alloc(0)
  #isTooLong = false
  /** Lines so far. */
  rows = 0

  constructor(codes: IsrcSet, lineBytesMax: number, onHit: (hit: ScanHit) => void) {
    this.#codes = codes
    this.#lineBytesMax = lineBytesMax
    this.#onHit = onHit
  }

  /** Takes the next bytes. */
  push(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const last = bytes.lastIndexOf(NEW_LINE)
    if (last === -1) {
      this.#keep(bytes)
      return
    }
    const from = this.#isTooLong ? bytes.indexOf(NEW_LINE) + 1 : 0
    if (this.#isTooLong) this.rows += 1
    this.#isTooLong = false
    this.#scan(bytes, from, last + 1)
    this.#keep(bytes.subarray(last + 1))
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
    let hitUntil = from
    for (let at = bytes.indexOf(KEY_END, from); at !== -1 && at < to; at = bytes.indexOf(KEY_END, at + 5)) {
      const text = at < hitUntil ? -1 : textBehind(bytes, at + KEY_END.length)
      if (text === -1 || bytes[text + 12] !== QUOTE) continue
      const value = isrcAt(bytes, text)
      if (value < 0 || this.#codes.numberOf(value) === -1) continue
      const begin = bytes.lastIndexOf(NEW_LINE, at) + 1
      const end = bytes.indexOf(NEW_LINE, at)
      this.rows += lineEnds(bytes, counted, begin) + 1
      this.#onHit({ line: bytes.subarray(Math.max(from, begin), end), row: this.rows })
      counted = hitUntil = end + 1
    }
    this.rows += lineEnds(bytes, counted, to)
  }
}

/** Line ends between two places. */
function lineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEW_LINE, from); at !== -1 && at < to; at = bytes.indexOf(NEW_LINE, at + 1))
    count += 1
  return count
}
