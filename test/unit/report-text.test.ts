import { describe, expect, test } from 'vitest'

import { renderText } from '../../services/reports/report-text.ts'
import {
  oddsWords,
  preciseClock,
  shareWords,
  suspectDurationMs,
  utcWords,
} from '../../services/reports/report-words.ts'
import { freezeReport } from '../../services/reports/report.ts'
import { largeReport, openReport, signedReport, titles, unicodeReport } from './report-samples.ts'

describe('the text of a report', () => {
  const text = renderText(signedReport())
  const flat = text.replaceAll(/\s+/g, ' ')

  test('says everything a recipient asks for', () => {
    const { statements, complainant, locations } = signedReport()
    const wanted = [
      'EW-2026-000001',
      complainant.name,
      `${complainant.address}, ${complainant.country}`,
      complainant.phone ?? '',
      complainant.email ?? '',
      'Example Hosting BV',
      'abuse@hoster.example',
      'First Light',
      'The Samples',
      'ISRC AA-6Q7-20-00047',
      'UPC 190295810726',
      '℗ 2020 Example Records Pvt Ltd',
      locations[0]?.url ?? '',
      locations[0]?.finalUrl ?? '',
      locations[0]?.sha256 ?? '',
      '2026-11-20 10:15:00 UTC',
      '192.0.2.10',
      '9,437,184 bytes',
      '87.3 % of the recording',
      ...Object.values(statements.texts),
      '/s/ Asha Agent',
      'Asha Agent, Authorised agent',
      'b'.repeat(64),
      freezeReport(signedReport()).sha256,
    ]
    expect(wanted.filter((words) => !words || !flat.includes(words))).toEqual([])
  })

  test('numbers its sections in the order of a notice', () => {
    expect(text.match(/^\d [A-Z ]+$/gm)).toEqual([
      '1 SENDER',
      '2 RIGHTS HOLDER AND RECIPIENT',
      '3 WORKS',
      '4 LOCATIONS',
      '5 WHAT WAS FOUND',
      '6 STATEMENTS',
      '7 REQUEST',
      '8 EVIDENCE',
    ])
  })

  test('aligns the passages and tells the change of each in words', () => {
    const rows = text.split('\n').filter((line) => /^\d {2}\d:/.test(line))
    expect(rows).toHaveLength(4)
    expect(new Set(rows.map((row) => row.indexOf('132 of 154'))).size).toBe(1)
    for (const change of [
      'as the original',
      'sped up by 4.0 %',
      'lowered by 2.0 semitones',
      'slower by 10.0 %, pitch kept',
    ])
      expect(columnOf(text, 'Change found').replaceAll(/\s+/g, ' ')).toContain(change)
  })

  test('keeps to 78 columns, except for addresses, which are never broken', () => {
    for (const report of [signedReport(), largeReport(), openReport()]) {
      const long = renderText(report)
        .split('\n')
        .filter((line) => line.length > 78)
      expect(long.filter((line) => !line.includes('https://'))).toEqual([])
    }
  })

  test('shows what a person still has to do, and only then', () => {
    const open = renderText(openReport())
    expect(open.match(/OPEN: to be made by a person with the signer's role/g)).toHaveLength(5)
    expect(open).toContain('9 OPEN POINTS')
    expect(open).toContain('have your lawyer')
    expect(text).not.toMatch(/OPEN|lawyer|\/s\/ *$/m)
  })

  test('keeps titles in their script', () => {
    const unicode = renderText(unicodeReport())
    for (const title of Object.values(titles)) expect(unicode).toContain(title)
  })
})

/** The text of one column of the aligned table, its lines joined. */
function columnOf(text: string, title: string): string {
  const lines = text.split('\n')
  const head = lines.findIndex((line) => line.includes(title))
  const from = lines[head]?.indexOf(title) ?? -1
  // The next column is aligned to the right: its cells begin a little before its title.
  const to = (lines[head]?.indexOf('Landmarks') ?? 0) - 2
  const end = lines.findIndex((line, index) => index > head && line === '')
  return lines
    .slice(head, end)
    .map((line) => line.slice(from, to).trim())
    .join(' ')
}

describe('words', () => {
  test.each([
    [1, '100 %'],
    [0.9999, '99.9 %'],
    [0.57, '57.0 %'],
    [0.0004, 'under 0.1 %'],
    [0, '0.0 %'],
  ])('the share %d is %s', (share, words) => expect(shareWords(share)).toBe(words))

  test.each([
    [0, 'under 1 in a million'],
    [9e-7, 'under 1 in a million'],
    [1e-6, 'under 1 in a million'],
    [2.4e-5, '1 in 42,000'],
    [0.12, '12.0 %'],
  ])('the probability %d is %s', (probability, words) => expect(oddsWords(probability)).toBe(words))

  test.each([
    [0, '0:00.0'],
    [59_960, '1:00.0'],
    [225_240, '3:45.2'],
    [3_723_400, '1:02:03.4'],
  ])('%d ms is %s', (ms, words) => expect(preciseClock(ms)).toBe(words))

  test('times are UTC to the second, given with or without seconds and fractions', () => {
    expect(utcWords('2026-11-20T10:15:00.250Z')).toBe('2026-11-20 10:15:00 UTC')
    expect(utcWords('2026-11-20T10:15Z')).toBe('2026-11-20 10:15:00 UTC')
  })

  test('a suspect is at least as long as its last passage reaches', () => {
    const [location] = signedReport().locations
    if (!location) throw new Error('The sample has a location')
    const { durationMs: _, ...unknown } = location
    expect(suspectDurationMs(unknown, [{ suspectToMs: 4000 }, { suspectToMs: 9000 }])).toBe(9000)
    expect(suspectDurationMs(location, [{ suspectToMs: 4000 }])).toBe(232_000)
  })
})
