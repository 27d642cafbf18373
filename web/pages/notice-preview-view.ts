import { type Html, html } from '../../services/core/html.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { backTo, card, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { counted, sizeInWords } from '../parts/words.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

/** A mail as its recipient would get it. */
export interface PreviewedMail {
  readonly from: string
  readonly to: string | undefined
  readonly replyTo: string | undefined
  readonly subject: string
  readonly text: string
  readonly attachments: readonly {
    readonly fileName: string
    readonly mediaType: string
    readonly bytes: number
  }[]
}

/** One field of a form, and what goes into it. */
export interface SheetField {
  readonly label: string
  readonly value: string
}

const head = (notice: Notice): Html =>
  html`${pageHead({
    above: backTo(`${NOTICES_PATH}/${notice.id}`, noticeName(notice)),
    title: notice.signedAt ? 'What is sent' : 'What would be sent',
    below: `To ${notice.recipientName}, about ${counted(notice.locations, 'location')} at ${notice.host}`,
  })}
  ${
    notice.signedAt === null &&
    noteBox(
      'info',
      'A dry run: nothing is sent. Only the signature, its time and the hash of the signed document are missing; all else goes out as it stands here, if nothing changes before it is signed.',
    )
  }`

/** Text as it is, with a button that copies it. */
const copyable = (id: string, text: string, label: string): Html =>
  html` <pre class="mail-text" id="${id}" tabindex="0" aria-label="${label}">${text}</pre>
    <p>
      <button type="button" class="button button-small" data-copy="${id}" hidden>
        Copy<span class="unseen"> ${label}</span>
      </button>
    </p>`

const mailCard = (mail: PreviewedMail, index: number, count: number): Html =>
  card({
    id: `mail-${index + 1}`,
    title: count === 1 ? 'The mail' : `Mail ${index + 1} of ${count}`,
    body: html`${facts([
      { label: 'From', value: mail.from },
      { label: 'To', value: mail.to ?? 'no mail address of the recipient is known' },
      { label: 'Answers go to', value: mail.replyTo },
      { label: 'Subject', value: mail.subject },
      {
        label: 'Attachments',
        value:
          mail.attachments.length === 0
            ? 'none'
            : html`<ul class="points">
                ${mail.attachments.map(
                  ({ fileName, mediaType, bytes }) =>
                    html`<li>
                      ${fileName} <span class="row-detail">${mediaType}, ${sizeInWords(bytes)}</span>
                    </li>`,
                )}
              </ul>`,
      },
    ])}
    ${copyable(`mail-${index + 1}-text`, mail.text, `Text of mail ${index + 1}`)}`,
  })

/** The mails of a notice, with all that goes beside them. */
export const mailPreview = (given: { notice: Notice; mails: readonly PreviewedMail[] }): Html =>
  html`${head(given.notice)} ${given.mails.map((mail, index) => mailCard(mail, index, given.mails.length))}`

/** What a person copies into the recipient's form, field by field. */
export const handPreview = (given: {
  notice: Notice
  formUrl: string | null
  fields: readonly SheetField[]
  wholeText: string
}): Html => {
  const { notice, formUrl, fields, wholeText } = given
  return html`${head(notice)}
  ${card({
    id: 'sheet',
    title: 'To copy into the form',
    body: html`<p>
        ${
          formUrl === null
            ? 'This recipient takes notices by a form. Its address is not known yet.'
            : html`This recipient takes notices by a form at
                <a class="breakable" href="${formUrl}" rel="noreferrer">${formUrl}</a>.`
        }
        When you have filled it in, record on the notice’s page that you sent it by hand.
      </p>
      ${fields.map(
        ({ label, value }, index) =>
          html`<section class="sheet-field" aria-labelledby="field-${index + 1}-label">
            <h3 id="field-${index + 1}-label">${label}</h3>
            ${copyable(`field-${index + 1}`, value, label)}
          </section>`,
      )}`,
  })}
  ${card({ id: 'whole', title: 'The whole notice, for a field of free text', body: copyable('whole-text', wholeText, 'The whole notice') })}`
}
