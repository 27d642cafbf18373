import { type Html, html } from '../../services/core/html.ts'
import type { CaseCounts } from '../../services/matches/case-store.ts'
import { type Case, type CaseState, isSetAside } from '../../services/matches/case.ts'
import type { Flood } from '../../services/matches/find-store.ts'
import { confidenceInWords } from '../../services/matches/match.ts'
import { defang } from '../../services/submissions/submission.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, pageHead, tabs } from '../parts/pieces.ts'
import { casePill, caseStateNames, quarantinedPill, sharedPill } from '../parts/pills.ts'
import { shortcuts } from '../parts/shortcuts.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, timeAgo } from '../parts/words.ts'

/** Where the copy was, as text that nothing turns into a link: suspect media is not to be opened by a slip. */
export const locationText = (location: string): string =>
  /^https?:/i.test(location) ? defang(location) : location

/** The list that the overview and a recording share. */
export const caseTable = (caption: string, rows: readonly Case[]): Html =>
  table(
    caption,
    [
      {
        name: 'Recording and location',
        kind: 'main',
        cell: (row) => mainCell(`/cases/${row.id}`, row.recordingTitle, locationText(row.location)),
      },
      {
        name: 'State',
        kind: 'state',
        cell: ({ state, shared }) => html`${casePill(state)} ${shared && sharedPill}`,
      },
      { name: 'Confidence', kind: 'number', cell: (row) => confidenceInWords(1 - row.confidence) },
      { name: 'Case', cell: ({ number }) => html`<span class="code">${number}</span>` },
      { name: 'Opened', kind: 'number', cell: ({ openedAt }) => timeAgo(openedAt) },
    ],
    rows,
  )

const empties: Readonly<Record<CaseState | 'all', readonly [title: string, text: string]>> = {
  all: ['No cases yet', 'A case opens by itself when one of your recordings is found in a suspect.'],
  needs_review: [
    'Nothing waits for you',
    'Every find has been decided. New ones appear here and in your mail.',
  ],
  confirmed: ['No confirmed cases', 'Confirm a find, and a report can be issued for it.'],
  in_notice: ['No cases in notices', 'What you confirmed stands here once a notice demands its removal.'],
  escalated: [
    'Nothing is escalated',
    'Where a recipient does not act, the case waits here for your next step.',
  ],
  removed: [
    'Nothing was removed yet',
    'A copy that is gone is looked at again for a while, and stands here.',
  ],
  restored: ['Nothing came back', 'A copy that was removed and is live again stands here.'],
  closed: ['No closed cases', 'What is over stands here.'],
  dismissed: ['No dismissed cases', 'Finds that are no matter for you can be dismissed with a reason.'],
  allowed: ['No allowed cases', 'Finds at places of your allow-list are kept here, and nobody is told.'],
  monitored: [
    'No monitored cases',
    'Finds of recordings that are only monitored are kept here, and nobody is told.',
  ],
  excluded: ['Nothing of this kind', 'Finds of nothing but excluded parts of a recording are kept here.'],
}

const quarantineEmpty = [
  'Nothing is in quarantine',
  'When one recording is suddenly found everywhere, its cases wait here until somebody has looked.',
] as const
const mineEmpty = [
  'You look at no case',
  'Open a case, and nobody else can decide it for a quarter of an hour.',
] as const

const reasonWords = ({ priorityReasons }: Case): string =>
  (priorityReasons ?? []).map(({ text }) => text).join('; ')

/** How urgent a case is, of 100, and by what. */
export const priorityWords = (opened: Case): Html =>
  html`${Math.round(opened.priority * 100)} of 100 <span class="row-detail">${reasonWords(opened)}</span>`

/** The cases as reviewers work through them: by harm, with a box to mark each. */
const queueTable = (caption: string, rows: readonly Case[]): Html =>
  table(
    caption,
    [
      {
        name: 'Recording and location',
        kind: 'main',
        cell: (row) =>
          mainCell(
            `/cases/${row.id}`,
            row.recordingTitle,
            html`${locationText(row.location)} · <span class="code">${row.number}</span>,
              ${timeAgo(row.openedAt)}<br />${reasonWords(row)}`,
          ),
      },
      {
        name: 'State',
        kind: 'state',
        cell: ({ state, shared, quarantinedAt, assignedName }) =>
          html`${casePill(state)} ${shared && sharedPill} ${quarantinedAt && quarantinedPill}
          ${assignedName && html`<span class="row-detail">${assignedName} looks at it</span>`}`,
      },
      { name: 'Priority', kind: 'number', cell: ({ priority }) => Math.round(priority * 100) },
      { name: 'Confidence', kind: 'number', cell: (row) => confidenceInWords(1 - row.confidence) },
      {
        name: 'Mark',
        cell: ({ id, number }) =>
          html`<span class="mark"
            ><input type="checkbox" name="case" value="${id}" aria-label="Mark ${number}"
          /></span>`,
      },
    ],
    rows,
  )

