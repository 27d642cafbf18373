import { keepable, type MailPart, type ReadMail } from './parse-mail.ts'

/** A report about one message names its few recipients; what is longer is none. */
const REPORT_CHARACTERS_MAX = 64 * 1024
const RECIPIENTS_MAX = 100
const FIELD_CHARACTERS_MAX = 1000

/** What became of a message, in the words of RFC 3464, section 2.3.3; `unknown` when a bounce does not say. */
export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded' | 'unknown'

/** What a mail server reports about a message of ours. */
export interface Dsn {
  /** The gravest one of all recipients. */
  readonly action: DsnAction
  /** Enhanced status code of RFC 3463, such as 5.1.1. */
  readonly status: string | undefined
  readonly recipient: string | undefined
  readonly diagnostic: string | undefined
  /** Id of the message that it is about, without angle brackets. */
  readonly originalMessageId: string | undefined
}

const actions: readonly DsnAction[] = ['failed', 'delayed', 'unknown', 'relayed', 'expanded', 'delivered']

/** Groups of header fields, unfolded, by lower-case name: one for the message, then one for each recipient. */
function fieldGroups(text: string): Map<string, string>[] {
  const unfolded = text
    .slice(0, REPORT_CHARACTERS_MAX)
    .replaceAll('\r\n', '\n')
    .replaceAll(/\n[ \t]+/g, ' ')
  return unfolded
    .split(/\n{2,}/)
    .slice(0, RECIPIENTS_MAX + 1)
    .map((group) => {
      const fields = new Map<string, string>()
      for (const line of group.split('\n')) {
        const at = line.indexOf(':')
        const name = line.slice(0, at).trim().toLowerCase()
        if (at > 0 && !fields.has(name))
          fields.set(name, keepable(line.slice(at + 1).trim(), FIELD_CHARACTERS_MAX))
      }
      return fields
    })
    .filter((fields) => fields.size > 0)
}

/** `rfc822; a@b.example` without its type. */
const untyped = (value: string | undefined): string | undefined =>
  value?.replace(/^[\w-]{1,40}\s*;\s*/, '').trim() || undefined

const hasType =
  (...types: string[]) =>
  ({ mediaType }: MailPart): boolean =>
    types.includes(mediaType)

/** The id of the returned message, from the copy of it or of its head that the report carries. */
function returnedMessageId(parts: readonly MailPart[]): string | undefined {
  const returned = parts.find(
    hasType('message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'),
  )
  const head = returned?.content.toString('latin1', 0, REPORT_CHARACTERS_MAX)
  return head && /^message-id:\s*<([^<>\s]{1,998})>/im.exec(head)?.[1]
}

function reportOf(report: MailPart, parts: readonly MailPart[]): Dsn {
  const groups = fieldGroups(report.content.toString('utf8', 0, REPORT_CHARACTERS_MAX))
  const recipients = groups
    .filter((fields) => fields.has('action') || fields.has('final-recipient'))
    .map((fields): Dsn => {
      const said = fields.get('action')?.toLowerCase().split(/\s/)[0] as DsnAction
      return {
        action: actions.includes(said) ? said : 'unknown',
        status: /[245]\.\d{1,3}\.\d{1,3}/.exec(fields.get('status') ?? '')?.[0],
        recipient: untyped(fields.get('original-recipient') ?? fields.get('final-recipient')),
        diagnostic: untyped(fields.get('diagnostic-code')),
        originalMessageId: returnedMessageId(parts),
      }
    })
  const gravest = recipients.toSorted((a, b) => actions.indexOf(a.action) - actions.indexOf(b.action))[0]
  return (
    gravest ?? {
      action: 'unknown',
      status: undefined,
      recipient: undefined,
      diagnostic: undefined,
      originalMessageId: returnedMessageId(parts),
    }
  )
}

/** Who writes bounces, and what about, on servers that know no RFC 3464. */
const DAEMON = /^(mailer-daemon|postmaster|mail-daemon|mdaemon)@/
const RETURNED =
  /undeliver|delivery (status|failure|has failed)|failure notice|returned mail|mail delivery|unzustellbar|non remis|no entregado/i

/** A bounce in free text: from a mail daemon, about a failure, with a status code where there is one. */
function proseBounce({ sender, subject, text, headers, answers }: ReadMail): Dsn | undefined {
  const returnPath = headers.get('return-path')
  if (!DAEMON.test(sender) && returnPath !== '<>') return undefined
  if (!RETURNED.test(subject) && !/qmail-send program/.test(text.slice(0, 500))) return undefined
  const status = /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text)?.[0]
  const code = /(?<![\d.])[45]\d\d(?=[ -])/.exec(text)?.[0]
  const verdict = (status ?? code)?.[0]
  const line = text.split('\n').find((each) => each.includes(status ?? code ?? '\0'))
  return {
    action: verdict === '5' ? 'failed' : verdict === '4' ? 'delayed' : 'unknown',
    status,
    recipient: /<([^<>\s@]{1,64}@[^<>\s]{1,253})>/.exec(text)?.[1],
    diagnostic: line?.trim().slice(0, FIELD_CHARACTERS_MAX),
    originalMessageId: /^message-id:\s*<([^<>\s]{1,998})>/im.exec(text)?.[1] ?? answers[0],
  }
}

/**
 * What a mail reports about the delivery of another: a report of RFC 3464 (or RFC 6533 for international addresses),
 * else a bounce in prose as older servers write it. undefined: it is no such report.
 */
export function readDsn(mail: ReadMail): Dsn | undefined {
  const report = mail.parts.find(hasType('message/delivery-status', 'message/global-delivery-status'))
  return report ? reportOf(report, mail.parts) : proseBounce(mail)
}
