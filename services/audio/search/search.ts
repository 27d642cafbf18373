import {
  BANDS_PER_OCTAVE,
  FRAMES_PER_SECOND,
  SUSPECT_THINNED_PEAKS_PER_SPAN,
  msToFrames,
} from '../constants.ts'
import { decodeFingerprint } from '../fingerprint/fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import type { ReferenceIndex } from '../index/reference-index.ts'
import { recordingAt } from '../index/segment.ts'
import type { IndexedRecording, Segment } from '../index/segment.ts'
import { thinPeaks } from '../peak-list.ts'
import { SEARCH_SLACK_FRAMES, maskOf } from './align.ts'
import type { Alignment } from './align.ts'
import { createBreather } from './breather.ts'
import type { Breather } from './breather.ts'
import { decide } from './decide.ts'
import type { Exposure } from './decide.ts'
import { CELL_FRAMES, createHits, createProbes, findChanged, findUnchanged, listProbes } from './hits.ts'
import { hypotheses } from './hypotheses.ts'
import type { Hypothesis } from './hypotheses.ts'
import { describe, describeRejected, keepBest } from './passages.ts'
import type { Found, Passage, Rejected } from './passages.ts'
import { suspectViewOf, viewOf } from './peak-view.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import { verify } from './verify.ts'
import { createVoter } from './vote.ts'

export type { Passage, PassagePoint, Rejected } from './passages.ts'

export interface SearchOptions {
  /** Only this owner's recordings are compared. */
  readonly owner: string
  /** Called now and then; `total` does not change during a search. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
  /** How long the search may keep the event loop waiting, in ms of its own work. */
  readonly yieldEveryMs?: number
}

export interface SearchResult {
  /** What is accepted, best first. */
  readonly passages: readonly Passage[]
  readonly compared: { readonly recordings: number; readonly hours: number }
  readonly engineVersion: number
  readonly strongestRejected?: Rejected
}

/** A suspect is searched for in windows of about so long (10 s): long enough to be sure, short enough to be intact. */
const WINDOW_FRAMES = 10 * FRAMES_PER_SECOND

/** One go over all windows that are not yet explained. */
interface Pass {
  /** Peaks of the suspect: 40/s rather than 20/s. */
  readonly dense: boolean
  /** Changes of speed, pitch and tempo are looked for. */
  readonly changed: boolean
  /** Candidates of a window that are verified. */
  readonly candidatesMax: number
}

/** The cheap and likely first; noise and voice-over need the dense peaks, changed copies the wide search. */
const passes: readonly Pass[] = [
  { dense: false, changed: false, candidatesMax: 12 },
  { dense: true, changed: false, candidatesMax: 12 },
  { dense: false, changed: true, candidatesMax: 40 },
]

/** Probes between two looks at the clock. */
const PROBES_AT_ONCE = 4_096
/** Cells asked from a vote, per candidate wanted: neighbours of one place are dropped. */
const CELLS_PER_CANDIDATE = 3
/** A window is explained when an accepted passage covers this share of it. */
const COVERED_SHARE = 0.5
/** Decoded references kept during a search. */
const VIEWS_MAX = 64
const YIELD_EVERY_MS = 40

interface Window {
  readonly from: number
  readonly to: number
  covered: boolean
}

interface Candidate {
  readonly recording: IndexedRecording
  readonly alignment: Alignment
  readonly hypothesis: Hypothesis
  readonly votes: number
}

/**
 * Finds every recording of an owner that a suspect contains, whole or in part, also played faster, slower,
 * higher or lower, and says how sure that is.
 *
 * Needs no more memory than the peaks of the suspect and the hits of one window; can run beside other searches
 * and changes of the index, which it may or may not see.
 *
 * @throws {TypeError} when the fingerprint is not a suspect; the reason of `signal` when it is aborted.
 */
export async function searchIndex(
  index: ReferenceIndex,
  suspect: Fingerprint,
  options: SearchOptions,
): Promise<SearchResult> {
  if (suspect.kind !== 'suspect') throw new TypeError('searchIndex needs a suspect fingerprint')
  const breather = createBreather(options.yieldEveryMs ?? YIELD_EVERY_MS, options.signal)
  await breather.pause()
  const { recordings, hours } = index.stats(options.owner)
  const frames = msToFrames(suspect.durationMs)
  const sparse = suspectViewOf(thinPeaks(suspect.peaks, SUSPECT_THINNED_PEAKS_PER_SPAN), frames)
  const dense = suspectViewOf(suspect.peaks, frames)
  const search: Search = {
    segments: index.segmentsOf(options.owner),
    exposure: { indexHours: hours, suspectSeconds: suspect.durationMs / 1000 },
    breather,
    scratch: { probes: createProbes(), hits: createHits(), voter: createVoter() },
    views: new Map(),
  }

  const windows = windowsOf(frames)
  const found: Found[] = []
  const total = passes.length * windows.length
  let done = 0
  for (const pass of recordings > 0 ? passes : []) {
    for (const window of windows) {
      if (!window.covered)
        await searchWindow(search, pass, pass.dense ? dense : sparse, window, windows, found)
      options.onProgress?.(++done, total)
    }
  }

  const byMargin = (a: Found, b: Found) =>
    b.decision.score - b.decision.threshold - (a.decision.score - a.decision.threshold)
  found.sort(byMargin)
  const rejected = found.find(({ decision }) => !decision.accepted)
  return {
    passages: found.filter(({ decision }) => decision.accepted).map(describe),
    compared: { recordings, hours },
    engineVersion: suspect.engineVersion,
    ...(rejected && { strongestRejected: describeRejected(rejected) }),
  }
}

