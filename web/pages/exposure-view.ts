import { type Html, html } from '../../services/core/html.ts'
import type { ListedAudit, ReleaseShown } from '../../services/leaks/audit-list-store.ts'
import type { ListedExposure, NowCounts } from '../../services/leaks/exposure-list-store.ts'
import type { Leak } from '../../services/leaks/leak.ts'
import { causeWords, scopeWords, shareWords } from '../../services/leaks/report/words.ts'
import { evidenceMore, inItCell, leakLine, statusFilters } from '../parts/exposure.ts'
import { type Filled, formFault, selectField, textArea } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, pageHead, progressBar, tabs } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'

export const EXPOSURE_PATH = '/exposure'

/** Where an audit stands, in one pill. */
export function auditPill({ stage, counts }: ListedAudit): Html {
  if (stage === 'audit') return pill('work', 'clock', 'Asking')
  if (stage === 'failed') return pill('bad', 'warning', 'Failed')
  if (!counts || counts.listed === 0) return pill('good', 'check', 'Nothing found')
  return counts.published > 0
    ? pill('bad', 'warning', 'Audio published')
    : pill('attention', 'eye', counts.audio > 0 ? 'Audio taken' : 'Listed')
}

/** What an audit asked for, with where it goes. */
const auditCell = (audit: ListedAudit): Html =>
  html`${mainCell(
    `${EXPOSURE_PATH}/${audit.id}`,
    scopeWords(audit.scope),
    audit.cause === 'asked'
      ? (audit.requestedBy.name ?? 'by a program')
      : `By itself: ${causeWords[audit.cause]}`,
  )}
  ${audit.stage === 'audit' && progressBar(audit.progress, `Asking: ${scopeWords(audit.scope)}`)}`

const auditTable = (rows: readonly ListedAudit[]): Html =>
  table(
    'Audits, newest first',
    [
      { name: 'Asked for', kind: 'main', cell: auditCell },
      { name: 'State', kind: 'state', cell: auditPill },
      {
        name: 'In a leak',
        kind: 'number',
        cell: ({ counts }) =>
          counts ? `${counts.listed.toLocaleString('en')} of ${counts.asked.toLocaleString('en')}` : '–',
      },
      { name: 'With audio', kind: 'number', cell: ({ counts }) => counts?.audio.toLocaleString('en') ?? '–' },
      { name: 'When', kind: 'number', cell: ({ createdAt }) => timeAgo(createdAt) },
    ],
    rows,
  )

const exposureTable = (rows: readonly ListedExposure[]): Html =>
  table(
    'What is exposed now, worst first',
    [
      {
        name: 'Recording',
        kind: 'main',
        cell: (row) =>
          html`${mainCell(`/recordings/${row.recordingId}`, row.title, row.artists.join(', '))}
          ${leakLine(row)} ${evidenceMore(row)}`,
      },
      { name: 'In it', cell: inItCell },
      { name: 'Popularity', kind: 'number', cell: ({ popularity }) => popularity ?? '–' },
      { name: 'Known since', kind: 'number', cell: ({ firstFoundAt }) => timeAgo(firstFoundAt) },
    ],
    rows,
  )

/** Recordings in a catalogue and what of them is exposed now. */
const figures = (counts: NowCounts, recordings: number): Html => {
  const shown = [
    [
      counts.recordings,
      `of ${recordings.toLocaleString('en')} in a leak (${shareWords(counts.recordings, recordings)})`,
    ],
    [counts.audio, 'with their audio'],
    [counts.published, 'with audio that is published'],
  ] as const
  return html`<ul class="figures" aria-label="Exposed now">
    ${shown.map(([count, name]) => html`<li><strong>${count.toLocaleString('en')}</strong><span>${name}</span></li>`)}
  </ul>`
}

/** What is shown of the list, and where its next page begins. */
export interface ExposureFilters {
  readonly leak: string | undefined
  readonly status: keyof typeof statusFilters | undefined
}

function filters(
  leaks: readonly Leak[],
  chosen: ExposureFilters,
  query: Readonly<Record<string, string>>,
): Html {
  const href = (more: Record<string, string>): string =>
    listHref(EXPOSURE_PATH, { ...query, after: '' }, more)
  const statuses = Object.keys(statusFilters) as (keyof typeof statusFilters)[]
  return html`${tabs('In it', [
    { text: 'All', href: href({ status: '' }), current: chosen.status === undefined },
    ...statuses.map((status) => ({
      text: statusFilters[status],
      href: href({ status }),
      current: chosen.status === status,
    })),
  ])}
  ${
    leaks.length > 1 &&
    html`<form method="get" action="${EXPOSURE_PATH}" class="search">
      ${chosen.status !== undefined && html`<input type="hidden" name="status" value="${chosen.status}" />`}
      ${selectField(
        {
          name: 'leak',
          label: 'Leak',
          prompt: 'all leaks',
          options: Object.fromEntries(leaks.map(({ id, name }) => [id, name])),
        },
        { values: { leak: chosen.leak ?? '' }, faults: {} },
      )}
      <button class="button">Show</button>
    </form>`
  }`
}

