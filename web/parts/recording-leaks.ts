import { type Html, html } from '../../services/core/html.ts'
import type { ListedExposure } from '../../services/leaks/exposure-list-store.ts'
import type { ExposureChange, ExposureSnapshot } from '../../services/leaks/exposure-store.ts'
import { exposureWords } from '../../services/leaks/report/words.ts'
import { evidenceMore, inItCell } from './exposure.ts'
import { icon } from './icons.ts'
import { card, empty } from './pieces.ts'
import { table } from './table.ts'
import { counted, dayExact, timeAgo } from './words.ts'

/** Has the whole release asked for. */
const releaseForm = (releaseId: string): Html =>
  html`<form method="post" action="/exposure/audits">
    <input type="hidden" name="releaseId" value="${releaseId}" />
    <button class="button button-small" name="kind" value="release">
      ${icon('search')}Ask for its release
    </button>
  </form>`

const snapshotWords = (snapshot: ExposureSnapshot | null): Html =>
  snapshot === null
    ? html`not in it`
    : html`${exposureWords(snapshot)}${snapshot.publishedOn !== null && html`, published ${dayExact(snapshot.publishedOn)}`}`

/** How the answers became what they are, folded away. */
const changesMore = (changes: readonly ExposureChange[]): Html | false =>
  changes.length > 0 &&
  html`<details class="more card-note">
    <summary>${counted(changes.length, 'change')} of these answers</summary>
    <ul>
      ${changes.map(
        ({ at, leakName, before, after }) =>
          html`<li class="breakable">
            ${timeAgo(at)}, ${leakName}:
            ${before !== null && html`${snapshotWords(before)} → `}${snapshotWords(after)}
          </li>`,
      )}
    </ul>
  </details>`

/** In which leaks a recording is, on its page; nothing where there is no leak to ask. */
export const recordingLeaksCard = (given: {
  readonly exposures: readonly ListedExposure[]
  /** The latest first. */
  readonly changes: readonly ExposureChange[]
  readonly releaseId: string | null
  /** Whether there is a leak that can be asked. */
  readonly hasLeaks: boolean
}): Html | false =>
  (given.hasLeaks || given.exposures.length > 0 || given.changes.length > 0) &&
  card({
    id: 'leaks',
    title: 'In leaks',
    flush: true,
    ...(given.releaseId !== null && { aside: releaseForm(given.releaseId) }),
    body: html`${
      given.exposures.length > 0
        ? table(
            'Leaks that list this recording',
            [
              {
                name: 'Leak',
                kind: 'main',
                cell: (row) =>
                  html`<a class="row-link" href="/leaks/${row.leakId}">${row.leakName}</a>
                    ${evidenceMore(row)}`,
              },
              { name: 'In it', cell: inItCell },
              { name: 'Popularity', kind: 'number', cell: ({ popularity }) => popularity ?? '–' },
              { name: 'First found', kind: 'number', cell: ({ firstFoundAt }) => timeAgo(firstFoundAt) },
            ],
            given.exposures,
          )
        : empty({
            name: 'eye',
            title: 'In none of the leaks that were asked',
            text: 'It is asked for again by itself whenever more is known of a leak.',
          })
    }${changesMore(given.changes)}`,
  })
