import { markOf } from '../../services/actions/rights.ts'
import type { Conflict } from '../../services/catalog/conflicts.ts'
import { isEmbargoed } from '../../services/catalog/embargo.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import {
  type RecordingRight,
  type RightState,
  rightState,
  wholeRight,
} from '../../services/catalog/rights.ts'
import { type Html, html } from '../../services/core/html.ts'
import { describeTerritories } from '../../services/metadata/values/territories.ts'
import { type Filled, checkField, formFault, selectField, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { conflictNotes, embargoNote } from '../parts/standing.ts'
import { table } from '../parts/table.ts'
import { shortHash } from '../parts/words.ts'
import { fullTitle } from './recordings-view.ts'

/** A form of the page that was refused: which one, and how it was filled. */
export interface RefusedForm {
  /** The place of the right, 0 for a new one, `embargo` for the other form. */
  readonly form: number | 'embargo'
  readonly filled: Filled
}

const roles: Readonly<Record<RecordingRight['role'], string>> = {
  owner: 'Owner',
  'exclusive-licensee': 'Exclusive licensee',
  agent: 'Agent',
}

const statePills: Readonly<Record<RightState, Html>> = {
  'in-force': pill('good', 'check', 'In force'),
  'not-begun': pill('neutral', 'clock', 'Not begun'),
  ended: pill('bad', 'warning', 'Ended'),
  'document-expired': pill('bad', 'warning', 'Document expired'),
}

const today = (): string => new Date().toISOString().slice(0, 10)

const placesOf = ({ territories, excludedTerritories }: RecordingRight): string =>
  describeTerritories(territories, excludedTerritories)

/** `2026-01-01 – 2028-12-31`, `from 2026-01-01`, `for good`. */
function periodOf({ validFrom, validTo }: RecordingRight): string {
  if (validFrom && validTo) return `${validFrom} – ${validTo}`
  if (validFrom) return `from ${validFrom}`
  return validTo ? `until ${validTo}` : 'for good'
}

const documentOf = ({ documentName, documentSha256, documentExpires }: RecordingRight): Html | string =>
  documentName === null
    ? '–'
    : html`${documentName}
      ${documentExpires && html`<span class="row-detail">expires ${documentExpires}</span>`}
      ${documentSha256 && html`<span class="row-detail">${shortHash(documentSha256)}</span>`}`

const rightsTable = (rights: readonly RecordingRight[]): Html =>
  table(
    'Rights in this recording',
    [
      { name: 'Role', cell: ({ role }) => roles[role] },
      { name: 'State', kind: 'state', cell: (right) => statePills[rightState(right, today())] },
      { name: 'Share', kind: 'number', cell: ({ sharePercent }) => `${sharePercent} %` },
      { name: 'Where', cell: placesOf },
      { name: 'When', cell: periodOf },
      { name: 'Document', cell: documentOf },
    ],
    rights,
  )

/** The same beside other things, where there is less room. */
const narrowTable = (rights: readonly RecordingRight[]): Html =>
  table(
    'Rights in this recording',
    [
      {
        name: 'Right',
        cell: (right) =>
          html`${roles[right.role]}, ${right.sharePercent} %
            <span class="row-detail">${periodOf(right)}</span>
            ${right.documentName !== null && html`<span class="row-detail">${documentOf(right)}</span>`}`,
      },
      { name: 'State', kind: 'state', cell: (right) => statePills[rightState(right, today())] },
      { name: 'Where', cell: placesOf },
    ],
    rights,
  )

/** What is held where today, in a line; a warning when it is nothing. */
const heldToday = ({ territories }: Recording): Html =>
  territories.length > 0
    ? html`<p><strong>Held today:</strong> ${territories.join(', ')}</p>`
    : noteBox('bad', 'No right is in force today: a report about this recording cannot be sent.')

/** The rights as the page of the recording shows them. */
export const rightsCard = (recording: Recording): Html =>
  card({
    id: 'rights',
    title: 'Rights',
    aside: html`<a class="button" href="/recordings/${recording.id}/rights">Rights and embargo</a>`,
    body: html`${heldToday(recording)}
    ${recording.rights.length > 0 ? narrowTable(recording.rights) : html`<p class="hint">Nothing else was told, so all of it is taken to be yours, everywhere.</p>`}`,
  })

const valuesOf = (right: RecordingRight): Record<string, string> =>
  Object.fromEntries(
    Object.entries(right).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value ?? ''),
    ]),
  )

const placeFields = (id: (name: string) => string, filled: Filled): Html => html`
  <div class="field-grid">
    ${textField(
      {
        name: 'territories',
        id: id('territories'),
        label: 'Territories',
        required: true,
        autocomplete: 'off',
        charactersMax: 5_000,
        hint: 'Worldwide, or countries: IN, DE, Nepal.',
      },
      filled,
    )}
    ${textField(
      {
        name: 'excludedTerritories',
        id: id('excludedTerritories'),
        label: 'Except',
        autocomplete: 'off',
        charactersMax: 5_000,
        hint: 'Countries that Worldwide does not include here.',
      },
      filled,
    )}
    ${textField({ name: 'validFrom', id: id('validFrom'), label: 'First day', type: 'date' }, filled)}
    ${textField({ name: 'validTo', id: id('validTo'), label: 'Last day', type: 'date' }, filled)}
  </div>
`

