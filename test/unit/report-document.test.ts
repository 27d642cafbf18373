import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'

import { freezeReport, ReportDocument, reportJsonSchema } from '../../services/notices/report.ts'
import { openPoints, statementTexts } from '../../services/notices/statements.ts'
import { openReport, passage, signedReport, uuid } from './report-samples.ts'

/** A copy of a valid report, changed in one place through untyped eyes, as a stranger's JSON would be. */
function altered(change: (report: any) => void, report = signedReport()): unknown {
  const copy: unknown = structuredClone(report)
  change(copy)
  return copy
}

const refusedAt = (value: unknown): string[] =>
  ReportDocument.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? []

describe('the document', () => {
  test('comes back the same from its frozen JSON', () => {
    for (const report of [openReport(), signedReport()])
      expect(ReportDocument.parse(JSON.parse(freezeReport(report).canonicalJson))).toEqual(report)
  })

  test.each<[string, (report: any) => void, string]>([
    ['an unknown field', (r) => (r.price = 1), ''],
    ['a number of another series', (r) => (r.number = 'XY-2026-000001'), 'number'],
    ['a time that is not UTC', (r) => (r.issuedAt = '2026-11-20T12:00:00+05:30'), 'issuedAt'],
    ['a second version that replaces nothing', (r) => (r.version = 2), 'supersedes'],
    ['a version that replaces itself', (r) => (r.supersedes = { version: 1 }), 'supersedes.version'],
    ['a control character in a title', (r) => (r.works[0].title = 'First\u0007Light'), 'works.0.title'],
    ['half a surrogate pair', (r) => (r.works[0].title = 'First \ud83c'), 'works.0.title'],
    ['a hash in upper case', (r) => (r.locations[0].sha256 = 'A'.repeat(64)), 'locations.0.sha256'],
    [
      'an address that is no web address',
      (r) => (r.locations[0].url = 'javascript:alert(1)'),
      'locations.0.url',
    ],
    ['a file without a name', (r) => (r.locations[0].kind = 'file'), 'locations.0.fileName'],
    ['a match of an unknown work', (r) => (r.matches[0].workId = uuid(9)), 'matches.0.workId'],
    ['the same location twice', (r) => r.locations.push(r.locations[0]), 'locations.1.locationId'],
    [
      'a passage that ends before it begins',
      (r) => (r.matches[0].passages[1].suspectToMs = 1),
      'matches.0.passages.1.suspectToMs',
    ],
    [
      'more landmarks found than expected',
      (r) => (r.matches[0].passages[0].landmarksMatched = 999),
      'matches.0.passages.0.landmarksMatched',
    ],
    ['a statement that was not made', (r) => (r.statements.accuracy = false), 'statements.accuracy'],
    ['statements without a signatory', (r) => delete r.statements.signatory, 'statements.signatory'],
    [
      'a signature that is none',
      (r) => (r.statements.signatory.signatureText = 'Asha'),
      'statements.signatory.signatureText',
    ],
  ])('is refused with %s', (_, change, path) => {
    expect(refusedAt(altered(change))).toEqual([path])
  })

  test('signed by nobody, carries no statement', () => {
    expect(refusedAt(altered((r) => (r.statements.goodFaith = true), openReport()))).toEqual(['statements'])
  })
})

describe('the JSON Schema', () => {
  const validate = addFormats.default(new Ajv.default({ strict: false })).compile(reportJsonSchema())

  test('takes what the schema takes and refuses what is not of its shape', () => {
    expect(validate(openReport())).toBe(true)
    expect(validate(signedReport())).toBe(true)
    expect(validate(altered((r) => (r.price = 1)))).toBe(false)
    expect(validate(altered((r) => (r.works[0].isrc = 'no')))).toBe(false)
    expect(validate(altered((r) => (r.statements.accuracy = false)))).toBe(false)
  })

  test('names itself and describes every field', () => {
    const schema = reportJsonSchema()
    expect(schema['$id']).toBe('/schemas/takedown-report-1.json')
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(undescribed(schema)).toEqual([])
  })
})

/** The paths of all properties without a description. */
function undescribed(schema: any, path = ''): string[] {
  const found: string[] = []
  for (const [name, field] of Object.entries<any>(schema.properties ?? {})) {
    if (!field.description) found.push(`${path}/${name}`)
    found.push(...undescribed(field, `${path}/${name}`))
  }
  for (const [index, part] of [...(schema.items ? [schema.items] : []), ...(schema.oneOf ?? [])].entries())
    found.push(...undescribed(part, `${path}[${index}]`))
  return found
}

describe('freezing', () => {
  test('gives the hash that was written down when the format was made', () => {
    expect(freezeReport(signedReport()).sha256).toBe('PLACEHOLDER')
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
