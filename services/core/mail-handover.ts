import { lookup } from 'node:dns/promises'
import { Readable } from 'node:stream'

import { parseConnectionUrl } from 'nodemailer/lib/shared'
import SMTPConnection from 'nodemailer/lib/smtp-connection'

import type { AddressPolicy } from './addresses.ts'
import { Problem } from './problem.ts'

/** A mail server that does not greet within this time is treated as away. */
const GREETING_TIMEOUT_MS = 20_000
/** Scanning a message takes a server its time: RFC 5321, section 4.5.3.2.6, asks clients to wait ten minutes. */
const ANSWER_TIMEOUT_MS = 10 * 60_000
const SUBMISSION_PORT = 587
const SMTPS_PORT = 465

/** A message as it goes over the wire, to one recipient; answers and bounces go to `envelope.from`. */
export interface OutgoingMessage {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly raw: Buffer
}

/** What nodemailer tells of a failure. */
interface SmtpFailure {
  readonly code?: string
  readonly responseCode?: number
}

/**
 * SMTP's verdict on a mail: a 5xx answer to it will not change, nor will what the client itself finds wrong with it.
 * What is wrong with the way there (a password, a line) may.
 */
export function mailProblem(error: unknown): Problem {
  const { code, responseCode } = error as SmtpFailure
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  const forGood = isAboutMail && (responseCode === undefined || responseCode >= 500)
  const detail = error instanceof Error ? error.message : 'unknown error'
  return new Problem(forGood ? 'mail/refused' : 'mail/unreachable', detail, { cause: error })
}

/**
 * After the data began, only an answer to them tells what became of them: a server may have taken a message and lost
 * the line before it could say so. To send it again could be to send it twice.
 */
function handedProblem(error: unknown): Problem {
  const { code, responseCode } = error as SmtpFailure
  if (code === 'EMESSAGE' && responseCode !== undefined) return mailProblem(error)
  const said = error instanceof Error ? error.message : 'unknown error'
  return new Problem('delivery/unclear', `The mail server had the message and did not answer: ${said}`, {
    cause: error,
  })
}

/** The address to connect to: with a policy, one that it permits, so that no account can reach into our network. */
async function addressOf(host: string, port: number, policy: AddressPolicy | undefined): Promise<string> {
  if (!policy) return host
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new Problem('mail/unreachable', `The mail server ${host} is not known`, { cause: error })
  })
  const permitted = found.find(({ address }) => policy.permits(address, port))
  if (permitted) return permitted.address
  throw new Problem('mail/misconfigured', `The mail server ${host} is not at a public address`)
}

/** Connects, and signs in when the address has a name and a password. */
async function connect(smtpUrl: string, policy: AddressPolicy | undefined): Promise<SMTPConnection> {
  const { host = '', port: given, secure = false, auth } = parseConnectionUrl(smtpUrl)
  const port = given ?? (secure ? SMTPS_PORT : SUBMISSION_PORT)
  const connection = new SMTPConnection({
    host: await addressOf(host, port, policy),
    port,
    secure,
    // A password of an account does not travel in the open.
    requireTLS: policy !== undefined && auth !== undefined,
    tls: { servername: host },
    connectionTimeout: GREETING_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
  })
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject)
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
  if (!auth) return connection
  const credentials = { user: auth.user ?? '', pass: auth.pass ?? '' }
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject)
    connection.login({ user: credentials.user, credentials }, (error) => (error ? reject(error) : resolve()))
  })
  return connection
}

/**
 * Hands one message over, on a connection of its own and exactly once: nothing is retried here.
 *
 * @param policy given when the server is somebody else's choice: then only addresses that it permits are connected
 *   to, and a password goes over TLS only.
 * @returns the server's answer.
 * @throws {Problem} mail/refused (for good), mail/misconfigured (the policy forbids the server), mail/unreachable (not
 *   taken: worth another try), delivery/unclear (it may have been taken: only a person can find out).
 */
export async function handOver(
  smtpUrl: string,
  { envelope, raw }: OutgoingMessage,
  policy?: AddressPolicy,
): Promise<string> {
  let connection: SMTPConnection | undefined
  let handed = false
  try {
    connection = await connect(smtpUrl, policy)
    const open = connection
    // The connection reads the message only when the server has said that it wants it.
    const source = Readable.from(
      (function* () {
        handed = true
        yield raw
      })(),
    )
    return await new Promise<string>((resolve, reject) => {
      open.once('error', reject)
      open.send({ from: envelope.from, to: [envelope.to], size: raw.length }, source, (error, sent) =>
        error ? reject(error) : resolve(sent?.response ?? ''),
      )
    })
  } catch (error) {
    if (error instanceof Problem) throw error
    throw handed ? handedProblem(error) : mailProblem(error)
  } finally {
    connection?.on('error', () => {}) // What happens to the line after the answer changes nothing.
    connection?.close()
  }
}
