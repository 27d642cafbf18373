import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { vi } from 'vitest'
import { z } from 'zod'

import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { createAddressPolicy } from '../../services/core/addresses.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { type TorrentReader, loadTorrentPlugin } from '../../services/reading/torrent-plugin.ts'
import { countSockets, fetchLimits, problem } from '../support/fetching.ts'
import { ffmpegPath, piece, unknownPiece } from '../support/music.ts'
import { bytesOf, itemsIn, registeredPiece, tree } from '../support/opened.ts'
import { ended, startPipeline } from '../support/pipeline.ts'
import { type Seeder, startSeeder } from '../support/seeder.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const isThere = existsSync(new URL('../../plugins/torrent/plugin.ts', import.meta.url))
if (!isThere) process.stderr.write('plugins/torrent is not there: torrents are only tested as listings\n')

const named = (bytes: Buffer) => [{ path: 'a.mp3', bytes }]
const never = new AbortController().signal

describe('a torrent while the plug-in is off', () => {
  test('is listed, and nobody is asked for it', async ({ world }) => {
    const seeder = await startSeeder(named(Buffer.alloc(100_000, 1)))
    const env = { FETCH_ALLOW_ADDRESSES: seeder.addresses.join(',') }
    const pipeline = await startPipeline(world, { env })
    try {
      const { house } = pipeline
      const file = { fileName: 'pack.torrent', source: bytesOf(seeder.torrent) }
      const byFile = await submitFile(house, world.owner, file)
      const byLink = await submitUrl(house, world.owner, { url: seeder.magnet })
      for (const { id } of [byFile, byLink]) expect(await ended(world, id)).toMatchObject({ stage: 'done' })
      expect(await tree(world, byFile.id)).toEqual(['pack.torrent › Sample Pack/a.mp3: listed, done'])
      expect(await tree(world, byLink.id)).toEqual(['magnet link › Sample Pack: listed, done'])
      expect([seeder.announced.length, seeder.connections()]).toEqual([0, 0])
    } finally {
      await pipeline.close()
      await seeder.close()
    }
  })
})

/** Four minutes of the registered piece over and over: long enough to be read in parts. */
async function longCopy(): Promise<Buffer> {
  const [program, path] = [await ffmpegPath(), await piece(1)]
  const form = ['-t', '240', '-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3', 'pipe:1']
  const { stdout } = await promisify(execFile)(
    program,
    ['-v', 'error', '-stream_loop', '3', '-i', path, ...form],
    {
      encoding: 'buffer',
      maxBuffer: 2 ** 24,
    },
  )
  return stdout
}

/** Every row of every table, as text. */
async function everythingStored({ house }: World): Promise<string> {
  const rows = await house.db.system(
    (tx) =>
      tx.all(z.object({ text: z.string() }))`
      select query_to_xml(format('select t::text from %I.%I t', n.nspname, c.relname), true, false, '')::text as text
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname = 'public' and has_table_privilege(c.oid, 'select')`,
  )
  return rows.map(({ text }) => text).join('\n')
}

