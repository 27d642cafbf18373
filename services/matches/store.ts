import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import {
  Bytes,
  CaseId,
  type ItemId,
  MatchId,
  RecordingId,
  SubmissionId,
  type TenantId,
  newId,
} from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { type FoundRecording, Match, Passage, type PicturedPassage } from './match.ts'
import { lockPlaces } from './place-lock.ts'
import { besideWhich } from './shared.ts'

const columns = sql`m.id, m.item_id, i.submission_id, m.recording_id, m.case_id, m.beside_id, m.engine_version, m.confidence,
  m.false_match_probability, m.share_of_recording, m.share_of_suspect, m.names, m.artwork, m.confidence_reasons,
  m.created_at,
  coalesce((select bool_and(p.shared_with <> '{}') from passage p where p.match_id = m.id), false) as shared,
  coalesce((select bool_and(p.excluded) from passage p where p.match_id = m.id), false) as excluded`
const tables = sql`match m join item i on i.id = m.item_id`

export const find = (tx: Tx, id: MatchId): Promise<Match | undefined> =>
  tx.maybe(Match)`select ${columns} from ${tables} where m.id = ${id}`

/**
 * What was found, by the thing asked about; the surest first.
 *
 * @param about.caseId only what its case was opened for; what stands beside it is asked for by `besideId`.
 */
