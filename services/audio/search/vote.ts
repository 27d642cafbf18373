import type { Hits } from './hits.ts'
import { hypotheses } from './hypotheses.ts'
import { enlarged } from './probes.ts'

/** A place where the window may lie, and under which hypothesis. */
export interface VotedCell {
  readonly hypothesis: number
  readonly cell: number
  /** Hits here, in the fuller neighbour in time and in the fuller neighbouring hypothesis. */
  readonly votes: number
}

/** A candidate needs two hits: one is chance. */
const VOTES_MIN = 2

/** Counters of the first, rough count: a megabyte of bytes stays in the processor's cache. */
const SKETCH_SIZE = 2 ** 20

/** Room for all hypotheses beside a cell in one number. */
const HYPOTHESES = 128

/** Cells with more votes than this are equally good. */
const VOTES_TOLD_APART = 4_095

/** Counts votes; keeps its working memory from call to call. */
export interface Voter {
  /**
   * @param most cells to return, best first. Of neighbouring cells only the fuller is returned.
   */
  vote(hits: Hits, most: number): VotedCell[]
}

/**
 * Copies of the same audio agree on where the window lies; chance does not. First a rough count modulo the
 * size of the sketch drops the hits that stand alone, then the rest are counted exactly.
 */
export function createVoter(): Voter {
  const sketch = new Uint8Array(SKETCH_SIZE)
  const counter = createCounter()
  const cells = createCells()
  let sorted = new Uint32Array(0)

  const survivorsOf = (hits: Hits): void => {
    const offsets = offsetsByHypothesis(hits)
    if (sorted.length < hits.count) sorted = new Uint32Array(hits.cell.length)
    const places = offsets.slice()
    for (let index = 0; index < hits.count; index++) {
      const hypothesis = hits.hypothesis[index]!
      const place = places[hypothesis]!
      sorted[place] = hits.cell[index]!
      places[hypothesis] = place + 1
    }
    for (let hypothesis = 0; hypothesis < hypotheses.length; hypothesis++) {
      countLine(sorted, offsets[hypothesis]!, offsets[hypothesis + 1]!, hypothesis, sketch, counter)
    }
  }

  return {
    vote(hits, most) {
      counter.clear()
      cells.clear()
      survivorsOf(hits)
      counter.each((key, own) => {
        if (own < VOTES_MIN && key % HYPOTHESES !== 0) return
        const before = counter.get(key - HYPOTHESES)
        const after = counter.get(key + HYPOTHESES)
        if (own < before || own < after) return
        const beside = Math.max(neighbourVotes(counter, key, -1), neighbourVotes(counter, key, 1))
        const votes = own + Math.max(before, after) + beside
        if (votes >= VOTES_MIN) cells.add(key, votes)
      })
      return cells.best(most)
    },
  }
}

/** A list of voted cells that grows. There are a hundred thousand of them in a large index, and some dozens are wanted. */
function createCells(): {
  clear(): void
  add(key: number, votes: number): void
  best(most: number): VotedCell[]
} {
  let keys = new Float64Array(2 ** 12)
  let votesOf = new Uint16Array(2 ** 12)
  let count = 0
  const counts = new Uint32Array(VOTES_TOLD_APART + 1)
  return {
    clear() {
      count = 0
      counts.fill(0)
    },
    add(key, votes) {
      if (count === keys.length) {
        keys = enlarged(keys, new Float64Array(2 * count))
        votesOf = enlarged(votesOf, new Uint16Array(2 * count))
      }
      keys[count] = key
      votesOf[count] = Math.min(votes, VOTES_TOLD_APART)
      counts[votesOf[count]!] = counts[votesOf[count]!]! + 1
      count++
    },
    best(most) {
      let least = VOTES_TOLD_APART
      for (let above = counts[least]!; above < most && least > VOTES_MIN; above += counts[least]!) least--
      const cells: VotedCell[] = []
      for (let index = 0; index < count; index++) {
        const [key, votes] = [keys[index]!, votesOf[index]!]
        if (votes < least) continue
        cells.push({ hypothesis: key % HYPOTHESES, cell: Math.floor(key / HYPOTHESES), votes })
      }
      // Ties in a fixed order, so that the same search gives the same answer.
      cells.sort((a, b) => b.votes - a.votes || a.hypothesis - b.hypothesis || a.cell - b.cell)
      return cells.slice(0, most)
    },
  }
}

