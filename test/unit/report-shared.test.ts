import { describe, expect, test } from 'vitest'

import { renderText } from '../../services/reports/report-text.ts'
import { type ReportDocument, type ReportPassage, freezeReport } from '../../services/reports/report.ts'
import { openReport, uuid } from './report-samples.ts'

/** A report whose first match has its passages changed, in a file of which only the beginning could be read. */
function report(change: (passage: ReportPassage, index: number) => ReportPassage): ReportDocument {
  const document = openReport()
  const [match, ...others] = document.matches
  const [location, ...elsewhere] = document.locations
  if (!match || !location) throw new Error('a sample without a match')
  const compared = {
    recordings: 1204,
    hours: 80.25,
    falseClaimsPerMillion: 500,
    at: '2026-11-20T10:16:00.000Z',
  }
  return {
    ...document,
    locations: [{ ...location, durationMs: 232_000, truncated: true }, ...elsewhere],
    matches: [{ ...match, compared, passages: match.passages.map(change) }, ...others],
  }
}

const sharedWith = [{ workId: uuid(900), title: 'Second Light', isrc: 'AA6Q72000048' }]
/** The text in one line: where it is broken says nothing. */
const flat = (document: ReportDocument): string => renderText(document).replaceAll(/\s+/g, ' ')

describe('a report', () => {
  const some = report((passage, index) => (index === 0 ? { ...passage, sharedWith } : passage))
  const all = report((passage) => ({ ...passage, sharedWith, speedError: 0.0002, pitchError: 0.001 }))

  test('says of a shared passage in what else the audio is, and that it proves nothing alone', () => {
    const text = flat(some)
    expect(text).toContain(
      'Shared passage 1: the same audio is also in “Second Light” (ISRC AA-6Q7-20-00048)',
    )
    expect(text).toContain('This passage alone does not tell which of them was copied.')
    expect(text).toContain('of the recording, which makes up')
    expect(flat(openReport())).not.toContain('Shared passage')
  })

  test('of which everything is shared does not speak of the recording as copied', () => {
    const text = flat({ ...all, matches: all.matches.slice(0, 1) })
    expect(text).toContain('and is in other recordings too')
    expect(text).toContain('keep copies of the same audio from being made available')
    expect(text).not.toContain('of the recording, which makes up')
  })

  test('tells errors beside changes, what was compared, and that decoding broke off', () => {
    const text = flat(all)
    expect(text).toContain('4.00 % ± 0.02')
    expect(text).toContain('1,204 recordings (80.3 hours) on 2026-11-20 10:16:00 UTC')
    expect(text).toContain('of a million files with none of them, at most 500 would be claimed')
    expect(text).toContain('only the first 3:52 could be decoded; what follows was not examined')
  })

  test('keeps all of it in its document, and without it is as it was', () => {
    const frozen = freezeReport(all).canonicalJson
    for (const field of [
      '"sharedWith":',
      '"speedError":0.0002',
      '"truncated":true',
      '"falseClaimsPerMillion":500',
    ])
      expect(frozen).toContain(field)
    expect(freezeReport(openReport()).canonicalJson).not.toMatch(/sharedWith|speedError|truncated|compared/)
  })
})
