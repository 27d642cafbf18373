import { isrcContradicted, probabilityOf, scoreNames } from '../../metadata/compare/compare-names.ts'
import { type NameKeys, type Names, keysOfNames } from '../../metadata/compare/name-keys.ts'
import { FITTED_RECORDINGS } from '../../metadata/compare/name-weights.ts'
import { parseIsrc } from '../../metadata/identifiers/identifiers.ts'
import { buildNamesIndex } from '../../metadata/lookup/names-index.ts'
import { NameRows } from '../../metadata/lookup/names-rows.ts'
import { namesOfRow } from '../audit/exposure-of.ts'
import { type PassCatalogue, meantBy } from '../audit/names-pass.ts'
import type { ManifestRow } from '../manifest-row.ts'
import { isrcValue } from '../packed/word.ts'
import type { SharedCatalogue } from './catalogue-memory.ts'

/** A row of a manifest that is of a recording. */
export interface ScanHit {
  /** Its number in the catalogue. */
  readonly recording: number
  /** `isrc`: by its code, and its names do not contradict it. `names`: the row has no usable code. */
  readonly by: 'isrc' | 'names'
  /** That the row is of this recording; 1 by its code and the same names. */
  readonly probability: number
  readonly row: ManifestRow
}

/**
 * How many rows without a code there are is not known while they pass: as many as ask for the most certainty, which a
 * manifest that is worth a scan has.
 */
const NAMELESS_ROWS = Number.MAX_SAFE_INTEGER

/** A text that can be an ISRC, spelled out and with a label. */
const WRITTEN_CHARACTERS_MAX = 40

const valueOf = (isrc: string): number => (isrc.length === 12 ? isrcValue((at) => isrc.charCodeAt(at)) : -1)

/** Names are held against an index of the catalogue, which each thread makes for itself: about 600 bytes a recording. */
function passCatalogue(catalogue: SharedCatalogue): PassCatalogue {
  const rows = new NameRows()
  for (let recording = 0; recording < catalogue.size; recording++)
    rows.add(keysOfNames(catalogue.namesOf(recording)))
  return { ids: [], rows, index: buildNamesIndex(rows), byAddress: new Map() }
}

/** Lengths of one recording in two lists differ by their rounding. */
const SAME_LENGTH_MS = 1_000

const asTyped = (text: string): string => text.trim().toLowerCase()

/**
 * Whether a row is called as a recording is, letter for letter: then its names do not contradict its code. Most rows are,
 * and are spared what comparing names takes.
 */
function isCalledAlike(row: ManifestRow, { title = '', version, artists = [], durationMs }: Names): boolean {
  if (row.title === undefined) return false
  const titles = version === undefined ? [title] : [`${title} - ${version}`, `${title} (${version})`]
  const called = asTyped(row.title)
  if (!titles.some((one) => asTyped(one) === called)) return false
  const isSameLength =
    durationMs !== undefined &&
    row.durationMs !== undefined &&
    Math.abs(durationMs - row.durationMs) <= SAME_LENGTH_MS
  if (isSameLength) return true
  return (
    artists.length === row.artists.length &&
    artists.every((artist, at) => asTyped(artist) === asTyped(row.artists[at] ?? ''))
  )
}

/** Says which recordings of a catalogue rows are of, one row after the other. */
export class RowMatcher {
  readonly catalogue: SharedCatalogue
  readonly #pass: PassCatalogue | undefined
  readonly #onHit: (hit: ScanHit) => void
  hits = 0
  /** Rows that have the code of a recording on another song. */
  contradicted = 0

  /** @param withNames whether rows without a usable code are looked for by names. */
  constructor(catalogue: SharedCatalogue, withNames: boolean, onHit: (hit: ScanHit) => void) {
    this.catalogue = catalogue
    this.#pass = withNames ? passCatalogue(catalogue) : undefined
    this.#onHit = onHit
  }

  get withNames(): boolean {
    return this.#pass !== undefined
  }

  /** Whether a row with this ISRC, as its manifest has it, needs to be looked at further. */
  wants(isrc: unknown): boolean {
    const text = typeof isrc === 'string' && isrc.length <= WRITTEN_CHARACTERS_MAX ? isrc : ''
    let value = valueOf(text)
    if (value < 0 && text.length >= 12) value = valueOf(parseIsrc(text) ?? '')
    return value < 0 ? this.withNames : this.catalogue.codes.numberOf(value) !== -1
  }

  /** Holds a row against the catalogue. */
  take(row: ManifestRow): void {
    if (row.isrc !== undefined) this.#takeByCode(row, row.isrc)
    else if (this.#pass)
      for (const { recording, logOdds } of meantBy({ number: 0, ...row }, this.#pass, NAMELESS_ROWS))
        this.#hit({ recording, by: 'names', probability: probabilityOf(logOdds), row })
  }

  #takeByCode(row: ManifestRow, isrc: string): void {
    const first = this.catalogue.codes.numberOf(valueOf(isrc))
    if (first === -1) return
    let keys: NameKeys | undefined
    let isContradicted = false
    for (const recording of this.catalogue.withSameCode(first)) {
      const ours = this.catalogue.namesOf(recording)
      if (isCalledAlike(row, ours)) {
        this.#hit({ recording, by: 'isrc', probability: 1, row })
        continue
      }
      keys ??= keysOfNames(namesOfRow({ number: 0, ...row }))
      const { logOdds, levels } = scoreNames(keys, keysOfNames(ours), FITTED_RECORDINGS)
      if (isrcContradicted(levels)) isContradicted = true
      else this.#hit({ recording, by: 'isrc', probability: probabilityOf(logOdds), row })
    }
    if (isContradicted) this.contradicted += 1
  }

  #hit(hit: ScanHit): void {
    this.hits += 1
    this.#onHit(hit)
  }
}
