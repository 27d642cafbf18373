import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  gs1CheckDigit,
  ipiBaseCheckDigit,
  ipiNameCheckDigits,
  iswcCheckDigit,
  mod11x2,
  mod37x36,
} from '../../services/metadata/identifiers/check-digits.ts'
import {
  type IdentifierKind,
  formatIdentifier,
  formatIsrc,
  gtin14,
  parseIsrc,
  parseUpc,
  readIdentifier,
} from '../../services/metadata/identifiers/identifiers.ts'

/** Any text, of characters that are few enough to meet, among them some that change their length when folded. */
const oddText = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 .-:,\'"=ßİﬁ²½Ⅷ①𝟙\u0000\u200B\uD800')) })

describe('identifiers are read from', () => {
  test.each<[IdentifierKind, string, string]>([
    ['isrc', 'AA6Q72000047', 'AA6Q72000047'],
    ['isrc', 'aa-6q7-20-00047', 'AA6Q72000047'],
    ['isrc', 'ISRC: AA 6Q7 20 00047', 'AA6Q72000047'],
    ['isrc', 'ISRC Code US-RC1-76-0783 1', 'USRC17607831'],
    ['isrc', 'GBAYC1700598', 'GBAYC1700598'],
    ['isrc', 'ＡＡ６Ｑ７２０００００４', 'AA6Q72000004'],
    ['isrc', 'AA‑6Q7‑20‑00047', 'AA6Q72000047'],
    ['isrc', 'AA.6Q7.20.00047', 'AA6Q72000047'],
    ['isrc', '\uFEFFAA6Q72000047\u200B', 'AA6Q72000047'],
    ['isrc', `\n${' '.repeat(200)}AA6Q72000047\n`, 'AA6Q72000047'],
    ['isrc', 'ISRC12345678', 'ISRC12345678'],
    ['isrc', 'ISRC ISRC12345678', 'ISRC12345678'],
    ['iswc', 'T-034.524.680-1', 'T0345246801'],
    ['iswc', 't0345246801', 'T0345246801'],
    ['iswc', 'ISWC T-034 524 680 1', 'T0345246801'],
    ['upc', '190295810726', '190295810726'],
    ['upc', '0 36000 29145 2', '036000291452'],
    ['upc', '4006381333931', '4006381333931'],
    ['upc', '0036000291452', '0036000291452'],
    ['upc', '00036000291452', '00036000291452'],
    ['upc', '96385074', '96385074'],
    ['upc', '36000291452', '036000291452'],
    ['upc', '36000291452.0', '036000291452'],
    ['upc', '="036000291452"', '036000291452'],
    ['upc', "'036000291452", '036000291452'],
    ['upc', 'UPC: 036000291452', '036000291452'],
    ['upc', 'UPC-A: 036000291452', '036000291452'],
    ['upc', 'EAN 4006381333931', '4006381333931'],
    ['upc', 'EAN-13: 4006381333931', '4006381333931'],
    ['upc', 'Barcode 96385074', '96385074'],
    ['grid', 'A1-2425G-ABC1234002-M', 'A12425GABC1234002M'],
    ['grid', 'GRid:a12425gabc1234002m', 'A12425GABC1234002M'],
    ['grid', 'A10302B0003989564F', 'A10302B0003989564F'],
    ['isni', '0000 0001 2150 090X', '000000012150090X'],
    ['isni', 'ISNI 0000-0001-2150-090x', '000000012150090X'],
    ['isni', 'https://isni.org/isni/000000012150090X', '000000012150090X'],
    ['ipi-name', '00014107338', '00014107338'],
    ['ipi-name', '14107338', '00014107338'],
    ['ipi-name', 'IPI: 14107338', '00014107338'],
    ['ipi-name', 'IPI Name Number 00014107338', '00014107338'],
    ['ipi-name', 'CAE/IPI 14107338', '00014107338'],
    ['ipi-base', 'I-001068130-6', 'I-001068130-6'],
    ['ipi-base', 'i0010681306', 'I-001068130-6'],
    ['ipi-base', 'IPI base number: I-000000229-7', 'I-000000229-7'],
    ['dpid', 'PADPIDA2007050901U', 'PADPIDA2007050901U'],
    ['dpid', 'PA-DPIDA-2007050901-U', 'PADPIDA2007050901U'],
    ['dpid', 'DPID: padpida2007050901u', 'PADPIDA2007050901U'],
  ])('%s %j', (kind, text, value) => expect(readIdentifier(kind, text)).toEqual({ value }))
})

