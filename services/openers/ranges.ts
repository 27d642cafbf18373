interface Range {
  readonly from: number
  readonly until: number
}

/** Stretches of a file that are taken, none of which may lie over another. */
export class Ranges {
  /** In their order. */
  readonly #taken: Range[] = []

  /**
   * Takes a stretch.
   *
   * @param until the byte behind its last.
   * @returns false when some of it is taken, and nothing is then.
   */
  take(from: number, until: number): boolean {
    let low = 0
    let high = this.#taken.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#taken[middle]?.from ?? 0) < from) low = middle + 1
      else high = middle
    }
    if ((this.#taken[low - 1]?.until ?? 0) > from) return false
    if ((this.#taken[low]?.from ?? Infinity) < until) return false
    this.#taken.splice(low, 0, { from, until })
    return true
  }
}
