import { readdir } from 'node:fs/promises'

import { Problem } from '../../services/core/problem.ts'
import type { Opener } from '../../services/openers/opener.ts'
import { mutate } from '../../test/support/mutate.ts'
import type { OpeningFolder } from '../../test/support/opening.ts'

/** An opener, and files as they should be that it opens. */
export interface FuzzedOpener {
  readonly opener: Opener
  readonly seeds: readonly Buffer[]
}

/** One in so many files is as it should be. */
const WHOLE_EVERY = 50
/** Small enough that a file which unpacks to more than it should is soon broken off. */
const limits = { bytesMax: 32 * 2 ** 20, itemsMax: 200, timeoutMs: 5_000 }

/** A file that was changed in a few places, the same for the same number. */
export function spoiledFile({ seeds }: FuzzedOpener, number: number): Buffer {
  const seed = seeds[number % seeds.length] ?? Buffer.alloc(0)
  return number % WHOLE_EVERY === 0 ? seed : mutate(seed, number)
}

/** What came of opening one file. */
export interface FileOpened {
  readonly found: number
  readonly problem: string | undefined
}

/** Opens a file to its end. Whatever its bytes are, an opener throws nothing but a `Problem`, and leaves nothing behind. */
export async function openOnce(
  folder: OpeningFolder,
  { opener }: FuzzedOpener,
  bytes: Buffer,
): Promise<FileOpened> {
  let found = 0
  let problem: string | undefined
  try {
    const seen = await folder.open(opener, bytes, { limits })
    found = seen.found.length
    const types = new Set([seen.ended, ...seen.found.map((one) => one.problem)])
    if (types.has('open/too-slow')) problem = 'it takes too long'
    if (types.has('internal')) problem = 'it has an internal problem'
  } catch (error) {
    problem = error instanceof Problem ? undefined : `it threw ${String(error)}`
  }
  const left = await folder.files()
  return { found, problem: problem ?? (left.length > 0 ? `it left ${left.join()}` : undefined) }
}

/** Descriptors of this program that are open; undefined where the system does not tell. */
export async function openDescriptors(): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  return (await readdir('/proc/self/fd')).length
}
