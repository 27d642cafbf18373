import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, ReleaseId, type Sha256, type TenantId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import { nameKey } from '../metadata/normalise.ts'
import {
  type NewRecording,
  Recording,
  type RecordingStage,
  recordingNameKey,
  recordingTransitions,
  searchKey,
} from './recording.ts'
import { keepRights } from './rights-store.ts'
import { territoriesHeld, wholeRight } from './rights.ts'
import { revive } from './withdrawal.ts'

/** Words of a search that count; more do not narrow it any further. */
const WORDS_MAX = 8

export const stages = stagesOf('recording', recordingTransitions)

const rights = sql`(
  select coalesce(jsonb_agg(jsonb_build_object(
           'role', h.role, 'sharePercent', h.share_percent, 'territories', h.territories,
           'excludedTerritories', h.excluded_territories, 'validFrom', h.valid_from, 'validTo', h.valid_to,
           'documentName', h.document_name, 'documentSha256', h.document_sha256,
           'documentExpires', h.document_expires) order by h.position), '[]')
    from recording_right h where h.recording_id = r.id)`
const columns = sql`r.id, r.tenant_id, r.title, r.version, r.artists, r.featured, r.isrc, r.iswc, r.duration_ms,
  r.rights_holder, r.p_line, r.language, r.genre, r.explicit, r.own_id, r.policy, r.authorised,
  r.public_domain, r.registration_number, r.official_url, ${rights} as rights,
  r.release_id, l.title as release_title, l.label, l.upc, l.grid, l.catalog_number, l.c_line, r.stage, r.problem,
  r.progress, r.audio_sha256, r.audio_held, f.recording_id is not null as has_fingerprint, r.withdrawn_at, r.embargo_until,
  exists (select from conflict_side s where s.recording_id = r.id and s.ended_at is null) as disputed, r.created_at`
const tables = sql`recording r left join release l on l.id = r.release_id left join reference f on f.recording_id = r.id`

const Row = Recording.omit({ territories: true })

/** A recording as it is on the day it is read: what has expired is left out. */
const toRecording = (row: z.infer<typeof Row>): Recording => ({
  ...row,
  territories: territoriesHeld(row.rights, new Date().toISOString().slice(0, 10)),
})

export async function find(tx: Tx, id: RecordingId): Promise<Recording | undefined> {
  const row = await tx.maybe(Row)`select ${columns} from ${tables} where r.id = ${id}`
  return row && toRecording(row)
}

const Named = z.object({
  id: RecordingId,
  title: z.string(),
  isrc: z.string().nullable(),
  embargoUntil: z.date().nullable(),
})

