import type { Hits } from './hits.ts'
import { hypotheses, unchanged } from './hypotheses.ts'
import { enlarged } from './probes.ts'
import { createVoteCounter } from './vote-counter.ts'
import type { VoteCounter } from './vote-counter.ts'

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
  const counter = createVoteCounter()
  const cells = createCells()
  const unchangedVotes = createUnchangedVotes(sketch, counter, cells)
  let sorted = new Uint32Array(0)

  const survivorsOf = (hits: Hits, offsets: Uint32Array): void => {
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
      const offsets = offsetsByHypothesis(hits)
      if (offsets[unchanged + 1] === hits.count) return unchangedVotes.vote(hits, most)
      counter.clear()
      cells.clear()
      survivorsOf(hits, offsets)
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

/** Of unchanged hits, those of the fullest places are counted exactly first: so many for each cell wanted. */
const HITS_PER_CELL = 64

/** The rough count ends here. */
const ROUGH_MAX = 255

/** With more hits than this the whole sketch is cleared sooner than their places. */
const CLEARED_SINGLY_MAX = SKETCH_SIZE / 64

/**
 * Votes where all hits are of unchanged copies. Nearly all the work is then the rough count. It is never too low, so of
 * places with some votes or more all are among the hits that have as many there; the fewest of these that give enough
 * cells are counted exactly.
 */
function createUnchangedVotes(sketch: Uint8Array, counter: VoteCounter, cells: Cells): Voter {
  const mask = SKETCH_SIZE - 1
  /** Of each hit what its place has by the rough count, with the fuller neighbour; and how many hits have so many. */
  let rough = new Uint8Array(2 ** 14)
  const counts = new Uint32Array(ROUGH_MAX + 1)

  const countRoughly = ({ cell, count }: Hits): void => {
    if (rough.length < count) rough = new Uint8Array(cell.length)
    for (let index = 0; index < count; index++) {
      const place = cell[index]! & mask
      const votes = sketch[place]!
      sketch[place] = votes + (votes < ROUGH_MAX ? 1 : 0)
    }
    counts.fill(0)
    for (let index = 0; index < count; index++) {
      const place = cell[index]! & mask
      const beside = Math.max(sketch[(place - 1) & mask]!, sketch[(place + 1) & mask]!)
      const votes = Math.min(ROUGH_MAX, sketch[place]! + beside)
      rough[index] = votes
      counts[votes] = counts[votes]! + 1
    }
    if (count > CLEARED_SINGLY_MAX) sketch.fill(0)
    else for (let index = 0; index < count; index++) sketch[cell[index]! & mask] = 0
  }

  /** Counts the places that have so many votes. @returns how many places have. */
  const countExactly = ({ cell, count }: Hits, votesMin: number): number => {
    counter.clear()
    cells.clear()
    for (let index = 0; index < count; index++)
      if (rough[index]! >= votesMin) counter.add(cell[index]! * HYPOTHESES + unchanged)
    let found = 0
    counter.each((key, own) => {
      const before = counter.get(key - HYPOTHESES)
      const after = counter.get(key + HYPOTHESES)
      const votes = own + Math.max(before, after)
      if (own < before || own < after || votes < votesMin) return
      cells.add(key, votes)
      found++
    })
    return found
  }

  return {
    vote(hits, most) {
      countRoughly(hits)
      let votesMin = ROUGH_MAX
      let waiting = counts[votesMin]!
      for (let wanted = most * HITS_PER_CELL; ; wanted *= HITS_PER_CELL) {
        while (votesMin > VOTES_MIN && waiting < wanted) waiting += counts[--votesMin]!
        if (countExactly(hits, votesMin) >= most || votesMin === VOTES_MIN) return cells.best(most)
      }
    },
  }
}

/** Cells that were voted for. */
interface Cells {
  clear(): void
  add(key: number, votes: number): void
  best(most: number): VotedCell[]
}

/** A list of voted cells that grows. There are a hundred thousand of them in a large index, and some dozens are wanted. */
function createCells(): Cells {
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
  counter: VoteCounter,
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

function neighbourVotes(counter: VoteCounter, key: number, step: -1 | 1): number {
  const hypothesis = key % HYPOTHESES
  const neighbour = hypotheses[hypothesis + step]
  if (!neighbour || neighbour.change !== hypotheses[hypothesis]!.change) return 0
  return counter.get(key + step)
}
