import { basename } from 'node:path'

import { eachOf } from '../../bin/client/walk.ts'
import { FOLDER_OWNER } from '../../bin/engine/index-folder.ts'
import { createProgress } from '../../bin/progress.ts'
import type { Terminal } from '../../bin/terminal.ts'
import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { type ReferenceIndex, createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { readConfig } from '../../services/core/config.ts'
import { findFfmpeg } from '../../services/core/ffmpeg.ts'
import { inFolder, wholeNumber } from '../workplace.ts'
import { makeSet } from './attacks.ts'
import { readCorpus } from './corpus.ts'
import type { Mix } from './mixes.ts'
import type { Query, Relatives } from './recall.ts'

/** What is looked for where, and the truth about it. */
export interface Trial {
  readonly references: readonly { readonly id: string; readonly path: string }[]
  readonly queries: readonly Query[]
  readonly mixes?: readonly Mix[]
  readonly relatives?: Relatives
}

/** Each makes some two dozen files and takes about six seconds: a thousand are a long night's work. */
const PIECES_MAX = 1_000

/** As the options of a bench give it: a folder of real music, or how much is to be composed. */
export interface TrialOptions {
  readonly corpus?: string | undefined
  readonly pieces: string
  readonly strangers: string
}

/**
 * Does some work with the music that the options name; what is composed for it is removed afterwards.
 *
 * @throws {UsageError} for options that cannot be.
 */
export async function withTrial<T>(
  terminal: Terminal,
  options: TrialOptions,
  work: (trial: Trial) => Promise<T>,
): Promise<T> {
  if (options.corpus !== undefined) return work(await readCorpus(options.corpus))
  const pieces = wholeNumber('pieces', options.pieces, { min: 1, max: PIECES_MAX })
  const strangers = wholeNumber('strangers', options.strangers, { min: 0, max: PIECES_MAX })
  const ffmpeg = await findFfmpeg(readConfig(terminal.env))
  return inFolder(async (folder) => {
    const progress = createProgress(terminal, 'Composing', { unit: 'pieces' })
    const onProgress = (done: number, total: number): void => {
      terminal.signal.throwIfAborted()
      progress.show(done, total)
    }
    const set = await makeSet({ ffmpegPath: ffmpeg.path, folder, pieces, strangers, onProgress })
    progress.end()
    return work(set)
  })
}

/** An index of the references of a trial, owned by `FOLDER_OWNER`. */
export async function indexReferences(
  terminal: Terminal,
  pool: FingerprintPool,
  { references }: Trial,
): Promise<ReferenceIndex> {
  const index = createReferenceIndex()
  const progress = createProgress(terminal, 'Indexing', { unit: 'files' })
  await eachOf(references, pool.threads, async ({ id, path }) => {
    const { reference } = await pool.fingerprint(path, { signal: terminal.signal })
    index.add(id, FOLDER_OWNER, decodeFingerprint(reference))
    progress.show(index.size, references.length, basename(path))
  })
  progress.end()
  return index
}