function offsetsByHypothesis(hits: Hits): Uint32Array {
  const offsets = new Uint32Array(HYPOTHESES + 1)
  for (let index = 0; index < hits.count; index++) {
    const next = hits.hypothesis[index]! + 1
    offsets[next] = offsets[next]! + 1
  }
  for (let index = 0; index < HYPOTHESES; index++) offsets[index + 1] = offsets[index + 1]! + offsets[index]!
  return offsets
}

function countLine(
  cells: Uint32Array,
  from: number,
  to: number,
  hypothesis: number,
  sketch: Uint8Array,
  counter: Counter,
): void {
  if (to - from < VOTES_MIN) return
  const mask = SKETCH_SIZE - 1
  for (let index = from; index < to; index++) {
    const place = cells[index]! & mask
    if (sketch[place]! < 255) sketch[place] = sketch[place]! + 1
  }
  for (let index = from; index < to; index++) {
    const cell = cells[index]!
    const alone =
      sketch[cell & mask]! < VOTES_MIN &&
      sketch[(cell - 1) & mask]! < VOTES_MIN &&
      sketch[(cell + 1) & mask]! < VOTES_MIN
    // Unchanged copies are few among the hits: there two neighbours of one hit each are worth a look.
    const paired = hypothesis === 0 && (sketch[(cell - 1) & mask]! > 0 || sketch[(cell + 1) & mask]! > 0)
    if (!alone || paired) counter.add(cell * HYPOTHESES + hypothesis)
  }
  for (let index = from; index < to; index++) sketch[cells[index]! & mask] = 0
}

function neighbourVotes(counter: Counter, key: number, step: -1 | 1): number {
  const hypothesis = key % HYPOTHESES
  const neighbour = hypotheses[hypothesis + step]
  if (!neighbour || neighbour.change !== hypotheses[hypothesis]!.change) return 0
  return counter.get(key + step)
}

interface Counter {
  add(key: number): void
  get(key: number): number
  each(visit: (key: number, votes: number) => void): void
  clear(): void
}

/** Counts whole numbers below 2^53; open addressing with linear probing. */
function createCounter(): Counter {
  let keys = new Float64Array(2 ** 12).fill(-1)
  let votes = new Uint32Array(2 ** 12)
  let used = 0
  const slotOf = (key: number): number => {
    const mask = keys.length - 1
    let hash = Math.imul(key >>> 0, 0x85_eb_ca_6b) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e_37_79_b1)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2_b2_ae_35)
    let slot = (hash ^ (hash >>> 16)) & mask
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }
  const enlarge = () => {
    const before = { keys, votes }
    keys = new Float64Array(before.keys.length * 2).fill(-1)
    votes = new Uint32Array(keys.length)
    for (let index = 0; index < before.keys.length; index++) {
      const key = before.keys[index]!
      if (key === -1) continue
      const slot = slotOf(key)
      keys[slot] = key
      votes[slot] = before.votes[index]!
    }
  }
  return {
    add(key) {
      const slot = slotOf(key)
      if (keys[slot] === -1) {
        keys[slot] = key
        votes[slot] = 0
        used++
      }
      votes[slot] = votes[slot]! + 1
      if (used > keys.length / 2) enlarge()
    },
    get(key) {
      const slot = slotOf(key)
      return keys[slot] === -1 ? 0 : votes[slot]!
    },
    each(visit) {
      for (let slot = 0; slot < keys.length; slot++) if (keys[slot] !== -1) visit(keys[slot]!, votes[slot]!)
    },
    clear() {
      keys.fill(-1)
      used = 0
    },
  }
}
