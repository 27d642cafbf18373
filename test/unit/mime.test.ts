import { generateKeyPairSync } from 'node:crypto'

import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'

import { type MailParts, composeMime } from '../../services/core/mime.ts'
import { checkDkim } from '../support/dkim.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const dkim = { domainName: 'records.example', keySelector: 'ew1', privateKey }

const parts = (more: Partial<MailParts> = {}): MailParts => ({
  from: 'Sample Records <notices@records.example>',
  to: 'abuse@hosting.example',
  subject: 'Notice EN-2026-000001: “Für Elise” नमस्ते',
  text: 'Dear Sample Hosting,\n\nthese copies are not licensed: नमस्ते 東京.\n\nA. Sample\n',
  messageId: 'one@records.example',
  date: new Date('2026-11-23T08:00:00Z'),
  ...more,
})
const json = JSON.stringify({ xarf_version: '4.2.0', note: 'ü' })
const report = { type: 'feedback-report', feedback: 'Feedback-Type: xarf\r\nVersion: 1\r\n', json }
const table = {
  fileName: 'Liste ü.csv',
  mediaType: 'text/csv; charset=utf-8',
  content: 'url\nhttps://a.example/ü\n',
}

describe('a composed mail', () => {
  test('is read back by another parser as it was written', async () => {
    const raw = await composeMime(
      parts({
        replyTo: 'reply+abc@replies.example',
        inReplyTo: 'zero@records.example',
        headers: { 'Auto-Submitted': 'auto-generated' },
        attachments: [
          table,
          { fileName: 'a.pdf', mediaType: 'application/pdf', content: Buffer.from([1, 0, 255]) },
        ],
      }),
    )
    const mail = await simpleParser(raw)
    expect(mail).toMatchObject({
      subject: parts().subject,
      text: parts().text,
      messageId: '<one@records.example>',
      inReplyTo: '<zero@records.example>',
      date: parts().date,
    })
    expect(mail.from?.value).toEqual([{ name: 'Sample Records', address: 'notices@records.example' }])
    expect(mail.replyTo?.text).toBe('reply+abc@replies.example')
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/mixed' })
    const files = mail.attachments.map(({ filename, contentType, content }) => [
      filename,
      contentType,
      [...content],
    ])
    expect(files).toEqual([
      ['Liste ü.csv', 'text/csv', [...Buffer.from(table.content)]],
      ['a.pdf', 'application/pdf', [1, 0, 255]],
    ])
  })

  test('as a report has its three parts in order', async () => {
    const mail = await simpleParser(await composeMime(parts({ report })))
    expect(mail.headers.get('content-type')).toMatchObject({
      value: 'multipart/report',
      params: { 'report-type': 'feedback-report' },
    })
    expect(mail.text).toBe(parts().text)
    expect(mail.attachments.map(({ contentType }) => contentType)).toEqual([
      'message/feedback-report',
      'application/json',
    ])
    expect(mail.attachments[0]?.content.toString()).toContain('Feedback-Type: xarf')
    expect(mail.attachments[1]).toMatchObject({ filename: 'xarf.json' })
    expect(mail.attachments[1]?.content.toString()).toBe(json)
  })

  test('as a report with files keeps them beside it', async () => {
    const mail = await simpleParser(await composeMime(parts({ report, attachments: [table] })))
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/mixed' })
    expect(mail.attachments.map(({ filename }) => filename)).toContain('Liste ü.csv')
  })

  test('is the same bytes whenever it is composed', async () => {
    const given = parts({ attachments: [table], dkim })
    expect((await composeMime(given)).equals(await composeMime(given))).toBe(true)
    expect((await composeMime({ ...given, text: 'other' })).equals(await composeMime(given))).toBe(false)
  })

  test('lets no text into its headers', async () => {
    const mail = await simpleParser(
      await composeMime(
        parts({ subject: 'Hello\r\nBcc: victim@example.org', headers: { 'X-A': 'b\r\nCc: c@d.example' } }),
      ),
    )
    expect([mail.bcc, mail.cc]).toEqual([undefined, undefined])
  })
})

describe('the DKIM signature', () => {
  test.each([
    ['a text', {}],
    ['a mail with files', { attachments: [table] }],
    ['a report', { report }],
  ])('of %s holds, and breaks with any change', async (_, more) => {
    const raw = await composeMime(parts({ ...more, dkim }))
    const checked = checkDkim(raw, publicKey)
    expect(checked).toMatchObject({
      tags: { d: 'records.example', s: 'ew1', a: 'rsa-sha256', c: 'relaxed/relaxed' },
      bodyHolds: true,
      signatureHolds: true,
    })
    expect(checked.tags['h']?.toLowerCase()).toMatch(/from:.*subject/)
    const changed = (from: string, to: string) =>
      checkDkim(Buffer.from(raw.toString('latin1').replace(from, to), 'latin1'), publicKey)
    expect(changed('abuse@hosting', 'abuse@hosting2').signatureHolds).toBe(false)
    expect(changed('Dear Sample', 'Dear Simple').bodyHolds).toBe(false)
  })

  test('is never left out silently when the key is none', async () => {
    const broken = composeMime(parts({ dkim: { ...dkim, privateKey: 'not a key' } }))
    await expect(broken).rejects.toThrow('could not be signed')
  })
})