export async function list(
  tx: Tx,
  about: {
    submissionId?: SubmissionId
    itemIds?: readonly ItemId[]
    caseId?: CaseId
    recordingId?: RecordingId
    besideId?: MatchId
  },
  rowsMax = 200,
): Promise<Match[]> {
  const conditions = [
    ...(about.submissionId ? [sql`i.submission_id = ${about.submissionId}`] : []),
    ...(about.itemIds ? [sql`m.item_id = any(${[...about.itemIds]}::uuid[])`] : []),
    ...(about.caseId ? [sql`m.case_id = ${about.caseId} and m.beside_id is null`] : []),
    ...(about.besideId ? [sql`m.beside_id = ${about.besideId}`] : []),
    ...(about.recordingId ? [sql`m.recording_id = ${about.recordingId}`] : []),
  ]
  if (conditions.length === 0) throw new Error('list needs to know what it is about')
  return tx.all(Match)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by m.beside_id is not null, m.false_match_probability, m.share_of_suspect desc, m.id limit ${rowsMax}`
}

const SeenBefore = z.object({ times: z.number(), since: z.date().nullable() })

/** How many files that were examined before a recording could be recognised turned out to contain it, and since when. */
export async function seenBefore(
  tx: Tx,
  id: RecordingId,
): Promise<{ times: number; since: Date } | undefined> {
  const { times, since } = await tx.one(SeenBefore)`
    select count(*) as times, min(i.created_at) as since from ${tables}
     where m.recording_id = ${id} and m.retroactive and m.beside_id is null`
  return since === null ? undefined : { times, since }
}

const Found = z.object({ submissionId: SubmissionId, recordings: z.number() })

/** How many recordings were found in each of some submissions, but for those beside better ones; 0 is left out. */
export async function foundIn(
  tx: Tx,
  ids: readonly SubmissionId[],
): Promise<ReadonlyMap<SubmissionId, number>> {
  const rows = await tx.all(Found)`
    select i.submission_id, count(distinct m.recording_id) as recordings from ${tables}
     where i.submission_id = any(${[...ids]}::uuid[]) and m.beside_id is null group by i.submission_id`
  return new Map(rows.map(({ submissionId, recordings }) => [submissionId, recordings]))
}

const passageColumns = sql`suspect_from_ms, suspect_to_ms, reference_from_ms, reference_to_ms, speed, pitch,
  speed_error, pitch_error, change, landmarks_matched, landmarks_expected, bits, score, threshold,
  false_match_probability, shared_with, excluded, points`

/** The passages of one match in the order of the suspect. */
export const passagesOf = (tx: Tx, id: MatchId): Promise<Passage[]> =>
  tx.all(Passage)`select ${passageColumns} from passage where match_id = ${id} order by number`

const StoredPicture = Passage.extend({ suspectSketch: Bytes.nullable(), referenceSketch: Bytes.nullable() })

/** The same with what their pictures show. */
export async function picturedPassagesOf(tx: Tx, id: MatchId): Promise<PicturedPassage[]> {
  const rows = await tx.all(StoredPicture)`
    select ${passageColumns}, suspect_sketch, reference_sketch from passage where match_id = ${id} order by number`
  return rows.map(({ suspectSketch, referenceSketch, ...passage }) => ({
    ...passage,
    sketches: { suspect: suspectSketch ?? undefined, reference: referenceSketch ?? undefined },
  }))
}

const jsonOrNull = (value: object | undefined): string | null => (value ? JSON.stringify(value) : null)
const bytesOrNull = (bytes: Uint8Array | undefined): Buffer | null => (bytes ? Buffer.from(bytes) : null)

const Opened = z.object({ id: CaseId, recordingId: RecordingId, isNew: z.boolean() })
type Opened = z.infer<typeof Opened>

/** What was examined, by what, and where it was. */
interface About {
  readonly tenantId: TenantId
  readonly itemId: ItemId
  readonly engineVersion: number
  /** It had been examined before, when what is found now could not be recognised yet. */
  readonly retroactive: boolean
  readonly location: {
    readonly key: string
    readonly text: string
    readonly pageUrl?: string | null
    /** The account that offers it there, where its address tells one. */
    readonly channel?: string | null | undefined
    /** Who put it there, as a page says, and the key by which others of theirs are found. */
    readonly saidUploader?: SaidUploader | null | undefined
    readonly uploaderKey?: string | null | undefined
  }
}

/** Joins the case of a recording at a location, if there is one that is not over. */
async function joinCase(
  tx: Tx,
  { tenantId, location }: About,
  found: FoundRecording,
): Promise<Opened | undefined> {
  await lockPlaces(tx, tenantId)
  return tx.maybe(Opened)`
    update case_file set last_seen_at = now(), confidence = greatest(confidence, ${found.confidence}),
           page_url = coalesce(page_url, ${location.pageUrl ?? null}), channel = coalesce(channel, ${location.channel ?? null}),
           said_uploader = coalesce(said_uploader, ${jsonOrNull(location.saidUploader ?? undefined)}),
           uploader_key = coalesce(uploader_key, ${location.uploaderKey ?? null})
     where tenant_id = ${tenantId} and recording_id = ${found.recordingId} and location_key = ${location.key}
       and state <> 'closed'
    returning id, recording_id, false as is_new`
}

/** Opens the case of a recording at a location where it has none. */
async function openCase(tx: Tx, { tenantId, location: at }: About, found: FoundRecording): Promise<Opened> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    update tenant set case_count = case_count + 1 where id = ${tenantId} returning case_count as count`
  const number = `EW-${new Date().getUTCFullYear()}-${String(count).padStart(6, '0')}`
  return tx.one(Opened)`
    insert into case_file (id, tenant_id, number, recording_id, location_key, location, page_url, channel, said_uploader,
                           uploader_key, state, confidence)
    values (${newId(CaseId)}, ${tenantId}, ${number}, ${found.recordingId}, ${at.key}, ${at.text}, ${at.pageUrl ?? null},
            ${at.channel ?? null}, ${jsonOrNull(at.saidUploader ?? undefined)}, ${at.uploaderKey ?? null}, 'needs_review',
            ${found.confidence})
    returning id, recording_id, true as is_new`
}

