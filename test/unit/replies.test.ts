import { describe, expect, test } from 'vitest'

import { readAcns } from '../../services/notices/replies/acns-replies.ts'
import { classify } from '../../services/notices/replies/classify.ts'
import { outcomeOf } from '../../services/notices/replies/outcomes.ts'
import { parseMail } from '../../services/notices/replies/parse-mail.ts'
import { acnsMail, bounceMail, mail } from '../support/reply-samples.ts'

const read = async (raw: Buffer) => classify(await parseMail(raw))
const prose = (subject: string, text: string, headers: Record<string, string> = {}) =>
  read(mail({ subject, text, headers }))

describe('a report about delivery', () => {
  test('is read with its gravest action, its code and the message it is about', async () => {
    const failed = await read(
      bounceMail({ action: 'failed', status: '5.1.1', originalMessageId: 'a1@x.example' }),
    )
    expect(failed).toMatchObject({
      kind: 'bounce',
      findings: {
        bounce: {
          action: 'failed',
          status: '5.1.1',
          recipient: 'abuse@hosting.example',
          diagnostic: '550 5.1.1 no such mailbox',
          originalMessageId: 'a1@x.example',
        },
      },
    })
    const delayed = await read(bounceMail({ action: 'delayed', status: '4.4.1' }))
    expect(delayed.findings.bounce?.action).toBe('delayed')
    const relayed = await read(
      bounceMail({ action: 'Relayed', status: '2.0.0', returned: 'text/rfc822-headers' }),
    )
    expect(relayed.findings.bounce).toMatchObject({
      action: 'relayed',
      originalMessageId: 'own@replies.example',
    })
    const both = await read(bounceMail({ action: 'delivered', status: '2.0.0', further: 'failed' }))
    expect(both.findings.bounce?.action).toBe('failed')
  })

  test('in prose, as older servers write it, is told by its sender, subject and code', async () => {
    const from = 'MAILER-DAEMON@mx.hosting.example'
    const qmail = await read(
      mail({
        from,
        subject: 'failure notice',
        text: 'Hi. This is the qmail-send program at mx.hosting.example.\n\n<abuse@hosting.example>:\n550 5.1.1 sorry, no mailbox here by that name\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <a2@x.example>\n',
      }),
    )
    expect(qmail.findings.bounce).toMatchObject({
      action: 'failed',
      status: '5.1.1',
      recipient: 'abuse@hosting.example',
      originalMessageId: 'a2@x.example',
    })
    const later = await read(
      mail({ from, subject: 'Delivery Status', text: 'will retry: 451 4.7.1 greylisted' }),
    )
    expect(later.findings.bounce?.action).toBe('delayed')
    const vague = await read(mail({ from, subject: 'Undeliverable: notice', text: 'It did not work.' }))
    expect(vague.findings.bounce?.action).toBe('unknown')
    // A person who writes about a failure is no mail server.
    expect((await prose('failure notice', 'Your page shows a 550 5.1.1')).kind).toBe('other')
  })
})

