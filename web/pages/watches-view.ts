import { type Html, html } from '../../services/core/html.ts'
import type { BatchRow } from '../../services/submissions/batch.ts'
import { defang } from '../../services/submissions/submission.ts'
import { type WatchAct, actsIn } from '../../services/watches/machine.ts'
import {
  FAILING_AFTER,
  type WatchRead,
  type WatchState,
  type WatchSummary,
} from '../../services/watches/watch.ts'
import { type Filled, checkField, formFault, selectField, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import {
  backTo,
  card,
  confirmButton,
  empty,
  facts,
  noteBox,
  pageHead,
  problemNote,
  tabs,
} from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, timeAgo, timeExact } from '../parts/words.ts'
import { rowTable } from './batches-view.ts'
import { readTable } from './watch-reads-view.ts'

export const WATCHES_PATH = '/watches'

const statePills: Readonly<Record<WatchState, Html>> = {
  watching: pill('good', 'eye', 'Watching'),
  failing: pill('bad', 'warning', 'Cannot be read'),
  paused: pill('neutral', 'dash', 'Paused'),
  ended: pill('neutral', 'check', 'Ended'),
}

/** What people choose from; the API takes every number of hours. */
const intervals: Readonly<Record<string, string>> = {
  1: 'Every hour',
  3: 'Every 3 hours',
  6: 'Every 6 hours',
  12: 'Every 12 hours',
  24: 'Once a day',
  72: 'Every 3 days',
  168: 'Once a week',
  720: 'Every 30 days',
}

const everyWords = (everyH: number): string => intervals[everyH]?.toLowerCase() ?? `every ${everyH} hours`

/** The choice of intervals, with the one that is set. */
const intervalField = (everyH: number, filled: Filled): Html => {
  const options = intervals[everyH] ? intervals : { ...intervals, [everyH]: `Every ${everyH} hours` }
  const values = { everyH: String(everyH), ...filled.values }
  return selectField({ name: 'everyH', label: 'How often', required: true, options }, { ...filled, values })
}

/** When a watch is read next, in words. */
function nextWords({ isReading, nextReadAt }: WatchSummary): Html | string {
  if (isReading) return 'being read now'
  return nextReadAt ? timeExact(nextReadAt) : '–'
}

const watchTable = (rows: readonly WatchSummary[]): Html =>
  table(
    'Watches, newest first',
    [
      {
        name: 'Place',
        kind: 'main',
        cell: ({ id, name, url, everyH }) =>
          mainCell(`${WATCHES_PATH}/${id}`, name, html`${defang(url)} · ${everyWords(everyH)}`),
      },
      { name: 'State', kind: 'state', cell: ({ state }) => statePills[state] },
      { name: 'Last read', cell: ({ lastReadAt }) => (lastReadAt ? timeAgo(lastReadAt) : 'not yet') },
      { name: 'Next read', kind: 'state', cell: nextWords },
      { name: 'Handed in', kind: 'number', cell: ({ handedIn }) => handedIn },
      {
        name: 'Found',
        kind: 'number',
        cell: ({ finds }) => (finds > 0 ? pill('signal', 'ear', String(finds)) : '0'),
      },
    ],
    rows,
  )

const makeForm = (filled: Filled): Html =>
  html` <form method="post" action="${WATCHES_PATH}" class="stack">
    ${formFault(filled)}
    ${textField(
      {
        name: 'url',
        label: 'Address',
        type: 'url',
        required: true,
        placeholder: 'https://',
        autocomplete: 'off',
        charactersMax: 2048,
        hint: 'A page, a feed, the page of a channel or of a search, a playlist or a list of addresses.',
      },
      filled,
    )}
    <div class="field-grid">
      ${textField({ name: 'name', label: 'Name', autocomplete: 'off', charactersMax: 200 }, filled)}
      ${intervalField(24, filled)}
    </div>
    ${checkField({
      name: 'takesFirst',
      label: 'Examine what is there already',
      hint: 'Else it is only noted at the first read, and what comes later is examined.',
      checked: filled.values['takesFirst'] === 'on',
    })}
    <p><button class="button button-primary">${icon('eye')}Watch</button></p>
  </form>`

const stateNames: Readonly<Record<WatchState, string>> = {
  watching: 'Watching',
  failing: 'Cannot be read',
  paused: 'Paused',
  ended: 'Ended',
}

