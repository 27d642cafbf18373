/** How many votes each of many whole numbers below 2^53 has. */
export interface VoteCounter {
  add(key: number): void
  get(key: number): number
  each(visit: (key: number, votes: number) => void): void
  clear(): void
}

/** Slots of an empty counter. */
const SLOTS_MIN = 2 ** 12

/**
 * An empty counter, by open addressing with linear probing. What a vote costs follows from what it counts,
 * and not from the largest vote before it: of the memory that one needed, later ones use the beginning.
 */
export function createVoteCounter(): VoteCounter {
  let keys = new Float64Array(SLOTS_MIN).fill(-1)
  let votes = new Uint32Array(SLOTS_MIN)
  /** The slots in use, in the order in which they were taken; at most half of them. */
  let taken = new Uint32Array(SLOTS_MIN / 2)
  let used = 0
  let mask = SLOTS_MIN - 1

  const slotOf = (key: number): number => {
    let hash = Math.imul(key >>> 0, 0x85_eb_ca_6b) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e_37_79_b1)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2_b2_ae_35)
    let slot = (hash ^ (hash >>> 16)) & mask
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }
  const take = (slot: number, key: number, count: number): void => {
    keys[slot] = key
    votes[slot] = count
    taken[used++] = slot
  }
  const empty = (): void => {
    for (let index = 0; index < used; index++) keys[taken[index]!] = -1
    used = 0
  }
  const enlarge = (): void => {
    const count = used
    const counted = { keys: new Float64Array(count), votes: new Uint32Array(count) }
    for (let index = 0; index < count; index++) {
      counted.keys[index] = keys[taken[index]!]!
      counted.votes[index] = votes[taken[index]!]!
    }
    empty()
    const slots = 2 * (mask + 1)
    if (slots > keys.length) {
      keys = new Float64Array(slots).fill(-1)
      votes = new Uint32Array(slots)
      taken = new Uint32Array(slots / 2)
    }
    mask = slots - 1
    for (let index = 0; index < count; index++)
      take(slotOf(counted.keys[index]!), counted.keys[index]!, counted.votes[index]!)
  }
  return {
    add(key) {
      const slot = slotOf(key)
      if (keys[slot] === key) {
        votes[slot] = votes[slot]! + 1
        return
      }
      if (2 * used < mask) return take(slot, key, 1)
      enlarge()
      take(slotOf(key), key, 1)
    },
    get(key) {
      const slot = slotOf(key)
      return keys[slot] === -1 ? 0 : votes[slot]!
    },
    each(visit) {
      for (let index = 0; index < used; index++) {
        const slot = taken[index]!
        visit(keys[slot]!, votes[slot]!)
      }
    },
    clear() {
      empty()
      mask = SLOTS_MIN - 1
    },
  }
}
