import { placeName } from './place.ts'

/** Names of what lies in one archive: made safe, and no two alike, so that one cannot be taken for the other. */
export class EntryNames {
  readonly #counts = new Map<string, number>()

  /** The name of the next entry; `a.mp3 (2)` for the second that is called `a.mp3`. */
  of(path: string): string {
    const name = placeName(path)
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  }
}
