import { type IdentifierKind, readIdentifier } from '../../metadata/identifiers/identifiers.ts'
import { nameKey } from '../../metadata/normalise.ts'
import { parseDate } from '../../metadata/values/dates.ts'
import { readLanguage } from '../../metadata/values/languages.ts'
import { REPLACEMENT } from './decode-text.ts'
import { entryLimits } from './entry-limits.ts'
import type { RowError } from './entry.ts'
import { legible } from './legible.ts'
import type { RowErrorCode, Severity } from './row-error.ts'

/** What is wrong with one row is told up to here; who mends twenty things reads the row anew. */
const FINDINGS_MAX = 20

/** Longest piece of a value that a message repeats. */
const QUOTE_LENGTH_MAX = 60

const identifierForms: Readonly<Record<IdentifierKind, string>> = {
  isrc: 'ISRC: two letters, three letters or digits, seven digits',
  iswc: 'ISWC: T and ten digits',
  upc: 'UPC or EAN: 8, 12, 13 or 14 digits',
  grid: 'GRid: A1 and sixteen letters or digits',
  isni: 'ISNI: fifteen digits, then a digit or X',
  'ipi-name': 'IPI name number: eleven digits',
  'ipi-base': 'IPI base number: I, nine digits, one digit',
  dpid: 'DDEX party id: PADPIDA and eleven letters or digits',
}

/** A value as a message repeats it. */
export const quoted = (text: string): string =>
  `"${legible(text.length > QUOTE_LENGTH_MAX ? `${text.slice(0, QUOTE_LENGTH_MAX)}…` : text)}"`

/** Files of machines write days so, and nothing else that looks like one. */
const ISO_DAY = /^\d{4}-\d{2}-\d{2}(?!\d)/

/**
 * A share in percent, with or without its sign. The catalogue keeps two decimals: a smaller share would become none.
 *
 * @returns undefined when it is none of 0.01 to 100 percent.
 */
export function readShare(text: string): number | undefined {
  if (!/^\d{1,3}(?:[.,]\d{1,20})?\s*%?$/.test(text)) return undefined
  const percent = Math.round(100 * Number.parseFloat(text.replace(',', '.'))) / 100
  return percent >= 0.01 && percent <= 100 ? percent : undefined
}

/** What was found wrong with one row, and the checks that find it. A check gives the value, or undefined when it is not usable. */
export class RowChecks {
  readonly row: number
  readonly errors: RowError[] = []
  readonly warnings: RowError[] = []

  constructor(row: number) {
    this.row = row
  }

  add(severity: Severity, column: string, code: RowErrorCode, message: string): void {
    const list = severity === 'error' ? this.errors : this.warnings
    if (list.length < FINDINGS_MAX) list.push({ row: this.row, column, code, message })
  }

  /** Text of at most so many characters, of which all were readable. */
  text(severity: Severity, column: string, text: string | undefined, longest: number): string | undefined {
    if (text === undefined || text === '') return undefined
    if (text.includes(REPLACEMENT))
      this.add(severity, column, 'encoding', `${quoted(text)} has bytes that are no characters`)
    else if (text.length > longest)
      this.add(severity, column, 'too-long', `longer than ${longest} characters: ${quoted(text)}`)
    else return text
    return undefined
  }

  /** A title, without which there is no recording. */
  title(column: string, text: string | undefined): string | undefined {
    if (text === undefined) this.add('error', column, 'missing', 'a recording needs a title')
    else if (nameKey(text) === '')
      this.add('error', column, 'malformed', `${quoted(text)} has neither letter nor digit`)
    else return this.text('error', column, text, entryLimits.titleCharacters)
    return undefined
  }

  /** An identifier in its canonical spelling, its check digit verified. */
  identifier(
    severity: Severity,
    column: string,
    kind: IdentifierKind,
    text: string | undefined,
  ): string | undefined {
    if (text === undefined) return undefined
    const read = readIdentifier(kind, text)
    if ('value' in read) return read.value
    if (read.fault === 'checksum')
      this.add(severity, column, 'identifier-checksum', `the check digit of ${quoted(text)} is wrong`)
    else this.add(severity, column, 'identifier-malformed', `${quoted(text)} is no ${identifierForms[kind]}`)
    return undefined
  }

  /** Names of artists, each once. */
  artists(severity: Severity, column: string, names: readonly string[]): string[] {
    const kept = [...new Set(names)].flatMap(
      (name) => this.text(severity, column, name, entryLimits.artistCharacters) ?? [],
    )
    if (kept.length > entryLimits.artists)
      this.add(
        'warning',
        column,
        'too-many',
        `${kept.length} artists, of which ${entryLimits.artists} are kept`,
      )
    return kept.slice(0, entryLimits.artists)
  }

  /** A day, of an ISO 8601 date or time. A year alone is none. */
  day(column: string, text: string | undefined): string | undefined {
    if (text === undefined || text === '') return undefined
    const day = ISO_DAY.test(text) ? parseDate(text, 'dmy') : undefined
    if (day === undefined) this.add('warning', column, 'malformed', `${quoted(text)} is no day`)
    return day
  }

  /** The language of the words, as a BCP 47 tag. */
  language(column: string, text: string | undefined): string | undefined {
    if (text === undefined || text === '') return undefined
    const tag = readLanguage(text)
    if (tag === undefined) this.add('warning', column, 'unknown-value', `${quoted(text)} is no language`)
    return tag
  }
}

/** An object without its undefined values. */
export const present = <Shape extends object>(shape: {
  [Key in keyof Shape]: Shape[Key] | undefined
}): Shape => Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape
