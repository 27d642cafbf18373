import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

import { FurtherRows } from './further-rows.ts'
import {
  columnFile,
  type IndexHead,
  type KeyKind,
  type LoadedKind,
  readHead,
  readKeys,
} from './index-folder.ts'
import type { SortedKeys } from './sorted-keys.ts'
import { TrackKeys } from './track-keys.ts'
import { type PackedKey, type Payload, packHash, packIsrc, packUpc, unpackPayload } from './word.ts'

/** What an index says of an identifier. */
export interface LeakRecord extends Payload {
  /** Where it stands in the index; `rowOf` tells where in the manifest. */
  readonly position: number
}

/** Codes that several rows may have. */
type CodeKind = 'isrc' | 'upc'

/** The identifiers of one leak in memory, to be asked in microseconds; its tracks' ids in files. */
export class LeakIndex {
  readonly #folder: string
  readonly #head: IndexHead
  readonly #keys: Readonly<Record<LoadedKind, SortedKeys>>
  readonly #rowFiles = new Map<KeyKind, Promise<FileHandle>>()
  readonly #further = new Map<CodeKind, Promise<FurtherRows>>()
  #tracks: Promise<TrackKeys> | undefined

  private constructor(folder: string, head: IndexHead, keys: Readonly<Record<LoadedKind, SortedKeys>>) {
    this.#folder = folder
    this.#head = head
    this.#keys = keys
  }

  /** Reads an index into memory; 8 bytes for each key. @throws {Problem} index/damaged. */
  static async open(folder: string): Promise<LeakIndex> {
    const head = await readHead(folder)
    return new LeakIndex(folder, head, {
      isrc: await readKeys(folder, head, 'isrc'),
      upc: await readKeys(folder, head, 'upc'),
      hash: await readKeys(folder, head, 'hash'),
    })
  }

  /** How many different identifiers of a kind there are. */
  count(kind: KeyKind): number {
    return this.#head.keys[kind].count
  }

  /** What the keys of a kind take in memory. */
  bytes(kind: LoadedKind): number {
    return this.#keys[kind].bytes
  }

  /** @param isrc of 12 capital letters and digits. */
  lookUpIsrc(isrc: string): LeakRecord | undefined {
    return this.#lookUp('isrc', packIsrc(isrc))
  }

  /** @param upc of 8 to 14 digits. */
  lookUpUpc(upc: string): LeakRecord | undefined {
    return this.#lookUp('upc', packUpc(upc))
  }

  /** The batch that a file is listed in; 2⁻⁶¹ of the files that are in none seem to be, for each that is listed. */
  lookUpHash(sha256: string): { readonly batch: number; readonly position: number } | undefined {
    const { high, low } = packHash(sha256)
    const position = this.#keys.hash.find(high, low)
    return position < 0 ? undefined : { batch: (this.#keys.hash.low[position] as number) & 7, position }
  }

  /** Many ISRCs at once, in their order; fastest when they are sorted. */
  async lookUpMany(isrcs: readonly string[]): Promise<(LeakRecord | undefined)[]> {
    const high = new Uint32Array(isrcs.length)
    const low = new Uint32Array(isrcs.length)
    const isNone = new Set<number>()
    for (const [i, isrc] of isrcs.entries()) {
      const key = packIsrc(isrc)
      if (!key) isNone.add(i)
      high[i] = key?.high ?? 0
      low[i] = key?.low ?? 0
    }
    const found = await this.#keys.isrc.findMany(high, low)
    return Array.from(found, (position, i) => (isNone.has(i) ? undefined : this.#record('isrc', position)))
  }

  #lookUp(kind: 'isrc' | 'upc', key: PackedKey | undefined): LeakRecord | undefined {
    return key && this.#record(kind, this.#keys[kind].find(key.high, key.low))
  }

  #record(kind: 'isrc' | 'upc', position: number): LeakRecord | undefined {
    if (position < 0) return undefined
    return { position, ...unpackPayload(this.#keys[kind].low[position] as number) }
  }

  /** The number of the row that a record was made of, as it was given to the builder. */
  async rowOf(kind: KeyKind, position: number): Promise<number> {
    let file = this.#rowFiles.get(kind)
    if (!file) this.#rowFiles.set(kind, (file = open(join(this.#folder, columnFile(kind, 'rows')))))
    const { buffer } = await (await file).read(Buffer.alloc(4), 0, 4, position * 4)
    return buffer.readUInt32LE(0)
  }

  /**
   * The numbers of all rows that have a code, that which the record was made of first; at most some twenty.
   *
   * @throws {Problem} index/damaged.
   */
  async rowsOf(kind: CodeKind, position: number): Promise<number[]> {
    let further = this.#further.get(kind)
    if (!further) this.#further.set(kind, (further = FurtherRows.open(this.#folder, this.#head, kind)))
    return [await this.rowOf(kind, position), ...(await (await further).of(position))]
  }

  /**
   * The number of the row that has the audio of a track, by its source's id; undefined when none has. Asked in the files.
   *
   * @throws {Problem} index/damaged.
   */
  async rowOfTrack(trackId: string): Promise<number | undefined> {
    return (await (this.#tracks ??= TrackKeys.open(this.#folder, this.#head))).rowOf(trackId)
  }

  async close(): Promise<void> {
    // One that could not be opened was told to whoever asked.
    const tracks = await this.#tracks?.catch(() => undefined)
    this.#tracks = undefined
    await tracks?.close()
    for (const further of this.#further.values()) await (await further.catch(() => undefined))?.close()
    this.#further.clear()
    for (const file of this.#rowFiles.values()) await (await file).close()
    this.#rowFiles.clear()
  }
}
