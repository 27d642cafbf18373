import { type Html, html } from '../../services/core/html.ts'
import type { NoticeFormat } from '../../services/recipients/recipient.ts'
import {
  type Filled,
  checkField,
  formFault,
  selectField,
  textArea,
  textField,
  unfilled,
} from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { RECIPIENTS_PATH, classNames, roleNames } from './recipient-words.ts'

const formatNames: Readonly<Record<NoticeFormat, string>> = {
  mail: 'Mail in plain words',
  'xarf-mail': 'Mail with XARF',
  'acns-mail': 'Mail with ACNS',
  hand: 'A form, filled in by hand',
  cloudflare: 'Cloudflare’s reports',
  bulk: 'List of addresses',
}

const number = (name: string, label: string, filled: Filled, hint?: string): Html =>
  textField(
    {
      name,
      label,
      required: true,
      autocomplete: 'off',
      charactersMax: 5,
      ...(hint !== undefined && { hint }),
    },
    filled,
  )

const formatBoxes = (filled: Filled): Html => {
  const held = (filled.values['formats'] ?? '').split(/,\s*/)
  return html` <fieldset>
    <legend>Accepts</legend>
    ${filled.faults['formats'] && html`<p class="fault">${filled.faults['formats']}</p>`}
    ${(Object.keys(formatNames) as NoticeFormat[]).map((format) =>
      checkField({
        id: `formats-${format}`,
        name: 'formats',
        value: format,
        label: formatNames[format],
        checked: held.includes(format),
      }),
    )}
  </fieldset>`
}

/** The fields of a recipient that can be changed. */
export const recipientFields = (filled: Filled): Html =>
  html` <div class="field-grid">
      ${textField({ name: 'name', label: 'Name', required: true, autocomplete: 'off', charactersMax: 200 }, filled)}
      ${textField({ name: 'email', label: 'E-mail', type: 'email', autocomplete: 'off', charactersMax: 254 }, filled)}
      ${textField({ name: 'formUrl', label: 'Form', type: 'url', autocomplete: 'off', charactersMax: 2048 }, filled)}
      ${textField({ name: 'country', label: 'Country', autocomplete: 'off', charactersMax: 2, placeholder: 'IN' }, filled)}
      ${textField({ name: 'languages', label: 'Languages', required: true, autocomplete: 'off', charactersMax: 100, hint: 'Two letters each, e.g. en, de' }, filled)}
    </div>
    ${formatBoxes(filled)}
    <div class="field-grid">
      ${number('urlsMax', 'Addresses in one notice', filled)}
      ${number('mailsPerHour', 'Mails in an hour', filled)}
      ${number('acknowledgeH', 'Answers within, hours', filled)}
      ${number('removeH', 'Removes within, hours', filled)}
    </div>
    ${checkField({
      name: 'sameHost',
      label: 'One host in each notice',
      checked: filled.values['sameHost'] === 'on',
    })}
    ${selectField({ name: 'class', label: 'Class', prompt: 'Not classed', options: classNames }, filled)}
    ${textArea({ name: 'note', label: 'Note', rows: 2, charactersMax: 2000 }, filled)}`

/** What a recipient has when nothing else is known of it. */
const newValues = {
  formats: 'mail',
  languages: 'en',
  urlsMax: '250',
  mailsPerHour: '30',
  acknowledgeH: '48',
  removeH: '72',
  sameHost: 'on',
}

/** The form by which a person enters a recipient. */
export const addForm = (given: Filled): Html => {
  const filled = given === unfilled ? { ...given, values: newValues } : given
  return html` <form method="post" action="${RECIPIENTS_PATH}" class="stack">
    ${formFault(filled)}
    <div class="field-grid">
      ${selectField({ name: 'role', label: 'What it is', required: true, prompt: 'Choose', options: roleNames }, filled)}
      ${textField(
        {
          name: 'key',
          label: 'Known by',
          required: true,
          autocomplete: 'off',
          charactersMax: 300,
          hint: 'The domain or host for which it is asked, such as example.org.',
        },
        filled,
      )}
      ${selectField(
        {
          name: 'source',
          label: 'Where you found it',
          required: true,
          options: {
            manual: 'I looked it up myself',
            copyright_office_directory: 'In the directory of designated agents',
          },
        },
        filled,
      )}
    </div>
    ${recipientFields(filled)}
    <p><button class="button button-primary">${icon('plus')}Enter</button></p>
  </form>`
}
