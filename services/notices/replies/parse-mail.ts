import { createHash } from 'node:crypto'

import { type Attachment, type ParsedMail, simpleParser } from 'mailparser'

/** Longer mails are no answers; mail servers of most hosts take no more either. */
export const MAIL_BYTES_MAX = 10 * 1024 * 1024
/** Parts of a message at all depths: an answer has a text, its HTML and some attachments. */
const PARTS_MAX = 200
/** Headers of one part; chains of `Received` and `ARC-…` have some ten kilobytes. */
const HEAD_BYTES_MAX = 128 * 1024
/** Of a mail that is too complicated, so much of its headers is read. */
const HEAD_ALONE_BYTES = 32 * 1024
const HEAD_ALONE_LINES_MAX = 200
/** HTML that is longer is not made into text: it would take seconds. */
const HTML_CHARACTERS_MAX = 500_000
/** What the table of replies takes. */
const TEXT_CHARACTERS_MAX = 100_000
const SUBJECT_CHARACTERS_MAX = 1000
const SENDER_CHARACTERS_MAX = 320
const MESSAGE_ID_CHARACTERS_MAX = 998
/** A thread of answers names its ancestors; the first and the last are ours. */
const ANCESTORS_MAX = 100

/** An attached part of a mail, decoded. */
export interface MailPart {
  /** Lower-case, without parameters. */
  readonly mediaType: string
  readonly fileName: string | undefined
  readonly content: Buffer
}

/** A mail as far as an answer needs to be understood; all of its text can be stored and shown. */
export interface ReadMail {
  /** Without angle brackets; made from the bytes where the mail has none. */
  readonly messageId: string
  /** Address of the author in lower case, or '' when there is none. */
  readonly sender: string
  readonly subject: string
  /** Plain text, or what is left of its HTML; cut to what is stored. */
  readonly text: string
  /** Ids of the messages that it answers, without angle brackets. */
  readonly answers: readonly string[]
  /** First value of each header, by lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  readonly parts: readonly MailPart[]
  /** Why it could be read in part only. */
  readonly fault: string | undefined
}

/** Text that PostgreSQL and a page can hold: no NUL and other controls but line ends and tabs, no half characters. */
export const keepable = (text: string, charactersMax: number): string =>
  text
    .slice(0, charactersMax)
    .replaceAll('\r\n', '\n')
    .replaceAll(/(?![\n\t])[\p{Cc}\p{Cs}]/gu, '\u{FFFD}')

const oneLine = (text: string, charactersMax: number): string =>
  keepable(text.replaceAll(/\s+/g, ' ').trim(), charactersMax)

/** Ids in angle brackets. A regular expression with bounds: headers are a stranger's. */
const idsIn = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/<([^<>\s]{1,998})>/g)].slice(0, ANCESTORS_MAX).map(([, id = '']) => id)

function headersOf(mail: Pick<ParsedMail, 'headerLines'>): Map<string, string> {
  const headers = new Map<string, string>()
  for (const { key, line } of mail.headerLines) {
    const value = oneLine(line.slice(line.indexOf(':') + 1), HEAD_BYTES_MAX)
    if (!headers.has(key)) headers.set(key, value)
  }
  return headers
}

const partOf = ({ contentType, filename, content }: Attachment): MailPart => ({
  mediaType: contentType.toLowerCase(),
  fileName: filename === undefined ? undefined : oneLine(filename, 200),
  content,
})

function readMail(mail: ParsedMail, raw: Buffer, fault: string | undefined): ReadMail {
  const headers = headersOf(mail)
  const [messageId] = idsIn(headers.get('message-id'))
  const author = mail.from?.value.flatMap(({ address, group }) => address ?? group?.[0]?.address ?? [])[0]
  return {
    messageId: messageId
      ? keepable(messageId, MESSAGE_ID_CHARACTERS_MAX)
      : `${createHash('sha256').update(raw).digest('hex')}@no-message-id`,
    sender: oneLine(author ?? '', SENDER_CHARACTERS_MAX).toLowerCase(),
    subject: oneLine(mail.subject ?? '', SUBJECT_CHARACTERS_MAX),
    text: keepable(mail.text ?? '', TEXT_CHARACTERS_MAX),
    answers: [...new Set([...idsIn(headers.get('in-reply-to')), ...idsIn(headers.get('references'))])],
    headers,
    parts: mail.attachments.map(partOf),
    fault,
  }
}

const options = {
  // A report about the fate of a message is the very thing that is looked for.
  keepDeliveryStatus: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  maxHtmlLengthToParse: HTML_CHARACTERS_MAX,
  maxHeadSize: HEAD_BYTES_MAX,
  maxChildNodes: PARTS_MAX,
  checksumAlgo: false,
} as const

/** The first lines of the header block: who wrote, to whom and about what stands there in all but made-up mails. */
function headOf(raw: Buffer): string {
  const [head = ''] = raw.toString('latin1', 0, HEAD_ALONE_BYTES).split(/\r?\n\r?\n/, 1)
  return head.split(/\r?\n/).slice(0, HEAD_ALONE_LINES_MAX).join('\r\n')
}

/** Of a mail that has too many parts or headers, its head alone, as text without a type. */
async function headAlone(raw: Buffer, fault: string): Promise<ReadMail> {
  const plain = headOf(raw).replaceAll(/^content-(type|transfer-encoding):/gim, 'x-given-$1:')
  return readMail(await simpleParser(Buffer.from(`${plain}\r\n\r\n`, 'latin1'), options), raw, fault)
}

/**
 * Reads a mail as it came. A mail that is too complicated is read by its head only, and says so: a person can still
 * see who wrote and about what.
 *
 * @param raw at most MAIL_BYTES_MAX bytes; its receiver sees to that.
 */
export async function parseMail(raw: Buffer): Promise<ReadMail> {
  try {
    return readMail(await simpleParser(raw, options), raw, undefined)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    return headAlone(raw, `The mail could not be read in full: ${oneLine(why, 200)}`)
  }
}
