import { z } from 'zod'

import { DeliveryId, NoticeId, RecipientId, TenantId } from '../core/ids.ts'
import { StoredProblem } from '../core/stages.ts'
import { NoticeFormat } from '../recipients/recipient.ts'

/** Why a message goes out. */
export const DeliveryKind = z.enum(['notice', 'reminder', 'retraction'])
export type DeliveryKind = z.infer<typeof DeliveryKind>

/** By mail, or by a person who fills in the recipient's form. */
export const DeliveryWay = z.enum(['mail', 'hand'])
export type DeliveryWay = z.infer<typeof DeliveryWay>

/** `unclear`: the mail server may have the message or not. Nothing moves it but a person, or the answer after all. */
export const DeliveryStage = z.enum(['send', 'unclear', 'done', 'failed'])
export type DeliveryStage = z.infer<typeof DeliveryStage>

/** From `unclear` a person leads on (actions/deliveries.ts), no job. */
export const deliveryTransitions = { send: ['done', 'unclear'] } as const

/** One message to a recipient, or one form that was filled in. */
export const Delivery = z.object({
  id: DeliveryId,
  tenantId: TenantId,
  noticeId: NoticeId,
  recipientId: RecipientId,
  kind: DeliveryKind,
  /** 1, 2 … among those of its kind. */
  number: z.number(),
  /** 1, 2 … where one notice takes several messages. */
  part: z.number(),
  way: DeliveryWay,
  format: NoticeFormat,
  /** A mail address, or the address of a form. */
  address: z.string().nullable(),
  /** Without angle brackets. */
  messageId: z.string().nullable(),
  stage: DeliveryStage,
  problem: StoredProblem.nullable(),
  tries: z.number(),
  attemptedAt: z.date().nullable(),
  sentAt: z.date().nullable(),
  /** What the mail server said, or what a person noted. */
  response: z.string().nullable(),
  /** Of the message as it was handed over. */
  sha256: z.string().nullable(),
  createdAt: z.date(),
})
export type Delivery = z.infer<typeof Delivery>

/** What stands before the token in the address that answers go to. */
const REPLY_LOCAL_PART = 'notices'

/** The address that answers to a notice go to: the token in it says to which (VERP). */
export const replyAddressOf = (token: string, replyDomain: string): string =>
  `${REPLY_LOCAL_PART}+${token}@${replyDomain}`

/** The token in an address that answers go to, and its domain; undefined when the address is another. */
export function readReplyAddress(address: string): { token: string; domain: string } | undefined {
  const [, token, domain] =
    /^notices\+([a-z0-9]{20,40})@([a-z0-9.-]{1,253})$/.exec(address.trim().toLowerCase()) ?? []
  return token && domain ? { token, domain } : undefined
}

/** What was attempted to a recipient of late. */
export interface Attempts {
  /** Moments of the latest attempts, in any order. */
  readonly at: readonly Date[]
  readonly now: Date
}

const HOUR_MS = 60 * 60_000

/**
 * How long to wait until a recipient takes one more message: 0 when it does now. Never more than `mailsPerHour` in
 * any hour, counted from the attempts themselves, so that nothing has to be kept beside them.
 */
export function waitMs({ at, now }: Attempts, mailsPerHour: number): number {
  const recent = at
    .map((moment) => moment.getTime())
    .filter((moment) => moment > now.getTime() - HOUR_MS)
    .toSorted((a, b) => b - a)
  const frees = recent[mailsPerHour - 1]
  return frees === undefined ? 0 : frees + HOUR_MS - now.getTime()
}

/** Fewer messages than this say nothing about an address. */
const BOUNCES_OF_MIN = 20
/** Mail servers block senders with a larger share of bounces. */
const BOUNCE_SHARE_MAX = 0.05

/** Whether so many of the messages of the last days came back that no more should be sent. */
export const bouncesTooOften = ({ sent, bounced }: { sent: number; bounced: number }): boolean =>
  sent >= BOUNCES_OF_MIN && bounced / sent > BOUNCE_SHARE_MAX
