import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { splitByFont } from '../../services/pdf/fonts.ts'
import { renderPdf } from '../../services/reports/report-pdf.ts'
import { freezeReport } from '../../services/reports/report.ts'
import {
  largeReport,
  openReport,
  picturedReport,
  signedReport,
  titles,
  unicodeReport,
} from './report-samples.ts'

const poppler = spawnSync('pdftotext', ['-v']).error === undefined
if (!poppler)
  console.warn('pdftotext and pdfinfo are missing (package poppler-utils): the text of PDFs is not tested')

let folder = ''
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'report-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a poppler tool prints about a PDF. */
function read(tool: 'pdftotext' | 'pdfinfo' | 'pdffonts', pdf: Buffer): string {
  const path = join(folder, 'report.pdf')
  writeFileSync(path, pdf)
  const { status, stdout, stderr } = spawnSync(tool, tool === 'pdftotext' ? [path, '-'] : [path], {
    encoding: 'utf8',
  })
  if (status !== 0 || /Error/.test(stderr)) throw new Error(`${tool}: ${stderr}`)
  return stdout
}

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

describe('the printed report', () => {
  test('is the same to the byte for the same document, and differs for another', async () => {
    const first = await renderPdf(unicodeReport())
    await renderPdf(signedReport())
    expect((await renderPdf(unicodeReport())).equals(first)).toBe(true)
    expect((await renderPdf(unicodeReport())).includes('PDFKit')).toBe(false)
    expect((await renderPdf(openReport({ issuedAt: '2026-11-20T12:00:01Z' }))).equals(first)).toBe(false)
  })

  test('draws the spectrograms that the document holds, and stays small', async () => {
    const pdf = await renderPdf(picturedReport())
    expect((await renderPdf(picturedReport())).equals(pdf)).toBe(true)
    const plain = picturedReport()
    for (const passage of plain.matches[0]?.passages ?? []) {
      delete passage.suspectSketch
      delete passage.referenceSketch
    }
    const drawn = pdf.length - (await renderPdf(plain)).length
    expect(drawn).toBeGreaterThan(10_000)
    expect(drawn).toBeLessThan(200_000)
  })

  test('is the same when several are rendered at once', async () => {
    const alone = await renderPdf(signedReport())
    const together = await Promise.all([
      renderPdf(signedReport()),
      renderPdf(unicodeReport()),
      renderPdf(signedReport()),
    ])
    expect(together[0]?.equals(alone)).toBe(true)
    expect(together[2]?.equals(alone)).toBe(true)
  })

  test('claims PDF/A-2b, is tagged and never links to a copy', async () => {
    const pdf = (await renderPdf(signedReport())).toString('latin1')
    expect(pdf).toMatch(/<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B</)
    expect(pdf).toContain('/Marked true')
    expect(pdf).toContain('/Lang (en)')
    expect(pdf).toMatch(/\/S \/Figure[^>]*\/Alt \(/)
    expect(pdf).not.toContain('/URI')
  })

  test.skipIf(!poppler)('has every font embedded', async () => {
    const [, , ...fonts] = read('pdffonts', await renderPdf(unicodeReport()))
      .trim()
      .split('\n')
    expect(fonts.length).toBeGreaterThan(6)
    expect(fonts.filter((line) => !/ yes yes yes +\d+ /.test(line))).toEqual([])
  })

  test.skipIf(!poppler)('says what the document says, with number, hash and page at every foot', async () => {
    const report = signedReport()
    const pdf = await renderPdf(report)
    const info = read('pdfinfo', pdf)
    expect(info).toMatch(/Title: +Takedown report EW-2026-000001, version 1/)
    expect(info).toMatch(/Pages: +3\n/)
    expect(info).toMatch(/Page size: +595.28 x 841.89 pts \(A4\)/)
    const pages = read('pdftotext', pdf).split('\f').slice(0, -1)
    expect(pages).toHaveLength(3)
    for (const [index, page] of pages.entries()) {
      expect(page).toContain('EW-2026-000001, version 1')
      expect(page).toContain(freezeReport(report).sha256)
      expect(page).toContain(`page ${index + 1} of 3`)
    }
    const text = onOneLine(pages.join(' '))
    for (const words of [
      'AA-6Q7-20-00047',
      'sped up by 4.0 %',
      '2: 0:30 – 0:52 of the suspect file is 0:05 – 0:27 of the recording',
      'it plays 4.0 % faster and higher',
      '/s/ Asha Agent',
      ...Object.values(report.statements.texts),
    ])
      expect(text).toContain(words)
    expect(text.replaceAll(' ', '')).toContain(report.locations[0]?.url)
    expect(text).not.toContain('OPEN')
  })

  test.skipIf(!poppler)('warns on its first page while nobody has signed', async () => {
    const [first = ''] = read('pdftotext', await renderPdf(openReport())).split('\f')
    expect(first).toContain('Not signed: this report may not be sent yet')
    expect(onOneLine(first)).toContain("OPEN: to be made by a person with the signer's role")
  })

  test.skipIf(!poppler)('prints titles in their script, and spells what no font has', async () => {
    const text = onOneLine(read('pdftotext', await renderPdf(unicodeReport())))
    for (const script of [
      'latin',
      'greek',
      'cyrillic',
      'devanagari',
      'japanese',
      'thai',
      'korean',
      'chinese',
    ] as const)
      expect(text).toContain(titles[script])
    expect(text).toContain('Light [U+1F305]')
  })

  test.skipIf(!poppler)('carries 300 locations and 40 passages in time', async () => {
    const report = largeReport()
    await renderPdf(report)
    const before = process.cpuUsage()
    const pdf = await renderPdf(report)
    const { user, system } = process.cpuUsage(before)
    // Processor time, because other tests run beside this one: 1.5 s, and more where cores share their caches.
    expect((user + system) / 1e6).toBeLessThan(5)
    expect(pdf.length).toBeLessThan(1_000_000)
    const text = read('pdftotext', pdf)
    expect(text).toMatch(/^L300$/m)
    expect(text).toContain('19:30.0–19:52.0')
    expect(Number(read('pdfinfo', pdf).match(/Pages: +(\d+)/)?.[1])).toBeLessThan(50)
  })

  test.skipIf(!poppler)('loses nothing of what is longer than a page', async () => {
    const [location] = signedReport().locations
    const [match] = signedReport().matches
    if (!location || !match) throw new Error('The sample has a location and a match')
    const url = `https://host.example/${'Y'.repeat(2000)}`
    const finalUrl = `https://host.example/${'Z'.repeat(2000)}`
    const tags = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`tag ${index}`, 'X'.repeat(500)]),
    )
    const report = signedReport({
      locations: [{ ...location, url, finalUrl }],
      matches: [{ ...match, identifiers: { tags } }],
    })
    const text = read('pdftotext', await renderPdf(report))
    const count = (letter: string): number => text.split(letter).length - 1
    // The address stands in sections 4 and 5, where it led to only in section 4.
    expect([count('Y'), count('Z'), count('X')]).toEqual([4000, 2000, 20_000])
  })
})

