import type { MailAttachment } from '../../core/mime.ts'
import type { MailFormat } from '../../recipients/recipient.ts'
import { freezeNotice, type NoticeDocument } from '../notice.ts'
import { acnsDocuments } from './acns.ts'
import { bulkCsv } from './bulk.ts'
import { followUpText, mailSubject, type MailFacts, type MailKind } from './follow-up.ts'
import { narrowed } from './narrow.ts'
import type { RenderFacts } from './render-facts.ts'
import { renderText } from './text.ts'
import { wordsIn } from './words/in-language.ts'
import { feedbackReport } from './xarf/feedback-report.ts'
import { xarfReports, type XarfOutcome } from './xarf/report.ts'

export type { MailFacts, MailKind } from './follow-up.ts'

/** More addresses than this are attached as a table as well: nobody copies them out of a text. */
const URLS_IN_TEXT_MAX = 20
/**
 * Machines read one report a mail, so each location gets its own; but a recipient takes 30 mails an hour by default,
 * and a notice should be with them at once.
 */
const XARF_MAILS_MAX = 20

/** What makes a mail a multipart/report (RFC 6522), beside its text. */
export interface MailReport {
  /** The parameter report-type. */
  readonly type: 'feedback-report'
  /** The part message/feedback-report (RFC 5965): ASCII header lines that end in CRLF. */
  readonly feedback: string
  /** The part application/json, to be named xarf.json. */
  readonly json: string
}

export interface MailBody {
  readonly subject: string
  readonly text: string
  readonly attachments: readonly MailAttachment[]
  readonly report?: MailReport
  /** The locations that it is about. */
  readonly locationIds: readonly string[]
}

/**
 * The mails that carry a notice, a reminder of it or its retraction: one at least, in the order of sending, the same
 * for the same input.
 *
 * - `mail`: one plain mail; the addresses are attached as CSV where there are many.
 * - `xarf-mail`: a mail for each location with its part of the notice and its report; beyond `XARF_MAILS_MAX`
 *   locations one plain mail with all reports attached, one JSON document a line. XARF knows no reminder and no
 *   retraction, so these are plain.
 * - `acns-mail`: a mail for each IP address with its part of the notice and the XML below, where receivers cut it out;
 *   a retraction has the XML again with `Retraction="true"`. A reminder is plain: its XML would count as a second case.
 *
 * What a machine format cannot say goes as plain text: every mail is complete without its document.
 */
export function mailBodyOf(
  document: NoticeDocument,
  format: MailFormat,
  kind: MailKind,
  facts: MailFacts = {},
  places?: RenderFacts['places'],
): MailBody[] {
  const { sha256 } = freezeNotice(document)
  const part = facts.locationIds ? narrowed(document, new Set(facts.locationIds)) : document
  if (format === 'xarf-mail' && kind === 'notice') return xarfMails(part, sha256, facts, places)
  if (format === 'acns-mail' && kind !== 'reminder') return acnsMails(document, sha256, kind, facts)
  return [plainMail(part, document, sha256, kind, facts)]
}

/** @param whole the notice of which `part` are the locations that the mail is about. */
function plainMail(
  part: NoticeDocument,
  whole: NoticeDocument,
  sha256: string,
  kind: MailKind,
  facts: MailFacts,
): MailBody {
  const fileName = `${part.number}-urls.csv`
  const isLong = part.locations.length > URLS_IN_TEXT_MAX
  const text = kind === 'notice' ? renderText(part, sha256) : followUpText(part, whole, sha256, kind, facts)
  return {
    locationIds: part.locations.map(({ locationId }) => locationId),
    subject: mailSubject(part, kind, facts),
    text: isLong ? `${text}\n${wordsIn(part.language).urlsAttached(fileName)}\n` : text,
    attachments: isLong
      ? [{ fileName, mediaType: 'text/csv; charset=utf-8', content: Buffer.from(bulkCsv(part), 'utf8') }]
      : [],
  }
}

function xarfMails(
  part: NoticeDocument,
  sha256: string,
  facts: MailFacts,
  places: RenderFacts['places'],
): MailBody[] {
  const outcomes = xarfReports(part, sha256, places)
  if (outcomes.length > XARF_MAILS_MAX) return [mailWithAllReports(part, sha256, facts, outcomes)]
  const { place } = wordsIn(part.language)
  return outcomes.map((outcome, index) => {
    const one = narrowed(part, new Set([outcome.location.locationId]))
    const mail = plainMail(one, part, sha256, 'notice', facts)
    if (!('report' in outcome)) return mail
    return {
      ...mail,
      subject:
        outcomes.length === 1 ? mail.subject : `${mail.subject} (${place(index + 1, outcomes.length)})`,
      report: {
        type: 'feedback-report',
        feedback: feedbackReport(part, outcome.location),
        json: JSON.stringify(outcome.report, undefined, 2),
      },
    }
  })
}

function mailWithAllReports(
  part: NoticeDocument,
  sha256: string,
  facts: MailFacts,
  outcomes: readonly XarfOutcome[],
): MailBody {
  const mail = plainMail(part, part, sha256, 'notice', facts)
  const reports = outcomes.flatMap((outcome) => ('report' in outcome ? [outcome.report] : []))
  if (reports.length === 0) return mail
  const reportFile: MailAttachment = {
    fileName: `${part.number}-xarf.ndjson`,
    mediaType: 'application/x-ndjson',
    content: Buffer.from(reports.map((report) => `${JSON.stringify(report)}\n`).join(''), 'utf8'),
  }
  return { ...mail, attachments: [...mail.attachments, reportFile] }
}

/**
 * The infringements are numbered by the whole notice, so that each keeps its case when only some of its locations are
 * taken back; one of which nothing is concerned is left out.
 */
function acnsMails(document: NoticeDocument, sha256: string, kind: MailKind, facts: MailFacts): MailBody[] {
  const concerned = new Set(facts.locationIds ?? document.locations.map(({ locationId }) => locationId))
  const retraction = kind === 'retraction' ? (facts.reason ?? '') : undefined
  const documents = canCarryAcns(document)
    ? acnsDocuments(document, sha256, { retraction, textNotice: false, only: concerned })
    : []
  const mails = documents.map(({ locations, xml }) => {
    const ids = new Set(locations.map(({ locationId }) => locationId))
    for (const id of ids) concerned.delete(id)
    const mail = plainMail(narrowed(document, ids), document, sha256, kind, facts)
    return { ...mail, text: `${mail.text}\n${xml}\n` }
  })
  const rest =
    concerned.size > 0 ? [plainMail(narrowed(document, concerned), document, sha256, kind, facts)] : []
  return [...mails, ...rest]
}

const canCarryAcns = ({ complainant, replyTo, recipient }: NoticeDocument): boolean =>
  (replyTo ?? complainant.email) !== undefined && recipient.email !== undefined
