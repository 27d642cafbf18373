import { availableParallelism } from 'node:os'

import { type FingerprintPool, createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { readConfig } from '../../services/core/config.ts'
import { findFfmpeg } from '../../services/core/ffmpeg.ts'
import { type Terminal, UsageError } from '../terminal.ts'

/** More threads than any machine has; a larger number is a slip of the finger. */
const THREADS_MAX = 256

/** `--threads` as a number. @throws {UsageError} */
export function threadsOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const threads = Number(given)
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX)
    throw new UsageError(`--threads ${given}: give a whole number from 1 to ${THREADS_MAX}`)
  return threads
}

/** Fingerprinting on this machine, on all cores unless the command line or the environment says otherwise. */
export async function openLocalPool(terminal: Terminal, threads?: number): Promise<FingerprintPool> {
  const config = readConfig(terminal.env)
  const ffmpeg = await findFfmpeg(config)
  return createFingerprintPool({
    ffmpegPath: ffmpeg.path,
    threads: threads ?? config.FINGERPRINT_THREADS ?? availableParallelism(),
    durationMaxMs: 1000 * config.AUDIO_DURATION_MAX_S,
  })
}
