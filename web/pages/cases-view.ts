import { type Html, html } from '../../services/core/html.ts'
import type { CaseCounts } from '../../services/matches/case-store.ts'
import { type Case, type CaseState, isSetAside } from '../../services/matches/case.ts'
import { confidenceInWords } from '../../services/matches/match.ts'
import { defang } from '../../services/submissions/submission.ts'
import { pager } from '../parts/paging.ts'
import { card, empty, pageHead, tabs } from '../parts/pieces.ts'
import { casePill, caseStateNames, sharedPill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'

/** Where the copy was, as text that nothing turns into a link: suspect media is not to be opened by a slip. */
export const locationText = (location: string): string =>
  /^https?:/i.test(location) ? defang(location) : location

/** The list that the overview, a recording and the cases page share. */
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
  dismissed: ['No dismissed cases', 'Finds that are no matter for you can be dismissed with a reason.'],
  allowed: ['No allowed cases', 'Finds at places of your allow-list are kept here, and nobody is told.'],
  monitored: [
    'No monitored cases',
    'Finds of recordings that are only monitored are kept here, and nobody is told.',
  ],
  excluded: ['Nothing of this kind', 'Finds of nothing but excluded parts of a recording are kept here.'],
}

/** All cases, by state. */
export function casesView(given: {
  rows: readonly Case[]
  last: Case | undefined
  counts: CaseCounts
  query: Readonly<Record<string, string>>
  state: CaseState | undefined
}): Html {
  const { rows, last, counts, query, state } = given
  const countOf: Readonly<Record<CaseState, number>> = {
    needs_review: counts.needsReview,
    confirmed: counts.confirmed,
    dismissed: counts.dismissed,
    allowed: counts.allowed,
    monitored: counts.monitored,
    excluded: counts.excluded,
  }
  const [title, text] = empties[state ?? 'all']
  return html` ${pageHead({ title: 'Cases', below: 'One recording at one location. You decide, then issue a report.' })}
  ${card({
    id: 'list',
    title: state ? caseStateNames[state] : 'All cases',
    flush: true,
    aside: tabs('Filter by state', [
      {
        text: 'All',
        href: '/cases',
        current: !state,
        count: counts.needsReview + counts.confirmed + counts.dismissed,
      },
      ...(Object.keys(countOf) as CaseState[])
        // What is set aside stands apart: it has a tab only when there is something in it.
        .filter((name) => !isSetAside(name) || countOf[name] > 0 || name === state)
        .map((name) => ({
          text: caseStateNames[name],
          href: `/cases?state=${name}`,
          current: state === name,
          count: countOf[name],
        })),
    ]),
    body:
      rows.length > 0
        ? html`${caseTable('Cases, newest first', rows)}${pager('/cases', query, last && { at: last.openedAt, id: last.id })}`
        : empty({
            name: 'case',
            title,
            text,
            action: html`<a class="button" href="/submissions">Hand in a suspect</a>`,
          }),
  })}`
}
