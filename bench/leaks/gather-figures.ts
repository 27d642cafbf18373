import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import { gatherManifest } from '../../services/leaks/gather/gather-manifest.ts'
import { type Figure, exactly, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import { writeManifest } from './manifest-files.ts'
import { DUMP_ROWS } from './sizes.ts'

/** A leak as the service holds it, and what making it took. */
export interface Gathered {
  readonly folder: string
  readonly rows: number
  readonly figures: readonly Figure[]
}

/** Writes a manifest and reads it into a folder, as the service does when it is told of one. */
export async function gatherFigures(
  parent: string,
  tracks: Iterable<DumpTrack>,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
): Promise<Gathered> {
  const path = join(parent, 'gathered.jsonl')
  const folder = join(parent, 'gathered')
  let written = 0
  function* counted() {
    for (const track of tracks) {
      written += 1
      yield track
    }
  }
  await writeManifest(path, counted())
  const { size } = await stat(path)
  const rssBefore = process.memoryUsage().rss
  let rss = rssBefore
  const startedAt = performance.now()
  const before = cpuMs()
  const result = await gatherManifest(
    { files: [path], mapping: {}, batch: 0, folder },
    {
      signal,
      onProgress({ share }) {
        rss = Math.max(rss, process.memoryUsage().rss)
        onProgress(share)
      },
    },
  )
  const [seconds, cpuSeconds] = [(performance.now() - startedAt) / 1e3, (cpuMs() - before) / 1e3]
  await rm(path)
  const rate = result.rows / cpuSeconds
  const figures = [
    exactly('gathered: rows', result.kept, '', written),
    plain('gathered: rows, a CPU second', rate, ''),
    plain('gathered: rows a second, by the clock', result.rows / seconds, ''),
    plain('gathered: 256 M rows on one core', DUMP_ROWS / rate / 3_600, 'h'),
    plain('gathered: memory while it is made, beyond before', (rss - rssBefore) / 1e6, 'MB'),
    plain('gathered: a row on disk', result.bytes / result.rows, 'bytes'),
    plain('gathered: a row in the manifest', size / result.rows, 'bytes'),
  ]
  return { folder, rows: result.rows, figures }
}
