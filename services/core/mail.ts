import { createTransport } from 'nodemailer'

import type { AddressPolicy } from './addresses.ts'
import { type OutgoingMessage, handOver, mailProblem } from './mail-handover.ts'

/** A mail server that says nothing for this long is treated as away. */
const SMTP_TIMEOUT_MS = 20_000

/** One message to one recipient. */
export interface Mail {
  readonly from: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Without angle brackets; kept for ever, so that a thread can be found again. */
  readonly messageId: string
  /** The message that opened the thread. */
  readonly inReplyTo?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Hands over messages that are composed already (services/core/mime.ts). */
export interface RawMailer {
  /**
   * Hands one message over, exactly once.
   * @returns the server's answer.
   * @throws {Problem} mail/refused (for good), mail/misconfigured (the account has to mend its settings),
   *   mail/unreachable (not taken), delivery/unclear (maybe taken).
   */
  sendRaw(message: OutgoingMessage): Promise<string>
}

export interface Mailer extends RawMailer {
  /**
   * Hands one message to the mail server.
   * @returns the server's answer.
   * @throws {Problem} mail/refused (for good) or mail/unreachable (worth another try).
   */
  send(mail: Mail): Promise<string>
  /** Answers when the server does. @throws {Problem} mail/unreachable */
  verify(): Promise<void>
  close(): void
}

/**
 * A way to the mail server of an account's own choice.
 *
 * @param policy which addresses it may be at; a password goes there over TLS only.
 */
export const accountMailer = (smtpUrl: string, policy: AddressPolicy): RawMailer => ({
  sendRaw: (message) => handOver(smtpUrl, message, policy),
})

/** Opens the way to the mail server of this installation. */
export function openMailer(smtpUrl: string): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 2,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof createTransport>[0])
  return {
    async send({ from, to, subject, text, html, messageId, inReplyTo, headers }) {
      try {
        const sent = (await transport.sendMail({
          from,
          to,
          subject,
          text,
          html,
          messageId: `<${messageId}>`,
          headers: { ...headers },
          ...(inReplyTo && { inReplyTo: `<${inReplyTo}>`, references: `<${inReplyTo}>` }),
        })) as { response: string }
        return sent.response
      } catch (error) {
        throw mailProblem(error)
      }
    },
    sendRaw: (message) => handOver(smtpUrl, message),
    async verify() {
      try {
        await transport.verify()
      } catch (error) {
        throw mailProblem(error)
      }
    },
    close: () => transport.close(),
  }
}
