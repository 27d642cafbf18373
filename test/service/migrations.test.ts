import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { Client } from 'pg'
import { inject } from 'vitest'

import { ACCEPTANCE_DEFAULT } from '../../services/audio/search/decide.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate, migrationNames } from '../../services/core/migrate.ts'
import { type Ranked, scoreOf } from '../../services/leaks/audit/ranking.ts'
import { trackStatuses } from '../../services/leaks/manifest-row.ts'
import { describe, expect, test } from '../support/world.ts'

/** The last migration before sketches, shared passages and what a tenant accepts. */
const BEFORE = '0005_alerts_and_reports.sql'

/** The last migration before what is exposed had a score. */
const BEFORE_SCORES = '0023_turns_and_uploaders.sql'

/** A database with the migrations up to one of them, as an older version made it; it is dropped after. */
async function withOlder(
  last: string,
  run: (client: Client, upgrade: () => Promise<readonly string[]>) => Promise<void>,
): Promise<void> {
  const name = `earwitness_test_${randomBytes(6).toString('hex')}`
  const admin = new Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const databaseUrl = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href
  const client = new Client({ connectionString: databaseUrl })
  try {
    await client.connect()
    await applyUpTo(client, last)
    await run(client, () => migrate(databaseUrl, openLog('test', 'silent')))
  } finally {
    await client.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  }
}

async function applyUpTo(client: Client, last: string): Promise<void> {
  await client.query(
    'create table migration (name text primary key, sha256 text not null, applied_at timestamptz)',
  )
  for (const name of (await migrationNames()).filter((each) => each <= last)) {
    const text = await readFile(new URL(`../../migrations/${name}`, import.meta.url), 'utf8')
    await client.query(text)
    await client.query('insert into migration values ($1, $2, now())', [
      name,
      createHash('sha256').update(text).digest('hex'),
    ])
  }
}

/** A match that an older version found. */
async function olderMatch(client: Client) {
  const ids = {
    tenant: randomUUID(),
    recording: randomUUID(),
    held: randomUUID(),
    submission: randomUUID(),
    opened: randomUUID(),
  }
  const [broken, whole] = ['a'.repeat(64), 'b'.repeat(64)]
  const items = { broken: randomUUID(), whole: randomUUID() }
  const match = randomUUID()
  await client.query(`
    insert into tenant (id, name) values ('${ids.tenant}', 'Older Records');
    insert into recording (id, tenant_id, title, artists, rights_holder, search_key, name_key, stage)
      values ('${ids.recording}', '${ids.tenant}', 'Song', '{Band}', 'Older Records', 'song', 'song', 'done'),
             ('${ids.held}', '${ids.tenant}', 'Tune', '{Band}', 'Older Records', 'tune', 'tune', 'done');
    update recording set audio_sha256 = '${whole}', audio_held = true where id = '${ids.held}';
    insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by)
      values ('${ids.recording}', '${ids.tenant}', 1, '\\x01', '${whole}', 1000, 'upload'),
             ('${ids.held}', '${ids.tenant}', 1, '\\x02', '${broken}', 1000, 'upload');
    insert into submission (id, tenant_id, kind, file_name, stage, blob_sha256, submitted_by)
      values ('${ids.submission}', '${ids.tenant}', 'file', 'a.mp3', 'done', '${whole}', 'test');
    insert into suspect_fingerprint (sha256, engine_version, fingerprint, duration_ms, truncated)
      values ('${broken}', 1, '\\x01', 1000, true), ('${whole}', 1, '\\x01', 1000, false);
    insert into item (id, tenant_id, submission_id, name, media_type, sha256, bytes, stage, duration_ms)
      values ('${items.broken}', '${ids.tenant}', '${ids.submission}', 'a', 'audio/mpeg', '${broken}', 1, 'done', 1000),
             ('${items.whole}', '${ids.tenant}', '${ids.submission}', 'b', 'audio/mpeg', '${whole}', 1, 'done', 1000);
    insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
      values ('${ids.opened}', '${ids.tenant}', 'EW-2026-000001', '${ids.recording}', 'a', 'a', 'needs_review', 1);
    insert into match (id, tenant_id, item_id, recording_id, case_id, engine_version, confidence,
                       false_match_probability, share_of_recording, share_of_suspect)
      values ('${match}', '${ids.tenant}', '${items.whole}', '${ids.recording}', '${ids.opened}', 1, 1, 1e-9, 1, 1);
    insert into passage (match_id, tenant_id, number, suspect_from_ms, suspect_to_ms, reference_from_ms, reference_to_ms,
                         speed, pitch, change, landmarks_matched, landmarks_expected, bits, score, threshold,
                         false_match_probability, points)
      values ('${match}', '${ids.tenant}', 1, 0, 1000, 0, 1000, 1, 1, 'none', 9, 10, 99, 99, 40, 1e-9, '[]')`)
  return { ...ids, items, match }
}

