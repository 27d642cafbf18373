import { openConflictsOf } from './catalog/conflict-store.ts'
import type { Conflict } from './catalog/conflicts.ts'
import type { Recording } from './catalog/recording.ts'
import * as recordings from './catalog/store.ts'
import type { Tx } from './core/db.ts'
import type { CaseId, RecordingId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import { withListedClues } from './listed-files.ts'
import { findCase } from './matches/case-store.ts'
import type { Case } from './matches/case.ts'
import type { Match, PicturedPassage } from './matches/match.ts'
import type { SharedRecording } from './matches/shared.ts'
import * as matches from './matches/store.ts'
import { type Capture, captureAt, capturesLeadingTo } from './submissions/captures.ts'
import { locationOf } from './submissions/item-location.ts'
import * as items from './submissions/item-store.ts'
import * as submissions from './submissions/store.ts'
import type { MediaItem, Submission } from './submissions/submission.ts'

/** A report or a page shows the latest finds of a case; older ones at the same place say the same. */
const MATCHES_MAX = 20

/** A find that stands beside a better one: all its audio is in that one too. */
export interface BesideMatch {
  readonly match: Match
  readonly recording: Recording
}

/** One find of a case with all that explains it. */
export interface DossierMatch {
  readonly match: Match
  readonly passages: readonly PicturedPassage[]
  readonly item: MediaItem
  readonly submission: Submission
  /** What was seen at the address; undefined for a file that was handed in. */
  readonly capture: Capture | undefined
  /** Everything that was seen on the way there, that included, the latest first. */
  readonly visits: readonly Capture[]
  readonly besides: readonly BesideMatch[]
}

/** Everything that is known about a case. */
export interface Dossier {
  readonly opened: Case
  readonly recording: Recording
  readonly matches: readonly DossierMatch[]
  /** The other recordings that passages are shared with, by their ids. */
  readonly sharing: ReadonlyMap<RecordingId, SharedRecording>
  /** Other accounts' claims to the recording that have not ended. */
  readonly conflicts: readonly Conflict[]
}

/** What stands beside a match. */
export async function besidesOf(tx: Tx, match: Match): Promise<BesideMatch[]> {
  const besides: BesideMatch[] = []
  for (const other of await matches.list(tx, { besideId: match.id }, MATCHES_MAX)) {
    const recording = await recordings.find(tx, other.recordingId)
    if (recording) besides.push({ match: other, recording })
  }
  return besides
}

/** The names of the recordings that passages are shared with. */
export const sharingOf = (
  tx: Tx,
  passages: readonly Pick<PicturedPassage, 'sharedWith'>[],
): Promise<ReadonlyMap<RecordingId, SharedRecording>> =>
  recordings.namesOf(tx, [...new Set(passages.flatMap(({ sharedWith }) => sharedWith))])

/** What a match was found in, and what was seen there. */
async function foundIn(tx: Tx, match: Match) {
  const found = await items.findMedia(tx, match.itemId)
  const [item] = found ? await withListedClues(tx, [found]) : []
  const submission = await submissions.find(tx, match.submissionId)
  if (!item || !submission) throw new Error('a match without its item')
  const above = await items.ancestorsOf(tx, item)
  const capture = await captureAt(tx, submission.id, locationOf(submission, item, above))
  return { item, submission, above, capture }
}

/** What was seen where a case's surest find is; undefined for a file that was handed in. */
export async function captureOfCase(tx: Tx, id: CaseId): Promise<Capture | undefined> {
  const [match] = await matches.list(tx, { caseId: id }, 1)
  return match && (await foundIn(tx, match)).capture
}

async function explain(tx: Tx, match: Match): Promise<DossierMatch> {
  const { item, submission, above, capture } = await foundIn(tx, match)
  const visits = await capturesLeadingTo(tx, submission.id, [item.id, ...above.map(({ id }) => id)])
  const passages = await matches.picturedPassagesOf(tx, match.id)
  return { match, passages, item, submission, capture, visits, besides: await besidesOf(tx, match) }
}

/** Gathers a case with its recording and finds, the surest first. @throws {Problem} row/unknown. */
export async function dossierOf(tx: Tx, id: CaseId): Promise<Dossier> {
  const opened = await findCase(tx, id)
  if (!opened) throw new Problem('row/unknown', 'No such case')
  const recording = await recordings.find(tx, opened.recordingId)
  if (!recording) throw new Error('a case without its recording')
  const found: DossierMatch[] = []
  for (const match of await matches.list(tx, { caseId: id }, MATCHES_MAX))
    found.push(await explain(tx, match))
  const sharing = await sharingOf(
    tx,
    found.flatMap(({ passages }) => passages),
  )
  const conflicts = await openConflictsOf(tx, recording.id)
  return { opened, recording, matches: found, sharing, conflicts }
}
