import { simpleParser, type ParsedMail } from 'mailparser'
import { describe, expect, test } from 'vitest'

import { composeMime } from '../../services/core/mime.ts'
import { freezeNotice, Language, type NoticeDocument } from '../../services/notices/notice.ts'
import {
  mailBodyOf,
  type MailBody,
  type MailFacts,
  type MailKind,
} from '../../services/notices/render/mail-body.ts'
import { wordsIn } from '../../services/notices/render/words/in-language.ts'
import { XarfReport } from '../../services/notices/render/xarf/schema.ts'
import type { MailFormat } from '../../services/recipients/recipient.ts'
import { sampleLocation, signedSampleNotice } from '../support/notice-samples.ts'
import { difficultNotice } from '../support/notice-variety.ts'
import { readXml } from '../support/read-xml.ts'

/** A mail as its recipient has it: composed, sent as bytes, read by an independent parser. */
async function received({ subject, text, attachments, report }: MailBody): Promise<ParsedMail> {
  const bytes = await composeMime({
    from: 'notices@sample-monitoring.example',
    to: 'abuse@sample-hosting.example',
    subject,
    text,
    attachments,
    report,
    messageId: 'sample@sample-monitoring.example',
    date: new Date('2026-11-20T12:00:00Z'),
  })
  return simpleParser(bytes)
}

const mails = (
  document: NoticeDocument,
  format: MailFormat = 'mail',
  kind: MailKind = 'notice',
  facts: MailFacts = {},
): Promise<ParsedMail[]> => Promise.all(mailBodyOf(document, format, kind, facts).map(received))

async function oneMail(...given: Parameters<typeof mails>): Promise<ParsedMail> {
  const [mail, ...others] = await mails(...given)
  expect(others).toEqual([])
  if (!mail) throw new Error('No mail')
  return mail
}

const textOf = ({ text = '' }: ParsedMail): string => text
const filesOf = ({ attachments }: ParsedMail): [string | undefined, string][] =>
  attachments.map(({ filename, contentType }) => [filename, contentType])
const xmlIn = (mail: ParsedMail): string => /<\?xml[\s\S]*<\/Infringement>/.exec(textOf(mail))?.[0] ?? ''
const [first, second] = signedSampleNotice().locations.map(({ url }) => url)

describe('a plain mail', () => {
  test('has the number in its subject and the whole notice as its text', async () => {
    const notice = signedSampleNotice()
    const mail = await oneMail(notice)
    expect(mail.subject).toBe('[EN-2026-000001] Copyright notice: 2 URLs on files.sample-hosting.example')
    expect(mail.attachments).toEqual([])
    expect(mail.html).toBe(false)
    for (const part of [first, second, '/s/ Sample Signer', freezeNotice(notice).sha256])
      expect(textOf(mail)).toContain(part)
  })

  test('has the addresses as a table as well when they are more than 20', async () => {
    expect((await oneMail(signedSampleNotice({ locationCount: 20 }))).attachments).toEqual([])
    const mail = await oneMail(signedSampleNotice({ locationCount: 21 }))
    expect(filesOf(mail)).toEqual([['EN-2026-000001-urls.csv', 'text/csv']])
    expect(mail.attachments[0]?.content.toString().trimEnd().split('\r\n')).toHaveLength(22)
    expect(textOf(mail)).toContain('EN-2026-000001-urls.csv')
  })

  test.each(Language.options)('speaks %s in its subject', async (language) => {
    const mail = await oneMail(signedSampleNotice({ language, locationCount: 1 }))
    expect(mail.subject).toContain(wordsIn(language).titles.notice)
    expect(mail.subject).toMatch(/^\[EN-2026-000001\] /)
  })

  test('survives names of all kinds', async () => {
    expect(textOf(await oneMail(difficultNotice()))).toContain('पहली किरण – स्वामित्व')
  })
})

