import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { readColumn } from './column-files.ts'
import { SortedKeys } from './sorted-keys.ts'
import { HASH_PAYLOAD_BITS, PAYLOAD_BITS } from './word.ts'

/** What an index has keys of; `track` are the source's ids of tracks whose audio was taken. */
export const keyKinds = ['isrc', 'upc', 'hash', 'track'] as const
export type KeyKind = (typeof keyKinds)[number]
/** Those that are held in memory; tracks are asked for too seldom. */
export type LoadedKind = Exclude<KeyKind, 'track'>

export const payloadBitsOf: Readonly<Record<KeyKind, number>> = {
  isrc: PAYLOAD_BITS,
  upc: PAYLOAD_BITS,
  hash: HASH_PAYLOAD_BITS,
  track: HASH_PAYLOAD_BITS,
}

/** 2: with tracks and further rows. */
export const INDEX_VERSION = 2
/** Positions are 32-bit numbers with a sign. */
export const RECORDS_MAX = 2 ** 31 - 1

const Keys = z.object({
  count: z.int().min(0).max(RECORDS_MAX),
  /** Rows beside those that stand for the keys. */
  furtherCount: z.int().min(0),
  /** CRC-32 of each column. */
  high: z.int().min(0),
  low: z.int().min(0),
  rows: z.int().min(0),
  further: z.int().min(0),
})

/** The head of an index folder, in `index.json`; it is written last. */
export const IndexHead = z.object({
  format: z.literal('earwitness-leak-index'),
  version: z.literal(INDEX_VERSION),
  madeAt: z.iso.datetime(),
  /** Rows that were added, those without any key among them. */
  rows: z.int().min(0),
  keys: z.object({ isrc: Keys, upc: Keys, hash: Keys, track: Keys }),
})
export type IndexHead = z.infer<typeof IndexHead>

export const HEAD_FILE = 'index.json'
export type Column = 'high' | 'low' | 'rows' | 'further'
export const columnFile = (kind: KeyKind, column: Column): string => `${kind}.${column}.u32`

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
export async function readKeys(folder: string, head: IndexHead, kind: LoadedKind): Promise<SortedKeys> {
  const { count, ...checksums } = head.keys[kind]
  const high = await readColumn(join(folder, columnFile(kind, 'high')), count, checksums.high)
  const low = await readColumn(join(folder, columnFile(kind, 'low')), count, checksums.low)
  if (!high || !low)
    throw new Problem('index/damaged', `The ${kind} file of a leak’s index is not the one that was written`)
  return new SortedKeys(high, low, payloadBitsOf[kind])
}
