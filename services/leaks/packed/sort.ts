/** Records as columns of the same length. */
export interface Columns {
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** Goes along and is not sorted by. */
  readonly row: Uint32Array
}

export const newColumns = (length: number): Columns => ({
  high: new Uint32Array(length),
  low: new Uint32Array(length),
  row: new Uint32Array(length),
})

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Moves records to where a digit of one column says, in their order; a counting sort. */
function pass(from: Columns, to: Columns, count: number, by: 'high' | 'low', shift: number): void {
  const counts = new Uint32Array(DIGITS)
  const key = from[by]
  for (let i = 0; i < count; i++) counts[((key[i] as number) >>> shift) & (DIGITS - 1)]! += 1
  let sum = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const here = counts[digit] as number
    counts[digit] = sum
    sum += here
  }
  const { high, low, row } = from
  const { high: toHigh, low: toLow, row: toRow } = to
  for (let i = 0; i < count; i++) {
    const digit = ((key[i] as number) >>> shift) & (DIGITS - 1)
    const at = counts[digit] as number
    counts[digit] = at + 1
    toHigh[at] = high[i] as number
    toLow[at] = low[i] as number
    toRow[at] = row[i] as number
  }
}

/** The bits in which the upper words of some records differ. */
function differingBits({ high }: Columns, count: number): number {
  const first = high[0] as number
  let differ = 0
  for (let i = 1; i < count; i++) differ |= (high[i] as number) ^ first
  return 32 - Math.clz32(differ)
}

/**
 * Sorts the first `count` records by their two words; a radix sort from the lowest digit, over as many bits of the upper
 * word as differ. The bits of the payload are left out, so equal keys stay in their order.
 *
 * @param spare as long as `records`; either of the two has the result.
 * @returns the one that has it.
 */
export function sortRecords(
  records: Columns,
  spare: Columns,
  count: number,
  payloadBits: number,
): { readonly sorted: Columns; readonly spare: Columns } {
  let [from, to] = [records, spare]
  const turn = (by: 'high' | 'low', shift: number): void => {
    pass(from, to, count, by, shift)
    ;[from, to] = [to, from]
  }
  for (let shift = payloadBits; shift < 32; shift += DIGIT_BITS) turn('low', shift)
  const bits = count > 0 ? differingBits(from, count) : 0
  for (let shift = 0; shift < bits; shift += DIGIT_BITS) turn('high', shift)
  return { sorted: from, spare: to }
}
