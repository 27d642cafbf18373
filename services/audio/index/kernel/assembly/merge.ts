import {
  FIRST_ROWS_AT,
  MERGED_ORDERS_AT,
  MERGED_POSITIONS_AT,
  MERGED_ROWS_AT,
  ORDERS_AT,
  POSITIONS_AT,
  SECOND_ROWS_AT,
} from '../layout'

const ORDER_BITS = 16

/**
 * Merges so many buckets, which begin at `first` and `second`, to `at`; each has `1 << …Bits` rows. Those of the sources
 * are as in their segments.
 *
 * @param base is added to where postings begin here, for the merged rows.
 * @returns where the last bucket ends.
 */
export function merge(
  buckets: i32,
  first: i32,
  firstBits: i32,
  second: i32,
  secondBits: i32,
  at: i32,
  mergedBits: i32,
  base: i32,
): i32 {
  const firstApart = first - load<i32>(FIRST_ROWS_AT)
  const secondApart = second - load<i32>(SECOND_ROWS_AT)
  let row: i32 = MERGED_ROWS_AT
  for (let bucket = 1; bucket <= buckets; bucket++) {
    const firstEnd = load<i32>(FIRST_ROWS_AT + 4 * (bucket << firstBits)) + firstApart
    const secondEnd = load<i32>(SECOND_ROWS_AT + 4 * (bucket << secondBits)) + secondApart
    const to = at + (firstEnd - first) + (secondEnd - second)
    mergeRuns(first, firstEnd, second, secondEnd, at)
    row = writeRows(row, at, to, mergedBits, base)
    first = firstEnd
    second = secondEnd
    at = to
  }
  return at
}

@inline
function orderAt(index: i32): i32 {
  return load<u16>(ORDERS_AT + 2 * index)
}

@inline
function copy(from: i32, to: i32): void {
  store<u16>(MERGED_ORDERS_AT + 2 * to, load<u16>(ORDERS_AT + 2 * from))
  store<i32>(MERGED_POSITIONS_AT + 4 * to, load<i32>(POSITIONS_AT + 4 * from))
}

/**
 * Two runs into one; of equal orders those of the first come first. From both ends at once, which are two chains of
 * steps that do not wait for each other; as many at a time as the shorter run has, so that neither can run out. Which
 * posting is next cannot be predicted: it is taken by a mask instead of a branch.
 */
function mergeRuns(first: i32, firstEnd: i32, second: i32, secondEnd: i32, at: i32): void {
  let end = at + (firstEnd - first) + (secondEnd - second)
  for (;;) {
    const steps = min(firstEnd - first, secondEnd - second)
    if (steps <= 0) break
    const stop = at + steps
    while (at < stop) {
      const isFirst = (orderAt(first) - orderAt(second) - 1) >> 31
      copy(second ^ ((first ^ second) & isFirst), at++)
      first -= isFirst
      second += 1 + isFirst
      const isSecond = (orderAt(firstEnd - 1) - orderAt(secondEnd - 1) - 1) >> 31
      copy((firstEnd ^ ((firstEnd ^ secondEnd) & isSecond)) - 1, --end)
      secondEnd += isSecond
      firstEnd -= 1 + isSecond
    }
  }
  while (first < firstEnd) copy(first++, at++)
  while (second < secondEnd) copy(second++, at++)
}

/** Finds in the merged bucket `from` … `to` where each of its rows begins, by halving: a row is too short to walk. */
function writeRows(row: i32, from: i32, to: i32, splitBits: i32, base: i32): i32 {
  store<i32>(row, from + base)
  const step = 1 << (ORDER_BITS - splitBits)
  for (let lowest = step; lowest < 1 << ORDER_BITS; lowest += step) {
    let at = from
    let left = to - from
    while (left > 1) {
      const half = left >> 1
      at += half & ((mergedOrderAt(at + half - 1) - lowest) >> 31)
      left -= half
    }
    if (left > 0) at -= (mergedOrderAt(at) - lowest) >> 31
    row += 4
    store<i32>(row, at + base)
  }
  return row + 4
}

@inline
function mergedOrderAt(index: i32): i32 {
  return load<u16>(MERGED_ORDERS_AT + 2 * index)
}
