import { describe, expect, test } from 'vitest'

import { freezeNotice, Language, NoticeDocument } from '../../services/notices/notice.ts'
import { CloudflareReport } from '../../services/notices/render/cloudflare.ts'
import { LumenNotice } from '../../services/notices/render/lumen.ts'
import {
  renderFormats,
  renderNotice,
  type RenderFacts,
  type RenderFormat,
} from '../../services/notices/render/render.ts'
import { StayDownPackage } from '../../services/notices/render/stay-down.ts'
import { wordsIn } from '../../services/notices/render/words/in-language.ts'
import { sampleLocation, sampleNotice, signedSampleNotice } from '../support/notice-samples.ts'
import { difficultNames, difficultNotice } from '../support/notice-variety.ts'

const rendered = async (
  document: NoticeDocument,
  format: RenderFormat,
  more?: RenderFacts,
): Promise<string> => (await renderNotice(document, format, more)).body.toString()

const refused = async (document: NoticeDocument, format: RenderFormat, why: RegExp): Promise<void> => {
  await expect(renderNotice(document, format)).rejects.toMatchObject({
    type: 'request/not-acceptable',
    message: expect.stringMatching(why) as string,
  })
}

/** A reader of CSV (RFC 4180) that did not write it. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = []
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    const row = rows.at(-1)
    const cell = quoted?.replaceAll('""', '"') ?? plain
    if (row && row.at(-1) !== END) row.push(cell)
    else rows.push([cell])
    if (end === '\r\n') rows.at(-1)?.push(END)
  }
  return rows.map((row) => row.filter((cell) => cell !== END))
}
/** No cell holds it: it is a control character. */
const END = '\u0000'

describe('every form', () => {
  test('is named after notice and version, and the same in every run', async () => {
    const names = new Set<string>()
    for (const format of renderFormats.filter((name) => name !== 'pdf')) {
      const file = await renderNotice(signedSampleNotice(), format)
      expect(file.fileName).toMatch(/^EN-2026-000001-v1[-.a-z]+$/)
      expect(await rendered(signedSampleNotice(), format)).toBe(file.body.toString())
      names.add(file.fileName)
    }
    expect(names.size).toBe(renderFormats.length - 1)
  })

  test('json is the canonical text, to the byte what was frozen', async () => {
    const frozen = freezeNotice(difficultNotice())
    expect(await rendered(difficultNotice(), 'json')).toBe(frozen.text)
    expect(NoticeDocument.parse(JSON.parse(await rendered(difficultNotice(), 'json')))).toEqual(
      difficultNotice(),
    )
  })
})

describe('the plain text', () => {
  test.each(Language.options)(
    'in %s has every section, all statements and what was signed',
    async (language) => {
      const notice = signedSampleNotice({ language, regimes: ['US_512C', 'EU_DSA_16', 'IN_RULE_75'] })
      const text = await rendered(notice, 'text')
      const words = wordsIn(language)
      for (const [index, title] of Object.values(words.sections).entries())
        expect(text).toContain(`\n${index + 1}. ${title}\n`)
      const flowing = text.replaceAll(/\s+/g, '')
      for (const part of [
        ...notice.statements.texts.map((statement) => statement.text),
        words.requestIndia,
        words.noLicence,
      ])
        expect(flowing).toContain(part.replaceAll(/\s+/g, ''))
      expect(text).toContain('/s/ Sample Signer')
      expect(text).toContain(freezeNotice(notice).sha256)
      expect(text).not.toContain('undefined')
    },
  )

  test('keeps lines short, but never breaks an address or a hash', async () => {
    const url = `https://files.sample-hosting.example/${'x'.repeat(300)}`
    for (const language of Language.options) {
      const text = await rendered(
        signedSampleNotice({ language, locations: [{ ...sampleLocation(1), url }] }),
        'text',
      )
      expect(text).toContain(url)
      const long = text.split('\n').filter((line) => line.length > 78 && !line.includes(url))
      expect(long).toEqual([])
    }
  })

  test('spells marks that would turn the text around it, and is open while nobody has signed', async () => {
    const text = await rendered(difficultNotice(), 'text')
    expect(text).toContain('a[U+202E]fdp.exe')
    expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B]/)
    expect(await rendered(sampleNotice(), 'text')).toContain('OPEN: to be made by a person')
    expect(await rendered(signedSampleNotice(), 'text')).not.toContain('OPEN')
  })

  test('tells locations of one review together', async () => {
    expect(await rendered(signedSampleNotice({ locationCount: 3 }), 'text')).toContain('(L1–L3)')
  })
})

describe('Lumen', () => {
  test('has the works with their addresses, the companies and no person or contact', async () => {
    const text = await rendered(signedSampleNotice(), 'lumen', { sentAt: new Date('2026-11-20T12:00:00Z') })
    const { notice } = LumenNotice.parse(JSON.parse(text))
    expect(notice).toMatchObject({
      type: 'DMCA',
      date_sent: '2026-11-20',
      regulation_list: '17 U.S.C. 512(c), Regulation (EU) 2022/2065',
      jurisdiction_list: 'US, EU',
    })
    expect(notice.works_attributes[0]?.infringing_urls_attributes).toHaveLength(2)
    expect(notice.entity_notice_roles_attributes.map(({ name }) => name)).toEqual([
      'principal',
      'sender',
      'recipient',
    ])
    for (const secret of ['Signer', 'Reviewer', '@', '+91', '1 Sample Road', 'uploader'])
      expect(text).not.toContain(secret)
  })

  test('fits with names of all kinds and without a law', async () => {
    const { notice } = LumenNotice.parse(
      JSON.parse(await rendered(difficultNotice({ regimes: ['GENERIC'] }), 'lumen')),
    )
    expect(notice.works_attributes).toHaveLength(difficultNames.length)
    expect(notice.type).toBe('Other')
    expect(notice).not.toHaveProperty('regulation_list')
  })
})

