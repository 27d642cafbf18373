import { createHash } from 'node:crypto'

import { Random } from '../bin/demo/music/random.ts'
import { ENGINE_VERSION } from '../services/audio/constants.ts'
import { NewRecording, recordingNameKey, searchKey } from '../services/catalog/recording.ts'
import type { Tx } from '../services/core/db.ts'
import { RecordingId, ReleaseId, type TenantId, newId } from '../services/core/ids.ts'

/** Rows of one insert: megabytes of JSON, far below what a message to PostgreSQL may hold. */
const BATCH_ROWS = 5_000
/** Recordings of a release, as on an album. */
const RELEASE_RECORDINGS = 10
/** Words of titles and names; with two or three in a title each word is in about one title of eight hundred. */
const WORDS = 2_000
/** Between two rows on average: what several importers at once reach. Some lie within one millisecond. */
const SPACING_MS = 3

const syllables = ['ka', 'lo', 'mi', 'ran', 'su', 'te', 'vo', 'shi', 'ber', 'na', 'dur', 'el', 'fa', 'gor']

/** Words that nobody says, three or four syllables long, all different; the same ones in every run. */
export function vocabulary(): readonly string[] {
  const random = new Random('vocabulary')
  const words = new Set<string>()
  while (words.size < WORDS)
    words.add(Array.from({ length: random.whole(3, 4) }, () => random.pick(syllables)).join(''))
  return [...words]
}

/** The recording of a number, checked as a registration is. */
function recordingOf(number: number, random: Random, words: readonly string[]): NewRecording {
  const some = (count: number): string => Array.from({ length: count }, () => random.pick(words)).join(' ')
  return NewRecording.parse({
    title: some(random.whole(2, 3)),
    artists: [some(2)],
    isrc: `AA6Q7${20 + Math.floor(number / 100_000)}${String(number % 100_000).padStart(5, '0')}`,
    durationMs: random.whole(120_000, 300_000),
    pLine: '2026 Sample Records',
  })
}

/** More than the ISRC's years and designations above can number. */
export const RECORDINGS_MAX = 1_000_000

/** Writes one batch: a release for every ten recordings, the recordings, and a reference for each. */
async function writeBatch(tx: Tx, tenant: TenantId, rows: readonly object[], releases: readonly object[]) {
  await tx.run`
    insert into release (id, tenant_id, title, label)
    select id, ${tenant}, title, 'Sample Records' from json_to_recordset(${JSON.stringify(releases)}::json) as r(id uuid, title text)`
  await tx.run`
    insert into recording (id, tenant_id, release_id, title, artists, isrc, duration_ms, rights_holder, p_line,
                           search_key, name_key, stage, created_at)
    select id, ${tenant}, release_id, title, artists, isrc, duration_ms, 'Sample Records', p_line,
           search_key, name_key, 'done', now() - age_ms * interval '1 millisecond'
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(id uuid, release_id uuid, title text, artists text[], isrc text, duration_ms integer, p_line text,
             search_key text, name_key text, age_ms double precision)`
  // Lists only look whether there is a fingerprint; a few bytes do.
  await tx.run`
    insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by)
    select id, ${tenant}, ${ENGINE_VERSION}, decode(sha256, 'hex'), sha256, duration_ms, 'local'
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, sha256 text, duration_ms integer)`
}

/**
 * Registers recordings for an account as fast as PostgreSQL takes them: the rows that the API would write, but
 * thousands at a time.
 *
 * @param write runs a batch in a transaction of its own. @param onProgress told how many are written.
 */
export async function fillCatalogue(
  write: (work: (tx: Tx) => Promise<void>) => Promise<void>,
  tenant: TenantId,
  count: number,
  onProgress: (done: number) => void,
): Promise<void> {
  const words = vocabulary()
  const random = new Random('catalogue')
  for (let from = 0; from < count; from += BATCH_ROWS) {
    const size = Math.min(BATCH_ROWS, count - from)
    const releases = Array.from({ length: Math.ceil(size / RELEASE_RECORDINGS) }, (_, index) => ({
      id: newId(ReleaseId),
      title: `${random.pick(words)} ${from + index}`,
    }))
    const rows = Array.from({ length: size }, (_, index) => {
      const number = from + index
      const recording = recordingOf(number, random, words)
      return {
        id: newId(RecordingId),
        release_id: releases[Math.floor(index / RELEASE_RECORDINGS)]?.id,
        title: recording.title,
        artists: recording.artists,
        isrc: recording.isrc,
        duration_ms: recording.durationMs,
        p_line: recording.pLine,
        search_key: searchKey({
          ...recording,
          version: recording.version ?? null,
          isrc: recording.isrc ?? null,
        }),
        name_key: recordingNameKey(recording),
        sha256: createHash('sha256').update(String(number)).digest('hex'),
        age_ms: (count - number + random.unit()) * SPACING_MS,
      }
    })
    await write((tx) => writeBatch(tx, tenant, rows, releases))
    onProgress(from + size)
  }
}
