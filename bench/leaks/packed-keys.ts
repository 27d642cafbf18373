import { Random } from '../../bin/demo/music/random.ts'
import { RECORDS_MAX } from '../../services/leaks/packed/index-folder.ts'
import { PAYLOAD_BITS, packPayload } from '../../services/leaks/packed/word.ts'

/** Countries and registrants: most codes are of few countries, as they are in a streaming service. */
const COUNTRIES = 200
const PREFIXES = 30_000
const YEARS = 25
const DESIGNATIONS = 100_000
/** What an index has at most; of these codes there are more. */
export const KEYS_MAX = RECORDS_MAX

/** The key's part below the upper word, as services/leaks/packed/word.ts packs it. */
const LOW_KEYS = 2 ** (32 - PAYLOAD_BITS)
/** Step by which the order is mixed: the golden ratio of the count, made coprime to it. */
const GOLDEN = 0.618_033_988_749_895

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b))

function stepOf(count: number): number {
  let step = Math.max(1, Math.floor(count * GOLDEN))
  while (greatestDivisor(step, count) !== 1) step += 1
  return step
}

function inventPrefixes(): Float64Array {
  const random = new Random('leak prefixes')
  const letters = Array.from({ length: COUNTRIES }, () => random.whole(0, 26 * 26 - 1))
  const seen = new Set<number>()
  while (seen.size < PREFIXES) {
    const country = letters[Math.floor(random.unit() ** 3 * COUNTRIES)] ?? 0
    seen.add(country * 36 ** 3 + random.whole(0, 36 ** 3 - 1))
  }
  return Float64Array.from(seen)
}

/** What is said of each: as different as in a dump, and no work to make. */
const payloads = Uint16Array.from({ length: 64 }, (_, i) =>
  packPayload({
    popularity: i,
    status: i % 3 === 0 ? 'audio' : 'planned',
    codec: i % 3 === 0 ? 'vorbis-160' : 'unknown',
    batch: 0,
  }),
)

/**
 * So many different ISRCs in an order that says nothing, packed as an index has them; the same in every run. Each is
 * told by its number, and none of them is held.
 */
export class PackedKeys {
  readonly count: number
  readonly #prefixes = inventPrefixes()
  readonly #step: number
  #place = 0
  #number = 0

  constructor(count: number) {
    this.count = count
    this.#step = stepOf(count)
  }

  /** The number that stands for the code at a place, as `isrcValue` gives it. */
  #valueAt(place: number): number {
    const serial = Math.floor(place / PREFIXES)
    const prefix = this.#prefixes[place % PREFIXES] as number
    return (prefix * 100 + (serial % YEARS)) * DESIGNATIONS + Math.floor(serial / YEARS)
  }

  /** The next codes, with payload, until there is no more room or none is left. @returns how many. */
  fill(high: Uint32Array, low: Uint32Array): number {
    const count = Math.min(high.length, this.count - this.#number)
    let place = this.#place
    for (let i = 0; i < count; i++) {
      const value = this.#valueAt(place)
      high[i] = Math.floor(value / LOW_KEYS)
      low[i] = ((value % LOW_KEYS) << PAYLOAD_BITS) | (payloads[place & 63] as number)
      place += this.#step
      if (place >= this.count) place -= this.count
    }
    this.#place = place
    this.#number += count
    return count
  }

  /** Codes of which every other one is there, at random. */
  some(count: number, seed: string): { readonly isrcs: string[]; readonly present: number } {
    const random = new Random(seed)
    const isrcs = Array.from({ length: count }, (_, i) => {
      const place = random.whole(0, this.count - 1)
      // The last two digits of a year that none of them is of.
      const value = this.#valueAt(place) + (i % 2 === 0 ? 0 : (YEARS + 1) * DESIGNATIONS)
      return isrcOf(value)
    })
    return { isrcs, present: Math.ceil(count / 2) }
  }
}

function isrcOf(value: number): string {
  const prefix = Math.floor(value / 1e7)
  const letters = Math.floor(prefix / 36 ** 3)
  const country = String.fromCharCode(65 + Math.floor(letters / 26), 65 + (letters % 26))
  const registrant = (prefix % 36 ** 3).toString(36).toUpperCase().padStart(3, '0')
  return `${country}${registrant}${String(value % 1e7).padStart(7, '0')}`
}
