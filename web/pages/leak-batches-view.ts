import { type Html, html } from '../../services/core/html.ts'
import type { Leak, LeakBatch } from '../../services/leaks/leak.ts'
import { BATCHES_MAX } from '../../services/leaks/packed/word.ts'
import { type Sent, textOf } from '../forms.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { dayExact } from '../parts/words.ts'
import { LEAKS_PATH } from './leaks-view.ts'

const popularityWords = ({ popularityFrom: from, popularityTo: to }: LeakBatch): string =>
  from === null || to === null ? 'not told' : `${from} to ${to}`

const batchTable = (batches: readonly LeakBatch[]): Html =>
  table(
    'Parts in which it is published',
    [
      {
        name: 'Part',
        kind: 'main',
        cell: ({ number, name }) => html`<strong class="breakable">${number}. ${name}</strong>`,
      },
      { name: 'Popularity', cell: popularityWords },
      {
        name: 'Published',
        kind: 'state',
        cell: ({ publishedOn }) =>
          publishedOn === null
            ? pill('neutral', 'clock', 'Not yet')
            : publishedOn > new Date().toISOString().slice(0, 10)
              ? html`${pill('attention', 'clock', 'Expected')} ${dayExact(publishedOn)}`
              : html`${pill('bad', 'warning', 'Published')} ${dayExact(publishedOn)}`,
      },
    ],
    batches,
  )

/** The fields of a batch, by its number. */
const namesOf = (number: number) => ({
  name: `batch-${number}-name`,
  from: `batch-${number}-from`,
  to: `batch-${number}-to`,
  publishedOn: `batch-${number}-published`,
})

/** The batches as their form was sent; one without a name is not there. Numbers are left to the schema to judge. */
export const batchesIn = (sent: Sent): unknown[] =>
  Array.from({ length: BATCHES_MAX }, (_, index) => {
    const names = namesOf(index + 1)
    const number = (text: string): unknown => (text === '' ? null : Number(text))
    return {
      number: index + 1,
      name: textOf(sent, names.name).trim(),
      popularityFrom: number(textOf(sent, names.from).trim()),
      popularityTo: number(textOf(sent, names.to).trim()),
      publishedOn: textOf(sent, names.publishedOn) || null,
    }
  }).filter(
    ({ name, popularityFrom, publishedOn }) => name !== '' || popularityFrom !== null || publishedOn !== null,
  )

/** The values of the form as the leak has them. */
export const batchValues = (batches: readonly LeakBatch[]): Record<string, string> =>
  Object.fromEntries(
    batches.flatMap(({ number, name, popularityFrom, popularityTo, publishedOn }) => {
      const names = namesOf(number)
      return [
        [names.name, name],
        [names.from, String(popularityFrom ?? '')],
        [names.to, String(popularityTo ?? '')],
        [names.publishedOn, publishedOn ?? ''],
      ]
    }),
  )

const batchFields = (number: number, filled: Filled): Html => {
  const names = namesOf(number)
  return html`<fieldset>
    <legend>Part ${number}</legend>
    <div class="field-grid">
      ${textField({ name: names.name, label: 'Name', charactersMax: 100 }, filled)}
      ${textField({ name: names.from, label: 'Popularity from', placeholder: '0' }, filled)}
      ${textField({ name: names.to, label: 'Popularity to', placeholder: '100' }, filled)}
      ${textField({ name: names.publishedOn, label: 'Published on', type: 'date' }, filled)}
    </div>
  </fieldset>`
}

const isFilled = (number: number, { values }: Filled): boolean =>
  Object.values(namesOf(number)).some((name) => (values[name] ?? '') !== '')

function batchForm(leak: Leak, filled: Filled): Html {
  const numbers = Array.from({ length: BATCHES_MAX }, (_, index) => index + 1)
  const used = Math.max(0, ...numbers.filter((number) => isFilled(number, filled)))
  const shown = numbers.slice(0, used + 1)
  const more = numbers.slice(used + 1)
  const hasFaults = Object.keys(filled.faults).length > 0
  return html`<details class="more" ${hasFaults && html`open`}>
    <summary>${leak.batches.length > 0 ? 'Change the parts' : 'Say in which parts it is published'}</summary>
    <form method="post" action="${LEAKS_PATH}/${leak.id}/batches" class="stack">
      ${formFault(filled)}
      <p class="hint">
        A part is told by the popularity of its rows, or by its manifest. Leave “Published on” empty while it
        is not published. When this changes, your catalogue is asked for anew. Empty a name to take a part
        away.
      </p>
      ${shown.map((number) => batchFields(number, filled))}
      ${
        more.length > 0 &&
        html`<details class="more">
          <summary>Further parts</summary>
          <div class="stack">${more.map((number) => batchFields(number, filled))}</div>
        </details>`
      }
      <p><button class="button button-primary">${icon('check')}Save the parts</button></p>
    </form>
  </details>`
}

/** The parts in which a leak is published; with a form where they are the reader's to change. */
export const batchesCard = (leak: Leak, canChange: boolean, filled: Filled): Html =>
  card({
    id: 'batches',
    title: 'Published in parts',
    body: html`${
      leak.batches.length > 0
        ? batchTable(leak.batches)
        : html`<p class="hint">Nothing is known of parts: what is in it counts as not published.</p>`
    }
    ${canChange && batchForm(leak, filled)}`,
  })
