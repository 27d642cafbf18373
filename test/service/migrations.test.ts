import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { Client } from 'pg'
import { inject } from 'vitest'

import { ACCEPTANCE_DEFAULT } from '../../services/audio/search/decide.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate, migrationNames } from '../../services/core/migrate.ts'
import { describe, expect, test } from '../support/world.ts'

/** The last migration before sketches, shared passages and what a tenant accepts. */
const BEFORE = '0005_alerts_and_reports.sql'

/** A database as an older version left it: with its migrations, and a match that it found. */
async function olderDatabase(client: Client) {
  await client.query(
    'create table migration (name text primary key, sha256 text not null, applied_at timestamptz)',
  )
  for (const name of (await migrationNames()).filter((each) => each <= BEFORE)) {
    const text = await readFile(new URL(`../../migrations/${name}`, import.meta.url), 'utf8')
    await client.query(text)
    await client.query('insert into migration values ($1, $2, now())', [
      name,
      createHash('sha256').update(text).digest('hex'),
    ])
  }
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
    const name = `earwitness_test_${randomBytes(6).toString('hex')}`
    const admin = new Client({ connectionString: inject('postgresUrl') })
    await admin.connect()
    await admin.query(`create database ${name}`)
    const databaseUrl = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href
    const client = new Client({ connectionString: databaseUrl })
    try {
      await client.connect()
      const older = await olderDatabase(client)
      const applied = await migrate(databaseUrl, openLog('test', 'silent'))
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
    } finally {
      await client.end()
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    }
  })
})
