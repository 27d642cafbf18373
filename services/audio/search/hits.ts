import type { Segment } from '../index/segment.ts'
import { hypotheses } from './hypotheses.ts'
import { enlarged } from './probes.ts'
import type { Probes } from './probes.ts'

/** Hits of one window in one segment: which hypothesis each speaks for, and where the window then lies. */
export interface Hits {
  count: number
  hypothesis: Uint8Array
  /** Place of the window's centre on the time line of the segment, in cells of `CELL_FRAMES`. */
  cell: Uint32Array
}

/** 0.26 s: twice what rounding and a step of scale displace a hit by, at the ends of a window. */
export const CELL_FRAMES = 22

/** Most hits of one window (40 MB): the rest is not looked at. */
const HITS_MAX = 2 ** 23

export const createHits = (): Hits => ({
  count: 0,
  hypothesis: new Uint8Array(2 ** 14),
  cell: new Uint32Array(2 ** 14),
})

const scales = Float64Array.from(hypotheses, ({ scale }) => scale)

/** Postings that are found before their positions are read. */
export const FOUND_MAX = 4_096

/** Postings that fit, with the probe and the hypothesis of each, before their positions are read; of this thread's one search. */
export const found = {
  count: 0,
  at: new Uint32Array(FOUND_MAX),
  probe: new Uint32Array(FOUND_MAX),
  hypothesis: new Uint8Array(FOUND_MAX),
}

/** Notes a posting that fits. */
export function takePosting(
  segment: Segment,
  at: number,
  probes: Probes,
  probe: number,
  hypothesis: number,
  hits: Hits,
): void {
  if (found.count === FOUND_MAX) takePositions(segment, probes, hits)
  const next = found.count++
  found.at[next] = at
  found.probe[next] = probe
  found.hypothesis[next] = hypothesis
}

/**
 * Makes what was found into hits. Their positions lie at random places of the memory: read in one go, the processor waits
 * for many of them at once.
 */
export function takePositions({ positions }: Segment, probes: Probes, hits: Hits): void {
  const { count, at, probe, hypothesis } = found
  found.count = 0
  while (hits.count + count > hits.cell.length) {
    if (hits.cell.length >= HITS_MAX) return
    hits.hypothesis = enlarged(hits.hypothesis, new Uint8Array(hits.cell.length * 2))
    hits.cell = enlarged(hits.cell, new Uint32Array(hits.cell.length * 2))
  }
  const { cell } = hits
  const first = hits.count
  for (let index = 0; index < count; index++) {
    const scale = scales[hypothesis[index]!]!
    cell[first + index] = (positions[at[index]!]! - scale * probes.time[probe[index]!]!) / CELL_FRAMES
    hits.hypothesis[first + index] = hypothesis[index]!
  }
  hits.count = first + count
}
