import {
  gs1CheckDigit,
  ipiBaseCheckDigit,
  ipiNameCheckDigits,
  iswcCheckDigit,
  mod11x2,
  mod37x36,
} from './check-digits.ts'

/** Identifiers of recordings, works, products and parties that a music catalogue carries. */
export type IdentifierKind = 'isrc' | 'iswc' | 'upc' | 'grid' | 'isni' | 'ipi-name' | 'ipi-base' | 'dpid'

/** An identifier in its canonical spelling, or why the text is none. */
export type IdentifierReading = { readonly value: string } | { readonly fault: 'malformed' | 'checksum' }

interface Identifier {
  /** What people and files write before it, in capital letters; a colon and spaces may follow. */
  readonly label: RegExp
  /** The canonical spelling, without regard to the check digit. */
  readonly shape: RegExp
  /** From capital letters and digits, separators taken off, to the canonical spelling where that is another. */
  readonly complete?: (compact: string) => string
  /** Whether the check digit of a well-formed value is right. Absent: the standard has none. */
  readonly checks?: (value: string) => boolean
  readonly format: (value: string) => string
}

/** Whether the last `length` characters are what the rest calls for. */
const endsWithCheck = (value: string, check: (body: string) => string, length = 1): boolean =>
  value.endsWith(check(value.slice(0, -length)))

/** A value cut into pieces of these lengths. */
const cut = (value: string, ...lengths: readonly number[]): string[] => {
  let at = 0
  return lengths.map((length) => value.slice(at, (at += length)))
}

/** A sheet that takes a UPC-A for a number drops its leading zero. One is restored, and the check digit must then agree. */
const restoreUpcZero = (compact: string): string => {
  const padded = `0${compact}`
  return /^\d{11}$/.test(compact) && endsWithCheck(padded, gs1CheckDigit) ? padded : compact
}

/** How each GTIN is printed under its bars: UPC-A, EAN-13 and EAN-8 in groups, others plain. */
const formatGtin = (value: string): string => {
  if (value.length === 12) return cut(value, 1, 5, 5, 1).join(' ')
  if (value.length === 13) return cut(value, 1, 6, 6).join(' ')
  return value.length === 8 ? cut(value, 4, 4).join(' ') : value
}