/** All watches, and a form for one more. */
export const watchesView = (given: {
  rows: readonly WatchSummary[]
  last: WatchSummary | undefined
  state: WatchState | undefined
  query: Readonly<Record<string, string>>
  filled: Filled
}): Html => {
  const { rows, last, state, query, filled } = given
  const { state: _state, after: _after, ...kept } = query
  return html`${pageHead({
    above: backTo('/submissions', 'Submissions'),
    title: 'Watches',
    below: 'Places that are read again and again. What is new there is examined by itself.',
  })}
  ${card({ id: 'watch', title: 'Watch a place', body: makeForm(filled) })}
  ${card({
    id: 'list',
    title: 'Watched places',
    flush: rows.length > 0,
    refreshFrom: rows.some(({ isReading }) => isReading) && listHref(WATCHES_PATH, query),
    aside: tabs('Filter by state', [
      { text: 'All', href: listHref(WATCHES_PATH, kept), current: !state },
      ...(Object.keys(stateNames) as WatchState[]).map((name) => ({
        text: stateNames[name],
        href: listHref(WATCHES_PATH, kept, { state: name }),
        current: name === state,
      })),
    ]),
    body:
      rows.length > 0
        ? html`${watchTable(rows)}${pager(WATCHES_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'eye',
            title: state ? 'None like this' : 'Nothing is watched yet',
            text: state
              ? 'No watch is in this state now.'
              : 'Watch the feed of a forum or a search, and be told what appears there.',
          }),
  })}`
}

const button = (path: string, act: string, name: 'eye' | 'dash' | 'retry', text: string): Html =>
  html`<form method="post" action="${path}/${act}">
    <button class="button">${icon(name)}${text}</button>
  </form>`

function actions(watch: WatchSummary): Html {
  const path = `${WATCHES_PATH}/${watch.id}`
  const may = (act: WatchAct): boolean => actsIn(watch.state).includes(act)
  return html`${may('read') && !watch.isReading && button(path, 'reads', 'eye', 'Read now')}
  ${may('pause') && button(path, 'pause', 'dash', 'Pause')}
  ${may('resume') && button(path, 'resume', 'retry', 'Resume')}
  ${
    may('end') &&
    confirmButton({
      id: 'end-watch',
      button: 'End',
      question: `End the watch “${watch.name}”?`,
      text: 'It is not read any more. What it found and its history stay.',
      action: `${path}/end`,
      yes: 'End watch',
    })
  }`
}

const changeForm = (watch: WatchSummary, filled: Filled): Html =>
  html` <form method="post" action="${WATCHES_PATH}/${watch.id}" class="stack">
    ${formFault(filled)}
    <div class="field-grid">
      ${textField(
        { name: 'name', label: 'Name', required: true, autocomplete: 'off', charactersMax: 200 },
        { ...filled, values: { name: watch.name, ...filled.values } },
      )}
      ${intervalField(watch.everyH, filled)}
    </div>
    <p><button class="button">Save</button></p>
  </form>`

/** What stands above everything else when a place cannot be read. */
const failingNote = ({ state, failures, lastProblem }: WatchSummary): Html | false => {
  if (!lastProblem || failures === 0) return false
  const text =
    state === 'failing'
      ? `It failed ${failures} times in a row and is asked less often now. Resume it or read it now when the cause is gone, or end it.`
      : `It is tried again; after ${FAILING_AFTER} failures in a row you are told by mail.`
  return problemNote(lastProblem, html`<p>${text}</p>`)
}

/** One watch: how it fares, its history, and what it handed in. */
export function watchView(given: {
  watch: WatchSummary
  reads: readonly WatchRead[]
  rows: readonly BatchRow[]
  last: BatchRow | undefined
  query: Readonly<Record<string, string>>
  filled?: Filled
}): Html {
  const { watch, reads, rows, last, query, filled = unfilled } = given
  const path = `${WATCHES_PATH}/${watch.id}`
  const [latest] = reads
  return html`${pageHead({
    above: backTo(WATCHES_PATH, 'Watches'),
    title: watch.name,
    below: html`${statePills[watch.state]} <span class="code breakable">${defang(watch.url)}</span>`,
    actions: actions(watch),
  })}
  ${failingNote(watch)}
  ${
    latest?.leftOut
      ? noteBox(
          'attention',
          `${counted(latest.leftOut, 'new address', 'new addresses')} were more than one read hands in: the next read takes them.`,
        )
      : false
  }
  ${card({
    id: 'standing',
    title: 'How it fares',
    refreshFrom: watch.isReading && path,
    body: facts([
      { label: 'Read', value: everyWords(watch.everyH) },
      { label: 'Last read', value: watch.lastReadAt ? timeAgo(watch.lastReadAt) : 'not yet' },
      { label: 'Next read', value: nextWords(watch) },
      { label: 'Handed in', value: counted(watch.handedIn, 'address', 'addresses') },
      { label: 'Something found in', value: counted(watch.finds, 'address', 'addresses') },
      { label: 'Watched since', value: timeAgo(watch.createdAt) },
      { label: 'Ended', value: watch.endedAt && timeAgo(watch.endedAt) },
    ]),
  })}
  ${card({
    id: 'rows',
    title: 'Handed in',
    flush: rows.length > 0,
    refreshFrom: rows.some(({ result }) => result === 'waiting') && listHref(path, query),
    body:
      rows.length > 0
        ? html`${rowTable('What the watch handed in, newest first', rows)}
          ${pager(path, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'search',
            title: 'Nothing new so far',
            text: 'As soon as an address appears there that was not there before, it is examined and shown here.',
          }),
  })}
  ${card({
    id: 'reads',
    title: 'History',
    flush: reads.length > 0,
    refreshFrom: watch.isReading && path,
    body: reads.length > 0 ? readTable(reads) : html`<p>It was not read yet.</p>`,
  })}
  ${actsIn(watch.state).includes('change') && card({ id: 'change', title: 'Change', body: changeForm(watch, filled) })}`
}
