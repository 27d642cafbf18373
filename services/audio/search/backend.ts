import type { Alignment } from './align.ts'
import type { Breather } from './breather.ts'
import type { Hypothesis } from './hypotheses.ts'
import type { PeakView } from './peak-view.ts'
import type { Probes } from './probes.ts'

/** A place where a window of the suspect may come from. */
export interface Candidate {
  /** Number of the recording in the index. */
  readonly recording: number
  readonly alignment: Alignment
  readonly hypothesis: Hypothesis
  readonly votes: number
}

/** What is asked of an index for one window. */
export interface CandidateQuestion {
  readonly probes: Probes
  /** Middle of the window, in frames of the suspect. */
  readonly centre: number
  /** Whether changes of speed, pitch and tempo are looked for. */
  readonly changed: boolean
  readonly candidatesMax: number
  readonly breather: Breather
}

/**
 * What a search needs of an index, wherever that keeps its postings. In memory it is memory-backend.ts; a
 * cluster's database would look the probes up and count votes where the postings are, and answer with candidates.
 */
export interface IndexBackend {
  readonly recordings: number
  readonly hours: number
  /** The likeliest places of a window, best first, each place once. */
  candidates(question: CandidateQuestion): Promise<readonly Candidate[]>
  /** The peaks of a recording that was a candidate. */
  peaksOf(recording: number): PeakView | Promise<PeakView>
}
