import { appendFile, readFile, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import { SharedCatalogue, catalogueMemory } from '../../services/leaks/scan/catalogue-memory.ts'
import { loadDuckDb } from '../../services/leaks/scan/duckdb.ts'
import { planScan } from '../../services/leaks/scan/plan.ts'
import { RowMatcher, type ScanHit } from '../../services/leaks/scan/row-matcher.ts'
import { UnitScanner } from '../../services/leaks/scan/scan-unit.ts'
import { type ScanCatalogue, scanManifest } from '../../services/leaks/scan/scan.ts'
import { type Figure, atLeast, exactly, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import { inventDump, inventRecordings } from './generator.ts'
import { writeManifest } from './manifest-files.ts'
import { BY_IDENTIFIER_MIN } from './pass-figures.ts'
import { DUMP_ROWS, peakMemoryMb, sizeName } from './sizes.ts'

/** On one core, with a catalogue of a million. */
const WITH_NAMES_MIN = 100_000

const SEED = 51
/** Rows that are invented; a longer manifest has them again and again. */
const INVENTED_ROWS_MAX = 200_000
const TRIALS = 5
/** Rows of the catalogue in a dump: as many as a million recordings have among 256 million. */
const OF_CATALOGUE = 1 / 256

/** Manifests of the same rows, and what is to be found in them. */
interface Material {
  readonly catalogue: ScanCatalogue
  readonly lines: string
  readonly parquet: string
  readonly rows: number
  /** Rows with a code of the catalogue on its own song, of one time that all rows pass. */
  readonly byCode: number
  readonly times: number
}

/** Kinds of rows that have the code of the recording that they are of. */
const ofOwnCode = (track: DumpTrack, ours: ReadonlySet<string>): boolean =>
  track.external_id_isrc !== null && ours.has(track.external_id_isrc)

async function makeMaterial(folder: string, rows: number, recordings: number): Promise<Material> {
  const catalogue = [...inventRecordings(SEED, recordings)]
  const ours = new Set(catalogue.map(({ isrc }) => isrc))
  const invented = Math.min(rows, INVENTED_ROWS_MAX)
  const listed = catalogue.slice(0, Math.ceil(invented * OF_CATALOGUE))
  const dump = [...inventDump({ seed: SEED, rows: invented, catalogue: listed })]
  const tracks = dump.map(({ track }) => track)
  const paths = { lines: 'scanned.jsonl', parquet: 'scanned.parquet' }
  const at = (name: string): string => join(folder, name)
  await writeManifest(at(paths.lines), tracks)
  await writeManifest(at(paths.parquet), tracks)
  const times = Math.max(1, Math.round(rows / invented))
  const bytes = await readFile(at(paths.lines))
  for (let time = 1; time < times; time++) await appendFile(at(paths.lines), bytes)
  return {
    catalogue,
    lines: at(paths.lines),
    parquet: at(paths.parquet),
    rows: times * invented,
    byCode: dump.filter(({ kind, track }) => kind !== 'wrong-isrc' && ofOwnCode(track, ours)).length,
    times,
  }
}

interface Scanned {
  readonly rows: number
  readonly byCode: number
  /** Rows a CPU second, of some times the best, as other work can only disturb. */
  readonly rate: number
}

/** Lets a manifest pass in this thread, as each thread of a scan does with its share. */
async function scanHere(
  path: string,
  shared: SharedCatalogue,
  { names = false, hasDuckDb = false },
): Promise<Scanned> {
  const hits: ScanHit[] = []
  let byCode = 0
  const take = (some: readonly ScanHit[]): void => {
    for (const { by } of some) if (by === 'isrc') byCode += 1
  }
  const matcher = new RowMatcher(shared, names, (hit) => hits.push(hit))
  const scanner = new UnitScanner(matcher, hits, {}, (news) => take(news.hits))
  let [rows, bestMs] = [0, Number.POSITIVE_INFINITY]
  for (let trial = 0; trial < TRIALS; trial++) {
    ;[rows, byCode] = [0, 0]
    const { units } = await planScan([path], {}, { threads: 1, hasDuckDb }, (_, detail) => {
      throw new Error(detail)
    })
    const before = cpuMs()
    for await (const { unit } of units) {
      const news = await scanner.run(unit)
      rows += news.rows
      take(news.hits)
    }
    bestMs = Math.min(bestMs, cpuMs() - before)
  }
  return { rows, byCode, rate: rows / (bestMs / 1e3) }
}

/** A manifest in files passes a catalogue as `earwitness leak scan` lets it. */
export async function scanFigures(
  folder: string,
  { rows, recordings }: { readonly rows: number; readonly recordings: number },
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
): Promise<Figure[]> {
  const material = await makeMaterial(folder, rows, recordings)
  onProgress(0.2)
  const before = cpuMs()
  const shared = new SharedCatalogue(catalogueMemory(material.catalogue))
  const readyMs = cpuMs() - before
  const byCode = await scanHere(material.lines, shared, {})
  onProgress(0.4)
  const parquet = await scanHere(material.parquet, shared, {})
  const hasDuckDb = (await loadDuckDb()) !== undefined
  const byDuckDb = hasDuckDb ? await scanHere(material.parquet, shared, { hasDuckDb }) : undefined
  onProgress(0.6)
  const withNames = await scanHere(material.lines, shared, { names: true })
  onProgress(0.8)
  const threads = availableParallelism()
  const together = await scanManifest([material.lines], material.catalogue, { threads, signal })
  for (const path of [material.lines, material.parquet]) await rm(path)
  onProgress(1)
  const at = `scan, ${sizeName(recordings)}`
  const found = byCode.byCode + withNames.byCode + parquet.byCode + (byDuckDb?.byCode ?? parquet.byCode)
  return [
    exactly(`${at}: rows`, byCode.rows, '', material.rows),
    exactly(`${at}: rows of its codes found`, found, '', (2 * material.times + 2) * material.byCode),
    atLeast(`${at}: by identifier, rows a CPU second`, byCode.rate, '', BY_IDENTIFIER_MIN),
    atLeast(`${at}: with names, rows a CPU second`, withNames.rate, '', WITH_NAMES_MIN),
    plain(`${at}: Parquet, rows a CPU second`, parquet.rate, ''),
    ...(byDuckDb ? [plain(`${at}: Parquet by DuckDB, rows a CPU second`, byDuckDb.rate, '')] : []),
    plain(`${at}: 256 M rows with names on one core`, DUMP_ROWS / withNames.rate / 60, 'min'),
    plain(`${at}: 256 M rows of Parquet on one core`, DUMP_ROWS / parquet.rate / 60, 'min'),
    plain(`${at}: on ${threads} cores, rows a second`, together.rows / together.seconds, ''),
    plain(`${at}: its catalogue put into shared memory, CPU`, readyMs / 1e3, 's'),
    plain(`${at}: most memory so far`, peakMemoryMb(), 'MB'),
  ]
}