/** What recordings are called, by their ids; with its version where a title has one. */
export async function namesOf(
  tx: Tx,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, z.infer<typeof Named>>> {
  const rows = await tx.all(Named)`
    select id, title || coalesce(' (' || version || ')', '') as title, isrc, embargo_until from recording
     where id = any(${[...ids]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row]))
}

/** Finds or makes the release: by UPC, else by title and label. */
async function releaseOf(
  tx: Tx,
  tenantId: TenantId,
  given: NonNullable<NewRecording['release']>,
): Promise<ReleaseId> {
  const { title, upc = null, label = null, releaseDate = null } = given
  const conflict = upc
    ? sql`(tenant_id, upc) where upc is not null`
    : sql`(tenant_id, title, coalesce(label, '')) where upc is null`
  const row = await tx.one(z.object({ id: ReleaseId }))`
    insert into release (id, tenant_id, title, upc, label, release_date)
    values (${newId(ReleaseId)}, ${tenantId}, ${title}, ${upc}, ${label}, ${releaseDate})
    on conflict ${conflict} do update set release_date = coalesce(excluded.release_date, release.release_date)
    returning id`
  return row.id
}

/**
 * Imports write thousands of names at a time and want all others to wait; single registrations only wait for imports.
 * Held until the transaction ends.
 */
export async function lockCatalogue(tx: Tx, tenantId: TenantId, use: 'one' | 'many'): Promise<void> {
  const lock = use === 'one' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`
  await tx.run`select ${lock}(hashtextextended(${`catalogue ${tenantId}`}, 0))`
}

/** Whoever changes what is told of a recording reads it only then: of two at once the second sees what the first wrote. */
export async function lockRecording(tx: Tx, tenantId: TenantId, id: RecordingId): Promise<void> {
  await lockCatalogue(tx, tenantId, 'one')
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`recording ${id}`}, 0))`
}

/** Registrations of the same ISRC or the same names take turns, so that the second recognises the first. */
export async function lockNames(
  tx: Tx,
  tenantId: TenantId,
  given: Pick<NewRecording, 'title' | 'version' | 'artists' | 'isrc'>,
): Promise<void> {
  await lockCatalogue(tx, tenantId, 'one')
  const keys = [`name ${recordingNameKey(given)}`, ...(given.isrc ? [`isrc ${given.isrc}`] : [])]
  for (const key of keys.toSorted())
    await tx.run`select pg_advisory_xact_lock(hashtextextended(${`${tenantId} ${key}`}, 0))`
}

/**
 * The row that a registration means, if it is there: the same ISRC, or the same names where one of the two has none.
 *
 * @throws {Problem} request/conflict when names without an ISRC could be several recordings.
 */
async function findSame(
  tx: Tx,
  tenantId: TenantId,
  given: NewRecording,
): Promise<z.infer<typeof Row> | undefined> {
  const byName = recordingNameKey(given)
  if (given.isrc) {
    return tx.maybe(Row)`
      select ${columns} from ${tables}
       where r.tenant_id = ${tenantId} and (r.isrc = ${given.isrc} or (r.isrc is null and r.name_key = ${byName}))
       order by r.isrc is null limit 1`
  }
  const [same, another] = await tx.all(Row)`
    select ${columns} from ${tables} where r.tenant_id = ${tenantId} and r.name_key = ${byName}
     order by r.isrc is not null limit 2`
  if (same?.isrc && another)
    throw new Problem(
      'request/conflict',
      `Several recordings are called “${given.title}”; give the ISRC of the one you mean`,
    )
  return same
}

/** Fills in what was not known of a recording; what is known stays as it is. */
async function complete(
  tx: Tx,
  known: z.infer<typeof Row>,
  given: NewRecording,
  releaseId: ReleaseId | null,
): Promise<void> {
  const isrc = known.isrc ?? given.isrc ?? null
  await tx.run`
    update recording set isrc = ${isrc}, search_key = ${searchKey({ ...known, isrc })},
           duration_ms = coalesce(duration_ms, ${given.durationMs ?? null}), p_line = coalesce(p_line, ${given.pLine ?? null}),
           release_id = coalesce(release_id, ${releaseId})
     where id = ${known.id}`
  if (known.withdrawnAt) await revive(tx, [known.id])
}

/**
 * Registers a recording, or recognises that it is registered and fills in what was not known.
 *
 * @returns the row and whether it is new.
 * @throws {Problem} request/conflict when it could be one of several.
 */
export async function register(
  tx: Tx,
  tenantId: TenantId,
  given: NewRecording,
  fallbackHolder: string,
): Promise<{ recording: Recording; created: boolean }> {
  await lockNames(tx, tenantId, given)
  const releaseId = given.release ? await releaseOf(tx, tenantId, given.release) : null
  const same = await findSame(tx, tenantId, given)
  const id = same?.id ?? newId(RecordingId)
  if (same) await complete(tx, same, given, releaseId)
  else {
    const { title, version = null, artists, isrc = null } = given
    await tx.run`
      insert into recording (id, tenant_id, release_id, title, version, artists, isrc, duration_ms, rights_holder, p_line,
                             search_key, name_key, stage)
      values (${id}, ${tenantId}, ${releaseId}, ${title}, ${version}, ${artists}, ${isrc}, ${given.durationMs ?? null},
              ${given.rightsHolder ?? fallbackHolder}, ${given.pLine ?? null},
              ${searchKey({ title, version, artists, isrc })}, ${recordingNameKey(given)}, 'registered')`
    if (!given.territories.includes('Worldwide'))
      await keepRights(tx, { id, tenantId }, [{ ...wholeRight, territories: given.territories }])
  }
  const recording = await find(tx, id)
  if (!recording) throw new Error('a registered recording is not there')
  return { recording, created: !same }
}

/** Uploaded audio waits for its fingerprint: the row asks for the job `index`. */
export async function awaitFingerprint(tx: Tx, id: RecordingId, audio: Sha256): Promise<void> {
  const written = await tx.run`
    update recording set stage = 'index', stage_since = now(), tries = 0, progress = 0, problem = null, failed_stage = null,
                         audio_sha256 = ${audio}
     where id = ${id} and stage in ('registered', 'failed')`
  if (written === 0)
    throw new Problem('row/stage', 'This recording has its fingerprint already, or is being fingerprinted')
}

/** Ends the wait for a fingerprint that came by another way than the job (made on the holder's machine). */
export async function markRecognisable(tx: Tx, id: RecordingId): Promise<void> {
  await tx.run`
    update recording set stage = 'done', stage_since = now(), tries = 0, progress = 0, problem = null, failed_stage = null
     where id = ${id} and stage <> 'done'`
}

/** Whether the uploaded audio of a recording stays, by the tenant's wish; decided when it is fingerprinted. */
export async function decideAudio(tx: Tx, id: RecordingId, held: boolean): Promise<void> {
  await tx.run`update recording set audio_held = ${held} where id = ${id}`
}

/** Where a page of a list begins: after this row, newest first. */
export interface After {
  readonly at: Date
  readonly id: string
}

/** The words of a search, as recordings are looked for by them. */
const searchedFor = (query: string): string[] =>
  [...new Set(nameKey(query).split(' ').filter(Boolean))].slice(0, WORDS_MAX)

/**
 * A tenant's recordings, newest first; `query` is words that all occur in title, artists or ISRC, each in a word of
 * theirs. By `stage` none that was withdrawn.
 */
export async function list(
  tx: Tx,
  asked: {
    query?: string | undefined
    stage?: RecordingStage | undefined
    after?: After | undefined
    limit: number
  },
): Promise<Recording[]> {
  const { stage = null, after, limit } = asked
  const words = searchedFor(asked.query ?? '')
  if (words.length > 0) {
    const rows = await tx.all(Row)`
      select ${columns} from ${tables}
       where r.id in (select search_recordings(${words}, ${stage}, ${after?.at ?? null}, ${after?.id ?? null}, ${limit}))
       order by r.created_at desc, r.id desc`
    return rows.map(toRecording)
  }
  const conditions = [
    sql`true`,
    ...(stage ? [sql`r.stage = ${stage} and r.withdrawn_at is null`] : []),
    ...(after ? [sql`(r.created_at, r.id) < (${after.at}, ${after.id})`] : []),
  ]
  const rows = await tx.all(Row)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by r.created_at desc, r.id desc limit ${limit}`
  return rows.map(toRecording)
}