describe('a wrong check digit is told apart from text of another form:', () => {
  test.each<[IdentifierKind, string, 'malformed' | 'checksum']>([
    ['isrc', 'AA6Q7200004', 'malformed'],
    ['isrc', 'AA6Q720000477', 'malformed'],
    ['isrc', '1A6Q72000047', 'malformed'],
    ['isrc', 'AA6Q7200004O', 'malformed'],
    ['isrc', 'ISRC', 'malformed'],
    ['isrc', 'AA6Q72000047, AA6Q72000048', 'malformed'],
    ['iswc', 'T-034.524.680-2', 'checksum'],
    ['iswc', 'T034524680', 'malformed'],
    ['iswc', '0345246801', 'malformed'],
    ['upc', '190295810727', 'checksum'],
    ['upc', '036000291453', 'checksum'],
    ['upc', '03600029145', 'malformed'],
    ['upc', '1.90295810726E+11', 'malformed'],
    ['upc', '1,90295810726E+11', 'malformed'],
    ['upc', '000000000000', 'malformed'],
    ['upc', 'abc', 'malformed'],
    ['grid', 'A10302B0003989564N', 'checksum'],
    ['grid', 'A2-2425G-ABC1234002-M', 'malformed'],
    ['isni', '0000000121500901', 'checksum'],
    ['isni', '00000001215009X0', 'malformed'],
    ['ipi-name', '00199310228', 'checksum'],
    ['ipi-name', '00000000000', 'malformed'],
    ['ipi-base', 'I-001068130-7', 'checksum'],
    ['ipi-base', '001068130-6', 'malformed'],
    ['dpid', 'PADPIDA2014120301U', 'checksum'],
    ['dpid', 'PADPIDA2007050901', 'malformed'],
    ['isrc', '', 'malformed'],
    ['isrc', `AA6Q7${' '.repeat(100_000)}2000047`, 'malformed'],
  ])('%s %.40j is %s', (kind, text, fault) => expect(readIdentifier(kind, text)).toEqual({ fault }))
})

describe('for people', () => {
  test.each<[IdentifierKind, string, string]>([
    ['isrc', 'AA6Q72000047', 'AA-6Q7-20-00047'],
    ['iswc', 'T0345246801', 'T-034.524.680-1'],
    ['upc', '036000291452', '0 36000 29145 2'],
    ['upc', '4006381333931', '4 006381 333931'],
    ['upc', '96385074', '9638 5074'],
    ['upc', '00036000291452', '00036000291452'],
    ['grid', 'A12425GABC1234002M', 'A1-2425G-ABC1234002-M'],
    ['isni', '000000012150090X', '0000 0001 2150 090X'],
    ['ipi-name', '00014107338', '00014107338'],
    ['ipi-base', 'I-001068130-6', 'I-001068130-6'],
    ['dpid', 'PADPIDA2007050901U', 'PA-DPIDA-2007050901-U'],
  ])('%s %s is %s', (kind, value, formatted) => expect(formatIdentifier(kind, value)).toBe(formatted))
})

const CHARACTERS = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const DIGITS = CHARACTERS.slice(0, 10)
const digits = (count: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...DIGITS), minLength: count, maxLength: count })
const characters = (count: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: count, maxLength: count })

interface Drawn {
  readonly kind: IdentifierKind
  readonly made: fc.Arbitrary<string>
  /** Places where another character is found for certain, and what else can stand there. */
  readonly certain: readonly number[]
  readonly alphabet: readonly string[]
}

const places = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

