import addFormats from 'ajv-formats'
import Ajv from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'

import { oneLine } from '../../services/reports/one-line.ts'
import { freezeReport, ReportDocument, reportJsonSchema } from '../../services/reports/report.ts'
import { openPoints, statementTexts } from '../../services/reports/statements.ts'
import { openReport, passage, signedReport, uuid } from './report-samples.ts'

/** A copy of a report with the value at a path such as `works.0.title` replaced; undefined takes it out. */
function altered(path: string, value: unknown, report = signedReport()): unknown {
  const copy = structuredClone(report) as unknown as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() ?? ''
  const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

const refusedAt = (value: unknown): string[] =>
  ReportDocument.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? []

describe('the document', () => {
  test('comes back the same from its frozen JSON', () => {
    for (const report of [openReport(), signedReport()])
      expect(ReportDocument.parse(JSON.parse(freezeReport(report).canonicalJson))).toEqual(report)
  })

  test.each<[what: string, path: string, value: unknown, refusedAt?: string]>([
    ['an unknown field', 'price', 1, ''],
    ['a number of another series', 'number', 'XY-2026-000001'],
    ['a time that is not UTC', 'issuedAt', '2026-11-20T12:00:00+05:30'],
    ['a second version that replaces nothing', 'version', 2, 'supersedes'],
    ['a version that replaces itself', 'supersedes', { version: 1 }, 'supersedes.version'],
    ['a control character in a title', 'works.0.title', 'First\u0007Light'],
    ['half a surrogate pair', 'works.0.title', 'First \ud83c'],
    ['a hash in upper case', 'locations.0.sha256', 'A'.repeat(64)],
    ['an address that is no web address', 'locations.0.url', 'javascript:alert(1)'],
    ['a file without a name', 'locations.0.kind', 'file', 'locations.0.fileName'],
    ['a match of an unknown work', 'matches.0.workId', uuid(9)],
    ['the same location twice', 'locations.1', signedReport().locations[0], 'locations.1.locationId'],
    ['a passage that ends before it begins', 'matches.0.passages.1.suspectToMs', 1],
    ['more landmarks found than expected', 'matches.0.passages.0.landmarksMatched', 999],
    ['a negative time', 'matches.0.passages.0.suspectFromMs', -1],
    ['a share above one', 'matches.0.shareOfSuspect', 1.01],
    ['a statement that was not made', 'statements.accuracy', false],
    ['statements without a signatory', 'statements.signatory', undefined],
    ['a signature that is none', 'statements.signatory.signatureText', 'Asha'],
  ])('is refused with %s', (_, path, value, at = path) => {
    expect(refusedAt(altered(path, value))).toEqual([at])
  })

  test('signed by nobody, carries no statement', () => {
    expect(refusedAt(altered('statements.goodFaith', true, openReport()))).toEqual(['statements'])
  })
})

describe('the JSON Schema', () => {
  const validate = addFormats.default(new Ajv.default({ strict: false })).compile(reportJsonSchema())

  test('takes what the schema takes and refuses what is not of its shape', () => {
    expect(validate(openReport())).toBe(true)
    expect(validate(signedReport())).toBe(true)
    expect(validate(altered('price', 1))).toBe(false)
    expect(validate(altered('works.0.isrc', 'no'))).toBe(false)
    expect(validate(altered('statements.accuracy', false))).toBe(false)
  })

  test('names itself and describes every field', () => {
    const schema = reportJsonSchema()
    expect(schema['$id']).toBe('/schemas/takedown-report-1.json')
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(undescribed(schema)).toEqual([])
  })
})

interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
}

/** The paths of all properties without a description. */
function undescribed({ properties = {}, items, oneOf = [] }: Schema, path = ''): string[] {
  const fields = Object.entries(properties)
  return [
    ...fields.filter(([, field]) => !field.description).map(([name]) => `${path}/${name}`),
    ...fields.flatMap(([name, field]) => undescribed(field, `${path}/${name}`)),
    ...[...oneOf, ...(items ? [items] : [])].flatMap((part) => undescribed(part, `${path}/*`)),
  ]
}

