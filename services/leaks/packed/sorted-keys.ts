import { setImmediate as turn } from 'node:timers/promises'

/** Every so many records, one stands in the directory: it stays in the processor's cache, and a block is a few lines. */
const BLOCK = 64

/** How a list of queries is looked up: in between, other work has its turn. */
const QUERIES_A_TURN = 20_000

/**
 * Sorted 64-bit words in two columns, and a directory of every 64th of them. A look-up is a binary search of the
 * directory, then one of a block: two places in memory that are far from each other.
 */
export class SortedKeys {
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly #payloadBits: number
  readonly #firstHigh: Uint32Array
  readonly #firstLow: Uint32Array

  constructor(high: Uint32Array, low: Uint32Array, payloadBits: number) {
    this.high = high
    this.low = low
    this.#payloadBits = payloadBits
    const blocks = Math.ceil(high.length / BLOCK)
    this.#firstHigh = new Uint32Array(blocks)
    this.#firstLow = new Uint32Array(blocks)
    for (let block = 0; block < blocks; block++) {
      this.#firstHigh[block] = high[block * BLOCK] as number
      this.#firstLow[block] = (low[block * BLOCK] as number) >>> payloadBits
    }
  }

  get count(): number {
    return this.high.length
  }

  /** What it takes in memory. */
  get bytes(): number {
    const columns = [this.high, this.low, this.#firstHigh, this.#firstLow]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** The last block that does not begin behind a key, looked for from a block on; -1 when all of them do. */
  #blockOf(high: number, lowKey: number, from: number): number {
    const [firstHigh, firstLow] = [this.#firstHigh, this.#firstLow]
    let [below, above] = [from - 1, firstHigh.length]
    // From where the last one was found the next is not far in a sorted list: steps that double, then halves.
    for (let step = 1, at = from; at < above; at += step, step *= 2) {
      const here = firstHigh[at] as number
      if (here > high || (here === high && (firstLow[at] as number) > lowKey)) above = at
      else below = at
    }
    while (above - below > 1) {
      const middle = (below + above) >>> 1
      const here = firstHigh[middle] as number
      if (here > high || (here === high && (firstLow[middle] as number) > lowKey)) above = middle
      else below = middle
    }
    return below
  }

  /** Where a key stands in its block; -1 when it does not. */
  #within(block: number, high: number, lowKey: number): number {
    if (block < 0) return -1
    const [highs, lows, bits] = [this.high, this.low, this.#payloadBits]
    let below = block * BLOCK
    let above = Math.min(highs.length, below + BLOCK)
    while (above - below > 1) {
      const middle = (below + above) >>> 1
      const here = highs[middle] as number
      if (here > high || (here === high && (lows[middle] as number) >>> bits > lowKey)) above = middle
      else below = middle
    }
    return highs[below] === high && (lows[below] as number) >>> bits === lowKey ? below : -1
  }

  /** Where a key stands; -1 when it is not there. */
  find(high: number, low: number): number {
    const lowKey = low >>> this.#payloadBits
    const [firstHigh, firstLow] = [this.#firstHigh, this.#firstLow]
    let [below, above] = [-1, firstHigh.length]
    while (above - below > 1) {
      const middle = (below + above) >>> 1
      const here = firstHigh[middle] as number
      if (here > high || (here === high && (firstLow[middle] as number) > lowKey)) above = middle
      else below = middle
    }
    return this.#within(below, high, lowKey)
  }

  /** Where many keys stand, in the order in which they were asked for; -1 for each that is not there. */
  async findMany(high: Uint32Array, low: Uint32Array): Promise<Int32Array> {
    const found = new Int32Array(high.length)
    let block = 0
    let [lastHigh, lastLow] = [0, 0]
    for (let i = 0; i < high.length; i++) {
      if (i % QUERIES_A_TURN === QUERIES_A_TURN - 1) await turn()
      const [askedHigh, askedLow] = [high[i] as number, (low[i] as number) >>> this.#payloadBits]
      const isBehind = askedHigh > lastHigh || (askedHigh === lastHigh && askedLow >= lastLow)
      block = this.#blockOf(askedHigh, askedLow, isBehind ? Math.max(0, block) : 0)
      found[i] = this.#within(block, askedHigh, askedLow)
      ;[lastHigh, lastLow] = [askedHigh, askedLow]
    }
    return found
  }
}
