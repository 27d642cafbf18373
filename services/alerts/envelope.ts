import type { Mail } from '../core/mail.ts'
import type { Member } from '../tenants/tenant.ts'
import type { Alert } from './alert.ts'

/** To whom an alert goes, and from where. */
export interface Letter {
  readonly alert: Pick<Alert, 'id'>
  readonly member: Member
  readonly unsubscribeToken: string
  /** The first mail that told this member of any of the cases. */
  readonly inReplyTo: string | undefined
  readonly from: string
  readonly publicUrl: string
}

/** Where the links of a mail lead: to the dashboard, and to the end of such mails. */
export interface Links {
  readonly house: string
  readonly stop: string
}

export const linksOf = ({ publicUrl, unsubscribeToken }: Letter): Links => ({
  house: publicUrl,
  stop: `${publicUrl}/unsubscribe/${unsubscribeToken}`,
})

/**
 * What all mails to members have around their text: one-click unsubscribe (RFC 8058), a thread, and an identity that is
 * the same however often it is tried.
 *
 * @param numbers of the cases that it tells of, for filters.
 */
export function envelopeOf(
  letter: Letter,
  numbers: readonly string[],
): Omit<Mail, 'subject' | 'text' | 'html'> {
  const { alert, member, from, inReplyTo } = letter
  const domain = from.match(/@([^>\s]+)/)?.[1] ?? 'earwitness.localhost'
  return {
    from,
    to: { name: member.name, address: member.email },
    messageId: `${alert.id}.${member.id.slice(0, 8)}@${domain}`,
    inReplyTo,
    headers: {
      'List-Unsubscribe': `<${linksOf(letter).stop}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
      'X-Earwitness-Cases': numbers.join(' '),
    },
  }
}
