import type { CatalogueImport } from '../../services/catalog/import/import.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { Sent } from '../forms.ts'
import { icon } from '../parts/icons.ts'
import { backTo, card, facts, noteBox, pageHead, problemNote, progressBar } from '../parts/pieces.ts'
import { counted, sizeInWords, timeAgo, timeExact } from '../parts/words.ts'
import { changesCard } from './import-changes-view.ts'
import type { ImportRead } from './import-data.ts'
import { findingsCard } from './import-findings-view.ts'
import { encodings } from './import-form-view.ts'
import { changing, importPill, isRefused, isStopped, kindNames, requesterName } from './imports-view.ts'

/** How often a page asks while there is work, as that of a submission. */
const POLL = 'every 1500ms'

const hrefOf = ({ id }: CatalogueImport): string => `/recordings/imports/${id}`

/** Where the page stands in its lists, and what was asked of it in vain. */
export interface ImportAsked {
  readonly query: Readonly<Record<string, string>>
  /** What was typed into cells and could not be kept. */
  readonly typed: Sent
  /** Why that, or what a button asks for, could not be done. */
  readonly fault: string | undefined
}

const recordings = (count: number): string => counted(count, 'recording')

/** What came of an import, or is to be decided, in a line. */
export function verdict(about: CatalogueImport): string {
  const { stage, dryRun, purged, errors } = about
  if (stage === 'import') return dryRun ? 'Being checked' : 'Being imported'
  if (isStopped(about)) return 'It was stopped'
  if (stage === 'failed') return dryRun ? 'It could not be checked' : 'It could not be imported to its end'
  if (about.sameAs) return 'This message was imported before'
  if (isRefused(about)) return 'Nothing of it can be taken in'
  if (about.facts?.test) return 'A test message: it is checked and never goes live'
  const parts = [
    changing(about) > 0 && `${recordings(changing(about))} ${dryRun ? 'can be imported' : 'imported'}`,
    purged > 0 && `${recordings(purged)} ${dryRun ? 'would be withdrawn' : 'withdrawn'}`,
    errors > 0 &&
      `${counted(errors, 'row')} ${dryRun ? (errors === 1 ? 'needs' : 'need') + ' a correction' : 'left out'}`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : 'Your catalogue has all of it already'
}

function figures(about: CatalogueImport): Html {
  const shown: readonly (readonly [number, string])[] = [
    [about.created, 'new'],
    [about.updated, 'changed'],
    ...(about.purged > 0 ? ([[about.purged, 'withdrawn']] as const) : []),
    [about.unchanged, 'unchanged'],
    [about.errors, 'left out'],
  ]
  return html`<ul class="figures" aria-label="Rows so far">
    ${shown.map(([count, name]) => html`<li><strong>${count.toLocaleString('en')}</strong><span>${name}</span></li>`)}
  </ul>`
}

const postForm = (action: string, button: Html): Html =>
  html`<form method="post" action="${action}">${button}</form>`

/** The button that keeps what a check found; none where that is nothing, or is not to be kept. */
function keepForm(about: CatalogueImport): Html | false {
  const count = changing(about)
  if (about.sameAs || about.facts?.test || count + about.purged === 0) return false
  const text = count > 0 ? `Import ${recordings(count)}` : `Withdraw ${recordings(about.purged)}`
  const button = html`<button class="button button-primary">${icon('check')}${text}</button>`
  return html`${postForm(`${hrefOf(about)}/apply`, button)}
  ${about.errors > 0 && html`<p class="hint">Rows with errors stay out; correct them below to have them, too.</p>`}`
}

/** What can be done now. */
function actions({ about, held }: ImportRead): Html | false {
  const { stage, dryRun } = about
  if (stage === 'import')
    return postForm(`${hrefOf(about)}/stop`, html`<button class="button">${icon('cross')}Stop</button>`)
  if (stage === 'done' && !dryRun && about.errors === 0)
    return (
      changing(about) > 0 &&
      html`<p><a class="button" href="/recordings">${icon('recording')}See the recordings</a></p>`
    )
  if (!held)
    return html`<p class="hint">
      The file was deleted, as all are some time after their import.
      <a href="/recordings/import">Hand it in again</a> to check it once more.
    </p>`
  if (stage === 'failed')
    return postForm(
      `${hrefOf(about)}/${dryRun ? 'check' : 'apply'}`,
      html`<button class="button">${icon('retry')}Try again</button>`,
    )
  return dryRun && keepForm(about)
}

/** Why nothing, or not everything, was done. */
function notes({ about, findings }: ImportRead, fault: string | undefined): (Html | false)[] {
  const refusal = isRefused(about) ? findings.shown.find(({ severity }) => severity === 'error') : undefined
  return [
    fault !== undefined && html`<div role="alert">${noteBox('bad', fault)}</div>`,
    about.problem !== null && problemNote(about.problem),
    refusal !== undefined &&
      noteBox('bad', html`<p class="breakable">Line ${refusal.row}: ${refusal.message}</p>`),
    about.sameAs !== null &&
      noteBox(
        'info',
        html`<p>
          Its sender gave the same message before, so nothing was done this time.
          <a href="/recordings/imports/${about.sameAs}">See the first import</a>
        </p>`,
      ),
    about.facts?.test === true &&
      noteBox(
        'info',
        'Its sender marked it as a test. It is checked like any other, and nothing of it is kept.',
      ),
  ]
}

const fixList = ({ fixes }: ImportRead): Html | false =>
  fixes.length > 0 &&
  html` <details class="more">
    <summary>${counted(fixes.length, 'corrected cell')}</summary>
    <ul>
      ${fixes.map(
        ({ row, column, value }) =>
          html`<li class="breakable">
            Row ${row}, ${column}: ${value === '' ? 'left empty' : `“${value}”`}
          </li>`,
      )}
    </ul>
  </details>`

function fileCard(read: ImportRead): Html {
  const { kind, bytes, facts: said, options, endedAt } = read.about
  const dateOrders = { dmy: 'day first', mdy: 'month first' } as const
  return card({
    id: 'file',
    title: 'The file',
    body: html`${facts([
      { label: 'Kind', value: kindNames[kind] },
      { label: 'Size', value: sizeInWords(bytes) },
      { label: 'Sender', value: said?.sender },
      { label: 'Message', value: said?.messageId },
      { label: 'Dates', value: options.dateOrder && dateOrders[options.dateOrder] },
      {
        label: 'Encoding',
        value:
          options.encoding && (encodings[options.encoding as keyof typeof encodings] ?? options.encoding),
      },
      { label: 'Ended', value: endedAt && timeExact(endedAt) },
    ])}
    ${fixList(read)}`,
  })
}

/** The part that changes while there is work: it asks for itself until the end. */
export function importLive(read: ImportRead, asked: ImportAsked): Html {
  const { about } = read
  const isOpen = about.stage === 'import'
  const isCounted = about.rows > 0
  return html` <div
    id="live"
    ${isOpen && html`hx-get="${hrefOf(about)}/progress" hx-trigger="${POLL}" hx-swap="outerMorph"`}
  >
    <section class="card" aria-labelledby="verdict">
      <div class="card-head">
        <h2 id="verdict" class="verdict">${verdict(about)}</h2>
        ${importPill(about)}
      </div>
      <p role="status" class="unseen">${verdict(about)}</p>
      ${isOpen && progressBar(about.progress, verdict(about))} ${isCounted && figures(about)}
      ${notes(read, asked.fault)}
      ${
        isOpen &&
        html`<noscript
          ><p>
            This page does not renew itself without scripts. <a href="${hrefOf(about)}">Look again</a>
          </p></noscript
        >`
      }
      ${actions(read)}
    </section>
    ${findingsCard(read, asked.query, asked.typed)} ${changesCard(read, asked.query)} ${fileCard(read)}
  </div>`
}

/** One import: how far it is, what would change, what is wrong, and the button that keeps it. */
export const importView = (read: ImportRead, asked: ImportAsked): Html =>
  html` ${pageHead({
    above: backTo('/recordings/imports', 'Imports'),
    title: html`<span class="breakable">${read.about.fileName}</span>`,
    below: html`Handed in ${timeAgo(read.about.createdAt)} by ${requesterName(read.about)}`,
  })}
  ${importLive(read, asked)}`
