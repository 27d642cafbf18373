import { SMTPServer, type SMTPServerSession } from 'smtp-server'

import type { Logger } from './log.ts'

/** Mails for us come one at a time; more at once is somebody else's mail, or an attack. */
const CONNECTIONS_MAX = 50
const CONNECTIONS_PER_ADDRESS_MAX = 5
/** A mail of ours that is answered was to one recipient; a copy may go to another of our addresses. */
const RECIPIENTS_MAX = 5
/** A client that says nothing for this long is gone. */
const SILENCE_MAX_MS = 60_000
/** A program that stops does not wait longer for clients; what they have not handed over they bring again. */
const CLOSE_MAX_MS = 5_000
/** Commands before a mail is begun; guessing addresses takes many. */
const COMMANDS_MAX = 30

/** What the side that takes mails answers for a recipient or a mail. */
export class MailRefused extends Error {
  /** SMTP code: 4xx to come again, 5xx never. */
  readonly responseCode: number

  constructor(responseCode: number, message: string) {
    super(message)
    this.responseCode = responseCode
  }
}

/** From whom and to whom a mail goes by SMTP, whatever its header says; `from` is empty of messages about messages. */
export interface MailEnvelope {
  readonly from: string
  readonly to: readonly string[]
}

/** For whom mails are taken, and what becomes of them. */
export interface MailReceiver {
  /** The most bytes of a mail to this address; undefined when none is taken at all. */
  bytesMaxFor(address: string): Promise<number | undefined>
  /** Takes a mail; when it resolves the mail is kept. @throws {MailRefused}; anything else is answered with 451. */
  receive(raw: Buffer, envelope: MailEnvelope): Promise<void>
}

export interface MailIn {
  readonly port: number
  close(): Promise<void>
}

/** The bytes of a mail, or undefined when there are too many; the rest is read all the same, as SMTP wants it. */
async function bytesOf(stream: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes <= bytesMax) chunks.push(chunk)
    else chunks.length = 0
  }
  return bytes <= bytesMax ? Buffer.concat(chunks) : undefined
}

/** Counts the connections from each address. */
function perAddress() {
  const open = new Map<string, number>()
  return {
    /** @returns false when the address has too many. */
    enter(address: string): boolean {
      const count = (open.get(address) ?? 0) + 1
      if (count > CONNECTIONS_PER_ADDRESS_MAX) return false
      open.set(address, count)
      return true
    },
    leave(address: string): void {
      const count = (open.get(address) ?? 1) - 1
      if (count > 0) open.set(address, count)
      else open.delete(address)
    },
  }
}

const envelopeOf = ({ envelope: { mailFrom, rcptTo } }: SMTPServerSession): MailEnvelope => ({
  from: mailFrom === false ? '' : mailFrom.address,
  to: rcptTo.map(({ address }) => address),
})

/** Reads a mail and hands it over. @throws {MailRefused} when it is larger than one of its recipients takes. */
async function take(
  receiver: MailReceiver,
  stream: AsyncIterable<Buffer>,
  envelope: MailEnvelope,
): Promise<void> {
  const limits = await Promise.all(envelope.to.map((address) => receiver.bytesMaxFor(address)))
  const raw = await bytesOf(stream, Math.min(...limits.map((bytesMax) => bytesMax ?? 0)))
  if (!raw) throw new MailRefused(552, 'The message is too large')
  await receiver.receive(raw, envelope)
}

/**
 * A mail server that takes mails for the receiver's own addresses and nothing else: it relays nothing and has no
 * sign-in. It stands behind the installation's mail exchanger, or is one; TLS is for a proxy before it.
 *
 * @param where.bytesMax of a mail to any address; what each takes is for the receiver to say.
 * @throws {Error} when the port cannot be listened on.
 */
export async function openMailIn(
  where: { readonly host: string; readonly port: number; readonly bytesMax: number },
  receiver: MailReceiver,
  log: Logger,
): Promise<MailIn> {
  const addresses = perAddress()
  const counted = new WeakSet<object>()
  const answerWith =
    (what: string, callback: (error?: Error | null) => void) =>
    (error: unknown): void => {
      if (error instanceof MailRefused) return callback(error)
      log.error({ err: error }, what)
      callback(new MailRefused(451, 'Cannot take it now, please come again'))
    }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: where.bytesMax,
    maxClients: CONNECTIONS_MAX,
    maxAllowedUnauthenticatedCommands: COMMANDS_MAX,
    socketTimeout: SILENCE_MAX_MS,
    closeTimeout: CLOSE_MAX_MS,
    disableReverseLookup: true,
    logger: false,
    banner: 'Earwitness takes mails to its own addresses',
    onConnect(session, callback) {
      if (!addresses.enter(session.remoteAddress))
        return callback(new MailRefused(421, 'Too many connections from your address'))
      counted.add(session)
      return callback()
    },
    onClose(session) {
      if (counted.has(session)) addresses.leave(session.remoteAddress)
    },
    onRcptTo({ address }, session: SMTPServerSession, callback) {
      if (session.envelope.rcptTo.length >= RECIPIENTS_MAX)
        return callback(new MailRefused(452, 'Too many recipients'))
      return receiver
        .bytesMaxFor(address)
        .then((bytesMax) =>
          callback(bytesMax === undefined ? new MailRefused(550, 'There is no such address here') : null),
        )
        .catch(answerWith('a recipient could not be looked up', callback))
    },
    onData(stream, session, callback) {
      take(receiver, stream, envelopeOf(session))
        .then(() => callback())
        .catch(answerWith('a mail could not be taken', callback))
    },
  })
  server.on('error', (error) => log.debug({ err: error }, 'a mail client broke off'))
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(where.port, where.host, () => {
      server.server.removeListener('error', reject)
      resolve()
    })
  })
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