describe('an automatic answer', () => {
  test.each([
    ['[Ticket#2026112310000012] We have received your report', '', '2026112310000012'],
    ['Received', 'Your case number is: ABUSE-48213', 'ABUSE-48213'],
    ['Re: [EN-2026-000001] Copyright notice', 'Ticket ID: 77123\nRef EN-2026-000001', '77123'],
    ['Automatische Antwort: Eingang', 'Ihre Ticketnummer lautet: 90817263', '90817263'],
    ['Réponse automatique', 'Votre dossier n° 445566 a été ouvert.', '445566'],
    ['Respuesta automática', 'Número de caso: MX-99881', 'MX-99881'],
    ['自動返信', 'お問い合わせ番号：20261123-0042', '20261123-0042'],
    ['स्वचालित उत्तर', 'आपका टिकट संख्या: IN-55667', 'IN-55667'],
  ])('%s has a ticket', async (subject, text, ticket) => {
    const { kind, findings } = await prose(subject, text, { 'Auto-Submitted': 'auto-replied' })
    expect(kind).toBe('auto_reply')
    expect(findings.autoReply).toEqual({ ticket, wantsPerson: false })
  })

  test('is told by its subject in several languages, and by older headers', async () => {
    for (const subject of ['Automatic reply: x', 'Abwesenheitsnotiz', 'Acuse de recibo', '【自動返信】受付'])
      expect((await prose(subject, 'We will look at it.')).kind).toBe('auto_reply')
    expect((await prose('Hello', 'x', { Precedence: 'auto_reply' })).kind).toBe('auto_reply')
    expect((await prose('Hello', 'x', { 'Auto-Submitted': 'no' })).kind).toBe('other')
    expect((await prose('We removed the file', 'Done. Regards')).kind).toBe('other')
  })

  test('that turns the sender away, or only has our own number, is no plain acknowledgement', async () => {
    const headers = { 'Auto-Submitted': 'auto-generated' }
    const form = await prose(
      '[Ticket 4711-1]',
      'Reports by mail are no longer accepted. Use our web form.',
      headers,
    )
    expect(form.findings.autoReply).toEqual({ ticket: '4711-1', wantsPerson: true })
    const own = await prose('Re: [EN-2026-000001] notice of 2026-11-23', 'Case EN-2026-000001', headers)
    expect(own.findings).toMatchObject({ autoReply: { wantsPerson: false }, numbers: ['EN-2026-000001'] })
    expect(own.findings.autoReply?.ticket).toBeUndefined()
    const quoted = await prose('Received', 'Thanks.\n> please use our web form\n> Ticket: 12345', headers)
    expect(quoted.findings.autoReply).toEqual({ wantsPerson: false })
  })
})

