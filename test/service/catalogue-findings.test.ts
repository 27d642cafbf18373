import { z } from 'zod'

import type { ImportEntry, RecordingEntry } from '../../services/catalog/import/entry.ts'
import * as imports from '../../services/catalog/import/store.ts'
import { bare, catalogueOf, errorsOf, isrcOf, row, take, titled } from '../support/imports.ts'
import { describe, expect, test } from '../support/world.ts'

const Release = z.object({ title: z.string(), label: z.string() })

describe('rows of a catalogue', () => {
  test('that name one recording twice count once, within a batch and beyond it', async ({ world }) => {
    const answer = await take(world, [
      row(1, { title: 'Song', version: 'Live', featured: ['B'] }),
      { ...row(1, { title: 'Song (Live) [feat. B]', artists: ['THE SAMPLE BAND'] }), row: 2 },
      bare(3, { title: 'Named before it was coded' }),
      row(4, { title: 'Named before it was coded' }),
      bare(5, { title: 'NAMED before it was coded' }),
    ])
    expect(answer).toMatchObject({ rows: 5, created: 2, updated: 1, unchanged: 2, errors: 0, warnings: 2 })
    expect(await errorsOf(world, answer.about)).toMatchObject([
      { row: 2, column: '', code: 'duplicate', severity: 'warning' },
      { row: 5, column: '', code: 'duplicate', message: expect.stringContaining('line 3') },
    ])
    expect(await titled(world, 'Named before it was coded')).toMatchObject({ isrc: isrcOf(4) })
    expect(await catalogueOf(world)).toHaveLength(2)
  })

  test('are errors when one ISRC stands for two titles or artists', async ({ world }) => {
    const answer = await take(world, [
      row(1, { durationMs: 100_000 }),
      { ...row(1, { title: 'Something else', durationMs: 100_000 }), row: 2 },
      { ...row(1, { artists: ['Others'] }), row: 3 },
    ])
    expect(answer).toMatchObject({ created: 1, unchanged: 0, errors: 2, warnings: 0 })
    const message = `${isrcOf(1)} has another title or artist in line 1`
    expect(await errorsOf(world, answer.about)).toMatchObject([
      { row: 2, column: 'isrc', code: 'contradiction', severity: 'error', message },
      { row: 3, column: 'isrc', code: 'contradiction', severity: 'error', message },
    ])
  })

  test('with the ISRC of another recording are refused, unless title or duration speak for it', async ({
    world,
  }) => {
    const known = { title: 'Monsoon Letters', durationMs: 200_000 }
    await take(
      world,
      [1, 2, 3, 4].map((number) => row(number, known)),
    )
    const answer = await take(world, [
      row(1, { title: 'Winter Tales', durationMs: 150_000 }),
      row(2, { title: 'Winter Tales', durationMs: 201_000 }),
      row(3, { title: 'Monsoon Letters', durationMs: 150_000 }),
      row(4, { title: 'Winter Tales' }),
    ])
    expect(answer).toMatchObject({ updated: 2, errors: 2, warnings: 2 })
    expect(
      (await errorsOf(world, answer.about)).map(({ row, code, severity }) => [row, code, severity]),
    ).toEqual([
      [1, 'isrc-conflict', 'error'],
      [2, 'isrc-conflict', 'warning'],
      [3, 'isrc-conflict', 'warning'],
      [4, 'isrc-conflict', 'error'],
    ])
  })

  test('change nothing when they are refused, not even their release', async ({ world }) => {
    const release = { title: 'Letters', upc: '036000291452', label: 'Sample Records' }
    await take(world, [row(1, { title: 'Monsoon Letters', durationMs: 200_000, release })])
    const refused = (more: object) => row(1, { title: 'Winter Tales', durationMs: 90_000, ...more })
    const answers = [
      await take(world, [refused({ release: { ...release, label: 'Another' } })]),
      await take(world, [refused({ release: { title: 'Never heard of' } })]),
    ]
    expect(answers).toMatchObject([
      { updated: 0, errors: 1 },
      { updated: 0, errors: 1 },
    ])
    const releases = await world.house.db.system(
      (tx) => tx.all(Release)`select title, label from release order by title`,
    )
    expect(releases).toEqual([{ title: 'Letters', label: 'Sample Records' }])
  })

  test('are told of in the order of the file, or errors first', async ({ world }) => {
    const { house, owner } = world
    const doubt = (number: number) => ({ row: number, column: '', code: 'missing' as const, message: 'odd' })
    const wrong = (number: number): ImportEntry => ({ kind: 'error', row: number, errors: [doubt(number)] })
    // A row without an ISRC waits for the one that has its names: its batch is written after that of later lines.
    const odd = { ...(row(2) as RecordingEntry), warnings: [doubt(2)] }
    const { about } = await take(world, [wrong(9), odd, bare(2), wrong(5), wrong(3)])
    const listed = async (asked: { severity?: 'error' | 'warning'; errorsFirst?: boolean }) => {
      const rows: number[] = []
      for (let after = 0; ;) {
        const page = await house.db.tenant(owner.tenantId, (tx) =>
          imports.errorsOf(tx, about.id, { after, limit: 2, ...asked }),
        )
        rows.push(...page.map((finding) => finding.row))
        if (page.length < 2) return rows
        after = page[1]?.number ?? 0
      }
    }
    expect(await listed({})).toEqual([2, 3, 5, 9])
    expect(await listed({ errorsFirst: true })).toEqual([3, 5, 9, 2])
    expect(await listed({ severity: 'error' })).toEqual([3, 5, 9])
    expect(await listed({ severity: 'warning' })).toEqual([2])
  })
})
