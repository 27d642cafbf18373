/** What is remembered of a row: where it was, and a hash of its names. */
export interface SeenRow {
  readonly row: number
  readonly namesHash: number
}

/** First room; it doubles when it is two thirds full. */
const FIRST_PLACES = 2 ** 14
const LOAD_MAX = 2 / 3

/** FNV-1a, 32 bits. Source: draft-eastlake-fnv. */
function hash32(text: string, basis = 0x811c9dc5): number {
  let hash = basis
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Words that join names and are written, or not, as it comes. */
const joiningWords: ReadonlySet<string> = new Set(['feat', 'ft', 'featuring', 'and', 'with', 'x', 'vs'])

/**
 * A hash of all words of a recording's names, whichever column has them and in whatever order: `Song (feat. B)` by A is
 * `Song` by A with B as featured artist.
 *
 * @param words title, version, artists and guests as keys, with single spaces between their words.
 */
export function namesHashOf(words: string): number {
  let sum = 0
  for (const word of new Set(words.split(' '))) if (!joiningWords.has(word)) sum = (sum + hash32(word)) >>> 0
  return sum
}

/**
 * Which recordings a file has named so far: an open hash table in typed arrays, 16 bytes a place, so that a million
 * rows take some 30 MB instead of the hundreds that a Map of texts would. Keys are told apart by 64 bits; that two
 * of a million meet has a chance of one in forty million.
 */
export class SeenRows {
  #places = FIRST_PLACES
  #size = 0
  #high = new Uint32Array(FIRST_PLACES)
  #low = new Uint32Array(FIRST_PLACES)
  #row = new Uint32Array(FIRST_PLACES)
  #names = new Uint32Array(FIRST_PLACES)

  /** The row that named this key before; otherwise remembers this one and answers undefined. */
  note(key: string, seen: SeenRow): SeenRow | undefined {
    if (this.#size >= this.#places * LOAD_MAX) this.#grow()
    const high = hash32(key)
    const low = hash32(key, high ^ 0x9e3779b9)
    const at = this.#placeOf(high, low)
    const row = this.#row[at]!
    if (row > 0) return { row, namesHash: this.#names[at]! }
    this.#put(at, high, low, seen)
    this.#size += 1
    return undefined
  }

  /** Its place, or the free one where it belongs. Rows count from 1, so 0 is free. */
  #placeOf(high: number, low: number): number {
    const mask = this.#places - 1
    let at = (high ^ low) & mask
    while (this.#row[at] !== 0 && (this.#high[at] !== high || this.#low[at] !== low)) at = (at + 1) & mask
    return at
  }

  #put(at: number, high: number, low: number, { row, namesHash }: SeenRow): void {
    this.#high[at] = high
    this.#low[at] = low
    this.#row[at] = row
    this.#names[at] = namesHash
  }

  #grow(): void {
    const old = { high: this.#high, low: this.#low, row: this.#row, names: this.#names }
    const places = (this.#places *= 2)
    this.#high = new Uint32Array(places)
    this.#low = new Uint32Array(places)
    this.#row = new Uint32Array(places)
    this.#names = new Uint32Array(places)
    for (const [at, row] of old.row.entries()) {
      if (row === 0) continue
      const [high, low] = [old.high[at]!, old.low[at]!]
      this.#put(this.#placeOf(high, low), high, low, { row, namesHash: old.names[at]! })
    }
  }
}
