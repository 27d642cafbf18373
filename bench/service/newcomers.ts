import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { compose } from '../../bin/demo/compose.ts'
import { runFfmpeg } from '../../bin/demo/ffmpeg.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import type { Original } from './leaks.ts'

/** A recording that is registered while the service runs, and a copy that is handed in at once. */
export interface Newcomer extends Original {
  readonly path: string
  readonly name: string
}

/** Long enough to be found beyond doubt; fingerprinting the copy is part of what is measured. */
const PIECE_SECONDS = 30
/** Far from the numbers of all other pieces. */
const FIRST_NUMBER = 3_001
const CODEC = ['-c:a', 'libmp3lame', '-b:a', '128k', '-ac', '2']

/** Composes recordings, fingerprints them and encodes a copy of each. */
export async function makeNewcomers(
  ffmpegPath: string,
  folder: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly Newcomer[]> {
  const pool = createFingerprintPool({ threads: 1, ffmpegPath })
  const newcomers: Newcomer[] = []
  try {
    for (let number = FIRST_NUMBER; number < FIRST_NUMBER + count; number++) {
      const piece = compose(number, { seconds: PIECE_SECONDS })
      const wav = join(folder, `newcomer-${number}.wav`)
      const name = `newcomer-${number}.mp3`
      const path = join(folder, name)
      await writeWav(wav, piece)
      const { reference } = await pool.fingerprint(wav, { signal })
      await runFfmpeg({ ffmpegPath, what: name, args: ['-i', `file:${wav}`, ...CODEC, `file:${path}`] })
      await rm(wav)
      const { title, artists, isrc } = piece
      const recording = { title, artists: [...artists], isrc }
      newcomers.push({ recording, fingerprint: reference, path, name })
    }
  } finally {
    await pool.close()
  }
  return newcomers
}
