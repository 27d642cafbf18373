import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Problem, type ProblemType } from '../../services/core/problem.ts'
import { OpeningBudget, type OpeningLimits, openingLimits } from '../../services/openers/budget.ts'
import type { Found, Opener } from '../../services/openers/opener.ts'

/** What was found, with what was in it, or what was wrong. */
export interface SeenFound {
  readonly kind: Found['kind']
  readonly name: string
  readonly bytes?: Buffer
  readonly problem?: ProblemType
}

/** All that an opener told. */
export interface Seen {
  readonly found: readonly SeenFound[]
  /** The problem that ended it. */
  readonly ended: ProblemType | undefined
}

/** A folder for files that are opened. */
export interface OpeningFolder {
  readonly path: string
  /** Writes a file and has it opened to its end. Whatever is no `Problem` is thrown. */
  open(opener: Opener, bytes: Buffer, options?: OpenOptions): Promise<Seen>
  /** Names of what lies in the folder. */
  files(): Promise<readonly string[]>
  remove(): Promise<void>
}

export interface OpenOptions {
  readonly name?: string
  readonly limits?: Partial<OpeningLimits>
  readonly signal?: AbortSignal
  /** Whether what is found is read; else always. */
  readonly reads?: (name: string) => boolean
}

/** The problem's type. @throws what is none. */
export function typeOf(error: unknown): ProblemType {
  if (error instanceof Problem) return error.type
  throw error
}

async function seen(found: Found, reads: OpenOptions['reads']): Promise<SeenFound> {
  const { kind, name } = found
  if (kind === 'fault') return { kind, name, problem: found.problem.type }
  if (kind !== 'file' || reads?.(name) === false) return { kind, name }
  const parts: Uint8Array[] = []
  try {
    for await (const part of found.read()) parts.push(part)
    return { kind, name, bytes: Buffer.concat(parts) }
  } catch (error) {
    return { kind, name, bytes: Buffer.concat(parts), problem: typeOf(error) }
  }
}

/** Has a file on disk opened to its end. */
export async function openPath(
  opener: Opener,
  path: string,
  bytes: number,
  { name = 'sample', limits, signal = new AbortController().signal, reads }: OpenOptions = {},
): Promise<Seen> {
  const found: SeenFound[] = []
  const budget = new OpeningBudget({ ...openingLimits, ...limits })
  try {
    for await (const one of opener({ name, path, bytes }, budget, signal)) found.push(await seen(one, reads))
    return { found, ended: undefined }
  } catch (error) {
    signal.throwIfAborted()
    return { found, ended: typeOf(error) }
  }
}

/** Makes a folder of its own for one test or bench. */
export async function openingFolder(): Promise<OpeningFolder> {
  const path = await mkdtemp(join(tmpdir(), 'earwitness-opening-'))
  return {
    path,
    async open(opener, bytes, options) {
      const file = join(path, randomUUID())
      await writeFile(file, bytes)
      try {
        return await openPath(opener, file, bytes.length, options)
      } finally {
        await rm(file)
      }
    },
    files: () => readdir(path),
    remove: () => rm(path, { recursive: true, force: true }),
  }
}
