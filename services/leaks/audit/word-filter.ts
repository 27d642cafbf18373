import type { NameKeys } from '../../metadata/compare/name-keys.ts'
import { latinKey } from '../../metadata/normalise.ts'
import type { KeptRow } from '../rows/row-line.ts'

/**
 * Words of some recordings, to pass over rows that have none of them: a tenth of the work of a comparison. Few recordings
 * are asked for when they were registered just now, and most rows of a leak share no word with them.
 */
export class WordFilter {
  readonly #words = new Set<string>()

  add({ title, artists }: NameKeys): void {
    for (const text of [title, artists.whole, ...artists.all])
      for (const word of text.split(' ')) this.#words.add(word)
  }

  /** Whether a row may be of one of them: it shares a word of title or artists, or has an address to be compared. */
  mayMean({ title, artists, fileName, address }: KeptRow): boolean {
    if (address !== undefined) return true
    const key = latinKey(title === undefined ? (fileName ?? '') : [title, ...artists].join(' '))
    return key === '' || key.split(' ').some((word) => this.#words.has(word))
  }
}
