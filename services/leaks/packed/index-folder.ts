import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { readColumn } from './column-files.ts'
import { SortedKeys } from './sorted-keys.ts'
import { HASH_PAYLOAD_BITS, PAYLOAD_BITS } from './word.ts'

/** What an index has keys of. */
export const keyKinds = ['isrc', 'upc', 'hash'] as const
export type KeyKind = (typeof keyKinds)[number]

export const payloadBitsOf: Readonly<Record<KeyKind, number>> = {
  isrc: PAYLOAD_BITS,
  upc: PAYLOAD_BITS,
  hash: HASH_PAYLOAD_BITS,
}

export const INDEX_VERSION = 1
/** Positions are 32-bit numbers with a sign. */
export const RECORDS_MAX = 2 ** 31 - 1

const Keys = z.object({
  count: z.int().min(0).max(RECORDS_MAX),
  /** CRC-32 of each column. */
  high: z.int().min(0),
  low: z.int().min(0),
  rows: z.int().min(0),
})

/** The head of an index folder, in `index.json`; it is written last. */
export const IndexHead = z.object({
  format: z.literal('earwitness-leak-index'),
  version: z.literal(INDEX_VERSION),
  madeAt: z.iso.datetime(),
  /** Rows that were added, those without any key among them. */
  rows: z.int().min(0),
  keys: z.object({ isrc: Keys, upc: Keys, hash: Keys }),
})
export type IndexHead = z.infer<typeof IndexHead>

export const HEAD_FILE = 'index.json'
export const columnFile = (kind: KeyKind, column: 'high' | 'low' | 'rows'): string => `${kind}.${column}.u32`

/** @throws {Problem} index/damaged when there is none that can be read. */
export async function readHead(folder: string): Promise<IndexHead> {
  try {
    return IndexHead.parse(JSON.parse(await readFile(join(folder, HEAD_FILE), 'utf8')))
  } catch (error) {
    throw new Problem('index/damaged', 'The index of a leak cannot be read; import its manifest again', {
      cause: error,
    })
  }
}

/** The keys of one kind, in shared memory. @throws {Problem} index/damaged. */
export async function readKeys(folder: string, head: IndexHead, kind: KeyKind): Promise<SortedKeys> {
  const { count, ...checksums } = head.keys[kind]
  const high = await readColumn(join(folder, columnFile(kind, 'high')), count, checksums.high)
  const low = await readColumn(join(folder, columnFile(kind, 'low')), count, checksums.low)
  if (!high || !low)
    throw new Problem('index/damaged', `The ${kind} file of a leak’s index is not the one that was written`)
  return new SortedKeys(high, low, payloadBitsOf[kind])
}
