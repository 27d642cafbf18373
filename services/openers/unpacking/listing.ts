/** An entry as the headers of its archive name it. */
export interface ListedEntry {
  readonly name: string
  /** `plainLetters` of the name as libarchive reads it. */
  readonly letters: string
  readonly isEncrypted: boolean
}

/** More are never asked for: a budget ends sooner. */
export const LISTED_MAX = 20_000

/** What of a name is the same in every encoding, and in libarchive's words for it, which know ASCII alone. */
export const plainLetters = (name: string): string => name.replaceAll(/[^a-zA-Z0-9]+/g, '')

/** Of a file of which a RAR 5 keeps several, put behind its name by libarchive. */
const VERSION = /;\d{1,9}$/

/** An entry, and those before it that were passed over. */
interface Listed {
  readonly entry: ListedEntry
  readonly passed: readonly ListedEntry[]
}

/**
 * Entries as the headers list them, against which those are held that libarchive tells: it loses names that are not ASCII,
 * and now and then an entry.
 */
export class Listing {
  readonly #listed: readonly ListedEntry[]
  #next = 0

  constructor(listed: readonly ListedEntry[]) {
    this.#listed = listed
  }

  /**
   * Goes on to the entry that libarchive tells next.
   *
   * @param told its name there; undefined where it has lost it.
   * @returns the entry, and those before it of which libarchive said nothing; undefined when it is not listed.
   */
  find(told: string | undefined): Listed | undefined {
    if (told === undefined) return this.#goTo(this.#next)
    return this.#named(plainLetters(told)) ?? this.#named(plainLetters(told.replace(VERSION, '')))
  }

  #named(letters: string): Listed | undefined {
    return this.#goTo(this.#listed.findIndex((entry, at) => at >= this.#next && entry.letters === letters))
  }

  #goTo(at: number): Listed | undefined {
    const entry = this.#listed[at]
    if (!entry) return undefined
    const passed = this.#listed.slice(this.#next, at)
    this.#next = at + 1
    return { entry, passed }
  }

  /** Those that are still to come. */
  rest(): readonly ListedEntry[] {
    return this.#listed.slice(this.#next)
  }
}
