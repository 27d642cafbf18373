import { Problem } from '../core/problem.ts'

/** What opening one submission may cost, everything nested in it included. */
export interface OpeningLimits {
  /** Of all files inside together, after decompression. */
  readonly bytesMax: number
  /** Things found: files, links, names and faults. */
  readonly itemsMax: number
  /** An archive in an archive is at depth 2. */
  readonly depthMax: number
  /** Bytes that come out of a compressed file for each that lies in it. */
  readonly ratioMax: number
  readonly timeoutMs: number
}

/** A label's box set is some gigabytes and hundreds of files; text compresses a hundredfold, and music never. */
export const openingLimits: OpeningLimits = {
  bytesMax: 8 * 2 ** 30,
  itemsMax: 5_000,
  depthMax: 4,
  ratioMax: 200,
  timeoutMs: 10 * 60_000,
}

/** Small files may be compressed better than the ratio allows: a megabyte of silence does no harm. */
const RATIO_FREE_BYTES = 16 * 2 ** 20

interface Spent {
  bytes: number
  items: number
  readonly endsAt: number
}

/** Counts what opening costs. Nested files share one account, so that many small bombs are one large one. */
export class OpeningBudget {
  readonly limits: OpeningLimits
  readonly depth: number
  readonly #spent: Spent

  /** @param spent what other parts of the same submission have cost before. */
  constructor(
    limits: OpeningLimits = openingLimits,
    spent: { readonly bytes: number; readonly items: number; readonly depth: number } = {
      bytes: 0,
      items: 0,
      depth: 0,
    },
    account?: Spent,
  ) {
    this.limits = limits
    this.depth = spent.depth
    this.#spent = account ?? {
      bytes: spent.bytes,
      items: spent.items,
      endsAt: performance.now() + limits.timeoutMs,
    }
  }

  /** The budget of something that lies inside. @throws {Problem} open/too-deep. */
  deeper(): OpeningBudget {
    if (this.depth >= this.limits.depthMax)
      throw new Problem('open/too-deep', `More than ${this.limits.depthMax} files lie inside each other`)
    return new OpeningBudget(this.limits, { bytes: 0, items: 0, depth: this.depth + 1 }, this.#spent)
  }

  /** Counts one thing that was found. @throws {Problem} open/too-many, open/too-slow. */
  countItem(): void {
    this.checkTime()
    this.#spent.items += 1
    if (this.#spent.items > this.limits.itemsMax)
      throw new Problem('open/too-many', `There are more than ${this.limits.itemsMax} things inside`)
  }

  /** Time that is left; 0 when it is over. */
  get leftMs(): number {
    return Math.max(0, this.#spent.endsAt - performance.now())
  }

  /** Whether nothing more may be opened; a limit of one file alone, such as its ratio, does not spend the budget. */
  get isSpent(): boolean {
    const { itemsMax, bytesMax } = this.limits
    return this.leftMs === 0 || this.#spent.items > itemsMax || this.#spent.bytes > bytesMax
  }

  /** @throws {Problem} open/too-slow. */
  checkTime(): void {
    if (this.leftMs === 0) throw new Problem('open/too-slow', 'Opening it takes longer than allowed')
  }

  /**
   * Counts bytes as they come out, and breaks off what comes out of too little.
   *
   * @param packedBytes of what they come out of.
   * @throws {Problem} open/too-large, open/too-slow.
   */
  async *counted(unpacked: AsyncIterable<Uint8Array>, packedBytes: number): AsyncGenerator<Uint8Array> {
    const { ratioMax, bytesMax } = this.limits
    let bytes = 0
    for await (const chunk of unpacked) {
      this.checkTime()
      bytes += chunk.length
      this.#spent.bytes += chunk.length
      if (bytes > RATIO_FREE_BYTES && bytes > packedBytes * ratioMax)
        throw new Problem('open/too-large', `It unpacks to more than ${ratioMax} times its size`)
      if (this.#spent.bytes > bytesMax)
        throw new Problem('open/too-large', `Unpacked it has more than ${bytesMax} bytes`)
      yield chunk
    }
  }
}