describe('Cloudflare', () => {
  test('fits its limits with 250 addresses, and says what is asked', async () => {
    const report = CloudflareReport.parse(
      JSON.parse(await rendered(signedSampleNotice({ locationCount: 250 }), 'cloudflare')),
    )
    expect(report).toMatchObject({
      name: 'Sample Signer',
      signature: 'Sample Signer',
      agent_name: 'Sample Records',
      address1: '1 Sample Road',
      city: 'Mumbai 400001',
      country: 'IN',
      original_work: 'First Light – The Samples – ISRC AA6Q72000047',
    })
    expect(report.urls.split('\n')).toHaveLength(250)
    expect(report.comments).toMatch(/; and \d+ more$/)
  })

  test('shortens many works to what has room', async () => {
    const notice = difficultNotice()
    const works = notice.works.map((work) => ({ ...work, rightsHolder: 'Sample Records' }))
    const report = CloudflareReport.parse(JSON.parse(await rendered({ ...notice, works }, 'cloudflare')))
    expect(report.original_work).toMatch(/; and \d+ more$/)
  })

  const signed = signedSampleNotice()
  const texts = signed.statements.texts.filter(({ code }) => code !== 'authority')
  const withoutAuthority = { ...signed, statements: { ...signed.statements, texts } }
  const elsewhere = { ...sampleLocation(2), url: 'https://other.example/2' }
  test.each<[string, RegExp, NoticeDocument]>([
    [
      'several hosts',
      /of one host, and here are 2/,
      signedSampleNotice({ locations: [sampleLocation(1), elsewhere] }),
    ],
    ['251 addresses', /takes 250 addresses, and here are 251/, signedSampleNotice({ locationCount: 251 })],
    [
      'a magnet link',
      /only http/,
      signedSampleNotice({ locations: [{ ...sampleLocation(1), url: 'magnet:?xt=urn:btih:0' }] }),
    ],
    ['no signature', /nobody has signed/, sampleNotice()],
    ['several rights holders', /one rights holder, and here are 8/, difficultNotice()],
    ['a missing statement', /lacks a statement/, withoutAuthority],
    [
      'no address',
      /street and town/,
      signedSampleNotice({ complainant: { name: 'Sample', country: 'IN', address: 'Mumbai' } }),
    ],
    [
      'a long rights holder',
      /over 60/,
      signedSampleNotice({ works: signed.works.map((work) => ({ ...work, rightsHolder: 'x'.repeat(61) })) }),
    ],
  ])('refuses %s, with the reason', async (_, why, document) => {
    await refused(document, 'cloudflare', why)
  })
})

describe('bulk forms', () => {
  test('the table has a row for each work at each address, safe to open in a spreadsheet', async () => {
    const csv = await rendered(difficultNotice(), 'csv')
    const [head, ...rows] = rowsOf(csv)
    expect(head).toEqual(['work_title', 'artist', 'isrc', 'authorised_url', 'infringing_url'])
    expect(rows).toHaveLength(2 * difficultNames.length)
    expect(rows.every((row) => row.length === 5)).toBe(true)
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
    expect(rows.map(([title]) => title).slice(0, difficultNames.length)).toEqual(
      difficultNames.map((name) => (/^[=+@-]/.test(name) ? `'${name}` : name)),
    )
  })

  test('the text is each address once on a line', async () => {
    const same = signedSampleNotice({
      locations: [sampleLocation(1), { ...sampleLocation(2), url: sampleLocation(1).url }],
    })
    expect(await rendered(same, 'bulk')).toBe('https://files.sample-hosting.example/d/abc1?ref=list\n')
    const many = await rendered(signedSampleNotice({ locationCount: 1000 }), 'bulk')
    expect(many.trimEnd().split('\n')).toHaveLength(1000)
  })
})

describe('the stay-down package', () => {
  test('has the data of every work, and its fingerprint where one is known', async () => {
    const [work] = difficultNotice().works
    if (!work) throw new Error('The sample has a work')
    const fingerprint = Uint8Array.of(1, 2, 250)
    const references = new Map([[work.workId, { fingerprint, engineVersion: 3 }]])
    const text = await rendered(difficultNotice(), 'stay-down', { referenceFingerprints: references })
    const { works } = StayDownPackage.parse(JSON.parse(text))
    expect(works).toHaveLength(difficultNames.length)
    expect(works[0]).toMatchObject({
      title: difficultNames[0],
      territories: ['Worldwide'],
      policy: 'block',
      basis: 'exclusive_licensee',
      reference: { engineVersion: 3, fingerprint: 'AQL6' },
    })
    expect(works[1]).not.toHaveProperty('reference')
  })
})

describe('the sheet to copy from', () => {
  test('has each value whole under its name, and the notice at the end', async () => {
    const sheet = await rendered(signedSampleNotice(), 'hand')
    expect(sheet).toContain('## Telephone\n+912255550100\n')
    expect(sheet).toContain(
      '## Location\nhttps://files.sample-hosting.example/d/abc1?ref=list\nhttps://files.sample-hosting.example/d/abc2?ref=list\n',
    )
    expect(sheet).toContain('## Signature\n/s/ Sample Signer\n')
    expect(sheet).toContain(await rendered(signedSampleNotice(), 'text'))
  })
})
