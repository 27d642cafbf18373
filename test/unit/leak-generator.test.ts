import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Decompress } from 'fzstd'
import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  type InventedRow,
  type RowKind,
  inventDump,
  inventRecordings,
  rowKinds,
} from '../../bench/leaks/generator.ts'
import { ARTISTS_JOIN, manifestEndings, writeManifest } from '../../bench/leaks/manifest-files.ts'
import { PackedKeys } from '../../bench/leaks/packed-keys.ts'
import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import type { ManifestRow } from '../../services/leaks/manifest-row.ts'
import { readManifest } from '../../services/leaks/manifest/open-manifest.ts'
import { PAYLOAD_BITS, packIsrc, unpackIsrc } from '../../services/leaks/packed/word.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'earwitness-leak-generator-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const catalogue = [...inventRecordings(3, 2_000)]
const ROWS = 6_000
const dump = (seed: number, rows = ROWS): InventedRow[] => [...inventDump({ seed, rows, catalogue })]
const tracks = dump(3).map(({ track }) => track)

async function readBack(path: string): Promise<ManifestRow[]> {
  const rows: ManifestRow[] = []
  for await (const batch of readManifest([path])) {
    expect(batch.faults).toEqual([])
    rows.push(...batch.rows)
  }
  return rows
}

const statusOf: Readonly<Record<string, string>> = {
  success: 'audio',
  skipped_isrc_has_download: 'sibling',
  error_has_replacement: 'sibling',
  skipped_low_priority: 'planned',
  error_not_available: 'failed',
}

/** What is to be read of a track; lists in one cell are one text. */
const wanted = (track: DumpTrack, row: number, artistsJoined: boolean) => ({
  locator: { row, part: 0 },
  isrc: track.external_id_isrc ?? undefined,
  upc: track.external_id_upc ?? undefined,
  trackId: track.track_id,
  alternatives: track.alternatives ?? [],
  title: track.name,
  artists: artistsJoined
    ? [track.artists.map(({ name }) => name).join(ARTISTS_JOIN)]
    : track.artists.map(({ name }) => name),
  album: track.album_name ?? undefined,
  durationMs: track.duration_ms ?? undefined,
  popularity: track.popularity,
  status: track.status === undefined ? 'metadata' : statusOf[track.status],
  codec: track.status !== 'success' ? 'unknown' : track.popularity === 0 ? 'opus-75' : 'vorbis-160',
  takenAtMs: track.fetched_at,
  sha256: [track.sha256_with_embedded_meta, track.sha256_original].filter((hash) => hash !== undefined),
  fileName: undefined,
  address: undefined,
})

