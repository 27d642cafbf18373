import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { inventDump, inventRecordings } from '../../bench/leaks/generator.ts'
import { writeManifest } from '../../bench/leaks/manifest-files.ts'
import { IsrcSet } from '../../services/leaks/isrc-set.ts'
import { IsrcScan } from '../../services/leaks/manifest/isrc-scan.ts'
import { loadDuckDb } from '../../services/leaks/scan/duckdb.ts'
import type { ScanHit } from '../../services/leaks/scan/row-matcher.ts'
import { type ScanOptions, scanManifest } from '../../services/leaks/scan/scan.ts'
import type { Names } from '../../services/metadata/compare/name-keys.ts'

const ROWS = 16_000
const recordings = [...inventRecordings(11, 400)]
const catalogue: Names[] = recordings.map(
  ({ title, version, artists, isrc, upc, releaseTitle, durationMs }) => ({
    title,
    version: version === '' ? undefined : version,
    artists,
    isrc,
    upc,
    releaseTitle,
    durationMs,
  }),
)
const dump = [...inventDump({ seed: 11, rows: ROWS, catalogue: recordings })]
const tracks = dump.map(({ track }) => track)

/** Rows with a recording's own code: `recording row`, from 1, the wrong ones apart. */
const byCode = new Map(recordings.map(({ isrc }, number) => [isrc, number]))
const withCode = dump.flatMap(({ kind, track }, at) => {
  const recording = byCode.get(track.external_id_isrc ?? '')
  return recording === undefined ? [] : [{ kind, recording, row: at + 1 }]
})
const rightly = withCode.flatMap(({ kind, recording, row }) =>
  kind === 'wrong-isrc' ? [] : [`${recording} ${row}`],
)
const byNames = dump.flatMap(({ kind, of }, at) => (kind === 'name-only' ? [`${of} ${at + 1}`] : []))

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'earwitness-scan-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function scan(files: readonly string[], options: ScanOptions = {}) {
  const hits: ScanHit[] = []
  const result = await scanManifest(files, catalogue, {
    threads: 2,
    ...options,
    onHit: (hit) => hits.push(hit),
  })
  const placesOf = (by: ScanHit['by']): string[] =>
    hits
      .filter((hit) => hit.by === by)
      .toSorted((a, b) => a.row.locator.part - b.row.locator.part || a.row.locator.row - b.row.locator.row)
      .map(({ recording, row }) => `${recording} ${row.locator.row}`)
  return { result, hits, byIsrc: placesOf('isrc'), named: placesOf('names') }
}

/** How many of the right places were found, and how many of those found are right. */
function measure(found: readonly string[], right: readonly string[]): { recall: number; precision: number } {
  const common = found.filter((place) => right.includes(place)).length
  return { recall: common / right.length, precision: common / found.length }
}

describe('lines without a code', () => {
  test('are given in their order, however the bytes come, and with a code in any spelling they are not', () => {
    const [ours, other] = ['AA6Q70000001', 'AA6Q70000002']
    const lines = [
      '{"name":"first"}',
      `{"isrc":"${other}","x":{"isrc":"${ours}"}}`,
      '{"isrc":null}',
      '',
      `{"isrc":"AA-6Q7-00-00001"}`,
      `{"isrc":"${other}","x":{"isrc":"${other}"}}`,
      '{"isrc":"nothing that is a code"}',
      '{"name":"last"}',
    ]
    const codes = new IsrcSet(1)
    codes.add(ours, 0)
    for (const ending of ['', '\n'])
      for (let size = 1; size < 90; size += 4) {
        const [hits, nameless]: [number[], number[]] = [[], []]
        const scanner = new IsrcScan(
          codes,
          1_000,
          ({ row }) => hits.push(row),
          ({ row }) => nameless.push(row),
        )
        const bytes = Buffer.from(lines.join('\n') + ending)
        for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
        scanner.end()
        expect([hits, nameless, scanner.rows], `pieces of ${size}`).toEqual([[2, 5], [1, 3, 7, 8], 8])
      }
  })
})

