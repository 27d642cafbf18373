import type { Html } from '../../services/core/html.ts'
import type { TimerKind } from '../../services/notices/clocks/timers.ts'
import type { DeliveryKind, DeliveryStage } from '../../services/notices/delivery.ts'
import type { NoticeEventKind, NoticeState, Outcome } from '../../services/notices/notice-state.ts'
import type { Language, Regime, StatementCode } from '../../services/notices/notice.ts'
import type { RenderFormat } from '../../services/notices/render/render.ts'
import type { ReplyKind } from '../../services/notices/replies/classify.ts'
import type { NoticeFormat } from '../../services/recipients/recipient.ts'
import type { IconName } from './icons.ts'
import { type Tone, pill } from './pills.ts'

type Look = readonly [tone: Tone, icon: IconName, text: string]

const stateLooks: Readonly<Record<NoticeState, Look>> = {
  draft: ['attention', 'dots', 'Draft'],
  invalid: ['bad', 'warning', 'Points open'],
  ready: ['signal', 'check', 'Ready to sign'],
  signed: ['signal', 'pen', 'Signed'],
  queued: ['work', 'clock', 'Being sent'],
  sent: ['work', 'mail', 'Sent'],
  delivery_failed: ['bad', 'warning', 'Not delivered'],
  acknowledged: ['work', 'check', 'Acknowledged'],
  info_requested: ['attention', 'speech', 'Asked for more'],
  actioned: ['good', 'check', 'Removed'],
  partially_actioned: ['work', 'check', 'Partly removed'],
  rejected: ['bad', 'cross', 'Refused'],
  no_response: ['bad', 'clock', 'No answer'],
  counter_noticed: ['attention', 'warning', 'Counter-notice'],
  retracted: ['neutral', 'back', 'Retracted'],
  closed: ['neutral', 'dash', 'Closed'],
}

/** The state of a notice; one that two have to look at says so while the second has not. */
export const noticePill = (notice: {
  readonly state: NoticeState
  readonly approvalNeeded?: boolean
  readonly approvedAt?: Date | null
}): Html =>
  waitsForApproval(notice)
    ? pill('attention', 'clock', 'Waits for approval')
    : pill(...stateLooks[notice.state])

/** Whether a second signer has to look at a signed notice before it may be sent. */
export const waitsForApproval = (notice: {
  readonly state: NoticeState
  readonly approvalNeeded?: boolean
  readonly approvedAt?: Date | null
}): boolean => notice.state === 'signed' && notice.approvalNeeded === true && !notice.approvedAt

/** The states as filters and headings call them. */
export const noticeStateName = (state: NoticeState): string => stateLooks[state][2]

export const regimeNames: Readonly<Record<Regime, string>> = {
  US_512C: 'US, 17 U.S.C. 512(c): hosts',
  US_512D: 'US, 17 U.S.C. 512(d): search engines and links',
  EU_DSA_16: 'EU, Digital Services Act Art. 16',
  UK_ECR_22: 'UK, Electronic Commerce Regulations reg. 22',
  IN_RULE_75: 'India, Copyright Rules 2013 rule 75',
  GENERIC: 'No particular law: a plain request',
}

export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  hi: 'Hindi',
  ja: 'Japanese',
}

export const noticeFormatNames: Readonly<Record<NoticeFormat, string>> = {
  mail: 'Mail in plain words',
  'xarf-mail': 'Mail with XARF reports',
  'acns-mail': 'Mail with ACNS documents',
  hand: 'By hand: a sheet to copy into a form',
  cloudflare: 'By hand: Cloudflare’s report form',
  bulk: 'By hand: a list of addresses',
}

export const renderFormatNames: Readonly<Record<RenderFormat, string>> = {
  text: 'Text',
  pdf: 'PDF',
  hand: 'Sheet to copy from',
  csv: 'Addresses as CSV',
  json: 'The document (JSON)',
  xarf: 'XARF',
  acns: 'ACNS XML',
  lumen: 'Lumen',
  cloudflare: 'Cloudflare',
  bulk: 'Addresses as text',
  'stay-down': 'Stay-down package',
}

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  removed: 'Removed',
  incomplete: 'Refused: something is missing',
  url_not_direct: 'Refused: the address is not direct',
  wrong_recipient: 'Refused: somebody else is responsible',
  duplicate: 'Refused: a duplicate',
  already_gone: 'Was gone already',
  not_infringing: 'Refused: not infringing in their view',
  court_order_needed: 'Refused: they want a court order',
  counter_notice: 'Counter-notice',
  restored: 'Back again',
  no_response: 'No answer',
  retracted: 'Taken back',
}

