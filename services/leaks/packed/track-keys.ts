import { hash } from 'node:crypto'
import { join } from 'node:path'

import { ColumnFile } from './column-files.ts'
import { type IndexHead, columnFile } from './index-folder.ts'
import type { PackedKey } from './word.ts'

/** Keys that are read at once when it is known that the one is among them: a page of the file. */
const PAGE_KEYS = 1_024

/** The key of a track by its source's id: the first 61 bits of its SHA-256, since ids are of any length. */
export function packTrack(trackId: string): PackedKey {
  const digest = hash('sha256', trackId, 'buffer')
  return { high: digest.readUInt32BE(0), low: (digest.readUInt32BE(4) & ~7) >>> 0 }
}

/**
 * The tracks of a leak whose audio was taken, by their source's ids; nothing of them is in memory. A question is a binary
 * search in the files, some twenty reads: below a millisecond.
 */
export class TrackKeys {
  readonly #count: number
  readonly #high: ColumnFile
  readonly #low: ColumnFile
  readonly #rows: ColumnFile

  private constructor(count: number, high: ColumnFile, low: ColumnFile, rows: ColumnFile) {
    this.#count = count
    this.#high = high
    this.#low = low
    this.#rows = rows
  }

  /** @throws {Problem} index/damaged. */
  static async open(folder: string, { keys }: IndexHead): Promise<TrackKeys> {
    const { count } = keys.track
    const opened: ColumnFile[] = []
    try {
      for (const name of ['high', 'low', 'rows'] as const)
        opened.push(await ColumnFile.open(join(folder, columnFile('track', name)), count))
      const [high, low, rows] = opened as [ColumnFile, ColumnFile, ColumnFile]
      return new TrackKeys(count, high, low, rows)
    } catch (error) {
      await Promise.all(opened.map((column) => column.close()))
      throw error
    }
  }

  /** The number of the row that has the audio of a track; undefined when none has. */
  async rowOf(trackId: string): Promise<number | undefined> {
    const key = packTrack(trackId)
    let [from, to] = [0, this.#count]
    while (to - from > PAGE_KEYS) {
      const middle = (from + to) >>> 1
      if (await this.#isBehind(middle, key)) to = middle
      else from = middle
    }
    const highs = await this.#high.words(from, to)
    const lows = await this.#low.words(from, to)
    const found = highs.findIndex((high, i) => high === key.high && lows[i] === key.low)
    return found === -1 ? undefined : this.#rows.word(from + found)
  }

  /** Whether what stands somewhere is greater than a key. */
  async #isBehind(at: number, key: PackedKey): Promise<boolean> {
    const high = await this.#high.word(at)
    return high === key.high ? (await this.#low.word(at)) > key.low : high > key.high
  }

  async close(): Promise<void> {
    await Promise.all([this.#high, this.#low, this.#rows].map((column) => column.close()))
  }
}
