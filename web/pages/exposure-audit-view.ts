import { type Html, html } from '../../services/core/html.ts'
import type { ShownAudit } from '../../services/leaks/audit-list-store.ts'
import type { AuditSummary } from '../../services/leaks/exposure.ts'
import type { NumberedLine } from '../../services/leaks/report/lines.ts'
import { auditNotes } from '../../services/leaks/report/notes.ts'
import { causeWords, scopeWords, shareWords } from '../../services/leaks/report/words.ts'
import { evidenceMore, inItCell, leakLine } from '../parts/exposure.ts'
import { icon } from '../parts/icons.ts'
import { numberPager } from '../parts/paging.ts'
import { backTo, card, empty, facts, noteBox, pageHead, problemNote, progressBar } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { counted, shortHash, timeAgo, timeExact } from '../parts/words.ts'
import { EXPOSURE_PATH, auditPill } from './exposure-view.ts'

/** How often a page asks while there is work, as that of an import. */
const POLL = 'every 1500ms'

/** Releases that the page shows of those in the summary. */
const RELEASES_SHOWN = 25

const hrefOf = ({ id }: ShownAudit): string => `${EXPOSURE_PATH}/${id}`

/** What an audit found, in a line. */
export function auditVerdict({ stage, summary }: ShownAudit): string {
  if (stage === 'audit') return 'The leaks are being asked'
  if (stage === 'failed' || !summary) return 'The audit could not be made'
  const { asked, listed, audio, published } = summary
  if (listed === 0) return `None of ${counted(asked, 'recording')} was found`
  const parts = [
    `${counted(listed, 'recording')} of ${asked.toLocaleString('en')} found`,
    audio > 0 && `${audio.toLocaleString('en')} with audio`,
    published > 0 && `${published.toLocaleString('en')} published`,
  ]
  return parts.filter(Boolean).join(', ')
}

const countColumns = [
  { name: 'In it', kind: 'number', cell: (row: { listed: number }) => row.listed.toLocaleString('en') },
  { name: 'With audio', kind: 'number', cell: (row: { audio: number }) => row.audio.toLocaleString('en') },
  {
    name: 'Published',
    kind: 'number',
    cell: (row: { published: number }) => row.published.toLocaleString('en'),
  },
] as const

const leaksCard = ({ leaks, asked }: AuditSummary): Html =>
  card({
    id: 'leaks',
    title: 'By leak',
    flush: true,
    body: table(
      'What was found in each leak',
      [
        {
          name: 'Leak',
          kind: 'main',
          cell: ({ leakId, name }) => html`<a class="row-link" href="/leaks/${leakId}">${name}</a>`,
        },
        ...countColumns,
        { name: 'Share', kind: 'number', cell: ({ listed }) => shareWords(listed, asked) },
      ],
      leaks,
    ),
  })

const releasesCard = ({ releases }: AuditSummary): Html =>
  card({
    id: 'releases',
    title: 'By release',
    flush: true,
    ...(releases.length > RELEASES_SHOWN && {
      aside: html`<span class="row-detail">the ${RELEASES_SHOWN} most exposed</span>`,
    }),
    body: table(
      'The most exposed releases',
      [
        {
          name: 'Release',
          kind: 'main',
          cell: ({ title, asked }) =>
            html`<span class="breakable">${title ?? 'Without a release'}</span>
              <span class="row-detail">${counted(asked, 'recording')} asked for</span>`,
        },
        ...countColumns,
        { name: 'Exposure', kind: 'number', cell: ({ score }) => shareWords(score, 1) },
      ],
      releases.slice(0, RELEASES_SHOWN),
    ),
  })

function forecastCard({ forecasts, leaks }: AuditSummary): Html | false {
  const known = forecasts.filter(({ batches }) => batches.length > 0)
  if (known.length === 0) return false
  return card({
    id: 'forecast',
    title: 'What is likely to come next',
    body: html`${known.map(
      ({ leakId, batches, reason }) =>
        html`<h3 class="breakable">${leaks.find((leak) => leak.leakId === leakId)?.name ?? 'A leak'}</h3>
          <p>${reason}</p>
          <ul>
            ${batches.map(
              ({ name, recordings, isNext }) =>
                html`<li>
                  <span class="breakable">${name}</span>: ${counted(recordings, 'recording')}
                  ${isNext && pill('attention', 'clock', 'Expected next')}
                </li>`,
            )}
          </ul>`,
    )}`,
  })
}