describe('a scan of a manifest', () => {
  test.for(['.jsonl', '.jsonl.zst', '.container.jsonl', '.csv', '.parquet', '.sqlite3'] as const)(
    'as %s finds every row with a code of the catalogue, but on other songs',
    async (ending) => {
      const path = join(folder, `dump${ending}`)
      await writeManifest(path, tracks)
      const shares: number[] = []
      // Only lines and row groups are shared out.
      const threads = /jsonl|parquet/.test(ending) ? 2 : 1
      const { result, byIsrc } = await scan([path], {
        threads,
        onProgress: ({ share }) => shares.push(share),
      })
      expect(result).toMatchObject({ rows: ROWS, faults: 0, broken: [], threads })
      expect(result.contradicted).toBeGreaterThanOrEqual(0.98 * (withCode.length - rightly.length))
      const { recall, precision } = measure(byIsrc, rightly)
      expect(precision).toBeGreaterThan(0.99)
      expect(recall).toBeGreaterThan(0.99)
      expect(shares.at(-1)).toBeCloseTo(1)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    },
  )

  test('with names finds rows without a code, and is the same on one thread', async () => {
    const path = join(folder, 'names.jsonl')
    await writeManifest(path, tracks)
    const one = await scan([path], { names: true, threads: 1 })
    const { recall, precision } = measure(one.named, byNames)
    expect([recall > 0.95, precision > 0.99], `${recall} ${precision}`).toEqual([true, true])
    const other = await scan([path], { names: true })
    expect(other.byIsrc).toEqual(one.byIsrc)
    expect(other.named).toEqual(one.named)
  })

  test('of Parquet is the same with DuckDB and without', async ({ skip }) => {
    skip(!(await loadDuckDb()), '@duckdb/node-api is not installed')
    const path = join(folder, 'both.parquet')
    await writeManifest(path, tracks)
    const [by, without] = [
      await scan([path], { names: true }),
      await scan([path], { names: true, duckDb: false }),
    ]
    expect(by.result.rows).toBe(ROWS)
    expect(by.byIsrc.toSorted()).toEqual(without.byIsrc.toSorted())
    expect(by.named.toSorted()).toEqual(without.named.toSorted())
    const cut = join(folder, 'cut.parquet')
    await writeFile(cut, (await readFile(path)).subarray(0, 50_000))
    for (const duckDb of [true, false])
      expect((await scan([cut], { duckDb })).result.broken).toMatchObject([{ part: 0 }])
  })

  test('of several files tells which a row is in, and reads what is whole of a broken one', async () => {
    const half = tracks.slice(0, 10_000)
    const [plain, packed, cut] = ['a.jsonl', 'b.jsonl.gz', 'c.jsonl.gz'].map((name) =>
      join(folder, name),
    ) as [string, string, string]
    await writeManifest(plain, half)
    const bytes = gzipSync(await readFile(plain))
    for (const path of [packed, cut]) await writeFile(path, bytes)
    await truncate(cut, Math.floor(bytes.length / 2))
    // With as many packed files as threads each thread takes one; with more threads their lines are shared out.
    for (const threads of [1, 3]) {
      const { result, hits } = await scan([plain, packed, cut], { threads })
      expect(result.broken).toEqual([{ part: 2, detail: expect.stringContaining('cut off') }])
      const rowsOf = (part: number) =>
        hits
          .flatMap(({ row }) => (row.locator.part === part ? [row.locator.row] : []))
          .toSorted((a, b) => a - b)
      expect(rowsOf(0)).toEqual(rowsOf(1))
      expect(rowsOf(2)).toEqual(rowsOf(0).slice(0, rowsOf(2).length))
      expect(rowsOf(2).length).toBeGreaterThan(0.3 * rowsOf(0).length)
      expect(result.rows).toBeGreaterThan(24_000)
    }
  })

  test('says what it cannot read, and reads codes under other headings', async () => {
    const isrc = catalogue[0]?.isrc ?? ''
    const lines = [
      `{"meta":{"isrc":"${isrc}"},"name":"x"}`,
      `not json "isrc":"${isrc}"`,
      `{"isrc":"${isrc.slice(0, 2)}-${isrc.slice(2, 5)}-${isrc.slice(5, 7)}-${isrc.slice(7)}"}`,
      `{"isrc":"${isrc}","name":"x`,
    ]
    const path = join(folder, 'odd.jsonl')
    await writeFile(path, `\uFEFF${lines.join('\r\n')}`)
    const { result, byIsrc } = await scan([path])
    expect(byIsrc).toEqual(['0 3'])
    expect(result).toMatchObject({ rows: 4, faults: 3 })
    expect(result.faultSample.map(({ locator }) => locator.row)).toEqual([1, 2, 4])
    const mapped = join(folder, 'mapped.jsonl')
    const title = catalogue[0]?.title ?? ''
    await writeFile(mapped, `{"code":"${isrc}","name":${JSON.stringify(title)}}\n`)
    expect((await scan([mapped], { mapping: { isrc: 'code' } })).byIsrc).toEqual(['0 1'])
    const long = join(folder, 'long.jsonl.gz')
    const longLine = `{"isrc":"${isrc}","x":"${'y'.repeat(24_000_000)}"}`
    await writeFile(long, gzipSync(`${lines[2]}\n${longLine}\n${lines[2]}\n`, { level: 1 }))
    expect((await scan([long])).byIsrc).toEqual(['0 1', '0 3'])
    await expect(scan([join(folder, 'none.jsonl')])).rejects.toMatchObject({ code: 'ENOENT' })
    await writeFile(join(folder, 'empty'), '')
    await expect(scan([join(folder, 'empty')])).rejects.toMatchObject({ type: 'file/empty' })
  })

  test('stops at once when it is told', async () => {
    const path = join(folder, 'stopped.jsonl')
    await writeManifest(path, tracks)
    const stop = new AbortController()
    const onProgress = (): void => stop.abort(new Error('stopped'))
    await expect(
      scan(
        Array.from({ length: 20 }, () => path),
        { signal: stop.signal, onProgress },
      ),
    ).rejects.toThrow('stopped')
  })
})
