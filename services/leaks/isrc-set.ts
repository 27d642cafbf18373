import { isrcValue } from './packed/word.ts'

/** Places for each code: half of them stay empty, so that most look-ups end at the first. */
const PLACES_PER_CODE = 2
const EMPTY = -1

/** Spreads a code over 32 bits (the multiplier is 2³² divided by the golden ratio; Knuth, TAOCP 3, section 6.4). */
const hashOf = (high: number, low: number): number => {
  const mixed = Math.imul(high ^ (low >>> 15), 0x9e37_79b1) ^ Math.imul(low, 0x85eb_ca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/**
 * The ISRCs of a catalogue, each with a number; 24 bytes a code. An open-addressing table whose keys are exact: an ISRC
 * fits into a double.
 */
export class IsrcSet {
  readonly #keys: Float64Array
  readonly #numbers: Uint32Array
  readonly #mask: number
  #count = 0

  /** @param capacity codes that it will have at most. */
  constructor(capacity: number) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, capacity * PLACES_PER_CODE)))
    this.#keys = new Float64Array(places).fill(EMPTY)
    this.#numbers = new Uint32Array(places)
    this.#mask = places - 1
  }

  get count(): number {
    return this.#count
  }

  /** Where a code stands, or would. */
  #placeOf(value: number): number {
    let place = hashOf(Math.floor(value / 2 ** 32), value >>> 0) & this.#mask
    while (this.#keys[place] !== value && this.#keys[place] !== EMPTY) place = (place + 1) & this.#mask
    return place
  }

  /** Adds a code of 12 capital letters and digits; one that is there keeps its number. @returns false for no code. */
  add(isrc: string, number: number): boolean {
    const value = isrc.length === 12 ? isrcValue((at) => isrc.charCodeAt(at)) : -1
    if (value < 0) return false
    const place = this.#placeOf(value)
    if (this.#keys[place] === value) return true
    if (this.#count * PLACES_PER_CODE > this.#mask)
      throw new RangeError('more codes than there are places for')
    this.#keys[place] = value
    this.#numbers[place] = number
    this.#count += 1
    return true
  }

  /** The number of the code that `isrcValue` made this value of; -1 when it is not there. */
  numberOf(value: number): number {
    const place = this.#placeOf(value)
    return this.#keys[place] === value ? (this.#numbers[place] as number) : -1
  }
}
