import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import {
  CaseId,
  type ItemId,
  MatchId,
  type RecordingId,
  SubmissionId,
  type TenantId,
  newId,
} from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { type FoundRecording, Match, Passage } from './match.ts'

const columns = sql`m.id, m.item_id, i.submission_id, m.recording_id, m.case_id, m.engine_version, m.confidence,
  m.false_match_probability, m.share_of_recording, m.share_of_suspect, m.created_at`
const tables = sql`match m join item i on i.id = m.item_id`

export const find = (tx: Tx, id: MatchId): Promise<Match | undefined> =>
  tx.maybe(Match)`select ${columns} from ${tables} where m.id = ${id}`

/** What was found, by the thing asked about; the surest first. */
export async function list(
  tx: Tx,
  about: { submissionId?: SubmissionId; caseId?: CaseId; recordingId?: RecordingId },
  rowsMax = 200,
): Promise<Match[]> {
  const conditions = [
    ...(about.submissionId ? [sql`i.submission_id = ${about.submissionId}`] : []),
    ...(about.caseId ? [sql`m.case_id = ${about.caseId}`] : []),
    ...(about.recordingId ? [sql`m.recording_id = ${about.recordingId}`] : []),
  ]
  if (conditions.length === 0) throw new Error('list needs to know what it is about')
  return tx.all(Match)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by m.false_match_probability, m.share_of_suspect desc, m.id limit ${rowsMax}`
}

const Found = z.object({ submissionId: SubmissionId, recordings: z.number() })

/** How many recordings were found in each of some submissions; those without any are left out. */
export async function foundIn(
  tx: Tx,
  ids: readonly SubmissionId[],
): Promise<ReadonlyMap<SubmissionId, number>> {
  const rows = await tx.all(Found)`
    select i.submission_id, count(distinct m.recording_id) as recordings from ${tables}
     where i.submission_id = any(${[...ids]}::uuid[]) group by i.submission_id`
  return new Map(rows.map(({ submissionId, recordings }) => [submissionId, recordings]))
}

/** The passages of one match in the order of the suspect. */
export const passagesOf = (tx: Tx, id: MatchId): Promise<Passage[]> =>
  tx.all(Passage)`
    select suspect_from_ms, suspect_to_ms, reference_from_ms, reference_to_ms, speed, pitch, change, landmarks_matched,
           landmarks_expected, bits, score, threshold, false_match_probability, points
      from passage where match_id = ${id} order by number`

const Opened = z.object({ id: CaseId, isNew: z.boolean() })

/** Opens the case of a recording at a location, or joins the one that is there. */
async function openCase(
  tx: Tx,
  tenantId: TenantId,
  at: { key: string; text: string },
  found: FoundRecording,
): Promise<{ id: CaseId; isNew: boolean }> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`case ${tenantId}`}, 0))`
  const known = await tx.maybe(Opened)`
    update case_file set last_seen_at = now(), confidence = greatest(confidence, ${found.confidence})
     where tenant_id = ${tenantId} and recording_id = ${found.recordingId} and location_key = ${at.key}
    returning id, false as is_new`
  if (known) return known
  const { count } = await tx.one(z.object({ count: z.number() }))`
    update tenant set case_count = case_count + 1 where id = ${tenantId} returning case_count as count`
  const number = `EW-${new Date().getUTCFullYear()}-${String(count).padStart(6, '0')}`
  return tx.one(Opened)`
    insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
    values (${newId(CaseId)}, ${tenantId}, ${number}, ${found.recordingId}, ${at.key}, ${at.text}, 'needs_review', ${found.confidence})
    returning id, true as is_new`
}

async function keepPassages(
  tx: Tx,
  tenantId: TenantId,
  id: MatchId,
  passages: readonly Passage[],
): Promise<void> {
  const inOrder = passages.toSorted((a, b) => a.suspectFromMs - b.suspectFromMs)
  for (const [i, p] of inOrder.entries()) {
    await tx.run`
      insert into passage (match_id, tenant_id, number, suspect_from_ms, suspect_to_ms, reference_from_ms, reference_to_ms,
        speed, pitch, change, landmarks_matched, landmarks_expected, bits, score, threshold, false_match_probability, points)
      values (${id}, ${tenantId}, ${i + 1}, ${p.suspectFromMs}, ${p.suspectToMs}, ${p.referenceFromMs}, ${p.referenceToMs},
        ${p.speed}, ${p.pitch}, ${p.change}, ${p.landmarksMatched}, ${p.landmarksExpected}, ${p.bits}, ${p.score},
        ${p.threshold}, ${p.falseMatchProbability}, ${JSON.stringify(p.points)})`
  }
}

/**
 * Writes what was found in one item: matches, passages, and the case each opens or joins.
 *
 * @returns the cases, with whether each is new.
 */
export async function record(
  tx: Tx,
  about: {
    tenantId: TenantId
    itemId: ItemId
    engineVersion: number
    location: { key: string; text: string }
  },
  found: readonly FoundRecording[],
): Promise<{ id: CaseId; isNew: boolean }[]> {
  const cases: { id: CaseId; isNew: boolean }[] = []
  for (const each of found) {
    const opened = await openCase(tx, about.tenantId, about.location, each)
    const id = newId(MatchId)
    await tx.run`
      insert into match (id, tenant_id, item_id, recording_id, case_id, engine_version, confidence, false_match_probability,
                         share_of_recording, share_of_suspect)
      values (${id}, ${about.tenantId}, ${about.itemId}, ${each.recordingId}, ${opened.id}, ${about.engineVersion},
              ${each.confidence}, ${each.falseMatchProbability}, ${each.shareOfRecording}, ${each.shareOfSuspect})`
    await keepPassages(tx, about.tenantId, id, each.passages)
    cases.push(opened)
  }
  return cases
}
