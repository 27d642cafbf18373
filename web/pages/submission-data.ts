import type { Recording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { Tx } from '../../services/core/db.ts'
import type { ItemId, RecordingId, SubmissionId } from '../../services/core/ids.ts'
import { leadsIn } from '../../services/matches/lead-store.ts'
import type { Match, Passage } from '../../services/matches/match.ts'
import type { NameEvidence } from '../../services/matches/names.ts'
import * as matches from '../../services/matches/store.ts'
import { type Capture, capturesOf } from '../../services/submissions/captures.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { Item, Submission } from '../../services/submissions/submission.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { toldLeads, toldMatch, toldRecording } from '../../services/unreleased.ts'

/** One recording found in one item, with what a page tells of it. */
export interface Finding {
  readonly match: Match
  readonly recording: Recording
  readonly passages: readonly Passage[]
}

/** A recording that an item may be by its names alone. */
export interface NamedLead {
  readonly itemId: ItemId
  readonly id: RecordingId
  readonly title: string
  readonly names: NameEvidence
}

export interface SubmissionRead {
  readonly submission: Submission
  readonly items: readonly Item[]
  readonly findings: readonly Finding[]
  readonly leads: readonly NamedLead[]
  readonly captures: readonly Capture[]
}

/** A submission with its items and what was found in them, as a caller may see it, or undefined when there is none. */
export async function readSubmission(
  tx: Tx,
  caller: Caller,
  id: SubmissionId,
): Promise<SubmissionRead | undefined> {
  const submission = await submissions.find(tx, id)
  if (!submission) return undefined
  const findings: Finding[] = []
  for (const match of await matches.list(tx, { submissionId: id })) {
    const recording = await recordings.find(tx, match.recordingId)
    if (recording)
      findings.push({
        match: toldMatch(caller, match, recording),
        recording: toldRecording(caller, recording),
        passages: await matches.passagesOf(tx, match.id),
      })
  }
  const allLeads = await leadsIn(tx, id)
  const ids = allLeads.map(({ recordingId }) => recordingId)
  const names = await recordings.namesOf(tx, ids)
  const leads = toldLeads(caller, allLeads, names)
  return {
    submission,
    items: await submissions.itemsOf(tx, id),
    findings,
    leads: leads.map(({ recordingId, ...lead }) => ({
      ...lead,
      id: recordingId,
      title: names.get(recordingId)?.title ?? '',
    })),
    captures: await capturesOf(tx, id),
  }
}
