import type { NoticeDocument } from '../../services/notices/notice.ts'
import { freezeNotice } from '../../services/notices/notice.ts'
import { renderHand } from '../../services/notices/render/hand.ts'
import { type MailBody, mailBodyOf } from '../../services/notices/render/mail-body.ts'
import { renderText } from '../../services/notices/render/text.ts'
import { findSigned } from '../../services/notices/store.ts'
import { isMailFormat } from '../../services/recipients/recipient.ts'
import { mailIdentityOf } from '../../services/tenants/mail-identity.ts'
import { type Page, type Visit, found } from '../visit.ts'
import { type PreviewedMail, type SheetField, handPreview, mailPreview } from './notice-preview-view.ts'
import { noticeId, readNotice } from './notice.ts'
import { noticeName } from './notices-view.ts'

/** Everything of a mail that goes beside its text, with its length. */
function attachmentsOf({ attachments, report }: MailBody): PreviewedMail['attachments'] {
  const files = attachments.map(({ fileName, mediaType, content }) => ({
    fileName,
    mediaType,
    bytes: Buffer.byteLength(content),
  }))
  const reports = report
    ? [
        {
          fileName: 'feedback report',
          mediaType: 'message/feedback-report',
          bytes: Buffer.byteLength(report.feedback),
        },
        { fileName: 'xarf.json', mediaType: 'application/json', bytes: Buffer.byteLength(report.json) },
      ]
    : []
  return [...reports, ...files]
}

/** The fields of a sheet to copy from: a heading line each, and below it what is to be copied. */
function fieldsOf(sheet: string, wholeText: string): SheetField[] {
  const fields = sheet.endsWith(wholeText) ? sheet.slice(0, -wholeText.length) : sheet
  return fields.split(/^## /m).flatMap((part) => {
    const [label = '', ...lines] = part.replace(/=+\s*$/, '').split('\n')
    const value = lines.join('\n').trim()
    return label === '' || value === '' ? [] : [{ label, value }]
  })
}

function sheetOf(document: NoticeDocument, sha256: string): { fields: SheetField[]; wholeText: string } {
  const wholeText = renderText(document, sha256)
  return { fields: fieldsOf(renderHand(document, sha256), wholeText), wholeText }
}

/** What would be sent of a notice, exactly: the mails with all that goes beside them, or the sheet to copy from. */
export async function previewPage(visit: Visit): Promise<Page> {
  const id = noticeId(visit)
  const read = await readNotice(visit, id)
  const { notice, recipient } = read
  const document = found(read.document, 'preview: the notice was dropped')
  const isSigned = notice.signedAt !== null
  const title = `What would be sent: ${noticeName(notice)}`
  if (!isMailFormat(notice.format)) {
    const signed = isSigned ? await visit.tenant((tx) => findSigned(tx, id)) : undefined
    const sheet = sheetOf(document, signed?.documentSha256 ?? freezeNotice(document).sha256)
    const body = handPreview({ notice, formUrl: recipient.formUrl, ...sheet })
    return { title, section: 'notices', body }
  }
  const { house, caller } = visit
  const identity = await visit.tenant((tx) =>
    mailIdentityOf(tx, house.secrets, caller.tenantId, house.config),
  )
  const mails = mailBodyOf(document, notice.format, 'notice').map((mail) => ({
    from: identity.from,
    to: document.recipient.email,
    replyTo: document.replyTo,
    subject: mail.subject,
    text: mail.text,
    attachments: attachmentsOf(mail),
  }))
  return { title, section: 'notices', body: mailPreview({ notice, mails }) }
}
