import { createTransport } from 'nodemailer'

import { Problem } from './problem.ts'

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

export interface Mailer {
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

/** SMTP's verdict on this mail: a 5xx answer to it will not change. What is wrong with the way there (a password, a line) may. */
function problemFrom(error: unknown): Problem {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number }
  const forGood = (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500
  const detail = error instanceof Error ? error.message : 'unknown error'
  return new Problem(forGood ? 'mail/refused' : 'mail/unreachable', detail, {
    cause: error,
  })
}

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
        throw problemFrom(error)
      }
    },
    async verify() {
      try {
        await transport.verify()
      } catch (error) {
        throw problemFrom(error)
      }
    },
    close: () => transport.close(),
  }
}