test('the same seed gives the same bytes, another one others', async () => {
  const digestOf = async (seed: number): Promise<string> => {
    const path = join(folder, `${seed}.jsonl.zst`)
    await writeManifest(
      path,
      dump(seed, 1_000).map(({ track }) => track),
    )
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  const first = await digestOf(5)
  expect(await digestOf(5)).toBe(first)
  expect(await digestOf(6)).not.toBe(first)
})

test('every kind occurs in its share, and just as many rows as were asked for', () => {
  const many = dump(4, 40_000)
  expect(many).toHaveLength(40_000)
  const shareOf = (kind: RowKind): number => many.filter((row) => row.kind === kind).length / many.length
  expect(rowKinds.filter((kind) => shareOf(kind) === 0)).toEqual([])
  expect(shareOf('stranger')).toBeGreaterThan(0.95)
  expect(shareOf('stranger')).toBeLessThan(0.97)
  // Of what is of the catalogue: pairs have two rows.
  const drawn = { identifier: 0.45, sibling: 0.15, alternative: 0.1, 'name-only': 0.2, 'wrong-isrc': 0.1 }
  const ours = new Map(many.flatMap(({ kind, of }) => (of === undefined ? [] : [[of, kind]])))
  for (const [kind, share] of Object.entries(drawn)) {
    const found = [...ours.values()].filter((one) => one === kind).length / ours.size
    expect(Math.abs(found - share), kind).toBeLessThan(0.04)
  }
})

test('truth is true: whose row has which code, names and audio', () => {
  const byOf = new Map<number, InventedRow[]>()
  for (const row of dump(4, 40_000))
    if (row.of !== undefined) byOf.set(row.of, [...(byOf.get(row.of) ?? []), row])
  for (const [of, rows] of byOf) {
    const { isrc, title } = catalogue[of] ?? expect.fail('no such recording')
    const codes = rows.map(({ track }) => track.external_id_isrc)
    const { kind, hasAudio } = rows[0] ?? expect.fail('no row')
    expect(codes[0]).toBe(kind === 'name-only' ? null : isrc)
    expect(hasAudio).toBe(
      rows.some(({ track }) => track.status === 'success' || track.status === 'skipped_isrc_has_download'),
    )
    if (kind === 'sibling') expect(codes[1]).toBe(isrc)
    if (kind === 'alternative') {
      expect(codes[1]).not.toBe(isrc)
      expect(rows[0]?.track.alternatives).toEqual([rows[1]?.track.track_id])
    }
    if (kind === 'wrong-isrc') expect(rows[0]?.track.name.startsWith(title)).toBe(false)
  }
  expect(byOf.size).toBeGreaterThan(900)
})

test('a small catalogue is spread over all rows', () => {
  const places = [...inventDump({ seed: 3, rows: 10_000, catalogue: catalogue.slice(0, 40) })].flatMap(
    ({ of }, row) => (of === undefined ? [] : [row]),
  )
  expect(places.length).toBeGreaterThan(20)
  expect(places.at(-1)).toBeGreaterThan(7_000)
})

test.for(manifestEndings)('what is written as %s is read back, and no owner is', async (ending) => {
  const path = join(folder, `dump${ending}`)
  await writeManifest(path, tracks)
  const rows = await readBack(path)
  expect(rows).toHaveLength(ROWS)
  const isTable = ending === '.csv' || ending === '.parquet'
  for (const [at, track] of tracks.entries()) expect(rows[at]).toEqual(wanted(track, at + 1, isTable))
  expect(JSON.stringify(rows)).not.toMatch(/owner|person \d|added|id-\d/)
  expect((await readFile(path)).includes('person 1')).toBe(true)
})

test('a zstd frame that was made without a compressor is one to other readers, too', async () => {
  const path = join(folder, 'stored.jsonl.zst')
  await writeManifest(path, tracks, 'zstd-stored')
  expect(await readBack(path)).toHaveLength(ROWS)
  const pieces: Uint8Array[] = []
  const decompress = new Decompress((piece) => pieces.push(piece.slice()))
  decompress.push(await readFile(path), true)
  expect(Buffer.concat(pieces).toString()).toBe(
    `${tracks.map((track) => JSON.stringify(track)).join('\n')}\n`,
  )
})

test('packed keys are those of ISRCs, each once, and are found by their texts', () => {
  const count = 150_000
  const keys = new PackedKeys(count)
  const [high, low] = [new Uint32Array(100_000), new Uint32Array(100_000)]
  const seen = new Set<string>()
  for (let filled = keys.fill(high, low); filled > 0; filled = keys.fill(high, low))
    for (let i = 0; i < filled; i++)
      seen.add(unpackIsrc({ high: high[i] ?? 0, low: ((low[i] ?? 0) >>> PAYLOAD_BITS) << PAYLOAD_BITS }))
  expect(seen.size).toBe(count)
  const { isrcs, present } = keys.some(2_000, 'test')
  expect(isrcs.every((isrc) => packIsrc(isrc) !== undefined)).toBe(true)
  expect(isrcs.filter((isrc) => seen.has(isrc))).toHaveLength(present)
})