describe.skipIf(!isThere)('a torrent with the plug-in', () => {
  /** A peer at an address that nothing may connect to, beside the seeder. */
  const furtherPeers = Buffer.from([203, 0, 113, 77, 0x1a, 0xe1])

  test('is listened to in parts and found, by file and by magnet link, and no peer is stored or logged', async ({
    world,
  }) => {
    const copy = await longCopy()
    const seeder = await startSeeder(
      [
        { path: 'CD1/01 - Piece 1.mp3', bytes: copy },
        { path: 'CD1/02 - Stranger.wav', bytes: await readFile(await unknownPiece()) },
        { path: 'readme.txt', bytes: Buffer.from('Enjoy.') },
      ],
      { furtherPeers },
    )
    let logged = ''
    const written = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => ((logged += String(text)), true))
    vi.stubEnv('TEST_LOG', 'trace')
    const env = { FETCH_ALLOW_ADDRESSES: seeder.addresses.join(','), TORRENT_PLUGIN: 'on' }
    const pipeline = await startPipeline(world, { env })
    try {
      const { house } = pipeline
      const recordingId = await registeredPiece(pipeline, world.owner, 1)
      const byFile = await submitFile(house, world.owner, {
        fileName: 'pack.torrent',
        source: bytesOf(seeder.torrent),
      })
      expect(await ended(world, byFile.id)).toMatchObject({ stage: 'done', problem: null })
      expect((await tree(world, byFile.id)).toSorted()).toEqual([
        'pack.torrent › Sample Pack/CD1/01 - Piece 1.mp3: media, done',
        'pack.torrent › Sample Pack/CD1/02 - Stranger.wav: media, done',
        'pack.torrent › Sample Pack/readme.txt: listed, done',
      ])
      const [first] = await itemsIn(world, byFile.id)
      expect(first?.read).toMatchObject({ totalBytes: copy.length })
      expect(first?.read?.parts.length).toBeGreaterThanOrEqual(3)
      expect(first?.bytes).toBeLessThan(copy.length * 0.2)
      const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
      expect(cases).toMatchObject([{ recordingId, location: 'pack.torrent' }])

      const byLink = await submitUrl(house, world.owner, { url: seeder.magnet })
      expect(await ended(world, byLink.id)).toMatchObject({ stage: 'done', problem: null })
      expect(await tree(world, byLink.id)).toContain(
        'magnet link › Sample Pack/CD1/01 - Piece 1.mp3: media, done',
      )
    } finally {
      await pipeline.close()
      await seeder.close()
      written.mockRestore()
      vi.unstubAllEnvs()
    }
    expect(seeder.announced.filter((asked) => asked.includes('event=stopped'))).toHaveLength(2)
    const stored = await everythingStored(world)
    expect(stored).toContain('01 - Piece 1.mp3')
    expect(logged).toContain('unpacked')
    for (const text of [stored, logged])
      for (const peer of ['203.0.113.77', `127.0.0.1:${seeder.seederPort}`, `"port":${seeder.seederPort}`])
        expect(text.includes(peer)).toBe(false)
  })

  /** The plug-in by itself, allowed to connect to some addresses. */
  async function readerOf(allowAddresses: readonly string[]): Promise<TorrentReader> {
    const safeFetch = createSafeFetch({ ...fetchLimits, allowAddresses })
    const reader = await loadTorrentPlugin('on', { safeFetch, policy: createAddressPolicy(allowAddresses) })
    if (!reader) throw new Error('the plug-in was not loaded')
    return reader
  }

  /** Reads the first bytes of a seeder's only file. */
  async function firstBytes(seeder: Seeder, allowed: readonly string[], signal = never): Promise<Buffer> {
    const opened = (await readerOf(allowed)).open(seeder.torrent)
    try {
      return await opened.readPieces(0, { from: 10, to: 99_999 }, signal)
    } finally {
      await opened.close()
    }
  }

  test('gives bytes that are what the torrent says, and none of a peer that sends others', async () => {
    const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, index) => (index * 7) % 251))
    const seeder = await startSeeder(named(bytes))
    const spoiling = await startSeeder(named(bytes), { spoils: true })
    try {
      expect((await firstBytes(seeder, seeder.addresses)).equals(bytes.subarray(10, 100_000))).toBe(true)
      expect(seeder.sentBytes()).toBe(2 * 65_536)
      await expect(firstBytes(spoiling, spoiling.addresses)).rejects.toEqual(problem('fetch/unreachable'))
    } finally {
      await Promise.all([seeder.close(), spoiling.close()])
    }
  })

  test('connects to no peer that is not public, and asks no tracker that leads inwards', async () => {
    const seeder = await startSeeder(named(Buffer.alloc(100_000, 1)), { furtherPeers })
    const inwards = await startSeeder(named(Buffer.alloc(100_000, 2)), {
      trackerRedirect: `http://127.0.0.1:${seeder.seederPort}/`,
    })
    const sockets = countSockets()
    try {
      const [tracker = ''] = seeder.addresses
      await expect(firstBytes(seeder, [tracker])).rejects.toEqual(problem('fetch/unreachable'))
      // Only its tracker was asked, twice.
      expect([seeder.announced.length, seeder.connections(), sockets.count()]).toEqual([2, 0, 2])
      await expect(firstBytes(inwards, [inwards.addresses[0] ?? ''])).rejects.toEqual(
        problem('fetch/unreachable'),
      )
      expect([inwards.announced.length, seeder.connections(), sockets.count()]).toEqual([2, 0, 4])
    } finally {
      sockets.stop()
      await Promise.all([seeder.close(), inwards.close()])
    }
  })

  test('stops at once when it is told to, whatever a peer does', async () => {
    const seeder = await startSeeder(named(Buffer.alloc(100_000, 1)), { keepsSilent: true })
    try {
      const reading = firstBytes(seeder, seeder.addresses, AbortSignal.timeout(300))
      await expect(reading).rejects.toMatchObject({ name: 'TimeoutError' })
    } finally {
      await seeder.close()
    }
  })
})