describe('freezing', () => {
  test('gives the hash that was written down when the format was made', () => {
    expect(freezeReport(signedReport()).sha256).toBe(
      '5de633b81ae2c9d5f3af61b8515d303f84641f8a9c336bbbbe74d43955423629',
    )
  })

  test('does not depend on the order of keys, but on every value', () => {
    const report = signedReport()
    const reversed = Object.fromEntries(Object.entries(report).toReversed()) as ReportDocument
    const { canonicalJson, sha256 } = freezeReport(report)
    expect(freezeReport(reversed).canonicalJson).toBe(canonicalJson)
    expect(freezeReport({ ...report, issuedAt: '2026-11-20T12:00:01Z' }).sha256).not.toBe(sha256)
  })

  test('refuses what is not a report', () => {
    expect(() => freezeReport({ ...signedReport(), version: 0 })).toThrow('version')
  })
})

describe('open points', () => {
  const codes = (report: ReportDocument): string[] =>
    openPoints(report).map(({ code, pointer }) => `${code} ${pointer}`)

  test('are none for a complete and signed report, and the statements for an unsigned one', () => {
    expect(openPoints(signedReport())).toEqual([])
    expect(codes(openReport())).toEqual(['statement_missing /statements'])
  })

  test('list each missing contact detail', () => {
    expect(codes(signedReport({ complainant: { name: 'Example', email: 'a@example.org' } }))).toEqual([
      'contact_incomplete /complainant/address',
      'contact_incomplete /complainant/country',
      'contact_incomplete /complainant/phone',
    ])
  })

  test('ask for a recipient, and for a way to reach it', () => {
    const { recipient: _, ...nobody } = signedReport()
    expect(codes(nobody)).toEqual(['recipient_missing /recipient'])
    expect(codes(signedReport({ recipient: { name: 'Host', role: 'hosting' } }))).toEqual([
      'recipient_missing /recipient',
    ])
    expect(
      codes(signedReport({ recipient: { name: 'Host', role: 'hosting', formUrl: 'https://h.example/f' } })),
    ).toEqual([])
  })

  test('ask for an ISRC, or the artist with the ℗ line', () => {
    const [work] = signedReport().works
    if (!work) throw new Error('The sample has a work')
    const { isrc: _, ...withoutIsrc } = work
    expect(codes(signedReport({ works: [withoutIsrc] }))).toEqual([])
    expect(codes(signedReport({ works: [{ ...withoutIsrc, artists: [] }] }))).toEqual([
      'work_not_identified /works/0',
    ])
  })

  test.each([
    ['https://host.example/', true],
    ['https://host.example', true],
    ['https://host.example/search?q=first+light', true],
    ['https://host.example/?id=abc', false],
    ['https://host.example/#!key', false],
    ['https://host.example/research/first-light.mp3', false],
  ])('know whether %s leads to the copy', (url, vague) => {
    const [location] = signedReport().locations
    if (!location) throw new Error('The sample has a location')
    const found = codes(signedReport({ locations: [{ ...location, url }] }))
    expect(found).toEqual(vague ? ['location_not_specific /locations/0'] : [])
  })

  test('ask where a file came from, and for the match of every location', () => {
    const report = signedReport()
    const [location] = report.locations
    if (!location) throw new Error('The sample has a location')
    const { url: _, finalUrl: __, ...rest } = location
    const file = { ...rest, locationId: uuid(299), kind: 'file' as const, fileName: 'leak.mp3' }
    expect(codes({ ...report, locations: [location, file] })).toEqual([
      'location_not_specific /locations/1',
      'match_missing /locations/1',
    ])
  })
})

test('the statements name the right holder, and only authority is under penalty of perjury', () => {
  const { goodFaith, accuracy, authority } = statementTexts('Example & Sons')
  expect(goodFaith).toContain('Example & Sons')
  expect(authority).toMatch(/^Under penalty of perjury.*Example & Sons/)
  expect(goodFaith + accuracy).not.toMatch(/perjury/i)
})

test('a passage of the sample is one the schema takes', () => {
  expect(
    refusedAt({ ...signedReport(), matches: [{ ...signedReport().matches[0], passages: [passage(3)] }] }),
  ).toEqual([])
})

test.each([
  ['  First\r\n\tLight\u0000 ', 500, 'First Light'],
  ['First \ud83c', 500, 'First'],
  ['ab🌅', 3, 'ab'],
  ['ab🌅', 4, 'ab🌅'],
  ['\u0007 ', 500, undefined],
])('foreign text %j in %d characters is %j', (text, charactersMax, line) => {
  expect(oneLine(text, charactersMax)).toBe(line)
  if (line) expect(refusedAt(altered('works.0.title', oneLine(text, charactersMax)))).toEqual([])
})
