import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'

import { type AttachmentStream, MailParser, type MessageText } from 'mailparser'

import { Problem } from '../core/problem.ts'
import { MAILBOX_START } from '../submissions/text-kind.ts'
import type { OpeningBudget } from './budget.ts'
import { pageFinds } from './html.ts'
import type { Found, FoundFile, Opener } from './opener.ts'
import { placeName } from './place.ts'
import { readWhole } from './text-opener.ts'
import { addressesIn } from './url-list.ts'

/** No mail server of the large ones takes more. */
const MAIL_BYTES_MAX = 50 * 2 ** 20
/** A mailbox that somebody exports to show some mails; it is held in memory. */
const MAILBOX_BYTES_MAX = 50 * 2 ** 20
/** Parts of a message at all depths. */
const PARTS_MAX = 500
/** Headers of one part; chains of `Received` and `ARC-…` have some ten kilobytes. */
const HEAD_BYTES_MAX = 128 * 1024
/** Of its text and of its HTML, as much as of a page. */
const TEXT_LENGTH_MAX = 5 * 2 ** 20

const options = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  checksumAlgo: false,
  keepDeliveryStatus: true,
  // A mail within a mail is a file, and opened as one: so depth is counted in one way.
  ignoreEmbedded: true,
  maxHeadSize: HEAD_BYTES_MAX,
  maxChildNodes: PARTS_MAX,
} as const

/** The parts of a mail: each attachment in its place, its texts at the end. */
type Part = AttachmentStream | MessageText

function attached(part: AttachmentStream, number: number, bytes: number, budget: OpeningBudget): FoundFile {
  const fallback = part.contentType === 'message/rfc822' ? `message ${number}.eml` : `attachment ${number}`
  return {
    kind: 'file',
    name: placeName(part.filename ?? fallback),
    // Who reads only the beginning must not close what the parser still writes to.
    read: () => budget.counted(part.content.iterator({ destroyOnReturn: false }), bytes),
  }
}

/** Addresses in the text and in the HTML of a mail, each once; pictures and other things it would load are not among them. */
function* linksIn({ text, html }: MessageText, budget: OpeningBudget): Generator<Found> {
  const seen = new Set<string>()
  const all = [
    ...(html ? [pageFinds(html.slice(0, TEXT_LENGTH_MAX), undefined, budget, true)] : []),
    ...(text ? [addressesIn(text.slice(0, TEXT_LENGTH_MAX), undefined)] : []),
  ]
  for (const finds of all)
    for (const found of finds) {
      if (found.kind === 'link' && (found.role === 'cover' || seen.has(found.url))) continue
      if (found.kind === 'link') seen.add(found.url)
      budget.countItem()
      yield found
    }
}

/**
 * Mails (RFC 5322) of at most 50 MiB: attachments and mails within as files, and the links in text and HTML. Nothing is
 * loaded from elsewhere, and who wrote to whom is no part of it.
 */
export const openMail: Opener = async function* open({ path, bytes }, budget, signal) {
  if (bytes > MAIL_BYTES_MAX)
    throw new Problem('open/too-large', `Mails of more than ${MAIL_BYTES_MAX} bytes are not opened`)
  const parser = new MailParser(options)
  // Its failures, an abort among them, come to whoever reads the parser.
  pipeline(createReadStream(path, { signal }), parser, () => undefined)
  let number = 0
  try {
    for await (const part of parser as AsyncIterable<Part>) {
      signal.throwIfAborted()
      if (part.type === 'text') {
        yield* linksIn(part, budget)
        continue
      }
      number += 1
      budget.countItem()
      yield attached(part, number, bytes, budget)
      part.release?.()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem || !isOfParser(error)) throw error
    throw new Problem('open/damaged', 'The mail cannot be read to its end', { cause: error })
  } finally {
    parser.destroy()
  }
}

/** What the parser says of a mail that it does not take has no code of the system. */
const isOfParser = (error: unknown): boolean =>
  error instanceof Error && !('syscall' in error) && !(error instanceof TypeError)

/** Of a line that may stand before a mail, as much as tells it. */
const ENVELOPE_BYTES = 400

/** Where mails of a mailbox begin, each with the line before it: at its start, and behind empty lines. */
function* startsIn(mailbox: Buffer): Generator<number> {
  for (let at = 0; at !== -1;) {
    const isBehindEmpty = at === 0 || /\n\r?\n$/.test(mailbox.toString('latin1', at - 3, at))
    if (isBehindEmpty && MAILBOX_START.test(mailbox.toString('latin1', at, at + ENVELOPE_BYTES))) yield at
    const next = mailbox.indexOf('\nFrom ', at)
    at = next === -1 ? -1 : next + 1
  }
}

/** The mails of a mailbox (RFC 4155), without the lines before them. */
function* messagesIn(mailbox: Buffer): Generator<Buffer> {
  let before: number | undefined
  for (const start of startsIn(mailbox)) {
    if (before !== undefined) yield messageAt(mailbox, before, start)
    before = start
  }
  if (before !== undefined) yield messageAt(mailbox, before, mailbox.length)
}

const messageAt = (mailbox: Buffer, start: number, end: number): Buffer =>
  mailbox.subarray(Math.min(end, mailbox.indexOf('\n', start) + 1 || end), end)

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Mailboxes (RFC 4155) of at most 50 MiB: each message as a file. */
export const openMailbox: Opener = async function* open(source, budget, signal) {
  const mailbox = await readWhole(source, MAILBOX_BYTES_MAX, signal)
  let number = 0
  for (const message of messagesIn(mailbox)) {
    signal.throwIfAborted()
    number += 1
    budget.countItem()
    yield {
      kind: 'file',
      name: `message ${number}.eml`,
      read: () => budget.counted(once(message), message.length),
    }
  }
}
