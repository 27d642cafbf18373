import { openConflictsOf } from './catalog/conflict-store.ts'
import type { Conflict } from './catalog/conflicts.ts'
import type { Recording } from './catalog/recording.ts'
import * as recordings from './catalog/store.ts'
import type { Tx } from './core/db.ts'
import type { CaseId, RecordingId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import { findCase } from './matches/case-store.ts'
import type { Case } from './matches/case.ts'
import type { Match, PicturedPassage } from './matches/match.ts'
import type { SharedRecording } from './matches/shared.ts'
import * as matches from './matches/store.ts'
import { type Capture, capturesOf } from './submissions/captures.ts'
import * as submissions from './submissions/store.ts'
import type { Item, Submission } from './submissions/submission.ts'

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
  readonly item: Item
  readonly submission: Submission
  /** What was seen at the address; undefined for a file that was handed in. */
  readonly capture: Capture | undefined
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

async function explain(tx: Tx, match: Match): Promise<DossierMatch> {
  const item = await submissions.findItem(tx, match.itemId)
  const submission = await submissions.find(tx, match.submissionId)
  if (!item || !submission) throw new Error('a match without its item')
  const [capture] = await capturesOf(tx, submission.id)
  const passages = await matches.picturedPassagesOf(tx, match.id)
  return { match, passages, item, submission, capture, besides: await besidesOf(tx, match) }
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
