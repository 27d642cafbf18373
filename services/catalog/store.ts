import { createHash } from 'node:crypto'

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

/** Words of a search that count; more do not narrow it any further. */
const WORDS_MAX = 8

export const stages = stagesOf('recording', recordingTransitions)

const columns = sql`r.id, r.tenant_id, r.title, r.version, r.artists, r.isrc, r.duration_ms, r.rights_holder, r.p_line,
  r.territories, r.release_id, l.title as release_title, l.label, l.upc, r.stage, r.problem, r.progress,
  r.audio_sha256, r.audio_held, f.recording_id is not null as has_fingerprint, r.created_at`
const tables = sql`recording r left join release l on l.id = r.release_id left join reference f on f.recording_id = r.id`

export const find = (tx: Tx, id: RecordingId): Promise<Recording | undefined> =>
  tx.maybe(Recording)`select ${columns} from ${tables} where r.id = ${id}`

const Named = z.object({ id: RecordingId, title: z.string(), isrc: z.string().nullable() })

/** What recordings are called, by their ids; with its version where a title has one. */
export async function namesOf(
  tx: Tx,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, z.infer<typeof Named>>> {
  const rows = await tx.all(Named)`
    select id, title || coalesce(' (' || version || ')', '') as title, isrc from recording
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

/** Registrations of the same ISRC or the same names take turns, so that the second recognises the first. */
async function lockNames(tx: Tx, tenantId: TenantId, given: NewRecording): Promise<void> {
  const keys = [`name ${recordingNameKey(given)}`, ...(given.isrc ? [`isrc ${given.isrc}`] : [])]
  for (const key of keys.toSorted())
    await tx.run`select pg_advisory_xact_lock(hashtextextended(${`${tenantId} ${key}`}, 0))`
}

/**
 * The row that a registration means, if it is there: the same ISRC, or the same names where one of the two has none.
 *
 * @throws {Problem} request/conflict when names without an ISRC could be several recordings.
 */
async function findSame(tx: Tx, tenantId: TenantId, given: NewRecording): Promise<Recording | undefined> {
  const byName = recordingNameKey(given)
  if (given.isrc) {
    return tx.maybe(Recording)`
      select ${columns} from ${tables}
       where r.tenant_id = ${tenantId} and (r.isrc = ${given.isrc} or (r.isrc is null and r.name_key = ${byName}))
       order by r.isrc is null limit 1`
  }
  const [same, another] = await tx.all(Recording)`
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
  known: Recording,
  given: NewRecording,
  releaseId: ReleaseId | null,
): Promise<void> {
  const isrc = known.isrc ?? given.isrc ?? null
  await tx.run`
    update recording set isrc = ${isrc}, search_key = ${searchKey({ ...known, isrc })},
           duration_ms = coalesce(duration_ms, ${given.durationMs ?? null}), p_line = coalesce(p_line, ${given.pLine ?? null}),
           release_id = coalesce(release_id, ${releaseId})
     where id = ${known.id}`
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
                             territories, search_key, name_key, stage)
      values (${id}, ${tenantId}, ${releaseId}, ${title}, ${version}, ${artists}, ${isrc}, ${given.durationMs ?? null},
              ${given.rightsHolder ?? fallbackHolder}, ${given.pLine ?? null}, ${given.territories},
              ${searchKey({ title, version, artists, isrc })}, ${recordingNameKey(given)}, 'registered')`
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

/** A fingerprint in its binary form and what is known of it. */
export interface NewReference {
  readonly engineVersion: number
  readonly fingerprint: Uint8Array
  readonly durationMs: number
  readonly madeBy: 'upload' | 'local'
  /** For pictures of what is found; see services/audio/extract/sketch-bytes.ts. */
  readonly sketch?: Uint8Array | undefined
}

const Holder = z.object({ recordingId: RecordingId, title: z.string() })

/**
 * Keeps the fingerprint by which a recording is recognised; a newer one replaces the older. The same once more only
 * adds a sketch where there was none.
 *
 * @throws {Problem} request/conflict when the same audio is registered as another recording.
 */
export async function keepReference(
  tx: Tx,
  recording: Pick<Recording, 'id' | 'tenantId'>,
  given: NewReference,
): Promise<void> {
  const sha256 = createHash('sha256').update(given.fingerprint).digest('hex')
  const twin = await tx.maybe(Holder)`
    select f.recording_id, r.title from reference f join recording r on r.id = f.recording_id
     where f.tenant_id = ${recording.tenantId} and f.fingerprint_sha256 = ${sha256} and f.recording_id <> ${recording.id}`
  if (twin) {
    throw new Problem(
      'request/conflict',
      `The same audio is registered already, as “${twin.title}” (${twin.recordingId})`,
    )
  }
  const sketch = given.sketch ? Buffer.from(given.sketch) : null
  await tx.run`
    insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by, sketch)
    values (${recording.id}, ${recording.tenantId}, ${given.engineVersion}, ${Buffer.from(given.fingerprint)}, ${sha256},
            ${given.durationMs}, ${given.madeBy}, ${sketch})
    on conflict (recording_id) do update
       set engine_version = excluded.engine_version, fingerprint = excluded.fingerprint, duration_ms = excluded.duration_ms,
           fingerprint_sha256 = excluded.fingerprint_sha256, made_by = excluded.made_by, sketch = excluded.sketch,
           changed_in = pg_current_xact_id()
     where reference.fingerprint_sha256 <> excluded.fingerprint_sha256`
  if (sketch)
    await tx.run`update reference set sketch = ${sketch} where recording_id = ${recording.id} and sketch is null`
  await tx.run`update recording set duration_ms = ${given.durationMs} where id = ${recording.id}`
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

/** The words of a search as patterns, the longest first because it narrows most. */
function patternsOf(query: string): string[] {
  const words = nameKey(query).split(' ').filter(Boolean).slice(0, WORDS_MAX)
  const longestFirst = words.toSorted((one, other) => other.length - one.length)
  return longestFirst.map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`)
}

/** A tenant's recordings, newest first; `query` is words that all occur in title, artists or ISRC. */
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
  const patterns = patternsOf(asked.query ?? '')
  if (patterns.length > 0) {
    return tx.all(Recording)`
      select ${columns} from ${tables}
       where r.id in (select search_recordings(${patterns}, ${stage}, ${after?.at ?? null}, ${after?.id ?? null}, ${limit}))
       order by r.created_at desc, r.id desc`
  }
  const conditions = [
    sql`true`,
    ...(stage ? [sql`r.stage = ${stage}`] : []),
    ...(after ? [sql`(r.created_at, r.id) < (${after.at}, ${after.id})`] : []),
  ]
  return tx.all(Recording)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by r.created_at desc, r.id desc limit ${limit}`
}

const Counts = z.object({
  recordings: z.number(),
  recognisable: z.number(),
  inWork: z.number(),
  failed: z.number(),
})
export type CatalogCounts = z.infer<typeof Counts>

export const counts = (tx: Tx): Promise<CatalogCounts> =>
  tx.one(Counts)`
    select count(*) as recordings, count(*) filter (where stage = 'done') as recognisable,
           count(*) filter (where stage = 'index') as in_work, count(*) filter (where stage = 'failed') as failed
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