/** What one search works with. */
interface Search {
  readonly segments: readonly Segment[]
  readonly exposure: Exposure
  readonly breather: Breather
  readonly scratch: {
    readonly probes: ReturnType<typeof createProbes>
    readonly hits: ReturnType<typeof createHits>
    readonly voter: ReturnType<typeof createVoter>
  }
  readonly views: Map<IndexedRecording, PeakView>
}

function windowsOf(frames: number): Window[] {
  const count = Math.max(1, Math.round(frames / WINDOW_FRAMES))
  const length = frames / count
  return Array.from({ length: count }, (_, index) => ({
    from: index * length,
    to: (index + 1) * length,
    covered: false,
  }))
}

/** Looks for one window; adds what it finds and marks every window that is explained by it. */
async function searchWindow(
  search: Search,
  pass: Pass,
  view: SuspectView,
  window: Window,
  windows: readonly Window[],
  found: Found[],
): Promise<void> {
  const candidates = await candidatesOf(search, pass, view, window)
  const mask = maskOf(view, window.from - 2 * SEARCH_SLACK_FRAMES, window.to + 2 * SEARCH_SLACK_FRAMES)
  for (const { recording, alignment, hypothesis } of candidates) {
    if (search.breather.due()) await search.breather.pause()
    const reference = referenceView(search, recording)
    const verified = verify(reference, view, mask, alignment, hypothesis.change, window)
    if (!verified) continue
    const decision = decide(verified.evidence, verified.alignment, search.exposure, pass.dense)
    if (!decision) continue
    keepBest(found, { recordingId: recording.id, reference, suspect: view, ...verified, decision })
    if (!decision.accepted) continue
    markCovered(windows, verified.evidence.suspectFrom, verified.evidence.suspectTo)
    if (window.covered) return
  }
}

/** The likeliest places of a window in all segments, best first, each place once. */
async function candidatesOf(
  search: Search,
  pass: Pass,
  view: SuspectView,
  window: Window,
): Promise<Candidate[]> {
  const { breather } = search
  const { probes, hits, voter } = search.scratch
  const centre = (window.from + window.to) / 2
  listProbes(view, view.firstFrom(window.from), view.firstFrom(window.to), centre, pass.changed, probes)
  const find = pass.changed ? findChanged : findUnchanged
  const candidates: Candidate[] = []
  for (const segment of search.segments) {
    hits.count = 0
    for (let from = 0; from < probes.count; from += PROBES_AT_ONCE) {
      find(segment, probes, from, Math.min(probes.count, from + PROBES_AT_ONCE), hits)
      if (breather.due()) await breather.pause()
    }
    for (const { cell, hypothesis: number, votes } of voter.vote(
      hits,
      CELLS_PER_CANDIDATE * pass.candidatesMax,
    )) {
      const frame = (cell + 0.5) * CELL_FRAMES
      const place = recordingAt(segment, frame)
      const recording = segment.recordings[place]!
      if (!recording.alive) continue
      const hypothesis = hypotheses[number]!
      const { scale, raise } = hypothesis
      const alignment = { start: frame - segment.starts[place]!, scale, raise, centre }
      candidates.push({ recording, alignment, hypothesis, votes })
    }
    if (breather.due()) await breather.pause()
  }
  candidates.sort((a, b) => b.votes - a.votes)
  const distinct: Candidate[] = []
  for (const candidate of candidates) {
    if (distinct.length === pass.candidatesMax) break
    if (!distinct.some((other) => isSamePlace(candidate, other))) distinct.push(candidate)
  }
  return distinct
}

/** Candidates so alike that verifying one is verifying both: 0.35 s, 1.5 bands, 5 % of scale. */
const isSamePlace = (a: Candidate, b: Candidate): boolean =>
  a.recording === b.recording &&
  Math.abs(a.alignment.start - b.alignment.start) < 30 &&
  Math.abs(a.alignment.raise - b.alignment.raise) <= 1.5 &&
  Math.abs(BANDS_PER_OCTAVE * Math.log2(a.alignment.scale / b.alignment.scale)) < 2.5

function referenceView(search: Search, recording: IndexedRecording): PeakView {
  const known = search.views.get(recording)
  if (known) return known
  const { peaks } = decodeFingerprint(recording.bytes)
  const view = viewOf(peaks, msToFrames(recording.durationMs))
  if (search.views.size >= VIEWS_MAX) search.views.clear()
  search.views.set(recording, view)
  return view
}

function markCovered(windows: readonly Window[], from: number, to: number): void {
  for (const window of windows) {
    const shared = Math.min(to, window.to) - Math.max(from, window.from)
    if (shared > COVERED_SHARE * (window.to - window.from)) window.covered = true
  }
}
