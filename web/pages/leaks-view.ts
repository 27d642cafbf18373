import { type Html, html } from '../../services/core/html.ts'
import type { LeakId } from '../../services/core/ids.ts'
import type { Leak } from '../../services/leaks/leak.ts'
import { leakKindWords } from '../../services/leaks/report/words.ts'
import { type Filled, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { pager } from '../parts/paging.ts'
import { backTo, card, empty, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { dayExact } from '../parts/words.ts'

export const LEAKS_PATH = '/leaks'

/** Whose a leak is, in a pill. */
export const ownerPill = ({ tenantId }: Pick<Leak, 'tenantId'>): Html =>
  tenantId === null ? pill('neutral', 'person', 'Operator’s') : pill('neutral', 'key', 'Yours')

const publishedWords = ({ batches }: Leak): string => {
  const today = new Date().toISOString().slice(0, 10)
  const published = batches.filter(({ publishedOn }) => publishedOn !== null && publishedOn <= today)
  return batches.length === 0 ? '–' : `${published.length} of ${batches.length} parts`
}

const leakTable = (rows: readonly Leak[], exposed: ReadonlyMap<LeakId, number>): Html =>
  table(
    'Leaks, newest first',
    [
      {
        name: 'Leak',
        kind: 'main',
        cell: (leak) => mainCell(`${LEAKS_PATH}/${leak.id}`, leak.name, leakKindWords[leak.kind]),
      },
      { name: 'Whose', kind: 'state', cell: ownerPill },
      { name: 'Taken', cell: ({ takenOn }) => (takenOn === null ? '–' : dayExact(takenOn)) },
      { name: 'Published', cell: publishedWords },
      { name: 'Rows', kind: 'number', cell: ({ rows }) => rows.toLocaleString('en') },
      {
        name: 'Of your recordings',
        kind: 'number',
        cell: ({ id }) =>
          html`<a class="row-tick" href="/exposure?leak=${id}"
            >${(exposed.get(id) ?? 0).toLocaleString('en')}</a
          >`,
      },
    ],
    rows,
  )

const addForm = (filled: Filled): Html =>
  html` <form method="post" action="${LEAKS_PATH}" class="stack">
    ${formFault(filled)}
    <div class="field-grid">
      ${textField({ name: 'name', label: 'Name', required: true, charactersMax: 200, hint: 'As it is spoken of. Not its address: nothing here links to a leak.' }, filled)}
      ${selectField({ name: 'kind', label: 'Kind', required: true, options: leakKindWords }, filled)}
      ${textField({ name: 'takenOn', label: 'Newest rows are of', type: 'date' }, filled)}
      ${textField({ name: 'announcedOn', label: 'Announced on', type: 'date' }, filled)}
    </div>
    ${textArea(
      {
        name: 'lawfulBasis',
        label: 'Why its manifests may be held',
        required: true,
        charactersMax: 1_000,
        hint: 'From whom you have them, and on what grounds you may hold and use them. Ask counsel first. It is noted with your name.',
      },
      filled,
    )}
    ${textArea({ name: 'note', label: 'Note', charactersMax: 4_000 }, filled)}
    <p><button class="button button-primary">${icon('plus')}Add the leak</button></p>
  </form>`

/** All leaks that can be asked, and where an owner adds one. */
export function leaksView(given: {
  readonly rows: readonly Leak[]
  readonly last: Leak | undefined
  readonly exposed: ReadonlyMap<LeakId, number>
  readonly query: Readonly<Record<string, string>>
  readonly canAdd: boolean
  readonly filled: Filled
}): Html {
  const { rows, last, exposed, query, canAdd, filled } = given
  const hasFaults = Object.keys(filled.faults).length > 0
  return html` ${pageHead({
    title: 'Leaks',
    above: backTo('/exposure', 'Exposure'),
    below:
      'Bulk leaks and data sets of which somebody lawfully holds a list. Your catalogue is compared with the list; the leak itself is never fetched.',
    actions: html`<a class="button" href="/private-check">${icon('search')}Private check</a>`,
  })}
  ${card({
    id: 'list',
    title: 'Known leaks',
    flush: true,
    body:
      rows.length > 0
        ? html`${leakTable(rows, exposed)}
          ${pager(LEAKS_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'eye',
            title: 'No leaks are known here yet',
            text: 'A leak is known by its manifest: a list of what it has, which the operator of this service, or you, lawfully hold. From then on it can be asked which of your recordings are in it.',
          }),
  })}
  ${
    canAdd &&
    card({
      id: 'add',
      title: 'Add a leak',
      body: html`<p class="hint">Only your account will see it.</p>
        <details class="more" ${hasFaults && html`open`}>
          <summary>Fill in the form</summary>
          ${addForm(filled)}
        </details>`,
    })
  }`
}
