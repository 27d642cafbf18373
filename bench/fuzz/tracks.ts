import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { tracksOpener } from '../../services/openers/tracks.ts'
import type { FuzzedOpener } from './opening.ts'

const run = promisify(execFile)
const words = (line: string): readonly string[] => line.split(' ')

/** Short: each file that is opened starts ffmpeg three times. */
const TWO_TRACKS = words('-f lavfi -i sine=440:d=0.3 -f lavfi -i sine=880:d=0.3 -map 0 -map 1 -ac 1 -ar 8000')
const AS = [
  ['mp4', '-c:a aac -metadata:s:a:1 language=deu'],
  ['mka', '-c:a flac -metadata:s:a:0 language=eng'],
  ['ts', '-c:a mp2 -ar 16000'],
] as const

/** The opener of containers with several tracks; such containers are made by the same ffmpeg. */
export async function trackOpeners(ffmpegPath: string): Promise<Readonly<Record<string, FuzzedOpener>>> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-tracks-'))
  try {
    const seeds: Buffer[] = []
    for (const [ending, options] of AS) {
      const path = join(folder, `tracks.${ending}`)
      await run(ffmpegPath, ['-v', 'error', ...TWO_TRACKS, ...words(options), path])
      seeds.push(await readFile(path))
    }
    return { tracks: { opener: tracksOpener(ffmpegPath), seeds } }
  } finally {
    await rm(folder, { recursive: true })
  }
}
