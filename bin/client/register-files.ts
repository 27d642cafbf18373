import { basename } from 'node:path'

import { encodeCover } from '../../services/artwork/cover.ts'
import { embeddedCover } from '../../services/artwork/embedded-cover.ts'
import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { Problem } from '../../services/core/problem.ts'
import { createProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import { type Client, openClient } from './api-client.ts'
import type { Connection } from './connection.ts'
import { type Known, describeFile } from './describe.ts'
import { endsTheRun, failureText } from './failure.ts'
import { type Journal, openJournal } from './journal.ts'
import { openLocalPool } from './local-pool.ts'
import { type FoundFile, eachOf } from './walk.ts'

/** What became of one file: it is registered (now or before), or it says why not. */
export type RegisterOutcome =
  | {
      readonly file: string
      /** `recognised`: the service knew it; `passed over`: our journal did. */
      readonly state: 'registered' | 'recognised' | 'passed over'
      readonly id: string
      readonly warnings: readonly string[]
    }
  | { readonly file: string; readonly state: 'failed'; readonly problem: string }

export interface RegisterOptions {
  readonly known: Known
  /** Files at once; one for each core when not given. */
  readonly threads?: number | undefined
  /** Takes no notice of what the journal says was done before. */
  readonly again: boolean
}

interface Tools {
  readonly terminal: Terminal
  readonly client: Client
  readonly journal: Journal
  readonly pool: FingerprintPool
}

/** The hashes of the cover in a file's tags in base64. What is wrong with a picture is a remark, and no reason to stop. */
async function coverIn(path: string): Promise<{ cover?: string | undefined; warnings: readonly string[] }> {
  try {
    const hashes = await embeddedCover(path)
    return { cover: hashes && Buffer.from(encodeCover(hashes)).toString('base64'), warnings: [] }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { warnings: [`its cover is left out: ${error.message}`] }
  }
}

async function registerOne(
  { terminal, client, journal, pool }: Tools,
  file: FoundFile,
  { known, again }: RegisterOptions,
  onProgress: (share: number) => void,
): Promise<RegisterOutcome> {
  const before = again ? undefined : journal.find(file, known)
  if (before !== undefined) return { file: file.path, state: 'passed over', id: before, warnings: [] }
  const { recording, warnings } = await describeFile(file.path, known)
  const { reference, sketch } = await pool.fingerprint(file.path, { signal: terminal.signal, onProgress })
  const covered = await coverIn(file.path)
  const { id, created } = await client.register(
    recording,
    Buffer.from(reference).toString('base64'),
    sketch && Buffer.from(sketch).toString('base64'),
    covered.cover,
  )
  await journal.add(file, known, id)
  return {
    file: file.path,
    state: created ? 'registered' : 'recognised',
    id,
    warnings: [...warnings, ...covered.warnings],
  }
}

/**
 * Registers files by fingerprints made here, several at a time, with a progress bar. A file that fails does
 * not keep the others; a service that is away or refuses the key ends the run, to be taken up again later.
 *
 * @returns what became of each, in the order of `files`.
 * @throws {ServerProblem | ServerUnreachable} and the reason of the terminal's signal.
 */
export async function registerFiles(
  terminal: Terminal,
  connection: Connection,
  files: readonly FoundFile[],
  options: RegisterOptions,
): Promise<readonly RegisterOutcome[]> {
  const client = openClient(connection, terminal.signal)
  const journal = await openJournal(terminal.env, (await client.account()).id)
  try {
    const pool = await openLocalPool(terminal, options.threads)
    try {
      return await registerAll({ terminal, client, journal, pool }, files, options)
    } finally {
      await pool.close()
    }
  } finally {
    await journal.close()
  }
}

async function registerAll(
  tools: Tools,
  files: readonly FoundFile[],
  options: RegisterOptions,
): Promise<readonly RegisterOutcome[]> {
  const { terminal, pool } = tools
  const outcomes: RegisterOutcome[] = []
  const progress = createProgress(terminal, 'Registering', { unit: 'files' })
  const begun = new Map<string, number>()
  let [done, failed] = [0, 0]
  const show = (path: string): void => {
    const parts = [...begun.values()].reduce((sum, share) => sum + share, 0)
    const note = failed > 0 ? `${failed} failed  ${basename(path)}` : basename(path)
    progress.show(done + parts, files.length, note)
  }
  try {
    // One more than there are threads, so that none waits while the service is being asked.
    await eachOf(files, pool.threads + 1, async (file, index) => {
      terminal.signal.throwIfAborted()
      const outcome = await registerOne(tools, file, options, (share) => {
        begun.set(file.path, share)
        show(file.path)
      }).catch((error: unknown): RegisterOutcome => {
        const problem = failureText(error)
        if (terminal.signal.aborted || endsTheRun(error) || problem === undefined) throw error
        return { file: file.path, state: 'failed', problem }
      })
      begun.delete(file.path)
      done += 1
      failed += 'problem' in outcome ? 1 : 0
      outcomes[index] = outcome
      show(file.path)
    })
    return outcomes
  } finally {
    progress.end()
  }
}
