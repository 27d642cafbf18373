import { BANDS_PER_OCTAVE, msToFrames } from '../constants.ts'
import { unpackPeaks } from '../index/packed-peaks.ts'
import type { IndexView } from '../index/reference-index.ts'
import { placeAt } from '../index/segment.ts'
import type { Segment } from '../index/segment.ts'
import type { Candidate, CandidateQuestion, IndexBackend } from './backend.ts'
import { CELL_FRAMES, createHits } from './hits.ts'
import type { Hits } from './hits.ts'
import { hypotheses } from './hypotheses.ts'
import { findChanged, findUnchanged } from './look-up.ts'
import type { PeakView } from './peak-view.ts'
import { createVoter } from './vote.ts'
import type { VotedCell, Voter } from './vote.ts'

/** Probes between two looks at the clock. */
const PROBES_AT_ONCE = 2_048
/** Cells asked of a vote, per candidate wanted: neighbours of one place and removed recordings are dropped. */
const CELLS_PER_CANDIDATE = 3
/** Unpacked references kept during a search. */
const VIEWS_MAX = 64

/** Memory that searches of one thread can share, one after the other. */
export interface SearchScratch {
  readonly hits: Hits
  readonly voter: Voter
}

export const createSearchScratch = (): SearchScratch => ({ hits: createHits(), voter: createVoter() })

/** The segments of an owner as what a search asks. @param scratch used by no other search under way. */
export function memoryBackend(view: IndexView, scratch: SearchScratch = createSearchScratch()): IndexBackend {
  /** Where the candidates of this search are, and the peaks of some. */
  const places = new Map<number, { readonly segment: Segment; readonly place: number }>()
  const views = new Map<number, PeakView>()

  const inSegment = async (segment: Segment, question: CandidateQuestion): Promise<Candidate[]> => {
    const { probes, centre, changed, candidatesMax, breather } = question
    const { hits, voter } = scratch
    const find = changed ? findChanged : findUnchanged
    hits.count = 0
    for (let from = 0; from < probes.count; from += PROBES_AT_ONCE) {
      find(segment, probes, from, Math.min(probes.count, from + PROBES_AT_ONCE), hits)
      if (breather.due()) await breather.pause()
    }
    const candidates: Candidate[] = []
    for (const { cell, hypothesis: number, votes } of livingCells(segment, voter, hits, candidatesMax)) {
      const frame = frameOf(cell)
      const place = placeAt(segment, frame)
      const hypothesis = hypotheses[number]!
      const { scale, raise } = hypothesis
      const alignment = { start: frame - segment.starts[place]!, scale, raise, centre }
      const recording = segment.numbers[place]!
      places.set(recording, { segment, place })
      candidates.push({ recording, alignment, hypothesis, votes })
    }
    if (breather.due()) await breather.pause()
    return candidates
  }

  return {
    recordings: view.recordings,
    hours: view.hours,
    async candidates(question) {
      const all: Candidate[] = []
      for (const segment of view.segments) all.push(...(await inSegment(segment, question)))
      all.sort((a, b) => b.votes - a.votes)
      const distinct: Candidate[] = []
      for (const candidate of all) {
        if (distinct.length === question.candidatesMax) break
        if (!distinct.some((other) => isSamePlace(candidate, other))) distinct.push(candidate)
      }
      return distinct
    },
    peaksOf(recording) {
      const known = views.get(recording)
      if (known) return known
      const { segment, place } = places.get(recording)!
      const { peakOffsets, peaks, durationsMs } = segment
      const view = {
        ...unpackPeaks(peaks, peakOffsets[place]!, peakOffsets[place + 1]!),
        frames: msToFrames(durationsMs[place]!),
      }
      if (views.size >= VIEWS_MAX) views.clear()
      views.set(recording, view)
      return view
    },
  }
}

/** Middle of a cell, in frames of the time line. */
const frameOf = (cell: number): number => (cell + 0.5) * CELL_FRAMES

/**
 * The best cells of a vote that lie in recordings that are still there. Where many copies of one recording were removed
 * (their postings stay for a while) they have the votes that it has, and must not take all the places.
 */
function livingCells(
  segment: Segment,
  voter: Voter,
  hits: Hits,
  candidatesMax: number,
): readonly VotedCell[] {
  for (let most = CELLS_PER_CANDIDATE * candidatesMax; ; most *= CELLS_PER_CANDIDATE) {
    const cells = voter.vote(hits, most)
    const living = cells.filter(({ cell }) => segment.alive[placeAt(segment, frameOf(cell))] === 1)
    if (living.length >= candidatesMax || living.length === cells.length || cells.length < most) return living
  }
}

/** Candidates so alike that verifying one is verifying both: 0.35 s, 1.5 bands, 5 % of scale. */
const isSamePlace = (a: Candidate, b: Candidate): boolean =>
  a.recording === b.recording &&
  Math.abs(a.alignment.start - b.alignment.start) < 30 &&
  Math.abs(a.alignment.raise - b.alignment.raise) <= 1.5 &&
  Math.abs(BANDS_PER_OCTAVE * Math.log2(a.alignment.scale / b.alignment.scale)) < 2.5
