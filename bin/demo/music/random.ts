/** FNV-1a over UTF-16 code units, 32 bit: spreads a text over the whole word, which sfc32 wants as its seed. */
function hashText(text: string, basis: number): number {
  let hash = basis >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * A stream of chance that is the same on every machine: all music, noise and timing of the demo come from it.
 *
 * Generator: sfc32 ("small fast counting", Chris Doty-Humphrey, PractRand), 128 bits of state, integer only.
 */
export class Random {
  readonly #seed: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    this.#seed = seed
    this.#a = hashText(seed, 0x811c9dc5)
    this.#b = hashText(seed, 0x9e3779b9)
    this.#c = hashText(seed, 0x7f4a7c15)
    // The first outputs of seeds that differ by one letter are alike; the author's advice is to drop twelve.
    for (let i = 0; i < 12; i++) this.unit()
  }

  /** Uniform in 0 ≤ x < 1. */
  unit(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }

  /** Uniform in low ≤ x < high. */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit()
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1))
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** Bell-shaped around 0 with about the given standard deviation, never further than 3.5 of them. */
  bell(deviation: number): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * 1.732 * deviation
  }

  /** One of the list. @throws {RangeError} when the list is empty. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.unit() * list.length)]
    if (chosen === undefined) throw new RangeError('pick: the list is empty')
    return chosen
  }

  /** An independent stream: what one part of a piece draws does not shift the dice of another. */
  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`)
  }
}
