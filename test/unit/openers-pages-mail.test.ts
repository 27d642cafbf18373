import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import { OpeningBudget, openingLimits } from '../../services/openers/budget.ts'
import { openMail, openMailbox } from '../../services/openers/mail.ts'
import type { Opener } from '../../services/openers/opener.ts'
import { detectFileKind } from '../../services/submissions/file-kind.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

const head =
  'From: Fan <fan@mail.example>\r\nTo: leaks@records.example\r\nSubject: https://no.example/subject\r\nMIME-Version: 1.0\r\n'
const multipart = (type: string, boundary: string, parts: readonly string[]): string =>
  `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`
const attachment = (name: string, content: string): string =>
  `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
  `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}`

const paths: string[] = []
afterEach(async () => {
  for (const path of paths.splice(0)) await rm(path)
})

/** Files in a document by their names, each read while it may be. */
async function filesIn(
  opener: Opener,
  document: string,
  reads: (name: string) => boolean = () => true,
): Promise<Map<string, string>> {
  const path = join(tmpdir(), `earwitness-mail-${randomUUID()}`)
  paths.push(path)
  await writeFile(path, document)
  const source = { name: 'mail', path, bytes: document.length }
  const files = new Map<string, string>()
  for await (const found of opener(source, new OpeningBudget(), new AbortController().signal)) {
    if (found.kind !== 'file') continue
    const parts: Uint8Array[] = []
    if (reads(found.name)) for await (const part of found.read()) parts.push(part)
    files.set(found.name, Buffer.concat(parts).toString())
  }
  return files
}

describe('a mail', () => {
  test('has the links of its text and its HTML, each once, and nothing that it would load', async () => {
    const mail =
      head +
      multipart('alternative', 'b', [
        'Content-Type: text/plain\r\n\r\nListen: https://files.example/1 and https://files.example/2.mp3.',
        'Content-Type: text/html\r\n\r\n<a href="https://files.example/1?a=1&amp;b=2">One</a><a href="https://files.example/1">Two</a>' +
          '<img src="https://tracker.example/pixel.gif"><a href="javascript:1">x</a><a href="/relative">x</a>',
      ])
    expect(await linesOf(openMail, mail)).toEqual([
      'unknown https://files.example/1?a=1&b=2 (link 1: One)',
      'unknown https://files.example/1 (link 2: Two)',
      'media https://files.example/2.mp3 (line 1)',
    ])
  })

  test('has its attachments as files, also when some are not read', async () => {
    const large = 'sound '.repeat(100_000)
    const mail =
      head +
      multipart('mixed', 'b', [
        'Content-Type: text/plain\r\n\r\nHere it is',
        attachment('../../One.mp3', large),
        attachment('', 'two'),
        attachment('Three.zip', 'three'),
      ])
    expect(await filesIn(openMail, mail)).toEqual(
      new Map([
        ['One.mp3', large],
        ['attachment 2', 'two'],
        ['Three.zip', 'three'],
      ]),
    )
    expect((await filesIn(openMail, mail, (name) => name === 'Three.zip')).get('Three.zip')).toBe('three')
  })

  test('is opened to its end when an attachment is larger than allowed', async () => {
    const mail =
      head +
      multipart('mixed', 'b', [attachment('One.mp3', 'sound '.repeat(500_000)), attachment('Two', '2')])
    const path = join(tmpdir(), `earwitness-mail-${randomUUID()}`)
    paths.push(path)
    await writeFile(path, mail)
    const budget = new OpeningBudget({ ...openingLimits, bytesMax: 100_000 })
    const names: string[] = []
    const source = { name: 'mail', path, bytes: mail.length }
    for await (const found of openMail(source, budget, new AbortController().signal)) {
      names.push(found.name)
      const reading = async () => {
        if (found.kind === 'file') for await (const _ of found.read()) continue
      }
      await expect(reading()).rejects.toMatchObject({ type: 'open/too-large' })
    }
    expect(names).toEqual(['One.mp3', 'Two'])
  })

  test('that is left in the middle leaves nothing open', async () => {
    const mail = head + multipart('mixed', 'b', [attachment('One.mp3', 'sound '.repeat(500_000))])
    const path = join(tmpdir(), `earwitness-mail-${randomUUID()}`)
    paths.push(path)
    await writeFile(path, mail)
    const open = (): number => process.getActiveResourcesInfo().filter((name) => /FS|File/.test(name)).length
    const before = open()
    const source = { name: 'mail', path, bytes: mail.length }
    for await (const found of openMail(source, new OpeningBudget(), new AbortController().signal)) {
      if (found.kind === 'file') for await (const _ of found.read()) break
      break
    }
    await expect.poll(open).toBeLessThanOrEqual(before)
  })

  test('within a mail is a file, and told as a mail', async () => {
    const inner = `${head}\r\nhttps://files.example/inner`
    const mail = head + multipart('mixed', 'b', [`Content-Type: message/rfc822\r\n\r\n${inner}`])
    const files = await filesIn(openMail, mail)
    expect([...files.keys()]).toEqual(['message 1.eml'])
    const [bytes = ''] = files.values()
    expect(detectFileKind(Buffer.from(bytes)).format).toBe('eml')
    expect(await linesOf(openMail, bytes)).toEqual(['unknown https://files.example/inner (line 1)'])
  })

  test('with too many parts is damaged, and one that is no mail names nothing', async () => {
    const parts = Array.from({ length: 2_000 }, (_, index) => attachment(`${index}`, 'x'))
    const { found, ended } = await openDocument(openMail, head + multipart('mixed', 'b', parts))
    expect(ended).toBe('open/damaged')
    expect(found.length).toBeLessThan(600)
    expect(await linesOf(openMail, '')).toEqual([])
    expect(await linesOf(openMail, Buffer.alloc(1_000, 0xff))).toEqual([])
  })

  test.each([
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
    'a: b\r\n',
    ' ',
    '\r\n',
    '=?utf-8?q?',
    '<',
    'Received: (',
  ])('of %j again and again is read within its limits', async (piece) => {
    const began = performance.now()
    const { ended } = await openDocument(openMail, head + piece.repeat(2 ** 20 / piece.length))
    expect([undefined, 'open/damaged']).toContain(ended)
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('is left when the work is called off', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(openDocument(openMail, `${head}\r\nx`, { signal })).rejects.toThrow('enough')
  })
})

describe('a mailbox', () => {
  const envelope = 'From fan@mail.example Thu Jan  1 00:00:00 2026'
  const mailbox = [1, 2, 3]
    .map((number) => `${envelope}\n${head.replaceAll('\r', '')}\nFrom here: ${number}\n\nFrom there\n`)
    .join('\n')

  test('has each message as a file', async () => {
    expect(detectFileKind(Buffer.from(mailbox)).format).toBe('mbox')
    const files = await filesIn(openMailbox, mailbox)
    expect([...files.keys()]).toEqual(['message 1.eml', 'message 2.eml', 'message 3.eml'])
  })

  test('that is nothing but beginnings is read within its limits', async () => {
    const began = performance.now()
    const { ended } = await openDocument(openMailbox, `${envelope}\n\n`.repeat(100_000), {
      limits: { itemsMax: 100 },
    })
    expect(ended).toBe('open/too-many')
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
