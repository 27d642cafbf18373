import type { NameKeys } from '../compare/name-keys.ts'

/** Between fields, and between names in a field: no key has them. */
const FIELD = '\t'
const NAME = '\n'

/** What a string takes beside its characters, with its place in the list; V8 on 64 bits, for the count of bytes. */
const STRING_BYTES = 32
const NUMBERS_BYTES = 12

/**
 * The names of a catalogue, packed: one string and three numbers a recording, from which its keys are read when they
 * are compared. About a fifth of what the keys take as objects.
 */
export class NameRows {
  readonly #texts: string[] = []
  #durationsMs = new Uint32Array(1_024)
  #masks = new Uint32Array(1_024)
  #years = new Uint16Array(1_024)
  #textBytes = 0

  get size(): number {
    return this.#texts.length
  }

  /** Memory of all rows, as V8 lays them out. */
  get bytes(): number {
    return this.#textBytes + this.size * (STRING_BYTES + NUMBERS_BYTES)
  }

  /** @returns the number of the row: 0, 1, 2 … */
  add(keys: NameKeys): number {
    const at = this.#texts.length
    if (at === this.#years.length) this.#grow()
    const { artists, versions } = keys
    const isOne = artists.main.length === 1 && artists.main[0] === artists.whole
    const main = isOne ? '' : artists.main.join(NAME)
    const all = artists.all === artists.main ? '' : artists.all.join(NAME)
    const fields = [keys.title, artists.whole, keys.isrc, keys.gtin, keys.release, main, all]
    fields.push(versions.by, keys.nativeTitle, artists.native)
    const text = fields.join(FIELD).trimEnd()
    this.#texts.push(text)
    this.#textBytes += text.length * (keys.nativeTitle === '' && artists.native === '' ? 1 : 2)
    this.#durationsMs[at] = keys.durationMs
    this.#masks[at] = versions.mask
    this.#years[at] = keys.year
    return at
  }

  /** @throws {RangeError} for a number that no row has. */
  keysOf(row: number): NameKeys {
    const text = this.#texts[row]
    if (text === undefined) throw new RangeError(`There is no row ${row}`)
    const [title = '', whole = '', isrc = '', gtin = '', release = '', mains = '', alls = '', ...more] =
      text.split(FIELD)
    const [by = '', nativeTitle = '', native = ''] = more
    const main = mains !== '' ? mains.split(NAME) : whole === '' ? [] : [whole]
    return {
      title,
      nativeTitle,
      artists: { whole, native, main, all: alls === '' ? main : alls.split(NAME) },
      versions: { mask: this.#masks[row]!, by, year: undefined },
      isrc,
      gtin,
      release,
      year: this.#years[row]!,
      durationMs: this.#durationsMs[row]!,
      speed: 0,
    }
  }

  #grow(): void {
    const length = this.#years.length * 2
    this.#durationsMs = enlarged(this.#durationsMs, new Uint32Array(length))
    this.#masks = enlarged(this.#masks, new Uint32Array(length))
    this.#years = enlarged(this.#years, new Uint16Array(length))
  }
}

function enlarged<Numbers extends Uint32Array | Uint16Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from)
  return to
}