describe('an answer in ACNS', () => {
  const ack = (inner: string, attributes = 'Accepted="true"') =>
    `<?xml version="1.0"?><NoticeAck xmlns="http://www.acns.net/ACNS" ${attributes}><Case><ID>EN-2026-000001</ID></Case>${inner}</NoticeAck>`

  test('is read from the text or an attachment, however the complainant is spelt', async () => {
    for (const name of ['Complianant', 'Complainant']) {
      const xml = ack(
        `<${name}><Entity>E</Entity><ID>9</ID><Notes>n</Notes></${name}><Notes>thanks & bye</Notes>`,
      )
      for (const raw of [acnsMail(xml), mail({ text: `Hello,\n${xml}\nBye` })])
        expect(await read(raw)).toMatchObject({
          kind: 'acns_ack',
          findings: {
            acns: [{ kind: 'ack', caseId: 'EN-2026-000001', accepted: true, notes: 'thanks & bye' }],
          },
        })
    }
    const refused = ack('', 'Accepted="0" RejectReason="IP_OUT_OF_RANGE"')
    expect(readAcns({ text: refused, parts: [] }).replies).toMatchObject([
      { accepted: false, rejectReason: 'IP_OUT_OF_RANGE' },
    ])
  })

  test('tells the status of several cases, with and without a prefix', async () => {
    const status = (id: string, type: string, more = '') =>
      `<a:CaseStatus CaseID="${id}" TimeStamp="2026-11-21T09:00:00Z"><a:Disposition><a:Type>${type}</a:Type><a:Reason>Content removed</a:Reason></a:Disposition>${more}</a:CaseStatus>`
    const xml = `<a:NoticeStatus xmlns:a="http://www.acns.net/ACNS">${status('A-1', 'CLOSED')}${status('A-2', 'COUNTERNOTICE', '<a:CounterNotice RejectReason="IOWN"/>')}${status('A-3', 'whatever')}</a:NoticeStatus>`
    const { kind, findings } = await read(acnsMail(xml))
    expect(kind).toBe('acns_status')
    expect(findings.acns).toMatchObject([
      { caseId: 'A-1', type: 'CLOSED', reason: 'Content removed' },
      { caseId: 'A-2', type: 'COUNTERNOTICE', rejectReason: 'IOWN' },
      { caseId: 'A-3' },
    ])
    const old = `<StatusUpdate><Case><ID>A-4</ID></Case><Disposition Status="REJECTED"/></StatusUpdate>`
    expect(readAcns({ text: old, parts: [] }).replies).toMatchObject([{ caseId: 'A-4', type: 'REJECTED' }])
  })

  test('that is hostile or broken is not read, and says so', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${ack('<Notes>&b;</Notes>')}`
    const deep = ack('<a>'.repeat(100) + '</a>'.repeat(100))
    const wide = ack('<a/>'.repeat(60_000))
    const many = ack(
      Array.from({ length: 40 }, (_, i) => `<a${i}/>`).join(''),
      Array.from({ length: 40 }, (_, i) => `b${i}="1"`).join(' '),
    )
    for (const text of [bomb, deep, wide, many, ack('<open>'), '<NoticeAck Accepted="true"><Case>'])
      expect(readAcns({ text, parts: [] })).toMatchObject({
        replies: [],
        fault: expect.stringContaining('ACNS'),
      })
    // What is not declared is not expanded, it is text.
    const entity = readAcns({ text: ack('<Notes>&nbsp;x</Notes>'), parts: [] })
    expect(entity.replies).toMatchObject([{ notes: '&nbsp;x' }])
  })
})

describe('a hostile mail', () => {
  const multipart = (parts: string) =>
    Buffer.from(
      `From: a@hosting.example\r\nSubject: parts\r\nMessage-ID: <h@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`,
    )
  const nested = (depth: number) =>
    Array.from(
      { length: depth },
      (_, i) => `--b\r\nContent-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    ).join('')

  test.each([
    ['10,000 parts', multipart('--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n'.repeat(10_000))],
    ['deep nesting', multipart(nested(5_000))],
    ['a giant header', mail({ subject: 'x', headers: { 'X-Long': 'a'.repeat(5_000_000) } })],
    ['200,000 headers', Buffer.concat([Buffer.from('X-A: b\r\n'.repeat(200_000)), mail({ text: 'x' })])],
  ])('with %s is read by its head, quickly, and waits for a person', async (_what, raw) => {
    const started = Date.now()
    const parsed = await parseMail(raw)
    expect(Date.now() - started).toBeLessThan(3_000)
    expect(parsed.fault).toContain('could not be read in full')
    expect(classify(parsed)).toMatchObject({ kind: 'other', findings: { fault: expect.any(String) } })
  })

  test('with a wrong charset, controls or nothing at all gives text that can be kept', async () => {
    const raw = Buffer.concat([
      mail({ headers: { 'Content-Type': 'text/plain; charset=nonsense-77' }, text: '' }),
      Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x41]),
    ])
    const { text } = await parseMail(raw)
    expect(text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cs}]*$/u)
    expect(text).toContain('A')
    const empty = await parseMail(Buffer.alloc(0))
    expect(empty).toMatchObject({ sender: '', subject: '', text: '' })
    expect(empty.messageId).toMatch(/^[0-9a-f]{64}@no-message-id$/)
    const noise = await parseMail(Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 256)))
    expect(classify(noise).kind).toBe('other')
  })

  test('of HTML only is read as text; links in it stay text', async () => {
    const html = '<p>We need <b>more</b> information: <a href="https://trap.example/x">here</a></p>'
    const parsed = await parseMail(mail({ headers: { 'Content-Type': 'text/html' }, text: html }))
    expect(parsed.text).toContain('We need more information')
    expect(parsed.fault).toBeUndefined()
  })
})

test('refusals of recipients have one meaning each, unknown ones none', () => {
  expect(outcomeOf('cloudflare', 'direct_url_required')).toBe('url_not_direct')
  expect(outcomeOf('acns-ack', 'MULTIPLE')).toBe('duplicate')
  expect(outcomeOf('acns-counter-notice', 'IOWN')).toBe('counter_notice')
  expect(outcomeOf('acns-status', 'constructor')).toBeUndefined()
  expect(outcomeOf('acns-ack', undefined)).toBeUndefined()
})