const linesTable = (lines: readonly NumberedLine[]): Html =>
  table(
    'Recordings in the order of their exposure',
    [
      { name: 'Rank', kind: 'number', cell: ({ number }) => number },
      {
        name: 'Recording',
        kind: 'main',
        cell: (line) => {
          const title = line.title ?? line.isrc ?? 'Not registered'
          return html`${
              line.recordingId === null
                ? html`<strong class="breakable">${title}</strong>`
                : html`<a class="row-link" href="/recordings/${line.recordingId}">${title}</a>`
            } <span class="row-detail">${line.artists.join(', ')}</span> ${leakLine(line)}
            ${evidenceMore(line)}
            <p class="row-detail">${line.advice}</p>`
        },
      },
      { name: 'In it', cell: inItCell },
      { name: 'Popularity', kind: 'number', cell: ({ popularity }) => popularity ?? '–' },
      { name: 'Exposure', kind: 'number', cell: ({ score }) => shareWords(score, 1) },
    ],
    lines,
  )

const downloads = (audit: ShownAudit): Html =>
  html`<a class="button button-small" href="/v1/exposure-audits/${audit.id}/report.pdf" download
      >${icon('download')}Report (PDF)</a
    >
    <a class="button button-small" href="/v1/exposure-audits/${audit.id}/lines.csv" download
      >${icon('download')}All lines (CSV)</a
    >`

/** What the page of an audit shows. */
export interface AuditShown {
  readonly audit: ShownAudit
  readonly lines: readonly NumberedLine[]
  /** What the next page of lines comes after; undefined on the last. */
  readonly next: number | undefined
  readonly query: Readonly<Record<string, string>>
}

const resultCards = ({ audit, lines, next, query }: AuditShown): Html | false => {
  const { summary } = audit
  if (!summary) return false
  return html`${forecastCard(summary)} ${summary.leaks.length > 0 && leaksCard(summary)}
  ${summary.listed > 0 && summary.releases.length > 0 && releasesCard(summary)}
  ${card({
    id: 'lines',
    title: 'Ranked by exposure',
    flush: true,
    body:
      lines.length > 0
        ? html`${linesTable(lines)}
          ${numberPager(hrefOf(audit), query, { name: 'lines', id: 'lines', label: 'Pages of lines', next })}`
        : empty({
            name: 'check',
            title: 'Nothing was found',
            text: 'None of what was asked for stands in the lists that could be asked. That it is not in a leak cannot be told from that.',
          }),
  })}`
}

/** The part that changes while there is work: it asks for itself until the end. */
export function auditLive(shown: AuditShown): Html {
  const { audit } = shown
  const { stage, summary, problem } = audit
  const isOpen = stage === 'audit'
  const verdict = auditVerdict(audit)
  return html`<div
    id="live"
    ${isOpen && html`hx-get="${hrefOf(audit)}/progress" hx-trigger="${POLL}" hx-swap="outerMorph"`}
  >
    <section class="card" aria-labelledby="verdict">
      <div class="card-head">
        <h2 id="verdict" class="verdict">${verdict}</h2>
        ${auditPill(audit)}
      </div>
      <p role="status" class="unseen">${verdict}</p>
      ${isOpen && progressBar(audit.progress, verdict)} ${problem !== null && problemNote(problem)}
      ${
        summary !== null &&
        summary.contradicted > 0 &&
        noteBox(
          'info',
          `${counted(summary.contradicted, 'recording')}: a leak has the ISRC on another song. That is told here and not counted.`,
        )
      }
      ${
        isOpen &&
        html`<noscript
          ><p>
            This page does not renew itself without scripts. <a href="${hrefOf(audit)}">Look again</a>
          </p></noscript
        >`
      }
      ${audit.resultSha256 !== null && html`<p>${downloads(audit)}</p>`}
    </section>
    ${resultCards(shown)}
    ${card({
      id: 'facts',
      title: 'About this audit',
      body: html`${facts([
          { label: 'Asked for', value: scopeWords(audit.scope) },
          { label: 'Because', value: causeWords[audit.cause] },
          { label: 'Ended', value: audit.endedAt && timeExact(audit.endedAt) },
          {
            label: 'Its result, which never changes',
            value: audit.resultSha256 && shortHash(audit.resultSha256),
          },
        ])}
        <details class="more">
          <summary>What it does not say</summary>
          <ul>
            ${auditNotes.map((note) => html`<li>${note}</li>`)}
          </ul>
        </details>`,
    })}
  </div>`
}

/** One audit: how far it is, what it found, and its report. */
export const auditView = (shown: AuditShown): Html => {
  const { scope, createdAt, requestedBy, cause } = shown.audit
  return html`${pageHead({
    above: backTo(EXPOSURE_PATH, 'Exposure'),
    title: html`<span class="breakable">${scopeWords(scope)}</span>`,
    below: html`Asked
    ${timeAgo(createdAt)}${cause === 'asked' ? html` by ${requestedBy.name ?? 'a program'}` : ', by itself'}`,
  })}
  ${auditLive(shown)}`
}
