import { isrcValue } from './packed/word.ts'

/** Places for each code: half of them stay empty, so that most look-ups end at the first. */
const PLACES_PER_CODE = 2
const EMPTY = -1
/** Bits of a filter for each place. At 8 bits a code or more it fits into a cache, and says of 7 in 8 others that they are none. */
const BITS_PER_PLACE = 4
const BITS_MIN = 32

/** Spreads a code over 32 bits (the multiplier is 2³² divided by the golden ratio; Knuth, TAOCP 3, section 6.4). */
const hashOf = (high: number, low: number): number => {
  const mixed = Math.imul(high ^ (low >>> 15), 0x9e37_79b1) ^ Math.imul(low, 0x85eb_ca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/** The memory of a set, which threads can share. */
export interface IsrcSetMemory {
  readonly keys: SharedArrayBuffer
  readonly numbers: SharedArrayBuffer
  readonly filter: SharedArrayBuffer
  readonly count: number
}

/**
 * The ISRCs of a catalogue, each with a number; 25 bytes a code. An open-addressing table whose keys are exact: an ISRC
 * fits into a double.
 */
export class IsrcSet {
  readonly #keys: Float64Array
  readonly #numbers: Uint32Array
  /** A bit for each hash that a code has: most of what is asked for is not there, and need not be looked for. */
  readonly #filter: Int32Array
  readonly #filterShift: number
  readonly #mask: number
  #count = 0

  /**
   * @param capacity codes that it will have at most.
   * @param memory see `over`.
   */
  constructor(capacity: number, memory?: IsrcSetMemory) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, capacity * PLACES_PER_CODE)))
    this.#keys = new Float64Array(memory?.keys ?? new SharedArrayBuffer(8 * places))
    this.#numbers = new Uint32Array(memory?.numbers ?? new SharedArrayBuffer(4 * places))
    const bits = Math.min(2 ** 32, Math.max(BITS_MIN, this.#keys.length * BITS_PER_PLACE))
    this.#filter = new Int32Array(memory?.filter ?? new SharedArrayBuffer(bits / 8))
    this.#filterShift = 32 - Math.log2(bits)
    if (!memory) this.#keys.fill(EMPTY)
    this.#mask = this.#keys.length - 1
    this.#count = memory?.count ?? 0
  }

  /** A set of another thread, for looking up. */
  static over(memory: IsrcSetMemory): IsrcSet {
    return new IsrcSet(0, memory)
  }

  /** What another thread needs; nothing is added any more. */
  get memory(): IsrcSetMemory {
    return {
      keys: this.#keys.buffer as SharedArrayBuffer,
      numbers: this.#numbers.buffer as SharedArrayBuffer,
      filter: this.#filter.buffer as SharedArrayBuffer,
      count: this.#count,
    }
  }

  get count(): number {
    return this.#count
  }

  /** Where the code with a hash stands, or would. */
  #placeOf(value: number, hash: number): number {
    let place = hash & this.#mask
    while (this.#keys[place] !== value && this.#keys[place] !== EMPTY) place = (place + 1) & this.#mask
    return place
  }

  /** Adds a code of 12 capital letters and digits; one that is there keeps its number. @returns false for no code. */
  add(isrc: string, number: number): boolean {
    const value = isrc.length === 12 ? isrcValue((at) => isrc.charCodeAt(at)) : -1
    if (value < 0) return false
    const hash = hashOf(Math.floor(value / 2 ** 32), value >>> 0)
    const place = this.#placeOf(value, hash)
    if (this.#keys[place] === value) return true
    if (this.#count * PLACES_PER_CODE > this.#mask)
      throw new RangeError('more codes than there are places for')
    this.#keys[place] = value
    this.#numbers[place] = number
    const bit = hash >>> this.#filterShift
    this.#filter[bit >>> 5]! |= 1 << (bit & 31)
    this.#count += 1
    return true
  }

  /** The codes as `isrcValue` gives them, in no particular order. */
  *values(): Generator<number> {
    for (const value of this.#keys) if (value !== EMPTY) yield value
  }

  /** The number of the code that `isrcValue` made this value of; -1 when it is not there. */
  numberOf(value: number): number {
    const hash = hashOf(Math.floor(value / 2 ** 32), value >>> 0)
    const bit = hash >>> this.#filterShift
    if (((this.#filter[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return -1
    const place = this.#placeOf(value, hash)
    return this.#keys[place] === value ? (this.#numbers[place] as number) : -1
  }
}