const Counts = z.object({
  recordings: z.number(),
  recognisable: z.number(),
  inWork: z.number(),
  failed: z.number(),
  withdrawn: z.number(),
})
export type CatalogCounts = z.infer<typeof Counts>

/** How many recordings there are, and of those that are claimed, how far they have come; the rest is known by name only. */
export const counts = (tx: Tx): Promise<CatalogCounts> =>
  tx.one(Counts)`
    select count(*) as recordings,
           count(*) filter (where stage = 'done' and withdrawn_at is null) as recognisable,
           count(*) filter (where stage = 'index' and withdrawn_at is null) as in_work,
           count(*) filter (where stage = 'failed' and withdrawn_at is null) as failed,
           count(*) filter (where withdrawn_at is not null) as withdrawn
      from recording`

/**
 * Removes a recording that no case speaks of, neither its own nor that of a recording beside which it was found: what
 * was found stays evidence.
 *
 * @returns false when unknown.
 * @throws {Problem} request/conflict when a case speaks of it.
 */
export async function remove(tx: Tx, id: RecordingId): Promise<boolean> {
  const used = await tx.maybe(z.object({ number: z.string() }))`
    select number from case_file
     where recording_id = ${id} or id in (select case_id from match where recording_id = ${id})
     limit 1`
  if (used)
    throw new Problem('request/conflict', `Case ${used.number} speaks of this recording, so it must stay`)
  return (await tx.run`delete from recording where id = ${id}`) === 1
}
