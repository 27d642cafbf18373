import { type Html, html } from '../../services/core/html.ts'
import type { Leak, LeakManifest } from '../../services/leaks/leak.ts'
import { leakKindWords } from '../../services/leaks/report/words.ts'
import type { Letter } from '../../services/letters/letter.ts'
import { type Filled, formFault, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { backTo, card, confirmButton, facts, pageHead } from '../parts/pieces.ts'
import { dayExact, timeExact } from '../parts/words.ts'
import { batchValues, batchesCard } from './leak-batches-view.ts'
import { manifestsCard, uploadCard } from './leak-manifests-view.ts'
import { LEAKS_PATH, ownerPill } from './leaks-view.ts'
import { letterTable } from './letters-view.ts'

/** Which form of the page was refused, and how it was filled. */
export interface LeakForm {
  readonly name: 'facts' | 'batches' | 'upload'
  readonly filled: Filled
}

const factsForm = (leak: Leak, filled: Filled): Html => {
  const hasFaults = Object.keys(filled.faults).length > 0
  return html`<details class="more" ${hasFaults && html`open`}>
    <summary>Change name, dates and note</summary>
    <form method="post" action="${LEAKS_PATH}/${leak.id}" class="stack">
      ${formFault(filled)}
      ${textField({ name: 'name', id: 'leak-name', label: 'Name', required: true, charactersMax: 200 }, filled)}
      <div class="field-grid">
        ${textField({ name: 'takenOn', label: 'Newest rows are of', type: 'date' }, filled)}
        ${textField({ name: 'announcedOn', label: 'Announced on', type: 'date' }, filled)}
      </div>
      ${textArea({ name: 'note', label: 'Note', charactersMax: 4_000 }, filled)}
      <p><button class="button">${icon('check')}Save</button></p>
    </form>
  </details>`
}

const valuesOf = ({ name, takenOn, announcedOn, note }: Leak): Record<string, string> => ({
  name,
  takenOn: takenOn ?? '',
  announcedOn: announcedOn ?? '',
  note,
})

const factsCard = (leak: Leak, canChange: boolean, filled: Filled): Html =>
  card({
    id: 'facts',
    title: 'Facts',
    body: html`${facts([
      { label: 'Kind', value: leakKindWords[leak.kind] },
      { label: 'Whose', value: ownerPill(leak) },
      { label: 'Newest rows are of', value: leak.takenOn !== null && dayExact(leak.takenOn) },
      { label: 'Announced on', value: leak.announcedOn !== null && dayExact(leak.announcedOn) },
      { label: 'Rows that can be asked', value: leak.rows.toLocaleString('en') },
      { label: 'Why its manifests may be held', value: leak.lawfulBasis },
      { label: 'Note', value: leak.note },
      { label: 'Added', value: timeExact(leak.createdAt) },
    ])}
    ${canChange && factsForm(leak, filled)}`,
  })

const lettersCard = (leak: Leak, letters: readonly Letter[]): Html =>
  card({
    id: 'letters',
    title: 'Letters',
    flush: letters.length > 0,
    aside: html`<a class="button button-small" href="${LEAKS_PATH}/${leak.id}/letter"
      >${icon('pen')}Write a letter</a
    >`,
    body:
      letters.length > 0
        ? letterTable(letters)
        : html`<p>
            Reserve your rights against text and data mining, or ask for your recordings to be taken out of a
            data set. A person signs; nothing is sent by itself.
          </p>`,
  })

/** One leak: what it is, when its parts are published, its manifests, and letters about it. */
export function leakView(given: {
  readonly leak: Leak
  readonly manifests: readonly LeakManifest[]
  readonly letters: readonly Letter[]
  readonly exposed: number
  /** Whether it is the reader's to change. */
  readonly canChange: boolean
  readonly bytesMax: number
  readonly form: LeakForm | undefined
}): Html {
  const { leak, manifests, letters, exposed, canChange, bytesMax, form } = given
  const filledOf = (name: LeakForm['name'], values: Record<string, string>): Filled =>
    form?.name === name ? form.filled : { values, faults: {} }
  return html` ${pageHead({
      above: backTo(LEAKS_PATH, 'Leaks'),
      title: html`<span class="breakable">${leak.name}</span>`,
      below: html`<a href="/exposure?leak=${leak.id}"
        >${exposed === 0 ? 'Which of your recordings are in it' : `${exposed.toLocaleString('en')} of your recordings are in it`}</a
      >`,
      ...(canChange && {
        actions: confirmButton({
          id: 'remove',
          button: 'Remove',
          question: `Remove “${leak.name}”?`,
          text: 'Its manifests are deleted and it is not asked any more. Audits that were made, and letters, stay.',
          action: `${LEAKS_PATH}/${leak.id}/remove`,
          yes: 'Remove the leak',
        }),
      }),
    })}
    <div class="columns">
      <div>
        ${manifestsCard(leak, manifests)} ${canChange && uploadCard(leak, bytesMax, filledOf('upload', {}))}
        ${batchesCard(leak, canChange, filledOf('batches', batchValues(leak.batches)))}
        ${lettersCard(leak, letters)}
      </div>
      ${factsCard(leak, canChange, filledOf('facts', valuesOf(leak)))}
    </div>`
}
