import { FRAMES_PER_SECOND, SUSPECT_PEAKS_PER_SPAN, msToFrames } from '../constants.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import type { ReferenceIndex } from '../index/reference-index.ts'
import { thinPeaks } from '../peak-list.ts'
import type { PeakList } from '../peak-list.ts'
import { SEARCH_SLACK_FRAMES, maskOf } from './align.ts'
import type { IndexBackend } from './backend.ts'
import { createBreather } from './breather.ts'
import type { Breather } from './breather.ts'
import { ACCEPTANCE_DEFAULT, decide } from './decide.ts'
import type { Exposure } from './decide.ts'
import { createFinds } from './finds.ts'
import type { Finds } from './finds.ts'
import { memoryBackend } from './memory-backend.ts'
import { describe, describeRejected } from './passages.ts'
import type { Found, Passage, Rejected } from './passages.ts'
import { suspectViewOf } from './peak-view.ts'
import type { SuspectView } from './peak-view.ts'
import { createProbes, listProbes } from './probes.ts'
import type { ProbePlan, Probes } from './probes.ts'
import { findShared } from './shared.ts'
import { verify } from './verify.ts'

export type { Passage, PassagePoint, Rejected } from './passages.ts'

export interface SearchOptions {
  /**
   * Of a million suspects that contain nothing of the catalogue, how many may be claimed; see decide.ts.
   * `ACCEPTANCE_DEFAULT` when absent.
   */
  readonly falseClaimsPerMillion?: number
  /**
   * The suspect with its channels mixed the other way, where one of them may have been inverted: searched for when
   * nothing is found of the first.
   */
  readonly otherMix?: Fingerprint
  /** Told of every candidate that was verified, accepted or not: what a threshold is calibrated with. */
  readonly onJudged?: (judged: Found) => void
  /** Called now and then; `total` does not change during a search. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
  /** How long the search may keep the event loop waiting, in ms of its own work. */
  readonly yieldEveryMs?: number
}

/** What a search found; `Reference` is how a recording is named: by its number in the index, or by its id. */
export interface SearchFindings<Reference> {
  /** What is accepted, best first. */
  readonly passages: readonly Passage<Reference>[]
  readonly compared: { readonly recordings: number; readonly hours: number }
  readonly engineVersion: number
  readonly strongestRejected?: Rejected<Reference>
}

export type SearchResult = SearchFindings<string>

/** A suspect is searched for in windows of about so long (10 s): long enough to be sure, short enough to be intact. */
const WINDOW_FRAMES = 10 * FRAMES_PER_SECOND

/** One go over all windows that are not yet explained. */
interface Pass extends ProbePlan {
  /** Most peaks of two seconds that probes are made of, and that candidates are verified with. */
  readonly probePeaksPerSpan: number
  readonly peaksPerSpan: number
  /** Candidates of a window that are verified. */
  readonly candidatesMax: number
}

/** A look-up of the first passes that meets more postings of a segment is of a landmark that is common to much music. */
const COMMON_HITS = 256

/** Of the first passes: ten peaks a second ask, and common landmarks are left out. */
const sparse = {
  changed: false,
  probePeaksPerSpan: 20,
  border: 0.3,
  peaksPerSpan: 40,
  hitsMax: COMMON_HITS,
} as const

/**
 * The cheap and likely first. A clean copy has so many true landmarks that a few percent of all probes find it; noise
 * and voices on top need more and denser probes; changed copies need the wide search.
 */
const passes: readonly Pass[] = [
  { ...sparse, pairsMax: 3, candidatesMax: 4 },
  { ...sparse, pairsMax: 8, candidatesMax: 6 },
  { ...sparse, pairsMax: 24, candidatesMax: 12, probePeaksPerSpan: 40 },
  { changed: false, probePeaksPerSpan: 80, pairsMax: 100, border: 0.2, peaksPerSpan: 80, candidatesMax: 30 },
  { changed: true, probePeaksPerSpan: 40, pairsMax: 12, border: 0.3, peaksPerSpan: 40, candidatesMax: 40 },
]