const queueKeys = [
  ['j', 'Down; so does the arrow'],
  ['k', 'Up; so does the arrow'],
  ['Enter', 'Opens the case'],
  ['x', 'Marks the case, to decide several together'],
  ['?', 'Shows these keys'],
] as const

/** A flood of one recording, and the button that ends its quarantine. */
const floodItem = ({ recordingId, recordingTitle, cases, since }: Flood): Html =>
  html`<li>
    <a href="/recordings/${recordingId}">${recordingTitle}</a>: ${counted(cases, 'case')} since
    ${timeAgo(since)}
    <form method="post" action="/cases/quarantine/${recordingId}/end">
      <button class="button button-small">I have looked: let them out</button>
    </form>
  </li>`

interface Queue {
  readonly rows: readonly Case[]
  readonly last: Case | undefined
  readonly counts: CaseCounts
  readonly floods: readonly Flood[]
  readonly query: Readonly<Record<string, string>>
  readonly state: CaseState | undefined
  readonly quarantined: boolean
  readonly mine: boolean
  readonly order: 'priority' | 'newest'
}

/** Each state has a tab when there is something in it; those of a reviewer's daily work always. */
const always: ReadonlySet<CaseState> = new Set(['needs_review', 'confirmed', 'dismissed'])

function queueTabs({ counts, state, quarantined, mine }: Queue): Html {
  const countOf: Readonly<Record<CaseState, number>> = {
    needs_review: counts.needsReview,
    confirmed: counts.confirmed,
    in_notice: counts.inNotice,
    escalated: counts.escalated,
    removed: counts.removed,
    restored: counts.restored,
    closed: counts.closed,
    dismissed: counts.dismissed,
    allowed: counts.allowed,
    monitored: counts.monitored,
    excluded: counts.excluded,
  }
  const states = Object.keys(countOf) as CaseState[]
  const inAll = states.filter((name) => !isSetAside(name)).reduce((sum, name) => sum + countOf[name], 0)
  return tabs('Filter by state', [
    { text: 'All', href: '/cases', current: !state && !quarantined && !mine, count: inAll },
    ...states
      .filter((name) => always.has(name) || countOf[name] > 0 || name === state)
      .map((name) => ({
        text: caseStateNames[name],
        href: `/cases?state=${name}`,
        current: state === name,
        count: countOf[name],
      })),
    ...(counts.quarantined > 0 || quarantined
      ? [
          {
            text: 'Quarantine',
            href: '/cases?quarantined=1',
            current: quarantined,
            count: counts.quarantined,
          },
        ]
      : []),
    { text: 'Yours', href: '/cases?mine=1', current: mine },
  ])
}

function queueList({ rows, last, query, order }: Queue): Html {
  const begin =
    order === 'newest'
      ? last && { at: last.openedAt, id: last.id }
      : last && { after: `${last.priority}_${last.id}` }
  const words = order === 'newest' ? undefined : { first: 'Most urgent', next: 'Less urgent' }
  const { after: _after, ...filters } = query
  const other = order === 'newest' ? { order: '' } : { order: 'newest' }
  return html`<form method="post" action="/cases/batch" data-rows>
      ${queueTable(order === 'newest' ? 'Cases, newest first' : 'Cases, most urgent first', rows)}
      <p class="below-table">
        <button class="button">Decide the marked ones together</button>
        <button type="button" class="button" data-mark-all hidden>Mark all</button>
        <a href="${listHref('/cases', filters, other)}"
          >${order === 'newest' ? 'Most urgent first' : 'Newest first'}</a
        >
      </p>
    </form>
    ${pager('/cases', query, begin, words)}`
}

/** All cases, by state, the most urgent first. */
export function casesView(queue: Queue): Html {
  const { rows, floods, state, quarantined, mine } = queue
  const [title, text] = quarantined ? quarantineEmpty : mine ? mineEmpty : empties[state ?? 'all']
  return html` ${pageHead({ title: 'Cases', below: 'One recording at one location. The most urgent come first, by the harm they do.' })}
  ${
    floods.length > 0 &&
    card({
      id: 'floods',
      title: 'Suddenly found everywhere',
      body: html`<p>
          One recording that is found hundreds of times in a day is more likely wrong than stolen: silence, a
          test tone, a sample that many use. Look at some of its cases before you let them out.
        </p>
        <ul class="floods">
          ${floods.map(floodItem)}
        </ul>`,
    })
  }
  ${card({
    id: 'list',
    title: quarantined
      ? 'In quarantine'
      : mine
        ? 'You look at these'
        : state
          ? caseStateNames[state]
          : 'All cases',
    flush: true,
    aside: queueTabs(queue),
    body:
      rows.length > 0
        ? queueList(queue)
        : empty({
            name: 'case',
            title,
            text,
            action: html`<a class="button" href="/submissions">Hand in a suspect</a>`,
          }),
  })}
  ${shortcuts(queueKeys)}`
}
