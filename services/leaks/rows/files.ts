import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { FileMark } from './append-file.ts'

/*
 * The rows of a manifest beside its index: `rows.blocks` has blocks of up to 1,024 rows, JSON lines deflated;
 * `rows.directory` three words of 32 bits for each: its rows, its bytes and their CRC-32; `rows.nameless` the numbers of
 * the rows that names alone can tell of, ascending. `rows.json` is the head, written last.
 */

/** Enough for compression to pay, few enough that one row is read in a millisecond. */
export const BLOCK_ROWS = 1_024
/** A block ends before it has more than this and a line: rows of a stranger may be forty times as long as usual. */
export const BLOCK_CHARACTERS_MAX = 2 ** 22
/** Words of 32 bits that the directory has of a block. */
export const ENTRY_WORDS = 3
/** Numbers of rows are 32-bit words. */
export const ROWS_MAX = 2 ** 32 - 1

const HEAD_FILE = 'rows.json'
export const rowFiles = {
  blocks: 'rows.blocks',
  directory: 'rows.directory',
  nameless: 'rows.nameless',
} as const
export type RowFile = keyof typeof rowFiles
/** All files of a row store, so that they can be moved. */
export const rowFileNames: readonly string[] = [...Object.values(rowFiles), HEAD_FILE]

const count = z.int().min(0).max(ROWS_MAX)

/** How far a row store was written; it goes on from there. */
export const RowStoreMark = z.object({
  rows: count,
  nameless: count,
  files: z.object({ blocks: FileMark, directory: FileMark, nameless: FileMark }),
})
export type RowStoreMark = z.infer<typeof RowStoreMark>

const Head = RowStoreMark.extend({
  format: z.literal('earwitness-leak-rows'),
  version: z.literal(1),
})

export const headFile = (folder: string): string => join(folder, HEAD_FILE)
export const headText = (mark: RowStoreMark): string =>
  JSON.stringify({ format: 'earwitness-leak-rows', version: 1, ...mark } satisfies z.input<typeof Head>)

/** A file of a row store is not the one that was written. */
export const damagedRows = (cause?: unknown): Problem =>
  new Problem('index/damaged', 'The rows of a leak cannot be read; import its manifest again', { cause })

/** @throws {Problem} index/damaged when there is none that can be read. */
export async function readRowsHead(folder: string): Promise<RowStoreMark> {
  try {
    return Head.parse(JSON.parse(await readFile(headFile(folder), 'utf8')))
  } catch (error) {
    throw damagedRows(error)
  }
}
