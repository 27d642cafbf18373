import type { Recording } from './catalog/recording.ts'
import * as recordings from './catalog/store.ts'
import type { Tx } from './core/db.ts'
import type { CaseId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import { findCase } from './matches/case-store.ts'
import type { Case } from './matches/case.ts'
import type { Match, Passage } from './matches/match.ts'
import * as matches from './matches/store.ts'
import { type Capture, capturesOf } from './submissions/captures.ts'
import * as submissions from './submissions/store.ts'
import type { Item, Submission } from './submissions/submission.ts'

/** A report or a page shows the latest finds of a case; older ones at the same place say the same. */
const MATCHES_MAX = 20

/** One find of a case with all that explains it. */
export interface DossierMatch {
  readonly match: Match
  readonly passages: readonly Passage[]
  readonly item: Item
  readonly submission: Submission
  /** What was seen at the address; undefined for a file that was handed in. */
  readonly capture: Capture | undefined
}

/** Everything that is known about a case. */
export interface Dossier {
  readonly opened: Case
  readonly recording: Recording
  readonly matches: readonly DossierMatch[]
}

async function explain(tx: Tx, match: Match): Promise<DossierMatch> {
  const item = await submissions.findItem(tx, match.itemId)
  const submission = await submissions.find(tx, match.submissionId)
  if (!item || !submission) throw new Error('a match without its item')
  const [capture] = await capturesOf(tx, submission.id)
  return { match, passages: await matches.passagesOf(tx, match.id), item, submission, capture }
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
  return { opened, recording, matches: found }
}