/** A window is explained when an accepted passage covers this share of it. */
const COVERED_SHARE = 0.5
/** A passage that has this share of the reference's peaks lies at its true place. */
const CLEAN_SHARE = 0.75
const YIELD_EVERY_MS = 40

interface Window {
  readonly from: number
  readonly to: number
  covered: boolean
}

/**
 * Finds every recording that a suspect contains, whole or in part, also played faster, slower, higher or lower, and says
 * how sure that is.
 *
 * Needs memory for the peaks of the suspect, the hits of one window and the peaks of every recording that it accepts,
 * however long the suspect is; can run beside other searches and changes of the index, of which it sees removals only.
 *
 * @throws {TypeError} when the fingerprint is not a suspect; the reason of `signal` when it is aborted.
 */
export async function search(
  index: IndexBackend,
  suspect: Fingerprint,
  options: SearchOptions = {},
): Promise<SearchFindings<number>> {
  const mixes = options.otherMix ? [suspect, options.otherMix] : [suspect]
  if (mixes.some(({ kind }) => kind !== 'suspect'))
    throw new TypeError('A search needs a suspect fingerprint')
  const breather = createBreather(options.yieldEveryMs ?? YIELD_EVERY_MS, options.signal)
  await breather.pause()
  const { recordings, hours } = index
  // Each mix that is tried is one more chance to be wrong.
  const suspectSeconds = (suspect.durationMs / 1000) * mixes.length
  // Of all mixes: what one of them nearly gave is told also when another was looked at after it.
  const finds = createFinds()
  for (const [number, mix] of mixes.entries()) {
    const frames = msToFrames(mix.durationMs)
    const state: Search = {
      index,
      exposure: { indexHours: hours, suspectSeconds },
      acceptance: options.falseClaimsPerMillion ?? ACCEPTANCE_DEFAULT,
      onJudged: options.onJudged,
      breather,
      probes: createProbes(),
      windows: windowsOf(frames),
      finds,
      viewWith: thinnedViews(mix.peaks, frames),
    }
    await searchMix(state, (share) => options.onProgress?.(number + share, mixes.length))
    if (finds.accepted().length > 0) break
  }
  options.onProgress?.(mixes.length, mixes.length)

  const accepted = finds.accepted()
  const shared = findShared(accepted)
  const rejected = finds.strongestRejected()
  return {
    passages: accepted.map((one) => describe(one, shared.get(one) ?? [])),
    compared: { recordings, hours },
    engineVersion: suspect.engineVersion,
    ...(rejected && { strongestRejected: describeRejected(rejected) }),
  }
}

/** Goes over the windows of one mix until all are explained or every pass was tried. */
async function searchMix(state: Search, onProgress: (share: number) => void): Promise<void> {
  if (state.index.recordings === 0) return
  const total = passes.length * state.windows.length
  let done = 0
  for (const pass of passes) {
    for (const window of state.windows) {
      if (!window.covered) await searchWindow(state, pass, window)
      onProgress(++done / total)
    }
  }
}

/** Views of a suspect by the most peaks of two seconds; each is thinned from the last, since thinning twice is thinning once. */
function thinnedViews(peaks: PeakList, frames: number): (peaksPerSpan: number) => SuspectView {
  const lists = new Map<number, PeakList>([[SUSPECT_PEAKS_PER_SPAN, peaks]])
  const views = new Map<number, SuspectView>()
  const listWith = (peaksPerSpan: number): PeakList => {
    const known = lists.get(peaksPerSpan)
    if (known) return known
    const denser = Math.min(...[...lists.keys()].filter((other) => other > peaksPerSpan))
    const list = thinPeaks(lists.get(denser) ?? peaks, peaksPerSpan)
    lists.set(peaksPerSpan, list)
    return list
  }
  return (peaksPerSpan) => {
    const view = views.get(peaksPerSpan) ?? suspectViewOf(listWith(peaksPerSpan), frames)
    views.set(peaksPerSpan, view)
    return view
  }
}

/**
 * Searches an owner's recordings in an index in memory, in this thread.
 *
 * @throws as `search`.
 */
export async function searchIndex(
  index: ReferenceIndex,
  suspect: Fingerprint,
  options: SearchOptions & { readonly owner: string },
): Promise<SearchResult> {
  return withIds(await search(memoryBackend(index.viewOf(options.owner)), suspect, options), index)
}

