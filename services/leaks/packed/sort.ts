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

/** Counters of a pass, 32 KB, lie in the first cache. */
const DIGIT_BITS_MAX = 13

/** Scratch space of a pass, which is never interrupted by another. */
const counts = new Uint32Array(1 << DIGIT_BITS_MAX)
let digits = new Uint16Array(0)

/** A digit of keys: bits of both words, as if they were one without the payload. */
interface Digit {
  /** The first bit of the key that it has, from its lowest on. */
  readonly shift: number
  readonly bits: number
  readonly payloadBits: number
}

/** Moves records to where a digit says, in their order; a counting sort. */
function pass(from: Columns, to: Columns, count: number, { shift, bits, payloadBits }: Digit): void {
  const { high, low, row } = from
  const { high: toHigh, low: toLow, row: toRow } = to
  const lowBits = 32 - payloadBits
  const mask = (1 << bits) - 1
  const isLow = shift < lowBits
  // Of a digit that begins in the lower word, the upper word's bits lie behind it, or are masked out. Shifts are modulo 32.
  const lowShift = payloadBits + shift
  const highShift = isLow ? lowBits - shift : shift - lowBits
  const highMask = isLow && highShift === 32 ? 0 : mask
  counts.fill(0)
  if (digits.length < count) digits = new Uint16Array(count)
  const digitOf = digits
  for (let i = 0; i < count; i++) {
    const h = high[i] as number
    const digit = isLow
      ? (((low[i] as number) >>> lowShift) & mask) | ((h << highShift) & highMask)
      : (h >>> highShift) & mask
    digitOf[i] = digit
    counts[digit]! += 1
  }
  let sum = 0
  for (let digit = 0; digit <= mask; digit++) {
    const here = counts[digit] as number
    counts[digit] = sum
    sum += here
  }
  for (let i = 0; i < count; i++) {
    const digit = digitOf[i] as number
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
  const keyBits = 32 - payloadBits + (count > 0 ? differingBits(records, count) : 0)
  const passes = Math.ceil(keyBits / DIGIT_BITS_MAX)
  const bits = Math.ceil(keyBits / passes)
  for (let shift = 0; shift < keyBits; shift += bits) {
    pass(from, to, count, { shift, bits, payloadBits })
    ;[from, to] = [to, from]
  }
  return { sorted: from, spare: to }
}
