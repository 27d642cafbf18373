import { type Html, html } from '../../services/core/html.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { NoticeState, isUnsigned } from '../../services/notices/notice-state.ts'
import { icon } from '../parts/icons.ts'
import { noticePill, noticeStateName, until } from '../parts/notice-words.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, noteBox, pageHead, tabs } from '../parts/pieces.ts'
import { type Column, mainCell, table } from '../parts/table.ts'
import { counted, exactTime, timeAgo } from '../parts/words.ts'

export const NOTICES_PATH = '/notices'

/** `EN-2026-000007`, and which version where it is not the first. */
export const noticeName = ({ number, version }: Pick<Notice, 'number' | 'version'>): string =>
  version === 1 ? number : `${number}, version ${version}`

const mayBeTicked = ({ state }: Notice): boolean => isUnsigned(state) || state === 'signed'

const tick = (notice: Notice): Html | string =>
  mayBeTicked(notice)
    ? html`<input
        class="row-tick"
        type="checkbox"
        name="ids"
        value="${notice.id}"
        aria-label="Choose ${noticeName(notice)}"
      />`
    : ''

const clock = ({ dueAt }: Notice): Html | string =>
  dueAt
    ? html`<time datetime="${dueAt.toISOString()}" title="${exactTime(dueAt)}">${until(dueAt)}</time>`
    : '–'

const columns: readonly Column<Notice>[] = [
  {
    name: 'Notice',
    kind: 'main',
    cell: (notice) =>
      mainCell(
        `${NOTICES_PATH}/${notice.id}`,
        noticeName(notice),
        `${notice.recipientName} · ${notice.host}`,
      ),
  },
  { name: 'State', kind: 'state', cell: noticePill },
  { name: 'Locations', kind: 'number', cell: ({ locations }) => locations },
  { name: 'Drafted', kind: 'number', cell: ({ createdAt }) => timeAgo(createdAt) },
  { name: 'Next clock', kind: 'number', cell: clock },
]

const choosing = (notices: readonly Notice[]): Html =>
  html` <form method="get" action="${NOTICES_PATH}/sign">
    ${table('Notices, newest first', notices.some(mayBeTicked) ? [{ name: 'Choose', cell: tick }, ...columns] : columns, notices)}
    ${
      notices.some(mayBeTicked) &&
      html`<div class="below-table">
        <p class="row-actions">
          <button class="button button-primary">${icon('pen')}Sign the chosen</button>
          <button class="button" formmethod="post" formaction="${NOTICES_PATH}/check">
            ${icon('check')}Check the chosen
          </button>
          <button class="button" formaction="${NOTICES_PATH}/send">${icon('mail')}Send the chosen</button>
          <button type="button" class="button button-quiet" data-mark-all hidden>Choose all</button>
        </p>
        <p class="hint">
          Each leads to a page that says what would happen. Nothing leaves the house from here.
        </p>
      </div>`
    }
  </form>`

/** That signing and sending rest, and why; nothing while they do not. */
export const pausedNote = (why: string | null): Html | false =>
  why !== null &&
  noteBox('attention', html`Signing and sending are paused: ${why} <a href="/settings/notices">Settings</a>`)

const nothingYet = (state: NoticeState | undefined, confirmed: number): Html =>
  state
    ? empty({
        name: 'mail',
        title: `No notice is “${noticeStateName(state)}”`,
        text: 'Look at the others above.',
      })
    : empty({
        name: 'mail',
        title: 'No notices yet',
        text: 'A notice demands that a host removes copies. It comes about in three steps: confirm cases, prepare notices from them, and sign what is ready.',
        action:
          confirmed > 0
            ? html`<a class="button button-primary" href="${NOTICES_PATH}/new">Prepare notices</a>`
            : html`<a class="button" href="/cases?state=needs_review">Review cases first</a>`,
      })

/** All notices, by state. */
export function noticesView(given: {
  rows: readonly Notice[]
  last: Notice | undefined
  counts: ReadonlyMap<NoticeState, number>
  state: NoticeState | undefined
  query: Readonly<Record<string, string>>
  /** Cases that wait for a notice. */
  waiting: number
  pausedWhy: string | null
}): Html {
  const { rows, last, counts, state, query, waiting, pausedWhy } = given
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return html` ${pageHead({
    title: 'Notices',
    below: 'One demand to one recipient about copies at one host. The machine prepares, a person signs.',
    actions: html`<a class="button button-primary" href="${NOTICES_PATH}/new"
      >${icon('plus')}Prepare notices</a
    >`,
  })}
  ${pausedNote(pausedWhy)}
  ${
    waiting > 0 &&
    noteBox(
      'info',
      html`${counted(waiting, 'confirmed case')} ${waiting === 1 ? 'waits' : 'wait'} for a notice.
        <a href="${NOTICES_PATH}/new">Prepare notices</a>`,
    )
  }
  ${card({
    id: 'list',
    title: state ? noticeStateName(state) : 'All notices',
    flush: true,
    aside: tabs('Filter by state', [
      { text: 'All', href: NOTICES_PATH, current: !state, count: total },
      ...NoticeState.options
        .filter((name) => (counts.get(name) ?? 0) > 0 || name === state)
        .map((name) => ({
          text: noticeStateName(name),
          href: listHref(NOTICES_PATH, {}, { state: name }),
          current: state === name,
          count: counts.get(name) ?? 0,
        })),
    ]),
    body:
      rows.length > 0
        ? html`${choosing(rows)}${pager(NOTICES_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : nothingYet(state, waiting),
  })}`
}
