import { Problem } from '../core/problem.ts'

/** Of a torrent's values in each other; the folders of a file tree lie deeper only in traps. */
const DEPTH_MAX = 64
/** Digits of the largest length and of the largest number that JavaScript counts exactly. */
const DIGITS_MAX = 15

const [ZERO, NINE, COLON, MINUS, DICTIONARY, END, INTEGER, LIST] = Buffer.from('09:-deil')

const damaged = (detail: string): Problem => new Problem('open/damaged', detail)

/**
 * Goes through bencoded bytes (BEP 3) value by value, so that memory holds what is asked for and nothing else: neither a
 * million files nor lists in lists cost more than their bytes.
 *
 * @throws {Problem} open/damaged from each of its functions, when the bytes are none of what is asked for.
 */
export class BencodeReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#at
  }

  /** What begins here; undefined where a dictionary or list ends. */
  next(): 'bytes' | 'integer' | 'list' | 'dictionary' | undefined {
    const byte = this.#bytes[this.#at]
    if (byte === DICTIONARY) return 'dictionary'
    if (byte === LIST) return 'list'
    if (byte === INTEGER) return 'integer'
    if (byte === END) return undefined
    if (byte !== undefined && byte >= ZERO! && byte <= NINE!) return 'bytes'
    throw damaged(`There is no value at byte ${this.#at}`)
  }

  #digits(end: number): number {
    let value = 0
    const start = this.#at
    for (; this.#bytes[this.#at] !== end; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0
      if (byte < ZERO! || byte > NINE! || this.#at - start >= DIGITS_MAX)
        throw damaged(`There is no number at byte ${start}`)
      value = value * 10 + (byte - ZERO!)
    }
    if (this.#at === start) throw damaged(`There is no number at byte ${start}`)
    this.#at += 1
    return value
  }

  bytes(): Buffer {
    const length = this.#digits(COLON!)
    if (length > this.#bytes.length - this.#at) throw damaged('A value is longer than the file')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  integer(): number {
    this.#enter(INTEGER!)
    const isNegative = this.#bytes[this.#at] === MINUS
    if (isNegative) this.#at += 1
    const value = this.#digits(END!)
    return isNegative ? -value : value
  }

  #enter(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw damaged(`Another value is expected at byte ${this.#at}`)
    this.#at += 1
  }

  /** The keys of a dictionary, one by one; each value must be read or skipped before the next key is asked for. */
  *keys(): Generator<string> {
    this.#enter(DICTIONARY!)
    while (this.next() !== undefined) yield this.bytes().toString('utf8')
    this.#at += 1
  }

  /** One step for each member of a list; each must be read or skipped before the next. */
  *members(): Generator<void> {
    this.#enter(LIST!)
    while (this.next() !== undefined) yield
    this.#at += 1
  }

  /** A value as it is written: what a torrent is known by is the hash of such bytes. */
  raw(): Buffer {
    const start = this.#at
    this.skip()
    return this.#bytes.subarray(start, this.#at)
  }

  /** Passes over a value, however much lies in it. */
  skip(): void {
    let depth = 0
    do {
      const next = this.next()
      if (next === 'bytes') this.bytes()
      else if (next === 'integer') this.integer()
      else {
        depth += next === undefined ? -1 : 1
        this.#at += 1
      }
      if (depth > DEPTH_MAX) throw damaged(`Values lie more than ${DEPTH_MAX} deep in each other`)
      if (depth < 0) throw damaged('A value ends that did not begin')
    } while (depth > 0)
  }
}
