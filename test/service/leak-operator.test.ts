import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { main } from '../../bin/earwitness.ts'
import { findLeak, listLeaks } from '../../services/leaks/leak-store.ts'
import { listManifests } from '../../services/leaks/manifest-store.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const leakCommand =
  (world: World) =>
  async (...argv: string[]) => {
    const terminal = recordedTerminal({ env: { DATABASE_URL: world.databaseUrl, DATA_DIR: world.folder } })
    const status = await main(['leak', ...argv], terminal)
    return { status, out: terminal.outText(), err: terminal.errText() }
  }

describe('the operator at the command line', () => {
  test('notes a leak, has files read where they lie, says what was published and removes it', async ({
    world,
  }) => {
    const leak = leakCommand(world)
    const { db } = world.house
    const batches = join(world.folder, 'batches.json')
    await writeFile(
      batches,
      '[{ "number": 1, "name": "Popular", "popularityFrom": 50, "popularityTo": 100 }]',
    )
    expect(await leak('add', 'Sample dump', '--kind', 'streaming-dump')).toMatchObject({
      status: 2,
      err: expect.stringContaining('lawfulBasis'),
    })
    const basis = ['--kind', 'streaming-dump', '--lawful-basis', 'Given for a check', '--taken', '2025-07-01']
    const added = await leak('add', 'Sample dump', ...basis, '--batches', batches)
    const [noted] = await db.system((tx) => listLeaks(tx))
    expect(noted).toMatchObject({
      id: added.out.trim(),
      tenantId: null,
      takenOn: '2025-07-01',
      publicCheck: false,
    })
    if (!noted) throw new Error('no leak')

    const list = join(world.folder, 'list.jsonl')
    await writeFile(list, '{"isrc":"AA6Q70000001"}\n')
    for (const [path, reason] of [
      [join(world.folder, 'none'), 'there is no such file'],
      [world.folder, 'is not a file'],
    ] as const)
      expect(await leak('import', 'Sample dump', path)).toMatchObject({
        status: 2,
        err: expect.stringContaining(reason),
      })
    expect((await leak('import', 'Another dump', list)).err).toContain('no leak “Another dump”')
    const imported = await leak('import', 'Sample dump', list, '--batch', '1', '--name', 'The list')
    expect(imported.status).toBe(0)
    const [manifest] = await db.system((tx) => listManifests(tx, noted.id))
    expect(manifest).toMatchObject({
      id: imported.out.trim(),
      name: 'The list',
      batch: 1,
      stage: 'manifest',
      files: [{ name: 'list.jsonl', path: list }],
    })

    expect((await leak('batches', 'Sample dump', '--published', '2=2026-01-15')).status).toBe(2)
    expect((await leak('batches', noted.id, '--published', '1=2026-01-15')).out).toContain('2026-01-15')
    await leak('publish', 'Sample dump')
    expect(await db.system((tx) => findLeak(tx, noted.id))).toMatchObject({
      publicCheck: true,
      batches: [{ number: 1, publishedOn: '2026-01-15' }],
    })
    expect((await leak('list')).out).toMatch(/Sample dump.*visitors[\s\S]*reading +The list/)
    expect((await leak('remove', 'Sample dump')).status).toBe(2)
    expect((await leak('remove', 'Sample dump', '--yes')).status).toBe(0)
    expect(await db.system((tx) => listLeaks(tx))).toEqual([])
  })

  test('who stops watching leaves the reading at work', async ({ world }) => {
    const leak = leakCommand(world)
    await leak('add', 'Sample dump', '--kind', 'data-set', '--lawful-basis', 'Given for a check')
    const list = join(world.folder, 'list.jsonl')
    await writeFile(list, '{"isrc":"AA6Q70000001"}\n')
    const terminal = recordedTerminal({ env: { DATABASE_URL: world.databaseUrl, DATA_DIR: world.folder } })
    setTimeout(() => terminal.controller.abort(new Error('interrupted')), 1_500)
    const status = await main(['leak', 'import', 'Sample dump', list, '--watch'], terminal)
    expect(status).toBe(130)
    expect(terminal.errText()).toContain('The reading goes on')
    const [noted] = await world.house.db.system((tx) => listLeaks(tx))
    if (!noted) throw new Error('no leak')
    const manifests = await world.house.db.system((tx) => listManifests(tx, noted.id))
    expect(manifests).toMatchObject([{ stage: 'manifest', problem: null }])
  })
})
