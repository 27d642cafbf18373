import { z } from 'zod'

import { CaseId, MemberId, NoticeId, RecipientId, TenantId } from '../core/ids.ts'
import { CaseState } from '../matches/case.ts'
import { NoticeFormat } from '../recipients/recipient.ts'
import { NoticeState, Outcome } from './notice-state.ts'
import { Language, NoticeDetails, NoticeDocument, OpenPoint, Regime } from './notice.ts'

/** A notice as it is kept: what stands on its page and in lists. The document is there once it is signed. */
export const Notice = z.object({
  id: NoticeId,
  tenantId: TenantId,
  number: z.string(),
  version: z.number(),
  supersedes: NoticeId.nullable(),
  recipientId: RecipientId,
  recipientName: z.string(),
  host: z.string(),
  regimes: z.array(Regime),
  language: Language,
  format: NoticeFormat,
  details: NoticeDetails,
  state: NoticeState,
  checkedAt: z.date().nullable(),
  openPoints: z.array(OpenPoint).nullable(),
  documentSha256: z.string().nullable(),
  signedBy: MemberId.nullable(),
  signedAt: z.date().nullable(),
  approvalNeeded: z.boolean(),
  approvedBy: MemberId.nullable(),
  approvedAt: z.date().nullable(),
  replyToken: z.string(),
  sentAt: z.date().nullable(),
  acknowledgedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  dueAt: z.date().nullable(),
  reminders: z.number(),
  /** Answers that were not taken because too many came in a day. */
  repliesRefused: z.number(),
  locations: z.number(),
  createdBy: z.string(),
  createdAt: z.date(),
})
export type Notice = z.infer<typeof Notice>

/** A signed notice with the document that was signed and the very bytes that its hash is of. */
export const SignedNotice = Notice.extend({
  document: NoticeDocument,
  documentText: z.string(),
  documentSha256: z.string(),
  signedBy: MemberId,
  signedAt: z.date(),
})
export type SignedNotice = z.infer<typeof SignedNotice>

/** One location of a notice and what became of it. */
export const NoticeLocationRow = z.object({
  id: z.uuid(),
  noticeId: NoticeId,
  caseId: CaseId,
  caseNumber: z.string(),
  caseState: CaseState,
  position: z.number(),
  recipientId: RecipientId,
  url: z.string(),
  canonicalUrl: z.string(),
  /** The row of another case at the same address, which demands it for both; null of the first. */
  besideId: z.uuid().nullable(),
  live: z.boolean(),
  outcome: Outcome.nullable(),
  outcomeBy: z.enum(['recheck', 'recipient', 'person', 'clock']).nullable(),
  outcomeAt: z.date().nullable(),
})
export type NoticeLocationRow = z.infer<typeof NoticeLocationRow>