async function keepPassages(
  tx: Tx,
  tenantId: TenantId,
  id: MatchId,
  passages: readonly PicturedPassage[],
): Promise<void> {
  const inOrder = passages.toSorted((a, b) => a.suspectFromMs - b.suspectFromMs)
  for (const [i, p] of inOrder.entries()) {
    await tx.run`
      insert into passage (match_id, tenant_id, number, suspect_from_ms, suspect_to_ms, reference_from_ms, reference_to_ms,
        speed, pitch, speed_error, pitch_error, change, landmarks_matched, landmarks_expected, bits, score, threshold,
        false_match_probability, shared_with, excluded, points, suspect_sketch, reference_sketch)
      values (${id}, ${tenantId}, ${i + 1}, ${p.suspectFromMs}, ${p.suspectToMs}, ${p.referenceFromMs}, ${p.referenceToMs},
        ${p.speed}, ${p.pitch}, ${p.speedError}, ${p.pitchError}, ${p.change}, ${p.landmarksMatched},
        ${p.landmarksExpected}, ${p.bits}, ${p.score}, ${p.threshold}, ${p.falseMatchProbability}, ${p.sharedWith}, ${p.excluded},
        ${JSON.stringify(p.points)},
        ${bytesOrNull(p.sketches?.suspect)}, ${bytesOrNull(p.sketches?.reference)})`
  }
}

/** Writes one match with its passages, under a case. */
async function keepMatch(
  tx: Tx,
  about: About,
  found: FoundRecording,
  under: { caseId: CaseId; besideId: MatchId | null },
): Promise<MatchId> {
  const id = newId(MatchId)
  await tx.run`
    insert into match (id, tenant_id, item_id, recording_id, case_id, beside_id, engine_version, confidence,
                       false_match_probability, share_of_recording, share_of_suspect, retroactive, names,
                       artwork, confidence_reasons)
    values (${id}, ${about.tenantId}, ${about.itemId}, ${found.recordingId}, ${under.caseId}, ${under.besideId},
            ${about.engineVersion}, ${found.confidence}, ${found.falseMatchProbability}, ${found.shareOfRecording},
            ${found.shareOfSuspect}, ${about.retroactive}, ${jsonOrNull(found.names)}, ${jsonOrNull(found.artwork)},
            ${jsonOrNull(found.confidenceReasons)})`
  await keepPassages(tx, about.tenantId, id, found.passages)
  return id
}

const Written = z.object({ recordingId: RecordingId, id: MatchId, caseId: CaseId })

/** What was written of an item that is examined once more. */
async function writtenOf(
  tx: Tx,
  { itemId }: About,
): Promise<Map<RecordingId, { id: MatchId; caseId: CaseId }>> {
  const rows = await tx.all(Written)`select recording_id, id, case_id from match where item_id = ${itemId}`
  return new Map(rows.map(({ recordingId, ...match }) => [recordingId, match]))
}

/**
 * Writes what was found in one item: matches, passages, and the case each opens or joins. A recording of which there is
 * nothing but what a better one explains too opens none; it stands beside that one, unless it has a case there already.
 * What was written when the item was examined before stays as it is.
 *
 * @returns the cases, with whether each is new.
 */
export async function record(tx: Tx, about: About, found: readonly FoundRecording[]): Promise<Opened[]> {
  const beside = besideWhich(found)
  const cases: Opened[] = []
  const written = await writtenOf(tx, about)
  const fresh = found.filter(({ recordingId }) => !written.has(recordingId))
  // Those that others stand beside come first.
  for (const each of fresh.toSorted((a, b) => rank(a) - rank(b))) {
    const better = written.get(beside.get(each.recordingId) ?? each.recordingId)
    const own = (await joinCase(tx, about, each)) ?? (better ? undefined : await openCase(tx, about, each))
    if (own) cases.push(own)
    const caseId = own?.id ?? better?.caseId
    if (!caseId) throw new Error('a match without a case')
    const id = await keepMatch(tx, about, each, { caseId, besideId: own ? null : (better?.id ?? null) })
    written.set(each.recordingId, { id, caseId })
  }
  return cases

  function rank({ recordingId }: FoundRecording): number {
    return beside.has(recordingId) ? 1 : 0
  }
}
