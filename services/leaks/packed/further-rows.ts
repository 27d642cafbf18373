import { join } from 'node:path'

import { ColumnFile } from './column-files.ts'
import { type IndexHead, type KeyKind, columnFile } from './index-folder.ts'

/** Pairs that are read at once when it is known that those asked for begin among them. */
const PAGE_PAIRS = 1_024

/**
 * Of keys that several rows have, the rows that do not stand for them: pairs of the record's position and the row, in the
 * order of positions. Nothing of them is in memory; a question is a binary search in the file.
 */
export class FurtherRows {
  readonly #count: number
  readonly #pairs: ColumnFile

  private constructor(count: number, pairs: ColumnFile) {
    this.#count = count
    this.#pairs = pairs
  }

  /** @throws {Problem} index/damaged. */
  static async open(folder: string, { keys }: IndexHead, kind: KeyKind): Promise<FurtherRows> {
    const { furtherCount } = keys[kind]
    return new FurtherRows(
      furtherCount,
      await ColumnFile.open(join(folder, columnFile(kind, 'further')), 2 * furtherCount),
    )
  }

  /** The further rows of a record, by its position; most have none. */
  async of(position: number): Promise<number[]> {
    let [from, to] = [0, this.#count]
    while (to - from > PAGE_PAIRS) {
      const middle = (from + to) >>> 1
      if ((await this.#pairs.word(2 * middle)) < position) from = middle
      else to = middle
    }
    const rows: number[] = []
    // The pairs of a record are few, but may lie across the end of what is read at once.
    for (let at = from; at < this.#count; at += PAGE_PAIRS) {
      const words = await this.#pairs.words(2 * at, 2 * Math.min(this.#count, at + PAGE_PAIRS))
      for (let i = 0; i < words.length; i += 2) {
        const of = words[i] as number
        if (of > position) return rows
        if (of === position) rows.push(words[i + 1] as number)
      }
    }
    return rows
  }

  close(): Promise<void> {
    return this.#pairs.close()
  }
}