describe('XARF over mail', () => {
  test('is a mail a location, each with its part of the notice and its report', async () => {
    const bodies = mailBodyOf(signedSampleNotice(), 'xarf-mail', 'notice')
    const [one, two, ...others] = await Promise.all(bodies.map(received))
    expect(others).toEqual([])
    expect(one?.subject).toBe(
      '[EN-2026-000001] Copyright notice: 1 URL on files.sample-hosting.example (1 of 2)',
    )
    expect(one?.headers.get('content-type')).toMatchObject({
      value: 'multipart/report',
      params: { 'report-type': 'feedback-report' },
    })
    expect(filesOf(one as ParsedMail)).toEqual([
      [undefined, 'message/feedback-report'],
      ['xarf.json', 'application/json'],
    ])
    const [feedback, json] = (two as ParsedMail).attachments.map(({ content }) => content.toString())
    expect(feedback?.trimEnd().split(/\r?\n/)).toEqual([
      'Feedback-Type: xarf',
      'User-Agent: Earwitness/0.1.0',
      'Version: 1',
      'Source-IP: 192.0.2.10',
      'Reported-Domain: files.sample-hosting.example',
      `Reported-URI: ${second}`,
      'Arrival-Date: Fri, 20 Nov 2026 10:15:00 +0000',
    ])
    expect(XarfReport.parse(JSON.parse(json ?? ''))).toMatchObject({ infringing_url: second })
    expect(textOf(two as ParsedMail)).toContain(second)
    expect(textOf(two as ParsedMail)).not.toContain(first)
    expect(textOf(two as ParsedMail)).toContain('/s/ Sample Signer')
  })

  test('has no line that is too long for mail, however long an address is', async () => {
    const long = { ...sampleLocation(1), url: `https://files.sample-hosting.example/${'é'.repeat(1_000)}` }
    const [body] = mailBodyOf(signedSampleNotice({ locations: [long] }), 'xarf-mail', 'notice')
    if (!body?.report) throw new Error('no report')
    const bytes = await composeMime({
      ...body,
      from: 'notices@sample-monitoring.example',
      to: 'abuse@sample-hosting.example',
      messageId: 'sample@sample-monitoring.example',
      date: new Date('2026-11-20T12:00:00Z'),
    })
    const lengths = bytes
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(998)
    expect(JSON.parse(body.report.json)).toMatchObject({ infringing_url: new URL(long.url).href })
  })

  test('has of the evidence only what is of its location', () => {
    const [item] = signedSampleNotice().evidence
    if (!item) throw new Error('The sample has evidence')
    const hashes = ['1', '2'].map((digit) => digit.repeat(64))
    const notice = signedSampleNotice({
      locations: hashes.map((sha256, index) => ({ ...sampleLocation(index + 1), sha256 })),
      evidence: hashes.map((sha256) => ({ ...item, sha256 })),
    })
    const [, two] = mailBodyOf(notice, 'xarf-mail', 'notice')
    expect(two?.text).toContain(hashes[1])
    expect(two?.text).not.toContain(hashes[0])
  })

  test('is one mail with all reports beyond 20 locations', async () => {
    expect(await mails(signedSampleNotice({ locationCount: 20 }), 'xarf-mail')).toHaveLength(20)
    const mail = await oneMail(signedSampleNotice({ locationCount: 21 }), 'xarf-mail')
    expect(filesOf(mail)).toEqual([
      ['EN-2026-000001-urls.csv', 'text/csv'],
      ['EN-2026-000001-xarf.ndjson', 'application/x-ndjson'],
    ])
    const lines = mail.attachments[1]?.content.toString().trimEnd().split('\n') ?? []
    expect(lines.map((line) => XarfReport.parse(JSON.parse(line)).x_case)).toHaveLength(21)
  })

  test('demands in plain words what it has no report for', async () => {
    const nameless = { ...sampleLocation(2), url: 'magnet:?dn=nameless' }
    const notice = signedSampleNotice({ locations: [sampleLocation(1), nameless] })
    const [report, plain] = mailBodyOf(notice, 'xarf-mail', 'notice')
    expect(report?.report).toBeDefined()
    expect(plain?.report).toBeUndefined()
    expect(plain?.text).toContain('magnet:?dn=nameless')
  })

  test('is plain for what XARF does not know', async () => {
    for (const kind of ['reminder', 'retraction'] as const)
      expect((await oneMail(signedSampleNotice(), 'xarf-mail', kind)).attachments).toEqual([])
  })
})

