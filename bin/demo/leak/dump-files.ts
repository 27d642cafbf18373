import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createProgress } from '../../progress.ts'
import type { Terminal } from '../../terminal.ts'
import type { DemoTrack } from '../music-source.ts'
import { DumpDatabase } from './dump-database.ts'
import { inventLeak } from './dump-rows.ts'
import { writeLines } from './line-file.ts'

/** Share of the rows, from the first on, that are written as a database as well. */
const DATABASE_SHARE = 1 / 20
const SHOW_EVERY = 10_000

/** Manifests of one invented leak. */
export interface LeakFiles {
  readonly lines: string
  readonly database: string
  /** In the first of them. */
  readonly rows: number
}

/** What a run before has left is taken when it was made whole, of the same recordings. */
const isMade = async (label: string, wanted: string): Promise<boolean> =>
  (await readFile(label, 'utf8').catch(() => '')) === wanted

/**
 * Invents a leak in which some of the recordings are, and writes it as JSON lines in zstd, and its beginning as SQLite.
 * A million rows take some ten seconds, and 400 MB where this Node has no zstd.
 */
export async function makeLeakFiles(
  terminal: Terminal,
  folder: string,
  { tracks, rows }: { readonly tracks: readonly DemoTrack[]; readonly rows: number },
): Promise<LeakFiles> {
  await mkdir(folder, { recursive: true })
  const files = { lines: join(folder, 'tracks.jsonl.zst'), database: join(folder, 'tracks.sqlite3'), rows }
  const label = join(folder, 'leak.json')
  const wanted = JSON.stringify({ rows, tracks: tracks.map(({ recording }) => recording) })
  if (await isMade(label, wanted)) return files
  for (const path of [files.database, label]) await rm(path, { force: true })
  const database = new DumpDatabase(files.database)
  const progress = createProgress(terminal, 'Inventing a leak', { unit: 'rows' })
  function* lines(): Generator<string> {
    let row = 0
    for (const track of inventLeak(tracks, rows)) {
      if (row < rows * DATABASE_SHARE) database.add(track)
      row += 1
      if (row % SHOW_EVERY === 0) progress.show(row, rows)
      yield JSON.stringify(track)
    }
  }
  try {
    await writeLines(files.lines, lines(), { packing: 'zstd', signal: terminal.signal })
  } finally {
    database.close()
    progress.end()
  }
  await writeFile(`${label}.part`, wanted)
  await rename(`${label}.part`, label)
  return files
}
