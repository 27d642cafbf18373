import type { Recording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { Tx } from '../../services/core/db.ts'
import {
  BatchId,
  type ItemId,
  type RecordingId,
  type SubmissionId,
  WatchId,
} from '../../services/core/ids.ts'
import { withListedClues } from '../../services/listed-files.ts'
import type { ArtworkEvidence } from '../../services/matches/artwork.ts'
import { leadsIn } from '../../services/matches/lead-store.ts'
import type { Match, Passage } from '../../services/matches/match.ts'
import type { NameEvidence } from '../../services/matches/names.ts'
import * as matches from '../../services/matches/store.ts'
import { findBatch } from '../../services/submissions/batch-store.ts'
import { type Capture, captureAt } from '../../services/submissions/captures.ts'
import type { ItemCounts } from '../../services/submissions/item-store.ts'
import * as items from '../../services/submissions/item-store.ts'
import { type AudioCopy, audioCopiesOf } from '../../services/submissions/same-audio-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { Item, ItemStanding, Submission } from '../../services/submissions/submission.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { toldLeads, toldMatch, toldRecording } from '../../services/unreleased.ts'
import { findWatch } from '../../services/watches/store.ts'

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
  readonly names: NameEvidence | null
  readonly artwork: ArtworkEvidence | null
}

/** Items on a page: what a person scrolls through. */
const ITEMS_SHOWN = 100

export interface SubmissionRead {
  readonly submission: Submission
  readonly standing: readonly ItemStanding[]
  readonly counts: ItemCounts
  /** How many recordings were found in all of it. */
  readonly recordings: number
  /** A page of its items: those after this number, and after which the next begins. */
  readonly items: readonly Item[]
  readonly after: number
  readonly next: number | undefined
  /** What was found in these items. */
  readonly findings: readonly Finding[]
  readonly leads: readonly NamedLead[]
  /** Something in it has failed that may end otherwise another time. */
  readonly canRetry: boolean
  /** The same audio in other submissions. */
  readonly copies: readonly AudioCopy[]
  /** What was seen at the submitted address. */
  readonly capture: Capture | undefined
  /** The list or the watch that it came with. */
  readonly origin:
    | { readonly kind: 'list' | 'watch'; readonly name: string; readonly path: string }
    | undefined
}

/** What a submission came with, and where that is shown. */
async function originOf(
  tx: Tx,
  { batchId, watchId }: Pick<Submission, 'batchId' | 'watchId'>,
): Promise<SubmissionRead['origin']> {
  const batch = batchId === null ? undefined : await findBatch(tx, BatchId.parse(batchId))
  if (batch) return { kind: 'list', name: batch.name, path: `/batches/${batch.id}` }
  const watch = watchId === null ? undefined : await findWatch(tx, WatchId.parse(watchId))
  return watch && { kind: 'watch', name: watch.name, path: `/watches/${watch.id}` }
}

/**
 * A submission with a page of its items and what was found in them, as a caller may see it, or undefined when there is
 * none.
 */
export async function readSubmission(
  tx: Tx,
  caller: Caller,
  id: SubmissionId,
  after: number,
): Promise<SubmissionRead | undefined> {
  const submission = await submissions.find(tx, id)
  if (!submission) return undefined
  const rows = await items.itemsOf(tx, id, { after, limit: ITEMS_SHOWN + 1 })
  const shown = await withListedClues(tx, rows.slice(0, ITEMS_SHOWN))
  const itemIds = shown.map((item) => item.id)
  const findings: Finding[] = []
  for (const match of await matches.list(tx, { itemIds })) {
    const recording = await recordings.find(tx, match.recordingId)
    if (recording)
      findings.push({
        match: toldMatch(caller, match, recording),
        recording: toldRecording(caller, recording),
        passages: await matches.passagesOf(tx, match.id),
      })
  }
  const allLeads = await leadsIn(tx, id, itemIds)
  const names = await recordings.namesOf(
    tx,
    allLeads.map(({ recordingId }) => recordingId),
  )
  const leads = toldLeads(caller, allLeads, names)
  return {
    submission,
    standing: await items.standingOfItems(tx, id),
    counts: await items.countItems(tx, id),
    canRetry: await items.canRetry(tx, id),
    recordings: (await matches.foundIn(tx, [id])).get(id) ?? 0,
    items: shown,
    after,
    next: rows.length > ITEMS_SHOWN ? shown.at(-1)?.number : undefined,
    findings,
    leads: leads.map(({ recordingId, ...lead }) => ({
      ...lead,
      id: recordingId,
      title: names.get(recordingId)?.title ?? '',
    })),
    copies: await audioCopiesOf(tx, shown),
    capture: await captureAt(tx, id, { itemId: undefined, url: submission.url }),
    origin: await originOf(tx, submission),
  }
}