describe('migrations', () => {
  test('take a database along that is in use', async () => {
    await withOlder(BEFORE, async (client, upgrade) => {
      const older = await olderMatch(client)
      const applied = await upgrade()
      expect(applied).toEqual((await migrationNames()).filter((each) => each > BEFORE))

      const rows = async (text: string) => (await client.query(text)).rows
      expect(await rows('select false_claims_per_million from tenant')).toEqual([
        { false_claims_per_million: ACCEPTANCE_DEFAULT },
      ])
      expect(await rows('select id, truncated from item order by name')).toEqual([
        { id: older.items.broken, truncated: true },
        { id: older.items.whole, truncated: false },
      ])
      expect(await rows('select speed_error, shared_with, suspect_sketch from passage')).toEqual([
        { speed_error: null, shared_with: [], suspect_sketch: null },
      ])
      expect(await rows('select beside_id from match')).toEqual([{ beside_id: null }])
      // The first engine's fingerprints are no use any more, and no recording says that it is recognised by one.
      expect(await rows('select recording_id from reference')).toEqual([])
      expect(await rows('select title, stage from recording order by title')).toEqual([
        { title: 'Song', stage: 'registered' },
        { title: 'Tune', stage: 'index' },
      ])
      // A match stands beside one of the same item only.
      const beside = (itemId: string) =>
        client.query(
          `insert into match (id, tenant_id, item_id, recording_id, case_id, beside_id, engine_version, confidence,
                              false_match_probability, share_of_recording, share_of_suspect)
           values ($1, $2, $3, $4, $5, $6, 2, 1, 1e-9, 1, 1)`,
          [randomUUID(), older.tenant, itemId, older.held, older.opened, older.match],
        )
      await expect(beside(older.items.broken)).rejects.toThrow(/foreign key/)
      await beside(older.items.whole)
    })
  })

  test('rank what was exposed before as audits do', async () => {
    await withOlder(BEFORE_SCORES, async (client, upgrade) => {
      const [tenant, leak, audit] = [randomUUID(), randomUUID(), randomUUID()]
      await client.query(`
        insert into tenant (id, name) values ('${tenant}', 'Older Records');
        insert into leak (id, name, kind, lawful_basis, created_by) values ('${leak}', 'Older', 'streaming-dump', 'Test', 'test');
        insert into leak_batch (leak_id, number, name, popularity_from, popularity_to, published_on)
          values ('${leak}', 1, 'First', 80, 100, '2026-01-01'), ('${leak}', 2, 'Second', 0, 79, null);
        insert into exposure_audit (id, tenant_id, cause, scope, stage, summary, requested_by)
          values ('${audit}', '${tenant}', 'asked', '{}', 'done', '{}', 'test')`)
      const expected: object[] = []
      const add = async (given: Omit<Ranked, 'publishedOn'>, own: number): Promise<void> => {
        const id = randomUUID()
        const { status, codec, popularity, probability } = given
        await client.query(
          `insert into recording (id, tenant_id, title, artists, rights_holder, search_key, name_key, stage)
             values ($1, $2, 'Song', '{Band}', 'Older Records', $3, $3, 'done')`,
          [id, tenant, `song ${id}`],
        )
        await client.query(
          `insert into exposure (recording_id, leak_id, tenant_id, status, codec, popularity, batch, found_by, probability,
                                 rows_found, rows, audit_id)
             values ($1, $2, $3, $4, $5, $6, $7, 'isrc', $8, 1, '[]', $9)`,
          [id, leak, tenant, status, codec, popularity, own, probability, audit],
        )
        const byPopularity = popularity === null ? 0 : popularity >= 80 ? 1 : 2
        const batch = own || byPopularity
        const score = scoreOf({ ...given, publishedOn: batch === 1 ? '2026-01-01' : null })
        expected.push({ id, batch, score: expect.closeTo(score, 3) })
      }
      for (const status of trackStatuses)
        for (const codec of ['vorbis-160', 'opus-75', 'other', 'unknown'] as const)
          for (const [popularity, own] of [
            [90, 0],
            [90, 2],
            [3, 1],
            [null, 0],
          ] as const)
            await add({ status, codec, popularity, probability: popularity === 3 ? 0.5 : 1 }, own)

      expect(await upgrade()).toEqual((await migrationNames()).filter((each) => each > BEFORE_SCORES))
      const { rows } = await client.query('select recording_id as id, batch, score from exposure')
      expect(rows).toHaveLength(expected.length)
      expect(rows).toEqual(expect.arrayContaining(expected))
    })
  })
})