/** The same findings with the ids of recordings; without those that were removed meanwhile. */
export function withIds(findings: SearchFindings<number>, index: Pick<ReferenceIndex, 'idOf'>): SearchResult {
  const { strongestRejected: rejected, ...rest } = findings
  const rejectedId = rejected && index.idOf(rejected.referenceId)
  return {
    ...rest,
    passages: findings.passages.flatMap((passage) => {
      const referenceId = index.idOf(passage.referenceId)
      if (referenceId === undefined) return []
      const sharedWith = passage.sharedWith.flatMap((number) => index.idOf(number) ?? [])
      return [{ ...passage, referenceId, sharedWith }]
    }),
    ...(rejectedId !== undefined && { strongestRejected: { ...rejected!, referenceId: rejectedId } }),
  }
}

/** What one search works with. */
interface Search {
  readonly index: IndexBackend
  readonly exposure: Exposure
  readonly acceptance: number
  readonly onJudged: SearchOptions['onJudged']
  readonly breather: Breather
  readonly probes: Probes
  readonly windows: readonly Window[]
  readonly finds: Finds
  viewWith(peaksPerSpan: number): SuspectView
}

/**
 * Windows in the order in which they are looked at: the middle one first. The middle of a whole copy is music, where
 * its beginning may be silence, and one window that is found explains them all.
 */
function windowsOf(frames: number): Window[] {
  const count = Math.max(1, Math.round(frames / WINDOW_FRAMES))
  const length = frames / count
  const windows = Array.from({ length: count }, (_, index) => ({
    from: index * length,
    to: (index + 1) * length,
    covered: false,
  }))
  const [middle] = windows.splice(Math.floor(count / 2), 1)
  return [middle!, ...windows]
}

/**
 * Looks for one window; adds what it finds and marks every window that is explained by it. All candidates are
 * verified, also when the first explains the window: a second recording may sound at the same time, or share a sample.
 */
async function searchWindow(state: Search, pass: Pass, window: Window): Promise<void> {
  const { index, breather, probes, windows, finds } = state
  const probed = state.viewWith(pass.probePeaksPerSpan)
  const view = state.viewWith(pass.peaksPerSpan)
  const centre = (window.from + window.to) / 2
  listProbes(probed, probed.firstFrom(window.from), probed.firstFrom(window.to), centre, pass, probes)
  const { changed, candidatesMax } = pass
  const candidates = await index.candidates({ probes, centre, changed, candidatesMax, breather })
  const mask = maskOf(view, window.from - 2 * SEARCH_SLACK_FRAMES, window.to + 2 * SEARCH_SLACK_FRAMES)
  for (const { recording, alignment, hypothesis } of candidates) {
    if (breather.due()) await breather.pause()
    if (isExplained(finds.acceptedOf(recording), window)) continue
    const reference = await index.peaksOf(recording)
    const verified = verify(reference, view, mask, alignment, hypothesis.change, window)
    if (!verified) continue
    const decision = decide(verified, state.exposure, state.acceptance)
    if (!decision) continue
    const judged = { recording, reference, suspect: view, ...verified, decision }
    state.onJudged?.(judged)
    finds.add(judged)
    if (decision.accepted) markCovered(windows, verified.evidence.suspectFrom, verified.evidence.suspectTo)
  }
}

/**
 * Whether a recording was accepted for this very window already, and so well that no other place of it can fit better:
 * music repeats itself, and under noise the wrong repeat may have most votes.
 *
 * @param accepted of that recording.
 */
const isExplained = (accepted: readonly Found[], window: Window): boolean =>
  accepted.some(
    ({ evidence: { suspectFrom, suspectTo, matched, expected } }) =>
      matched >= CLEAN_SHARE * expected && covers(suspectFrom, suspectTo, window),
  )

const covers = (from: number, to: number, window: Window): boolean =>
  Math.min(to, window.to) - Math.max(from, window.from) > COVERED_SHARE * (window.to - window.from)

function markCovered(windows: readonly Window[], from: number, to: number): void {
  for (const window of windows) if (covers(from, to, window)) window.covered = true
}