const askCard = ({ labels, releases, filled }: ExposureShown): Html =>
  card({
    id: 'ask',
    title: 'Ask for your catalogue',
    body: html`<form method="post" action="${EXPOSURE_PATH}/audits" class="stack">
      ${formFault(filled)}
      <p>
        <button class="button button-primary" name="kind" value="all">
          ${icon('search')}Ask for all of it
        </button>
      </p>
      ${
        labels.length > 0 &&
        html`${selectField(
            {
              name: 'label',
              label: 'A label',
              prompt: 'choose one',
              options: Object.fromEntries(
                labels.map(({ label, recordings }) => [label, `${label} (${recordings})`]),
              ),
            },
            filled,
          )}
          <p><button class="button" name="kind" value="label">Ask for the label</button></p>`
      }
      ${
        releases.length > 0 &&
        html`${selectField(
            {
              name: 'releaseId',
              label: 'A release',
              prompt: 'choose one',
              options: Object.fromEntries(
                releases.map(({ id, title, recordings }) => [id, `${title} (${recordings})`]),
              ),
            },
            filled,
          )}
          <p><button class="button" name="kind" value="release">Ask for the release</button></p>`
      }
      ${textArea(
        {
          name: 'isrcs',
          label: 'ISRCs',
          rows: 4,
          placeholder: 'AA-6Q7-20-00047',
          hint: 'One a line, or a table with codes in it. They need not be registered. Up to about 30,000 here, more by the API.',
        },
        filled,
      )}
      <p><button class="button" name="kind" value="isrcs">Ask for these codes</button></p>
      <p class="hint">
        To ask without telling the service which titles you ask for, use the
        <a href="/private-check">private check</a>.
      </p>
    </form>`,
  })

/** What the page shows. */
export interface ExposureShown {
  readonly leaks: readonly Leak[]
  readonly recordings: number
  readonly counts: NowCounts
  readonly rows: readonly ListedExposure[]
  /** Where the next page begins; undefined on the last. */
  readonly next: number | undefined
  readonly audits: readonly ListedAudit[]
  readonly auditsLast: ListedAudit | undefined
  readonly labels: readonly { label: string; recordings: number }[]
  readonly releases: readonly ReleaseShown[]
  readonly filters: ExposureFilters
  readonly query: Readonly<Record<string, string>>
  readonly filled: Filled
}

function nowCard({ rows, next, query }: ExposureShown): Html {
  const last = next === undefined ? undefined : { after: String(next) }
  return card({
    id: 'now',
    title: 'Exposed now',
    flush: true,
    body:
      rows.length > 0
        ? html`${exposureTable(rows)}
          ${pager(EXPOSURE_PATH, query, last, { first: 'Worst', next: 'Further' })}`
        : empty({
            name: 'check',
            title: 'Nothing that is known',
            text: 'None of your recordings was found like this. What the lists do not have, nobody can find in them.',
          }),
  })
}

const olderAudits = ({ createdAt, id }: ListedAudit): Html =>
  html`<p class="pager">
    <a class="button" href="${EXPOSURE_PATH}?audits=${createdAt.toISOString()}_${id}#audits"
      >Older audits${icon('arrow')}</a
    >
  </p>`

const auditsCard = ({ audits, auditsLast, query }: ExposureShown): Html =>
  card({
    id: 'audits',
    title: 'Audits',
    flush: true,
    refreshFrom: audits.some(({ stage }) => stage === 'audit') && listHref(EXPOSURE_PATH, query),
    body:
      audits.length > 0
        ? html`${auditTable(audits)} ${auditsLast && olderAudits(auditsLast)}`
        : empty({
            name: 'search',
            title: 'No audit yet',
            text: 'Ask now, or wait: whatever you register is asked for by itself.',
          }),
  })

const nothingToAsk = card({
  id: 'now',
  title: 'Exposed now',
  flush: true,
  body: empty({
    name: 'eye',
    title: 'There is nothing to ask yet',
    text: 'As soon as a list of a leak was read, your catalogue is compared with it by itself, and whatever you register from then on.',
    action: html`<a class="button button-primary" href="/leaks">See the leaks</a>`,
  }),
})

/** What is exposed now, the audits, and where one is started. */
export function exposureView(shown: ExposureShown): Html {
  const { leaks, audits, counts, recordings } = shown
  const canAsk = leaks.some(({ manifests }) => manifests > 0)
  const head = pageHead({
    title: 'Exposure',
    below: 'Which of your recordings are in bulk leaks and data sets, as far as their lists say.',
    actions: html`<a class="button" href="/leaks">Leaks</a>
      <a class="button" href="/private-check">${icon('search')}Private check</a>`,
  })
  if (!canAsk && audits.length === 0) return html`${head} ${nothingToAsk}`
  return html`${head} ${figures(counts, recordings)} ${filters(leaks, shown.filters, shown.query)}
    <div class="columns">
      <div>${nowCard(shown)} ${auditsCard(shown)}</div>
      ${canAsk && askCard(shown)}
    </div>`
}
