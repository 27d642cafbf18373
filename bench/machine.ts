/** CPU milliseconds this process has used, on all threads. What work took is the difference of two. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What the memory of this machine can do, at this moment and beside whatever else runs. */
export interface MemoryLimits {
  /** Of copying from one end to the other: bytes read and written, a second. */
  readonly bytesPerSecond: number
  /** Of one read of four bytes at a random place that does not depend on the read before, in ns. */
  readonly randomReadNs: number
}

/** Best of so many: other work can only make a limit look worse than it is. */
const TRIALS = 3
/** Random reads of one trial. */
const READS = 2_000_000
/** What is copied: more than any cache holds. */
const COPIED_BYTES = 2 ** 27

/** Measures reading from a block of so many bytes, as an index of that size would be read. */
export function memoryLimits(bytes: number): MemoryLimits {
  const words = new Uint32Array(Math.max(2 ** 20, Math.ceil(bytes / 4))).fill(1)
  const places = Uint32Array.from({ length: READS }, () => Math.floor(Math.random() * words.length))
  const [from, to] = [new Uint8Array(COPIED_BYTES).fill(1), new Uint8Array(COPIED_BYTES)]
  const copyMs = bestOf(() => {
    to.set(from)
    return to[COPIED_BYTES - 1]!
  })
  const randomMs = bestOf(() => sumAt(words, places))
  return {
    bytesPerSecond: (2 * COPIED_BYTES) / (copyMs / 1000),
    randomReadNs: (randomMs * 1e6) / READS,
  }
}

function bestOf(work: () => number): number {
  let best = Number.POSITIVE_INFINITY
  for (let trial = 0; trial < TRIALS; trial++) {
    const before = cpuMs()
    // Used, or the compiler would leave the work out.
    if (work() < 0) throw new Error('Sums of positive numbers are positive')
    best = Math.min(best, cpuMs() - before)
  }
  return best
}

function sumAt(words: Uint32Array, places: Uint32Array): number {
  let sum = 0
  for (let index = 0; index < places.length; index++) sum = (sum + words[places[index]!]!) | 0
  return Math.abs(sum)
}