const documentFields = (id: (name: string) => string, filled: Filled): Html => html`
  <div class="field-grid">
    ${textField(
      {
        name: 'documentName',
        id: id('documentName'),
        label: 'Document',
        autocomplete: 'off',
        charactersMax: 300,
        hint: 'What proves the right, e.g. Licence 2026-014. Left empty, the name of the file.',
      },
      filled,
    )}
    ${textField(
      { name: 'documentExpires', id: id('documentExpires'), label: 'Document expires', type: 'date' },
      filled,
    )}
    <div class="field">
      <label for="${id('document')}">File of the document <span class="optional">optional</span></label>
      <input id="${id('document')}" name="document" type="file" aria-describedby="${id('document')}-hint" />
      <p class="hint" id="${id('document')}-hint">
        Only its name and SHA-256 are kept, so that the original can be recognised; the file itself is not.
      </p>
    </div>
  </div>
`

/** One form for one right: it works without scripts, and a fault stands beside its field. */
function rightForm(
  recording: Recording,
  at: { position: number; right: RecordingRight },
  refused: RefusedForm | undefined,
): Html {
  const { position, right } = at
  const filled = refused?.form === position ? refused.filled : { ...unfilled, values: valuesOf(right) }
  const id = (name: string): string => `${name}-${position}`
  return html` <form
    method="post"
    action="/recordings/${recording.id}/rights"
    enctype="multipart/form-data"
    class="stack"
  >
    ${formFault(filled)}
    ${position > 0 && html`<input type="hidden" name="position" value="${position}" /><input type="hidden" name="mark" value="${markOf(right)}" />`}
    <div class="field-grid">
      ${selectField({ name: 'role', id: id('role'), label: 'Role', required: true, options: roles }, filled)}
      ${textField(
        {
          name: 'sharePercent',
          id: id('sharePercent'),
          label: 'Share in per cent',
          required: true,
          autocomplete: 'off',
          charactersMax: 6,
        },
        filled,
      )}
    </div>
    ${placeFields(id, filled)} ${documentFields(id, filled)}
    ${
      position > 0 &&
      checkField({
        name: 'remove',
        id: id('remove'),
        label: 'Remove this right',
        checked: filled.values['remove'] === 'on',
      })
    }
    <p><button class="button button-primary">${position > 0 ? 'Save' : 'Add'}</button></p>
  </form>`
}

const summaryOf = (right: RecordingRight): string =>
  `${roles[right.role]}, ${right.sharePercent} %, ${placesOf(right)}, ${periodOf(right)}`

const rightForms = (recording: Recording, refused: RefusedForm | undefined): Html =>
  html`${recording.rights.map(
      (right, index) =>
        html`<details class="more" ${refused?.form === index + 1 && html`open`}>
          <summary>Change: ${summaryOf(right)}</summary>
          ${rightForm(recording, { position: index + 1, right }, refused)}
        </details>`,
    )}
    <details class="more" ${(refused?.form === 0 || recording.rights.length === 0) && html`open`}>
      <summary>${icon('plus')}Add a right</summary>
      ${
        recording.rights.length === 0 &&
        html`<p class="hint">
          Nothing was told yet, so all of it is taken to be yours, everywhere. What you add takes the place of
          that.
        </p>`
      }
      ${rightForm(recording, { position: 0, right: wholeRight }, refused)}
    </details>`

/** As the field takes it: minutes, without a zone. */
const minutesOf = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ')

function embargoForm(recording: Recording, refused: RefusedForm | undefined, mayChange: boolean): Html {
  const { id, embargoUntil } = recording
  const runs = isEmbargoed(recording)
  if (!mayChange) return html`<p class="hint">Only an owner of the account sets and ends embargoes.</p>`
  const until = runs && embargoUntil ? minutesOf(embargoUntil) : ''
  const filled = refused?.form === 'embargo' ? refused.filled : { ...unfilled, values: { until } }
  return html`<form method="post" action="/recordings/${id}/embargo" class="stack">
      ${formFault(filled)}
      ${textField(
        {
          name: 'until',
          label: 'Unreleased until',
          required: true,
          autocomplete: 'off',
          charactersMax: 25,
          placeholder: '2031-03-06 23:00',
          hint: 'Day and time in UTC. Without a time, the beginning of the day.',
        },
        filled,
      )}
      <p><button class="button">Set embargo</button></p>
    </form>
    ${
      runs &&
      html`<form method="post" action="/recordings/${id}/embargo/end">
        <button class="button">End embargo now</button>
      </form>`
    }`
}

/** Rights of one recording and its embargo, to be changed. */
export function rightsView(given: {
  recording: Recording
  conflicts: readonly Conflict[]
  mayEmbargo: boolean
  refused: RefusedForm | undefined
}): Html {
  const { recording, conflicts, mayEmbargo, refused } = given
  return html` ${pageHead({
    above: backTo(`/recordings/${recording.id}`, fullTitle(recording)),
    title: 'Rights and embargo',
    below: recording.artists.join(', '),
  })}
  ${conflictNotes(conflicts)} ${embargoNote(recording)}
  ${card({
    id: 'rights',
    title: 'Rights',
    body: html`${heldToday(recording)} ${recording.rights.length > 0 && rightsTable(recording.rights)}
    ${rightForms(recording, refused)}`,
  })}
  ${card({ id: 'embargo', title: 'Embargo', body: embargoForm(recording, refused, mayEmbargo) })}`
}
