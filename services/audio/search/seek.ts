/** Keys that are sought at once, at most. */
const KEYS_MAX = 32

/** What `seekAll` seeks, and where it is; of this thread's one search. */
export const sought = {
  keys: new Int32Array(KEYS_MAX),
  places: new Uint32Array(KEYS_MAX),
}

/**
 * Finds, for the first `count` keys of `sought`, the first of the values `from` … `to` − 1 that is at least as large.
 * Binary search, step by step for all keys and without a branch: memory is asked for by all of them at once.
 *
 * @param order ascending from `from` to `to`, which is behind `from`.
 */
export function seekAll(order: Uint16Array, from: number, to: number, count: number): void {
  const { keys, places } = sought
  for (let key = 0; key < count; key++) places[key] = from
  let length = to - from
  while (length > 1) {
    const half = length >>> 1
    for (let key = 0; key < count; key++) {
      const place = places[key]!
      const isLess = (order[place + half - 1]! - keys[key]!) >>> 31
      places[key] = place + (half & -isLess)
    }
    length -= half
  }
  for (let key = 0; key < count; key++) {
    const place = places[key]!
    places[key] = place + ((order[place]! - keys[key]!) >>> 31)
  }
}

/** First posting from `at` on whose order is at least `least`; it is most often near, so steps grow from one. */
export function seek(order: Uint16Array, at: number, end: number, least: number): number {
  let step = 1
  let low = at
  while (low < end && order[low]! < least) {
    at = low + 1
    low += step
    step *= 2
  }
  let high = Math.min(low, end)
  while (at < high) {
    const middle = (at + high) >>> 1
    if (order[middle]! < least) at = middle + 1
    else high = middle
  }
  return at
}