const identifiers: Readonly<Record<IdentifierKind, Identifier>> = {
  // ISO 3901: prefix code of the registrant (5), year of reference (2), designation (5). No check digit.
  isrc: {
    label: /^ISRC(?: CODE)?/,
    shape: /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/,
    format: (value) => cut(value, 2, 3, 2, 5).join('-'),
  },
  // ISO 15707: prefix T, work number (9), check digit.
  iswc: {
    label: /^ISWC(?: CODE)?/,
    shape: /^T\d{10}$/,
    checks: (value) => endsWithCheck(value.slice(1), iswcCheckDigit),
    format: (value) => {
      const [prefix, first, second, third, check] = cut(value, 1, 3, 3, 3, 1)
      return `${prefix}-${first}.${second}.${third}-${check}`
    },
  },
  // GS1: GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN) or GTIN-14. All zeros is what sheets fill empty cells with.
  upc: {
    label: /^(?:UPC|EAN|JAN|GTIN|ICPN|BARCODE)(?:[ -]?(?:A|8|12|13|14)(?=[ :]))?(?: CODE)?/,
    shape: /^(?!0+$)(?:\d{8}|\d{12,14})$/,
    complete: restoreUpcZero,
    checks: (value) => endsWithCheck(value, gs1CheckDigit),
    format: formatGtin,
  },
  // IFPI, GRid Standard 2.1: scheme A1, issuer (5), release (10), check character.
  grid: {
    label: /^GRID/,
    shape: /^A1[A-Z0-9]{16}$/,
    checks: (value) => endsWithCheck(value, mod37x36),
    format: (value) => cut(value, 2, 5, 10, 1).join('-'),
  },
  // ISO 27729: 15 digits, check character.
  isni: {
    label: /^(?:HTTPS?:\/\/(?:WWW\.)?ISNI\.ORG\/(?:ISNI\/)?|ISNI)/,
    shape: /^\d{15}[\dX]$/,
    checks: (value) => endsWithCheck(value, mod11x2),
    format: (value) => cut(value, 4, 4, 4, 4).join(' '),
  },
  // CISAC: 9 digits, 2 check digits; leading zeros are often left off.
  'ipi-name': {
    label: /^(?:CAE ?\/ ?IPI|IPI ?\/ ?CAE|IPI(?: NAME)?|IPNN|CAE)(?: (?:NUMBER|NO\.?|#))?/,
    shape: /^(?!0+$)\d{11}$/,
    complete: (compact) => (/^\d{3,10}$/.test(compact) ? compact.padStart(11, '0') : compact),
    checks: (value) => endsWithCheck(value, ipiNameCheckDigits, 2),
    format: (value) => value,
  },
  // CISAC: prefix I, 9 digits, check digit; its hyphens are part of it.
  'ipi-base': {
    label: /^(?:IPI(?: BASE)?|IPBN)(?: (?:NUMBER|NO\.?|#))?/,
    shape: /^I-\d{9}-\d$/,
    complete: (compact) => compact.replace(/^(I)(\d{9})(\d)$/, '$1-$2-$3'),
    checks: (value) => value.endsWith(ipiBaseCheckDigit(value.slice(2, 11))),
    format: (value) => value,
  },
  // DDEX Party Identifier: scheme PA, issuer DPIDA, party (10, in practice digits), check character over all before it.
  dpid: {
    label: /^(?:DDEX )?(?:DPID|PARTY ?ID)/,
    shape: /^PADPIDA[A-Z0-9]{11}$/,
    checks: (value) => endsWithCheck(value, mod37x36),
    format: (value) => cut(value, 2, 5, 10, 1).join('-'),
  },
}

/** Longer than any identifier with its label and separators: what is longer is not looked at. */
const TEXT_LENGTH_MAX = 100

/**
 * Text as a sheet means it: width folded, capital letters, and without what sheets wrap around digits to keep them text
 * (`="0123"`, `'0123`) or hang on them as numbers (`123.0`).
 */
const unwrap = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .toUpperCase()
    .trim()
    .replace(/^="(.*)"$/, '$1')
    .replace(/^'/, '')
    .replace(/^(\d+)\.0+$/, '$1')
    .trim()

const compact = (text: string): string => text.replaceAll(/[\s.\p{Pd}\u2212]/gu, '')

/**
 * Reads an identifier as people, sheets and distributors write it: any case and width, spaces, dots and hyphens, a leading
 * label such as `ISRC:`.
 *
 * @returns the canonical spelling, which is what is stored and compared (of a UPC: the digits as written, see `gtin14`).
 * `malformed` is text of another form, also a number in scientific notation, whose digits are lost; `checksum` is a
 * well-formed identifier with a wrong check digit, so probably a typing error.
 */
export function readIdentifier(kind: IdentifierKind, text: string): IdentifierReading {
  const trimmed = text.trim()
  if (trimmed.length > TEXT_LENGTH_MAX) return { fault: 'malformed' }
  const { label, shape, complete, checks } = identifiers[kind]
  const written = unwrap(trimmed)
  // As it stands first: `ISRC` may also begin a code, that of registrant RC1 of Iceland.
  for (const candidate of [written, written.replace(label, '').replace(/^[\s:#=]+/, '')]) {
    const bare = compact(unwrap(candidate))
    const value = complete ? complete(bare) : bare
    if (shape.test(value)) return !checks || checks(value) ? { value } : { fault: 'checksum' }
  }
  return { fault: 'malformed' }
}

/**
 * An identifier as people read it: `AA-6Q7-20-00047`, `T-034.524.680-1`, `0000 0001 2150 090X`. Read again, it gives the
 * same value.
 *
 * @param value canonical, from `readIdentifier` of the same kind.
 */
export const formatIdentifier = (kind: IdentifierKind, value: string): string =>
  identifiers[kind].format(value)

/**
 * A GTIN as GTIN-14. The twelve digits of a UPC, the same with a zero before them as EAN-13, and with two as GTIN-14 are one
 * product: compare by this.
 *
 * @param upc the digits of a GTIN, from `readIdentifier` or `parseUpc`.
 */
export const gtin14 = (upc: string): string => upc.padStart(14, '0')

const valueOf = (reading: IdentifierReading): string | undefined =>
  'value' in reading ? reading.value : undefined

/**
 * An International Standard Recording Code (ISO 3901) as twelve characters: prefix code (2 letters, 3 letters or digits),
 * year of reference (2 digits), designation (5 digits).
 *
 * @returns undefined when the text is not one. The standard has no check digit.
 */
export const parseIsrc = (text: string): string | undefined => valueOf(readIdentifier('isrc', text))

/** An ISRC as people read it: `AA-6Q7-20-00047`. */
export const formatIsrc = (isrc: string): string => formatIdentifier('isrc', isrc)

/**
 * A GTIN (UPC-A, EAN-8, EAN-13 or GTIN-14) with its check digit verified.
 *
 * @returns the digits as written (a UPC-A that lost its leading zero has it again), or undefined when the length or the
 * check digit is wrong.
 */
export const parseUpc = (text: string): string | undefined => valueOf(readIdentifier('upc', text))
