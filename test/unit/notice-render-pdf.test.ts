import { spawnSync } from 'node:child_process'

import { describe, expect, test } from 'vitest'

import { istText, renderBsaCertificate } from '../../services/evidence/bsa-certificate.ts'
import { freezeNotice, type NoticeDocument } from '../../services/notices/notice.ts'
import { renderNotice } from '../../services/notices/render/render.ts'
import { wordsIn } from '../../services/notices/render/words/in-language.ts'
import { sampleNotice, signedSampleNotice } from '../support/notice-samples.ts'
import { difficultNotice } from '../support/notice-variety.ts'

const poppler = spawnSync('pdftotext', ['-v']).error === undefined
if (!poppler) console.warn('pdftotext is missing (package poppler-utils): the text of PDFs is not tested')

const pdfOf = async (document: NoticeDocument): Promise<Buffer> => {
  const { body } = await renderNotice(document, 'pdf')
  if (typeof body === 'string') throw new Error('A PDF is bytes')
  return body
}

/** The text of a PDF as another program reads it, on one line. */
function textOf(pdf: Buffer): string {
  const { status, stdout } = spawnSync('pdftotext', ['-', '-'], {
    input: pdf,
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (status !== 0) throw new Error('pdftotext failed')
  return stdout.replaceAll(/\s+/g, ' ')
}

/** What PDF/A-2b asks of a file, as far as it shows without a validator. */
function expectArchivable(pdf: Buffer, language: string): void {
  const raw = pdf.toString('latin1')
  const count = (pattern: RegExp): number => raw.match(pattern)?.length ?? 0
  expect(raw).toMatch(/<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B</)
  expect(raw).toMatch(/\/OutputIntents? ?\[/)
  expect(raw).toContain('/S /GTS_PDFA1')
  expect(raw).toContain('/DestOutputProfile')
  expect(raw).toContain('/StructTreeRoot')
  expect(raw).toMatch(/\/MarkInfo|\/Marked true/)
  expect(raw).toContain(`/Lang (${language})`)
  expect(raw).toContain('/ID [')
  expect(count(/\/Type \/FontDescriptor/g)).toBeGreaterThan(0)
  expect(count(/\/FontFile[23] /g)).toBe(count(/\/Type \/FontDescriptor/g))
  expect(raw).not.toMatch(/\/(?:JavaScript|JS|Encrypt|URI|Launch|EmbeddedFile|AA)\b/)
}

describe('the notice as a PDF', () => {
  // One for each font that a language needs.
  test.each(['de', 'hi', 'ja'] as const)('in %s is archivable and shows its language', async (language) => {
    const pdf = await pdfOf(signedSampleNotice({ language, locationCount: 1 }))
    expectArchivable(pdf, language)
    if (!poppler) return
    const text = textOf(pdf)
    const { titles, sections } = wordsIn(language)
    for (const words of [titles.notice, ...Object.values(sections)]) expect(text).toContain(words)
  })

  test.skipIf(!poppler)(
    'says the whole notice, with its hash at every foot, the same in every run',
    async () => {
      const notice = signedSampleNotice()
      const pdf = await pdfOf(notice)
      expect((await pdfOf(notice)).equals(pdf)).toBe(true)
      const text = textOf(pdf)
      for (const words of [
        'To the abuse desk of Sample Hosting',
        '+912255550100',
        'exclusive licensee of the right',
        'ISRC AA6Q72000047',
        'https://files.sample-hosting.example/d/abc2?ref=list',
        '0:01–3:46 of the copy = 0:00–3:45 of the recording',
        'considered by a person, Sample Reviewer, on 2026-11-20 (L1–L2)',
        notice.evidence[1]?.sha256,
        '/s/ Sample Signer',
        'Sample Signer, Authorised agent; Signed (UTC): 2026-11-20T11:58:00Z',
        ...notice.statements.texts.map((statement) => statement.text),
      ])
        expect(text).toContain(words)
      const pages = Number(text.match(/page \d+ of (\d+)/)?.[1])
      // Once on the last page beside its label.
      expect(text.split(freezeNotice(notice).sha256)).toHaveLength(pages + 2)
      expect(text).not.toContain('OPEN')
    },
  )

  test.skipIf(!poppler)('says that it is open while nobody has signed', async () => {
    expect(textOf(await pdfOf(sampleNotice()))).toContain('OPEN: to be made by a person')
  })

  test.skipIf(!poppler)('prints names of all kinds and spells what it cannot show', async () => {
    const pdf = await pdfOf(difficultNotice())
    expectArchivable(pdf, 'en')
    const text = textOf(pdf)
    for (const name of ['Rock & Roll <live>', 'पहली किरण', 'स्वामित्व', '最初の光', '[U+1F305]', '[U+202E]'])
      expect(text).toContain(name)
  })

  test('stays small with 250 locations', async () => {
    expect((await pdfOf(signedSampleNotice({ locationCount: 250 }))).length).toBeLessThan(500_000)
  })
})

describe('the certificate for Indian courts', () => {
  const given = {
    tenantName: 'Sample & Records',
    documentName: 'EW-2026-000001-evidence.zip',
    manifestSha256: 'ab'.repeat(32),
    items: [
      {
        name: 'capture/first.mp3',
        sha256: 'cd'.repeat(32),
        bytes: 123_456,
        capturedAt: new Date('2026-11-20T20:00:00Z'),
      },
    ],
    at: new Date('2026-11-20T18:31:00Z'),
  }

  test('tells Indian time, across midnight', () => {
    expect(istText(new Date('2026-11-20T18:29:59Z'))).toBe('2026-11-20 23:59:59 IST')
    expect(istText(given.at)).toBe('2026-11-21 00:01:00 IST')
  })

  test('is archivable and the same in every run', async () => {
    const pdf = await renderBsaCertificate(given)
    expectArchivable(pdf, 'en')
    expect((await renderBsaCertificate(given)).equals(pdf)).toBe(true)
  })

  test.skipIf(!poppler)('has both parts, the hash with its algorithm, and the hash report', async () => {
    const text = textOf(
      await renderBsaCertificate({ ...given, personName: 'Sample Person', place: 'Mumbai' }),
    )
    for (const words of [
      'section 63(4)(c)',
      'Part A: to be completed by the party',
      'Part B: to be completed by the expert',
      'On behalf of Sample & Records',
      'Name Sample Person',
      'place: Mumbai',
      `The record has the hash value ${given.manifestSha256}, reckoned with the algorithm SHA-256`,
      '2026-11-21 00:01:00 IST',
      'capture/first.mp3',
      given.items[0]?.sha256,
      '2026-11-21 01:30:00 IST',
    ])
      expect(text).toContain(words)
    // Part B stays open, whoever signs Part A.
    expect(text.slice(text.indexOf('Part B'))).not.toContain('Sample Person')
  })
})