describe('splitting text by font', () => {
  const fonts = (text: string): string[] =>
    splitByFont(text, 'plain').map(({ font, text }) => `${font}:${text}`)

  test('gives each script its font and leaves punctuation with its neighbour', () => {
    expect(fonts('Für Élise')).toEqual(['sans:Für Élise'])
    expect(fonts('東京、夜 Tokyo')).toEqual(['japanese:東京、夜 ', 'sans:Tokyo'])
    expect(fonts('첫')).toEqual(['korean:첫'])
    expect(splitByFont('a हिन्दी गीत', 'strong').map(({ direction }) => direction)).toEqual([
      'leftToRight',
      'reordered',
    ])
  })

  test('spells what would be invisible or has no glyph, and never loses a character', () => {
    expect(fonts('a\u202Eb')).toEqual(['sans:a[U+202E]b'])
    expect(fonts('\u{10FFFF}')).toEqual(['sans:[U+10FFFF]'])
    expect(fonts('\u06A2')).toEqual(['sans:[U+06A2]'])
  })

  test('survives every character of the Basic Multilingual Plane', () => {
    for (let start = 0x20; start < 0xffff; start += 64) {
      const text = Array.from({ length: 64 }, (_, index) => String.fromCharCode(start + index)).join('')
      expect(() => splitByFont(text, 'strong')).not.toThrow()
    }
  })
})

test('the fonts are what the folder says, and small enough to live in a repository', () => {
  const folder = new URL('../../services/pdf/fonts/', import.meta.url)
  const listed = [...readFileSync(new URL('README.md', folder), 'utf8').matchAll(/\S+\.ttf/g)].map(([name]) =>
    name.replace(',', ''),
  )
  const names = [...new Set(listed)].filter((name) => !name.startsWith('NotoSansKR_'))
  const bytes = names.reduce((sum, name) => sum + readFileSync(new URL(name, folder)).length, 0)
  expect(names).toHaveLength(8)
  expect(bytes).toBeLessThan(8_000_000)
})
