import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

/** A caught mail larger than this is refused: ours are a few kilobytes. */
const MAIL_BYTES_MAX = 5_000_000
/** The inbox keeps the latest; it is for trying things out, not an archive. */
const MAILS_MAX = 500

/** A mail that was caught. */
export interface CaughtMail {
  readonly id: string
  readonly subject: string
  readonly from: string
  readonly to: string
  readonly date: Date
  readonly text: string
  readonly html: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface MailCatcher {
  /** For SMTP_URL. */
  readonly url: string
  close(): Promise<void>
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes <= MAIL_BYTES_MAX) chunks.push(chunk)
  }
  return bytes <= MAIL_BYTES_MAX ? Buffer.concat(chunks) : undefined
}

/** Names sort by time, so that the newest is last and a listing needs no look inside. */
async function keep(folder: string, raw: Buffer): Promise<void> {
  const name = `${String(Date.now()).padStart(15, '0')}-${createHash('sha256').update(raw).digest('hex').slice(0, 12)}.eml`
  await writeFile(join(folder, `${name}.new`), raw)
  await rename(join(folder, `${name}.new`), join(folder, name))
  const names = await mailNames(folder)
  for (const old of names.slice(0, Math.max(0, names.length - MAILS_MAX)))
    await rm(join(folder, old), { force: true })
}

const mailNames = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /^\d{15}-[0-9a-f]{12}\.eml$/.test(name)).toSorted()
}

/**
 * A mail server on 127.0.0.1 that keeps what it is given as files: what `earwitness start` uses
 * when no SMTP_URL is set, so that alerts can be seen before a mail server is chosen.
 */
export async function startMailCatcher(folder: string): Promise<MailCatcher> {
  await mkdir(folder, { recursive: true })
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAIL_BYTES_MAX,
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, callback) {
      bytesOf(stream)
        .then(async (raw) => {
          if (!raw)
            return callback(Object.assign(new Error('The message is too large'), { responseCode: 552 }))
          await keep(folder, raw)
          return callback()
        })
        .catch((error: unknown) =>
          callback(error instanceof Error ? error : new Error('The message was not kept')),
        )
    },
  })
  server.on('error', () => {}) // A client that breaks off is the client's matter.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const addressText = (address: { text: string } | { text: string }[] | undefined): string =>
  (Array.isArray(address) ? address : address ? [address] : []).map(({ text }) => text).join(', ')

async function parse(folder: string, name: string): Promise<CaughtMail> {
  const mail = await simpleParser(await readFile(join(folder, name)))
  return {
    id: name.replace(/\.eml$/, ''),
    subject: mail.subject ?? '(no subject)',
    from: addressText(mail.from),
    to: addressText(mail.to),
    date: mail.date ?? new Date(Number(name.slice(0, 15))),
    text: mail.text ?? '',
    html: mail.html === false ? undefined : mail.html,
    headers: Object.fromEntries(
      mail.headerLines.map(({ key, line }) => [key, line.replace(/^[^:]*:\s*/, '')]),
    ),
  }
}

/** What was caught, newest first. */
export async function caughtMails(folder: string, rowsMax = 100): Promise<CaughtMail[]> {
  const names = (await mailNames(folder)).toReversed().slice(0, rowsMax)
  return Promise.all(names.map((name) => parse(folder, name)))
}

/** One caught mail, or undefined when there is none with this id. */
export async function caughtMail(folder: string, id: string): Promise<CaughtMail | undefined> {
  const name = `${id}.eml`
  return (await mailNames(folder)).includes(name) ? parse(folder, name) : undefined
}
