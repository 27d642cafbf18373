import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { readManifest } from '../../services/leaks/manifest/open-manifest.ts'
import { type Figure, exactly, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import { inventDump, inventRecordings } from './generator.ts'
import { type ManifestEnding, writeManifest } from './manifest-files.ts'
import { DUMP_ROWS } from './sizes.ts'

const SEED = 31
const CATALOGUE = 2_000

/** What is measured; a packed file would mostly measure its decompressor, which is another process. */
const endings = ['.jsonl', '.csv', '.sqlite3', '.parquet'] as const satisfies readonly ManifestEnding[]

/** The same rows in each format, read as the service reads them: every row, every field that is kept. */
export async function readingFigures(
  folder: string,
  rows: number,
  onProgress: (share: number) => void,
): Promise<Figure[]> {
  const catalogue = [...inventRecordings(SEED, CATALOGUE)]
  const tracks = Array.from(inventDump({ seed: SEED, rows, catalogue }), ({ track }) => track)
  const figures: Figure[] = []
  for (const [number, ending] of endings.entries()) {
    const path = join(folder, `rows${ending}`)
    await writeManifest(path, tracks)
    onProgress((number + 0.5) / endings.length)
    const before = cpuMs()
    let read = 0
    for await (const batch of readManifest([path])) read += batch.rows.length
    const rate = read / ((cpuMs() - before) / 1e3)
    await rm(path)
    figures.push(
      plain(`${ending.slice(1)}: rows read, a CPU second`, rate, ''),
      exactly(`${ending.slice(1)}: rows read`, read, '', rows),
      plain(`${ending.slice(1)}: 256 M rows on one core`, DUMP_ROWS / rate / 60, 'min'),
    )
    onProgress((number + 1) / endings.length)
  }
  return figures
}
