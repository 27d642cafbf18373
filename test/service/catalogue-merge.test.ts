import { z } from 'zod'

import { registerRecording } from '../../services/actions/catalogue.ts'
import type { ImportEntry, ImportedRecording } from '../../services/catalog/import/entry.ts'
import { BATCH_ROWS } from '../../services/catalog/import/merge/batches.ts'
import * as imports from '../../services/catalog/import/store.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { changesSince } from '../../services/catalog/references.ts'
import * as recordings from '../../services/catalog/store.ts'
import {
  announced,
  bare,
  catalogueOf,
  changesOf,
  errorsOf,
  isrcOf,
  row,
  take,
  titled,
} from '../support/imports.ts'
import { describe, expect, test } from '../support/world.ts'

describe('rows of a catalogue', () => {
  test('are registered with everything they tell, and a wrong one keeps no other out', async ({ world }) => {
    const full: Partial<ImportedRecording> = {
      version: 'Live in Delhi',
      artists: ['The "Sample" \\ Band', 'Other, {Band}\twith a tab'],
      featured: ['A Guest'],
      iswc: 'T0345246801',
      durationMs: 214_000,
      rightsHolder: 'Another Owner',
      pLine: '2020 Sample Records',
      language: 'hi',
      genre: 'Indie\nPop',
      explicit: false,
      ownId: 'S-1',
      policy: 'monitor',
      authorised: ['https://video.example/c/ours'],
      release: { title: 'Letters', upc: '036000291452', label: 'Sample Records', releaseDate: '2020-05-29' },
      rights: {
        sharePercent: 50,
        territories: ['Worldwide'],
        excludedTerritories: ['DE'],
        validFrom: '2020-01-01',
      },
    }
    const answer = await take(world, [
      row(1, full),
      { kind: 'error', row: 2, errors: [{ row: 2, column: 'Title', code: 'missing', message: 'none' }] },
      row(3, { title: 'x'.repeat(501) }),
      row(4, { artists: ['half \uD800'] }),
      bare(5),
    ])
    expect(answer).toMatchObject({ rows: 5, created: 2, updated: 0, unchanged: 0, errors: 3, warnings: 0 })
    expect(await errorsOf(world, answer.about)).toMatchObject([
      { row: 2, column: 'Title', code: 'missing', severity: 'error' },
      { row: 3, column: 'title', code: 'too-long' },
      { row: 4, column: 'artists', code: 'encoding' },
    ])
    const { release, rights, ...told } = full
    expect(await titled(world, 'Song number 1')).toMatchObject({
      ...told,
      isrc: isrcOf(1),
      releaseTitle: release?.title,
      upc: release?.upc,
      territories: ['Worldwide', 'except DE'],
      rights: [{ ...rights, role: 'owner', validTo: null }],
      stage: 'registered',
    })
    expect(await titled(world, 'Song number 5')).toMatchObject({
      isrc: null,
      rightsHolder: 'Sample Records',
      policy: 'block',
      rights: [],
      territories: ['Worldwide'],
    })
    const found = await world.house.db.tenant(world.owner.tenantId, (tx) =>
      recordings.list(tx, { query: 'delhi guest', limit: 5 }),
    )
    expect(found).toHaveLength(0) // Guests are no part of the key; the version is.
    const byVersion = await world.house.db.tenant(world.owner.tenantId, (tx) =>
      recordings.list(tx, { query: 'DELHI song', limit: 5 }),
    )
    expect(byVersion).toHaveLength(1)
  })

  test('come a second time without effect, and what they say differently is changed and shown', async ({
    world,
  }) => {
    const release = { title: 'Letters', upc: '036000291452' }
    const rows = [row(1, { release }), row(2, { pLine: '2020 Sample Records' }), bare(3)]
    await take(world, rows)
    expect(await take(world, rows)).toMatchObject({ created: 0, updated: 0, unchanged: 3, warnings: 0 })

    const answer = await take(world, [
      row(1, { release: { ...release, label: 'New Label' } }),
      row(2, { policy: 'allow', rights: { territories: ['DE', 'FR'], excludedTerritories: [] } }),
      bare(3, { genre: 'Pop' }),
    ])
    expect(answer).toMatchObject({ created: 0, updated: 3, unchanged: 0, errors: 0 })
    const changes = await changesOf(world, answer.about)
    expect(changes.map(({ row, fields }) => [row, fields])).toMatchObject([
      [1, { label: { from: null, to: 'New Label' } }],
      [
        2,
        {
          policy: { from: 'block', to: 'allow' },
          rights: { from: { territories: ['Worldwide'] }, to: { territories: ['DE', 'FR'] } },
        },
      ],
      [3, { genre: { from: null, to: 'Pop' } }],
    ])
    // What the second file did not say has stayed.
    expect(await titled(world, 'Song number 2')).toMatchObject({
      pLine: '2020 Sample Records',
      policy: 'allow',
      territories: ['DE', 'FR'],
    })
    expect(await titled(world, 'Song number 1')).toMatchObject({ label: 'New Label' })
  })

  test('are recognised as registrations are: by ISRC, else by names', async ({ world }) => {
    const { house, owner } = world
    const register = (more: object) =>
      registerRecording(house, owner, NewRecording.parse({ title: 'Tune', artists: ['B', 'A'], ...more }))
    const { recording } = await register({})
    expect(await take(world, [row(1, { title: 'TUNE', artists: ['A', 'B'] })])).toMatchObject({
      created: 0,
      updated: 1,
    })
    expect(await house.db.tenant(owner.tenantId, (tx) => recordings.find(tx, recording.id))).toMatchObject({
      title: 'TUNE',
      isrc: isrcOf(1),
    })
    // The same names with another ISRC are another recording; without one they could now be either.
    expect(await take(world, [row(2, { title: 'Tune', artists: ['A', 'B'] })])).toMatchObject({ created: 1 })
    const answer = await take(world, [bare(3, { title: 'Tune', artists: ['A', 'B'] })])
    expect(answer).toMatchObject({ created: 0, errors: 1 })
    expect(await errorsOf(world, answer.about)).toMatchObject([{ row: 3, code: 'ambiguous' }])
  })

  test('tell where and when rights hold as a whole: an end that is not told any more is gone', async ({
    world,
  }) => {
    const told = (more: object) =>
      row(1, { rights: { excludedTerritories: [], territories: ['DE'], ...more } })
    const rightsOf = async () => (await titled(world, 'Song number 1')).rights
    await take(world, [told({ sharePercent: 50, validFrom: '2020-01-01', validTo: '2030-12-31' })])
    expect(await rightsOf()).toMatchObject([{ validFrom: '2020-01-01', validTo: '2030-12-31' }])

    const again = await take(world, [told({ validFrom: '2020-01-01' })])
    expect(again).toMatchObject({ updated: 1 })
    expect(await changesOf(world, again.about)).toMatchObject([
      { fields: { rights: { from: { validTo: '2030-12-31' }, to: { validTo: null, sharePercent: 50 } } } },
    ])
    const open = { territories: ['DE'], validFrom: '2020-01-01', validTo: null, sharePercent: 50 }
    expect(await rightsOf()).toMatchObject([open])
    expect(await take(world, [told({ validFrom: '2020-01-01' })])).toMatchObject({ unchanged: 1 })
    // A file that says nothing of rights leaves them alone.
    expect(await take(world, [row(1)])).toMatchObject({ unchanged: 1 })
    expect(await rightsOf()).toMatchObject([open])
  })

  test('are withdrawn by a purge, leave the index, and come back', async ({ world }) => {
    const { db } = world.house
    const release = { title: 'Letters', upc: '036000291452' }
    await take(world, [row(1, { release }), row(2, { release }), row(3)])
    const { id } = await titled(world, 'Song number 1')
    await db.system(
      (tx) => tx.run`
        insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by)
        values (${id}, ${world.owner.tenantId}, 2, '\\x01', ${'b'.repeat(64)}, 1000, 'local')`,
    )
    const { horizon } = await db.system((tx) => changesSince(tx, '0'))

    const purge: ImportEntry = { kind: 'purge', row: 1, release: { upc: '036000291452' }, isrcs: [] }
    const answer = await take(world, [purge])
    expect(answer).toMatchObject({ rows: 1, purged: 2, errors: 0 })
    expect(await changesOf(world, answer.about)).toHaveLength(2)
    expect((await titled(world, 'Song number 1')).withdrawnAt).toBeInstanceOf(Date)
    expect((await titled(world, 'Song number 3')).withdrawnAt).toBeNull()
    const after = await db.system((tx) => changesSince(tx, horizon))
    expect(after.removed.map(({ recordingId }) => recordingId)).toEqual([id])
    expect((await db.system((tx) => changesSince(tx, '0'))).changed).toEqual([])

    expect(await take(world, [row(1)])).toMatchObject({ updated: 1 })
    expect(await titled(world, 'Song number 1')).toMatchObject({ withdrawnAt: null, hasFingerprint: true })
    expect((await db.system((tx) => changesSince(tx, '0'))).changed).toMatchObject([{ recordingId: id }])
  })

  test('of a dry run are judged alike, and nothing of them stays', async ({ world }) => {
    await take(world, [row(1)])
    const about = await announced(world, true)
    const answer = await take(
      world,
      [
        row(1, { genre: 'Pop' }),
        row(2, { release: { title: 'Letters' } }),
        row(1, { title: 'Quite another' }),
      ],
      about,
    )
    expect(answer).toMatchObject({ rows: 3, created: 1, updated: 1, errors: 1 })
    expect(await changesOf(world, about)).toMatchObject([
      { row: 1, fields: { genre: { from: null, to: 'Pop' } } },
    ])
    expect(await catalogueOf(world)).toMatchObject([{ title: 'Song number 1', genre: null }])
    const releases = await world.house.db.system(
      (tx) => tx.all(z.object({ title: z.string() }))`select title from release`,
    )
    expect(releases).toEqual([])
  })

  test('go on where a crash broke them off, and are counted once', async ({ world }) => {
    const rows = Array.from({ length: BATCH_ROWS + 1_000 }, (_, index) => row(index + 1))
    async function* crashing(): AsyncGenerator<ImportEntry> {
      yield* rows
      throw new Error('the lights go out')
    }
    const about = await announced(world)
    await expect(take(world, crashing(), about)).rejects.toThrow('the lights go out')
    const half = await world.house.db.tenant(world.owner.tenantId, (tx) => imports.find(tx, about.id))
    expect(half).toMatchObject({ entries: BATCH_ROWS, created: BATCH_ROWS, stage: 'import' })
    expect(await take(world, [...rows, row(1)], half)).toMatchObject({
      rows: rows.length + 1,
      created: rows.length,
      unchanged: 1,
    })
  })

  test('that only the database refuses are found among thousands', async ({ world }) => {
    // A right that ends before it begins: readers tell such a thing before.
    const wrong = {
      territories: ['DE'],
      excludedTerritories: [],
      validFrom: '2021-01-01',
      validTo: '2020-01-01',
    }
    const rows = Array.from({ length: 300 }, (_, index) =>
      row(index + 1, index === 99 ? { rights: wrong } : {}),
    )
    const answer = await take(world, rows)
    expect(answer).toMatchObject({ rows: 300, created: 299, errors: 1 })
    expect(await errorsOf(world, answer.about)).toMatchObject([{ row: 100, code: 'malformed' }])
  })
})