export const statementNames: Readonly<Record<StatementCode, string>> = {
  good_faith: 'Good faith',
  accuracy: 'Accuracy',
  authority: 'Authority',
  dsa_bona_fide: 'Bona fide belief (DSA)',
  in_not_s52: 'Not covered by section 52 (India)',
  in_suit_undertaking_21d: 'Undertaking to sue (India)',
}

/** What happened to a notice, for its history. */
export const eventWords: Readonly<Record<NoticeEventKind, readonly [icon: IconName, text: string]>> = {
  created: ['plus', 'Drafted'],
  checked_ready: ['check', 'Checked: ready to sign'],
  checked_open: ['warning', 'Checked: points are open'],
  edited: ['pen', 'Changed'],
  aged: ['clock', 'The check grew too old'],
  signed: ['pen', 'Signed'],
  approved: ['check', 'Approved by a second signer'],
  queued: ['clock', 'Given to be sent'],
  sent: ['mail', 'Sent'],
  bounced: ['warning', 'Not delivered'],
  rerouted: ['arrow', 'Goes to somebody else in a new version'],
  acknowledged: ['check', 'Receipt was acknowledged'],
  asked: ['speech', 'The recipient asked for more'],
  supplemented: ['arrow', 'Goes on in a new version'],
  some_gone: ['check', 'Some copies are gone'],
  all_gone: ['check', 'All copies are gone'],
  rejected: ['cross', 'Refused'],
  deadline_passed: ['clock', 'No answer in time'],
  reminded: ['mail', 'Reminded'],
  countered: ['warning', 'A counter-notice came'],
  put_back: ['retry', 'The copy was put back'],
  action_filed: ['report', 'A suit was filed'],
  resumed: ['retry', 'Goes on: the counter-notice was answered'],
  retracted: ['back', 'Retracted'],
  location_retracted: ['back', 'One location was taken back'],
  closed: ['dash', 'Closed'],
  commented: ['speech', 'Comment'],
}

export const timerNames: Readonly<Record<TimerKind, string>> = {
  acknowledgement_late: 'Receipt should be acknowledged',
  reminder: 'A reminder goes out',
  no_response: 'Given up as not answered',
  india_order_warning: 'India: one week left for the court’s order',
  india_order_due: 'India: the court’s order must be there',
  complaint_ends: 'A complaint about the decision is no longer possible (DSA)',
}

export const deliveryKindNames: Readonly<Record<DeliveryKind, string>> = {
  notice: 'The notice',
  reminder: 'Reminder',
  retraction: 'Retraction',
}

const deliveryLooks: Readonly<Record<DeliveryStage, Look>> = {
  send: ['work', 'clock', 'Waits'],
  unclear: ['attention', 'warning', 'Unclear'],
  done: ['good', 'check', 'Sent'],
  failed: ['bad', 'warning', 'Not sent'],
}

export const deliveryPill = (stage: DeliveryStage): Html => pill(...deliveryLooks[stage])

export const replyKindNames: Readonly<Record<ReplyKind, string>> = {
  bounce: 'Report about the delivery',
  auto_reply: 'Automatic reply',
  acns_ack: 'ACNS acknowledgement',
  acns_status: 'ACNS status',
  xarf: 'XARF report',
  other: 'Letter',
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long until a moment, roughly: `in 5 hours`, `3 days late`. */
export function until(at: Date, now: Date = new Date()): string {
  const leftMs = at.getTime() - now.getTime()
  const size = Math.abs(leftMs)
  const [count, unit] =
    size >= 2 * DAY_MS
      ? [Math.floor(size / DAY_MS), 'days']
      : size >= 2 * HOUR_MS
        ? [Math.floor(size / HOUR_MS), 'hours']
        : [Math.floor(size / MINUTE_MS), 'minutes']
  return leftMs >= 0 ? `in ${count} ${unit}` : `${count} ${unit} late`
}