/** Weights that share a factor with ten let some errors pass: those places are left out. */
const drawn: readonly Drawn[] = [
  ...[7, 11, 12, 13].map((count) => ({
    kind: 'upc' as const,
    made: digits(count)
      .filter((body) => /[1-9]/.test(body))
      .map((body) => body + gs1CheckDigit(body)),
    certain: places(0, count + 1),
    alphabet: DIGITS,
  })),
  {
    kind: 'iswc',
    made: digits(9).map((body) => `T${body}${iswcCheckDigit(body)}`),
    certain: [1, 3, 7, 9, 10],
    alphabet: DIGITS,
  },
  {
    kind: 'grid',
    made: characters(15).map((body) => `A1${body}${mod37x36(`A1${body}`)}`),
    certain: places(2, 18),
    alphabet: CHARACTERS,
  },
  {
    kind: 'isni',
    made: digits(15).map((body) => body + mod11x2(body)),
    certain: places(0, 15),
    alphabet: DIGITS,
  },
  {
    kind: 'ipi-name',
    made: digits(9)
      .filter((body) => /[1-9]/.test(body))
      .map((body) => body + ipiNameCheckDigits(body)),
    certain: places(0, 11),
    alphabet: DIGITS,
  },
  {
    kind: 'ipi-base',
    made: digits(9).map((body) => `I-${body}-${ipiBaseCheckDigit(body)}`),
    certain: [2, 4, 8, 10, 12],
    alphabet: DIGITS,
  },
  {
    kind: 'dpid',
    made: characters(10).map((body) => `PADPIDA${body}${mod37x36(`PADPIDA${body}`)}`),
    certain: places(7, 18),
    alphabet: CHARACTERS,
  },
]

describe.each(drawn)('any $kind', ({ kind, made, certain, alphabet }) => {
  test('is read as itself, also from what people are shown', () =>
    fc.assert(
      fc.property(made, (value) => {
        expect(readIdentifier(kind, value)).toEqual({ value })
        expect(readIdentifier(kind, formatIdentifier(kind, value))).toEqual({ value })
        expect(readIdentifier(kind, formatIdentifier(kind, value).toLowerCase())).toEqual({ value })
      }),
    ))

  test('with one wrong character is refused', () =>
    fc.assert(
      fc.property(
        made,
        fc.constantFrom(...certain),
        fc.constantFrom(...alphabet),
        (value, place, character) => {
          fc.pre(value[place] !== character)
          const wrong = value.slice(0, place) + character + value.slice(place + 1)
          // All zeros are refused for their form.
          expect(readIdentifier(kind, wrong)).toEqual({
            fault: /^0+$/.test(wrong) ? 'malformed' : 'checksum',
          })
        },
      ),
    ))
})

test('two digits of an ISNI that changed places are found', () =>
  fc.assert(
    fc.property(digits(15), fc.nat(13), (body, place) => {
      fc.pre(body[place] !== body[place + 1])
      const swapped = `${body.slice(0, place)}${body[place + 1]}${body[place]}${body.slice(place + 2)}`
      expect(readIdentifier('isni', swapped + mod11x2(body))).toEqual({ fault: 'checksum' })
    }),
  ))

test('no text breaks the reading of any kind', () =>
  fc.assert(
    fc.property(
      fc.constantFrom(...drawn.map(({ kind }) => kind), 'isrc' as const),
      fc.oneof(oddText, fc.string({ unit: fc.constantFrom(...Array.from('ISRCUPCAN0123 -.:="\'')) })),
      (kind, text) => {
        const read = readIdentifier(kind, text)
        if ('value' in read) expect(readIdentifier(kind, read.value)).toEqual(read)
      },
    ),
  ))

test('an ISRC is parsed and shown with hyphens', () => {
  expect(parseIsrc('aa-6q7-20-00047')).toBe('AA6Q72000047')
  expect(parseIsrc('nonsense')).toBeUndefined()
  expect(formatIsrc('AA6Q72000047')).toBe('AA-6Q7-20-00047')
})

test('a UPC is parsed to its digits as written, whose spellings compare as one product', () => {
  expect(parseUpc('0 36000 29145 2')).toBe('036000291452')
  expect(parseUpc('0036000291452')).toBe('0036000291452')
  expect(parseUpc('036000291453')).toBeUndefined()
  expect(parseUpc('03600029145')).toBeUndefined()
  const spellings = ['36000291452', '036000291452', '0036000291452', '00036000291452']
  expect(new Set(spellings.map((text) => gtin14(parseUpc(text) ?? text)))).toEqual(
    new Set(['00036000291452']),
  )
})