describe('ACNS over mail', () => {
  test('has the XML below the text, where receivers cut it out', async () => {
    const mail = await oneMail(signedSampleNotice(), 'acns-mail')
    expect(textOf(mail)).toContain('/s/ Sample Signer')
    expect(readXml(xmlIn(mail))).toMatchObject({ Case: { ID: 'EN-2026-000001' }, Type: { '#': 'DMCA' } })
    expect(readXml(xmlIn(mail))).not.toHaveProperty('TextNotice')
  })

  test('retracts the same case, with the reason', async () => {
    const facts = { reason: 'Licensed after all\n(R&D)', firstSentAt: new Date('2026-11-20T12:00:00Z') }
    const mail = await oneMail(signedSampleNotice(), 'acns-mail', 'retraction', facts)
    expect(readXml(xmlIn(mail))).toMatchObject({
      Case: { ID: 'EN-2026-000001', Status: 'Closed' },
      Type: { '@Retraction': 'true', '@Comments': 'Licensed after all (R&D)' },
    })
    expect(textOf(mail)).not.toContain('penalty of perjury')
  })

  test('reminds in plain words, and demands so what has no IP address', async () => {
    expect(xmlIn(await oneMail(signedSampleNotice(), 'acns-mail', 'reminder'))).toBe('')
    const { address: _, ...elsewhere } = sampleLocation(2)
    const [known, unknown] = await mails(
      signedSampleNotice({ locations: [sampleLocation(1), elsewhere] }),
      'acns-mail',
    )
    expect(xmlIn(known as ParsedMail)).toContain('192.0.2.10')
    expect(xmlIn(unknown as ParsedMail)).toBe('')
    expect(textOf(unknown as ParsedMail)).toContain(second)
  })

  test('is plain where a side has no mail address', async () => {
    const { recipient, ...notice } = signedSampleNotice()
    const { email: _, ...unreachable } = recipient
    expect(xmlIn(await oneMail({ ...notice, recipient: unreachable }, 'acns-mail'))).toBe('')
  })
})

describe('reminders and retractions', () => {
  const firstSentAt = new Date('2026-11-20T12:00:00Z')

  test.each(Language.options)(
    'in %s say what they are, when the notice was sent, and for which addresses',
    async (language) => {
      const notice = signedSampleNotice({ language })
      const words = wordsIn(language)
      const open = [notice.locations[1]?.locationId ?? '']
      const reminder = await oneMail(notice, 'mail', 'reminder', {
        firstSentAt,
        reminder: 2,
        locationIds: open,
      })
      expect(reminder.subject).toContain(`${words.titles.reminder} 2`)
      const flowing = (mail: ParsedMail): string => textOf(mail).replaceAll(/\s+/g, '')
      for (const part of ['2026-11-20', words.reminderRequest, words.original, second, '/s/SampleSigner'])
        expect(flowing(reminder)).toContain(part?.replaceAll(/\s+/g, ''))
      const [head = '', original = ''] = textOf(reminder).split(words.original)
      expect(head).not.toContain(first)
      expect(original).toContain(first)
      const retraction = await oneMail(notice, 'mail', 'retraction', {
        firstSentAt,
        reason: 'Licensed & fine',
      })
      expect(retraction.subject).toContain(words.titles.retraction)
      for (const part of ['2026-11-20', words.retractionRequest, 'Licensed & fine', first, second])
        expect(flowing(retraction)).toContain(part?.replaceAll(/\s+/g, ''))
    },
  )

  test('name the recipient’s own number, of which nothing can break a header', async () => {
    const facts = { caseNumbers: ['T-77]\r\nBcc: somebody@sample.example', '\u202E123', 'x'.repeat(500)] }
    const mail = await oneMail(signedSampleNotice(), 'mail', 'reminder', facts)
    expect(mail.bcc).toBeUndefined()
    expect(mail.subject).toContain('[T-77 Bcc: somebody@sample.example] [[U+202E]123] [xxxx')
    expect(mail.subject?.length).toBeLessThan(300)
    expect(textOf(mail).replaceAll(/\s+/g, ' ')).toContain(
      'Your reference: T-77 Bcc: somebody@sample.example, [U+202E]123, xxxx',
    )
  })
})
