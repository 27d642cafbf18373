import { type Html, html } from '../../services/core/html.ts'
import {
  BATCH_ADDRESSES_MAX,
  type Batch,
  type BatchCounts,
  type BatchResult,
  type BatchRow,
  batchProgress,
} from '../../services/submissions/batch.ts'
import { defang } from '../../services/submissions/submission.ts'
import { type Filled, formFault, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { backTo, card, empty, facts, noteBox, pageHead, progressBar, tabs } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, timeAgo } from '../parts/words.ts'

export const BATCHES_PATH = '/batches'

/** Refused lines that a page lists; the table of results has the others. */
const REFUSED_SHOWN_MAX = 50

/** A batch and how it stands. */
export interface BatchStood {
  readonly batch: Batch
  readonly counts: BatchCounts
}

const number = (count: number): string => count.toLocaleString('en')

/** `8 s`, `12 min`, `3 h`: roughly, since it is a guess. */
function aboutSeconds(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

const batchTable = (rows: readonly BatchStood[]): Html =>
  table(
    'Lists, newest first',
    [
      {
        name: 'List',
        kind: 'main',
        cell: ({ batch }) => mainCell(`${BATCHES_PATH}/${batch.id}`, batch.name),
      },
      {
        name: 'Progress',
        kind: 'state',
        cell: ({ batch, counts }) => {
          const { total, ended } = batchProgress(batch, counts, new Date())
          return ended === total
            ? pill('good', 'check', 'Ended')
            : pill('work', 'clock', `${number(ended)} of ${number(total)}`)
        },
      },
      { name: 'Found', kind: 'number', cell: ({ counts }) => counts.found },
      { name: 'Failed', kind: 'number', cell: ({ counts }) => counts.failed },
      { name: 'Handed in', kind: 'number', cell: ({ batch }) => timeAgo(batch.createdAt) },
    ],
    rows,
  )

const form = (filled: Filled): Html =>
  html` <form method="post" action="${BATCHES_PATH}" enctype="multipart/form-data" class="stack">
    ${formFault(filled)}
    ${textArea(
      {
        name: 'addresses',
        label: 'Addresses',
        rows: 8,
        placeholder: 'https://host.example/one.mp3',
        hint: `One in a line, at most ${BATCH_ADDRESSES_MAX.toLocaleString('en')} together. Lines that begin with # are passed over.`,
      },
      filled,
    )}
    ${textField({ name: 'name', label: 'Name', autocomplete: 'off', charactersMax: 200 }, filled)}
    ${textField(
      {
        name: 'note',
        label: 'Note',
        autocomplete: 'off',
        charactersMax: 2000,
        hint: 'Stands at each of them: where they were found, who told you.',
      },
      filled,
    )}
    <div class="field">
      <label for="list-file">File <span class="optional">instead</span></label>
      <input
        id="list-file"
        type="file"
        name="file"
        accept=".txt,.csv,.tsv,.json,text/plain"
        aria-describedby="list-file-hint"
      />
      <p class="hint" id="list-file-hint">
        Text with one address in a line, a table with a column “url”, or a JSON array.
      </p>
    </div>
    <p><button class="button button-primary">${icon('submit')}Examine all</button></p>
  </form>`

/** All lists, and a form for one more. */
export const batchesView = (given: {
  rows: readonly BatchStood[]
  last: Batch | undefined
  query: Readonly<Record<string, string>>
  filled: Filled
}): Html => {
  const { rows, last, query, filled } = given
  const isOpen = rows.some(({ counts }) => counts.queued + counts.atWork > 0)
  return html`${pageHead({
    above: backTo('/submissions', 'Submissions'),
    title: 'Lists',
    below: 'Many addresses handed in at once. They are fetched in turn with those of others.',
  })}
  ${card({ id: 'submit-list', title: 'Hand in a list', body: form(filled) })}
  ${card({
    id: 'list',
    title: 'Handed in',
    flush: rows.length > 0,
    refreshFrom: isOpen && listHref(BATCHES_PATH, query),
    body:
      rows.length > 0
        ? html`${batchTable(rows)}${pager(BATCHES_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'submit',
            title: 'No list yet',
            text: 'Paste addresses above, or choose a file with them.',
          }),
  })}`
}

const resultNames: Readonly<Record<BatchResult, string>> = {
  found: 'Found',
  nothing: 'Nothing found',
  failed: 'Failed',
  waiting: 'Waiting',
}

const rowPill = ({ result, stage, recordings }: BatchRow): Html => {
  if (result === 'found')
    return pill('signal', 'ear', counted(recordings, 'recording found', 'recordings found'))
  if (result === 'nothing') return pill('neutral', 'dash', 'Nothing found')
  if (result === 'failed') return pill('bad', 'warning', 'Failed')
  return stage === 'queued' ? pill('neutral', 'clock', 'Waits its turn') : pill('work', 'clock', 'At work')
}

/** What was handed in together, and what became of each; the page of a watch has the same. */
export const rowTable = (caption: string, rows: readonly BatchRow[]): Html =>
  table(
    caption,
    [
      {
        name: 'Address',
        kind: 'main',
        cell: ({ id, url, problem }) => mainCell(`/submissions/${id}`, defang(url), problem ?? false),
      },
      { name: 'Result', kind: 'state', cell: rowPill },
      { name: 'Cases', cell: ({ cases }) => cases.join(', ') || '–' },
      { name: 'Ended', kind: 'number', cell: ({ endedAt }) => (endedAt ? timeAgo(endedAt) : '–') },
    ],
    rows,
  )

function standingCard({ batch, counts }: BatchStood, href: string): Html {
  const { total, ended, secondsLeft } = batchProgress(batch, counts, new Date())
  const isOpen = ended < total
  const share = total === 0 ? 1 : ended / total
  const left = secondsLeft === undefined ? 'not known yet' : `about ${aboutSeconds(secondsLeft)}`
  const notTaken = batch.given - total
  return card({
    id: 'standing',
    title: isOpen ? `${number(ended)} of ${number(total)} examined` : 'All examined',
    refreshFrom: isOpen && href,
    body: html`${progressBar(share, 'Addresses examined')}
    ${facts([
      { label: 'Time left', value: isOpen && left },
      { label: 'At work', value: isOpen && number(counts.atWork) },
      { label: 'Wait their turn', value: isOpen && number(counts.queued) },
      { label: 'Given', value: counted(batch.given, 'address', 'addresses') },
      { label: 'Twice, or in work already', value: batch.duplicates > 0 && number(batch.duplicates) },
      { label: 'No addresses', value: notTaken > batch.duplicates && number(notTaken - batch.duplicates) },
    ])}`,
  })
}

const refusedCard = ({ refused }: Batch): Html | false =>
  refused.length > 0 &&
  card({
    id: 'refused',
    title: 'Not taken',
    body: html`${noteBox('attention', 'These lines are no addresses. All others were taken.')}
      <ul>
        ${refused
          .slice(0, REFUSED_SHOWN_MAX)
          .map(
            ({ line, text, why }) =>
              html`<li>Line ${line}: <span class="code breakable">${defang(text)}</span> – ${why}</li>`,
          )}
        ${refused.length > REFUSED_SHOWN_MAX && html`<li>and ${refused.length - REFUSED_SHOWN_MAX} more in the table of results</li>`}
      </ul>`,
  })

/** One list: how far it is, and what became of each address. */
export function batchView(given: {
  stood: BatchStood
  rows: readonly BatchRow[]
  last: BatchRow | undefined
  result: BatchResult | undefined
  query: Readonly<Record<string, string>>
}): Html {
  const { stood, rows, last, result, query } = given
  const { batch, counts } = stood
  const path = `${BATCHES_PATH}/${batch.id}`
  const countOf = { ...counts, waiting: counts.queued + counts.atWork }
  const { result: _result, after: _after, ...kept } = query
  const tab = (name: BatchResult) => ({
    text: resultNames[name],
    href: listHref(path, kept, { result: name }),
    current: name === result,
    count: countOf[name],
  })
  return html`${pageHead({
    above: backTo(BATCHES_PATH, 'Lists'),
    title: batch.name,
    below: html`Handed in ${timeAgo(batch.createdAt)}`,
    actions: html`<a class="button" href="/v1${path}/results.csv" download
      >${icon('download')}Results as a table</a
    >`,
  })}
  ${standingCard(stood, listHref(path, query))}
  ${card({
    id: 'results',
    title: 'Results',
    flush: rows.length > 0,
    refreshFrom: countOf.waiting > 0 && listHref(path, query),
    aside: tabs('Filter by result', [
      { text: 'All', href: listHref(path, kept), current: !result },
      ...(['found', 'nothing', 'failed', 'waiting'] as const).map(tab),
    ]),
    body:
      rows.length > 0
        ? html`${rowTable('Addresses of the list, in its order', rows)}
          ${pager(path, query, last && { at: last.createdAt, id: last.id }, { first: 'First', next: 'Next' })}`
        : empty({
            name: 'search',
            title: 'None like this',
            text: result
              ? 'No address of the list has this result.'
              : 'All its addresses were in work already.',
          }),
  })}
  ${refusedCard(batch)}`
}
