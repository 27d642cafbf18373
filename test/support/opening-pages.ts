import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProblemType } from '../../services/core/problem.ts'
import { OpeningBudget, type OpeningLimits, openingLimits } from '../../services/openers/budget.ts'
import type { Found, Opener } from '../../services/openers/opener.ts'
import { typeOf } from './opening.ts'

export interface Opened {
  readonly found: readonly Found[]
  /** The problem that ended it. */
  readonly ended: ProblemType | undefined
}

export interface OpenOptions {
  /** Where the document is said to be from. */
  readonly url?: string
  readonly limits?: Partial<OpeningLimits>
  readonly signal?: AbortSignal
}

/** Has a document opened to its end, without reading the files in it. Whatever is no `Problem` is thrown. */
export async function openDocument(
  opener: Opener,
  document: string | Buffer,
  { url, limits, signal = new AbortController().signal }: OpenOptions = {},
): Promise<Opened> {
  const path = join(tmpdir(), `earwitness-page-${randomUUID()}`)
  const bytes = Buffer.from(document)
  await writeFile(path, bytes)
  const found: Found[] = []
  const budget = new OpeningBudget({ ...openingLimits, ...limits })
  try {
    for await (const one of opener({ name: 'sample', path, bytes: bytes.length, url }, budget, signal))
      found.push(one)
    return { found, ended: undefined }
  } catch (error) {
    signal.throwIfAborted()
    return { found, ended: typeOf(error) }
  } finally {
    await rm(path)
  }
}

function lineOf(found: Found): string {
  if (found.kind === 'link') return `${found.role} ${found.url} (${found.name})`
  if (found.kind === 'fault') return `fault ${found.problem.type} (${found.name})`
  if (found.kind === 'stream') return `stream of ${found.segments.length} (${found.name})`
  if (found.kind === 'file') return `file ${found.name}`
  const { name, bytes, durationMs } = found
  const facts = [
    bytes === undefined ? '' : ` ${bytes} B`,
    durationMs === undefined ? '' : ` ${durationMs} ms`,
  ]
  return `listed ${name}${facts.join('')}`
}

/** What was found as lines that can be read, and at the end what ended it. */
export async function linesOf(
  opener: Opener,
  document: string | Buffer,
  options?: OpenOptions,
): Promise<readonly string[]> {
  const { found, ended } = await openDocument(opener, document, options)
  return [...found.map(lineOf), ...(ended === undefined ? [] : [`ended ${ended}`])]
}
