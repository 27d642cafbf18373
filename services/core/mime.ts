import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'

import DKIM from 'nodemailer/lib/dkim'
import MimeNode from 'nodemailer/lib/mime-node'

/** A file that goes with a mail. */
export interface MailAttachment {
  readonly fileName: string
  readonly mediaType: string
  readonly content: Buffer | string
}

/** With what a mail is signed in the name of a domain (RFC 6376): the private key is RSA, in PEM. */
export interface DkimKey {
  readonly domainName: string
  readonly keySelector: string
  readonly privateKey: string
}

/** What a mail is made of. */
export interface MailParts {
  /** `Name <address>`, or an address. */
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Without angle brackets, as `inReplyTo`. */
  readonly messageId: string
  readonly replyTo?: string | undefined
  readonly inReplyTo?: string | undefined
  readonly date: Date
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly attachments?: readonly MailAttachment[] | undefined
  /**
   * Makes it a multipart/report (RFC 6522): `type` is its report-type, `feedback` the fields for a machine
   * (RFC 5965), `json` the report itself (XARF over mail).
   */
  readonly report?: { readonly type: string; readonly feedback: string; readonly json: string } | undefined
  readonly dkim?: DkimKey | undefined
}

/** Neither files nor addresses are fetched for a mail, whatever its text says. */
const closed = { disableFileAccess: true, disableUrlAccess: true }

function attach(to: MimeNode, { fileName, mediaType, content }: MailAttachment): void {
  to.createChild(mediaType, { filename: fileName, ...closed })
    .setHeader('Content-Disposition', 'attachment')
    .setHeader('Content-Transfer-Encoding', 'base64')
    .setContent(content)
}

const textNode = (root: MimeNode, text: string): MimeNode =>
  root.createChild('text/plain; charset=utf-8', closed).setContent(text)

/** The parts of the body: a text alone, a text with files, or a report with its text first. */
function bodyOf({ text, attachments = [], report }: MailParts, baseBoundary: string): MimeNode {
  // Lines end as they do on the wire before anything is signed: a signature over others would not hold there.
  const options = { baseBoundary, newline: 'windows', ...closed }
  if (report) {
    // A multipart/report has exactly three parts, so files stand beside it and not in it (RFC 6522, section 3).
    const outer = attachments.length > 0 ? new MimeNode('multipart/mixed', options) : undefined
    const contentType = `multipart/report; report-type=${report.type}`
    const root = outer?.createChild(contentType, closed) ?? new MimeNode(contentType, options)
    textNode(root, text)
    root
      .createChild('message/feedback-report', closed)
      .setHeader('Content-Disposition', 'inline')
      .setHeader('Content-Transfer-Encoding', '7bit')
      .setContent(report.feedback)
    attach(root, { fileName: 'xarf.json', mediaType: 'application/json', content: report.json })
    for (const file of attachments) attach(outer ?? root, file)
    return outer ?? root
  }
  if (attachments.length === 0) return new MimeNode('text/plain; charset=utf-8', options).setContent(text)
  const root = new MimeNode('multipart/mixed', options)
  textNode(root, text)
  for (const file of attachments) attach(root, file)
  return root
}

/** @throws {Error} when the key cannot sign: keys are checked when they are set (services/tenants/mail-settings.ts). */
async function signed(message: Buffer, key: DkimKey): Promise<Buffer> {
  const done = await buffer(new DKIM({ ...key }).sign(message))
  if (!/^DKIM-Signature:/i.test(done.subarray(0, 20).toString('latin1')))
    throw new Error('A mail could not be signed with the DKIM key of its account')
  return done
}

/**
 * Composes a mail as it goes over the wire. The same parts give the same bytes, so that its hash can be told before
 * it is sent; DKIM signs with rsa-sha256, relaxed/relaxed.
 *
 * @throws {Error} when the DKIM key cannot sign.
 */
export async function composeMime(given: MailParts): Promise<Buffer> {
  const boundary = createHash('sha256').update(given.messageId).digest('hex').slice(0, 24)
  const root = bodyOf(given, boundary)
  const headers: Readonly<Record<string, string | undefined>> = {
    ...given.headers,
    From: given.from,
    To: given.to,
    'Reply-To': given.replyTo,
    Subject: given.subject,
    'In-Reply-To': given.inReplyTo && `<${given.inReplyTo}>`,
    References: given.inReplyTo && `<${given.inReplyTo}>`,
    Date: given.date.toUTCString().replace('GMT', '+0000'),
    'Message-ID': `<${given.messageId}>`,
  }
  for (const [name, value] of Object.entries(headers)) if (value) root.setHeader(name, value)
  const message = await root.build()
  return given.dkim ? signed(message, given.dkim) : message
}
