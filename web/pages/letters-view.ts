import type { LetterPreview } from '../../services/actions/letters.ts'
import type { SecondFactorState } from '../../services/actions/second-factor.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { ListedAudit } from '../../services/leaks/audit-list-store.ts'
import type { Leak } from '../../services/leaks/leak.ts'
import { scopeWords } from '../../services/leaks/report/words.ts'
import { letterText } from '../../services/letters/letter-text.ts'
import type { Letter, LetterKind, LetterLanguage } from '../../services/letters/letter.ts'
import { FRESH_MINUTES } from '../../services/tenants/factor.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { signatureField } from '../parts/signature.ts'
import { table } from '../parts/table.ts'
import { counted, shortHash, timeExact } from '../parts/words.ts'
import { LEAKS_PATH } from './leaks-view.ts'

/** What a letter is, for people. */
export const letterKindNames: Readonly<Record<LetterKind, string>> = {
  'rights-reservation': 'Reservation of rights (text and data mining)',
  'data-set-removal': 'Removal from a data set',
}
const languageNames: Readonly<Record<LetterLanguage, string>> = { en: 'English', de: 'Deutsch' }

/** Letters that were signed, with their files. */
export const letterTable = (letters: readonly Letter[]): Html =>
  table(
    'Letters that were signed, newest first',
    [
      {
        name: 'To',
        kind: 'main',
        cell: ({ recipient, kind }) =>
          html`<strong class="breakable">${recipient}</strong
            ><span class="row-detail">${letterKindNames[kind]}</span>`,
      },
      {
        name: 'Signed',
        cell: ({ signedByName, signedAt }) =>
          html`${timeExact(signedAt)}<span class="row-detail">${signedByName}</span>`,
      },
      { name: 'Hash', cell: ({ sha256 }) => shortHash(sha256) },
      {
        name: 'Files',
        cell: ({ id, recipient }) =>
          html`${(['pdf', 'text'] as const).map(
            (format) =>
              html`<a
                class="button button-small row-tick"
                href="/v1/letters/${id}/download?format=${format}"
                download
                >${icon('download')}${format === 'pdf' ? 'PDF' : 'Text'}<span class="unseen">
                  of the letter to ${recipient}</span
                ></a
              > `,
          )}`,
      },
    ],
    letters,
  )

/** The faults of a letter's form and the fields they speak of. */
const fields = {
  recipientName: ['recipientName', 'To whom'],
  recipientEmail: ['recipientEmail', 'Mail address'],
  signatureText: ['signatureText', 'Signature'],
} as const

const choiceForm = (leak: Leak, audits: readonly ListedAudit[], filled: Filled): Html =>
  html`<form method="get" action="${LEAKS_PATH}/${leak.id}/letter" class="stack">
    ${formFault(filled)} ${faultList(filled, fields)}
    <div class="field-grid">
      ${selectField({ name: 'kind', label: 'What it says', required: true, options: letterKindNames }, filled)}
      ${selectField({ name: 'language', label: 'Language', required: true, options: languageNames }, filled)}
    </div>
    ${textField({ name: 'recipientName', label: 'To whom', required: true, charactersMax: 200, placeholder: 'Sample AI' }, filled)}
    ${textArea({ name: 'recipientAddress', label: 'Postal address', charactersMax: 500, rows: 3 }, filled)}
    ${textField({ name: 'recipientEmail', label: 'Mail address', type: 'email', charactersMax: 254 }, filled)}
    ${
      audits.length > 0 &&
      selectField(
        {
          name: 'auditId',
          label: 'Recordings that it names',
          prompt: 'none',
          hint: 'Those that an audit found in this leak. Unreleased recordings are never named.',
          options: Object.fromEntries(
            audits.map((audit) => [
              audit.id,
              `${scopeWords(audit.scope)}, ${audit.createdAt.toISOString().slice(0, 10)}: ${counted(audit.counts?.listed ?? 0, 'recording')} found`,
            ]),
          ),
        },
        filled,
      )
    }
    <p><button class="button button-primary">${icon('eye')}Preview the letter</button></p>
  </form>`

const hidden = (filled: Filled): Html =>
  html`${['kind', 'language', 'recipientName', 'recipientAddress', 'recipientEmail', 'auditId'].map(
    (name) => html`<input type="hidden" name="${name}" value="${filled.values[name] ?? ''}" />`,
  )}`

const signForm = ({ leak, filled, memberName }: LetterGiven, shown: string, freshUntil: Date): Html =>
  html`<form method="post" action="${LEAKS_PATH}/${leak.id}/letter" class="stack">
    ${hidden(filled)}
    <input type="hidden" name="shown" value="${shown}" />
    ${signatureField(memberName, filled, freshUntil)}
    <p><button class="button button-primary">${icon('pen')}Sign the letter</button></p>
    <p class="hint">Signing sends nothing. What you signed never changes; you send the file yourself.</p>
  </form>`

function signCard(given: LetterGiven, { open, shown }: LetterPreview): Html {
  const { canSign, factor, path } = given
  const body = (): Html => {
    if (open.length > 0)
      return html`<p>It cannot be signed yet:</p>
        <ul class="points">
          ${open.map(({ detail }) => html`<li>${detail}</li>`)}
        </ul>`
    if (!canSign) return noteBox('info', 'Only a member with the role ‘signer’ can sign.')
    if (!factor.fresh)
      return html`<p>
          You sign with a second factor that was shown in the last ${FRESH_MINUTES} minutes. You come back
          here afterwards.
        </p>
        <p>
          <a class="button button-primary" href="/settings/security?then=${encodeURIComponent(path)}"
            >${icon('key')}${factor.totp || factor.passkeys.length > 0 ? 'Show your second factor' : 'Set up a second factor'}</a
          >
        </p>`
    return signForm(given, shown, factor.fresh.until)
  }
  return card({ id: 'sign', title: 'Your signature', body: body() })
}

/** What the page of a letter is made of. */
export interface LetterGiven {
  readonly leak: Leak
  /** Audits that found something in any leak. */
  readonly audits: readonly ListedAudit[]
  readonly preview: LetterPreview | undefined
  readonly canSign: boolean
  readonly factor: SecondFactorState
  readonly memberName: string
  /** The address of this page, with what was chosen. */
  readonly path: string
  readonly filled: Filled
}

/** Writing a letter: what it says and to whom, how it reads, and the signature. */
export function letterView(given: LetterGiven): Html {
  const { leak, audits, preview, filled } = given
  return html`${pageHead({
    above: backTo(`${LEAKS_PATH}/${leak.id}`, leak.name),
    title: 'Write a letter',
    below:
      'It is filled from your account and an audit. Our wording is no legal advice: have counsel read it before you sign.',
  })}
  ${card({ id: 'choose', title: 'The letter', body: choiceForm(leak, audits, filled) })}
  ${
    preview &&
    html`${card({
      id: 'preview',
      title: 'How it reads',
      body: html`${
          preview.unreleased > 0 &&
          noteBox(
            'info',
            `${counted(preview.unreleased, 'recording')} found and not named: unreleased, or no longer claimed.`,
          )
        }
        <pre class="mail-text" lang="${preview.draft.language}" tabindex="0" aria-label="Text of the letter">
${letterText(preview.draft)}</pre>`,
    })}
    ${signCard(given, preview)}`
  }`
}
