import { type Html, html } from '../../services/core/html.ts'
import {
  type Figures,
  type RecipientFigures,
  type Refusals,
  type Share,
  type YearlyRow,
  precisionShare,
  refusalOutcomes,
  removalShare,
  unfoundedShare,
} from '../../services/figures/figures.ts'
import { type Filled, formFault, selectField, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { outcomeNames } from '../parts/notice-words.ts'
import { card, empty, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, percent } from '../parts/words.ts'
import { RECIPIENTS_PATH, classNames, classWords, roleNames } from './recipient-words.ts'

export const FIGURES_PATH = '/figures'

/** Years that the choice offers. */
const YEARS_SHOWN = 6
/** Of fewer than this a percentage would say more than is known. */
const PERCENT_OF_MIN = 20
const DAY_H = 24

/** `3 of 4`; with enough of them the percentage, too. */
export const shareWords = ({ count, of }: Share): string =>
  of === 0
    ? 'none yet'
    : of < PERCENT_OF_MIN
      ? `${count} of ${of}`
      : `${percent(count / of)} (${count.toLocaleString('en')} of ${of.toLocaleString('en')})`

/** `5 hours`, `3.2 days`. */
export function hoursWords(hours: number): string {
  if (hours < 1) return 'under an hour'
  return hours < 2 * DAY_H ? counted(Math.round(hours), 'hour') : `${(hours / DAY_H).toFixed(1)} days`
}

/** Half of them took so long at most, and nine of ten so long. */
const timesWords = (medianH: number | null, p90H: number | null): string =>
  medianH === null || p90H === null
    ? 'none yet'
    : `${hoursWords(medianH)} for half of them, ${hoursWords(p90H)} for nine of ten`

const tile = (value: string, text: string): Html =>
  html`<li><strong>${value}</strong><span>${text}</span></li>`

const tiles = ({ total }: Figures): Html =>
  html`<ul class="figures" role="list">
    ${tile(total.locations.toLocaleString('en'), `${total.locations === 1 ? 'location' : 'locations'} in ${counted(total.notices, 'notice')}`)}
    ${tile(shareWords(removalShare(total)), 'removed')}
    ${tile(total.removalMedianH === null ? 'none yet' : hoursWords(total.removalMedianH), 'until half of those were gone')}
    ${tile(String(total.restored), 'came back')}
  </ul>`

const refusalWords = (refusals: Refusals): string =>
  refusalOutcomes
    .flatMap((outcome) => (refusals[outcome] ? [`${refusals[outcome]} × ${outcomeNames[outcome]}`] : []))
    .join('; ')

const details = ({ total, reviewed }: Figures): Html =>
  facts([
    { label: 'Receipt confirmed', value: shareWords({ count: total.acknowledged, of: total.notices }) },
    { label: 'Time to confirm', value: timesWords(total.acknowledgeMedianH, total.acknowledgeP90H) },
    { label: 'Removed', value: shareWords(removalShare(total)) },
    { label: 'Time to removal', value: timesWords(total.removalMedianH, total.removalP90H) },
    { label: 'Came back', value: shareWords({ count: total.restored, of: total.removed }) },
    { label: 'Refused', value: shareWords({ count: total.refused, of: total.locations }) },
    { label: 'Why', value: refusalWords(total.refusals) },
    { label: 'No answer', value: shareWords({ count: total.noResponse, of: total.locations }) },
    { label: 'Counter-notices', value: shareWords({ count: total.counterNotices, of: total.locations }) },
    { label: 'Taken back', value: shareWords({ count: total.withdrawn, of: total.locations }) },
    { label: 'Unfounded', value: shareWords(unfoundedShare(total)) },
    {
      label: 'Precision',
      value: html`${shareWords(precisionShare(reviewed))}
        <span class="row-detail"
          >of the finds that people judged in this time were right;
          ${counted(reviewed.otherwiseDismissed, 'more case')} dismissed for other reasons</span
        >`,
    },
  ])

/** What the figures suggest, where that is something else than a person said. */
const classCell = ({ class: given, suggestedClass }: RecipientFigures): Html =>
  html`${classWords(given)}
  ${
    suggestedClass !== null &&
    suggestedClass !== given &&
    html`<span class="row-detail">the figures suggest: ${classNames[suggestedClass]}</span>`
  }`

const recipientTable = (rows: readonly RecipientFigures[]): Html =>
  table(
    'Figures by recipient, those with the most locations first',
    [
      {
        name: 'Recipient',
        kind: 'main',
        cell: ({ recipientId, name, role }) =>
          mainCell(`${RECIPIENTS_PATH}/${recipientId}`, name, roleNames[role]),
      },
      { name: 'Locations', kind: 'number', cell: ({ locations }) => locations.toLocaleString('en') },
      { name: 'Removed', kind: 'number', cell: (row) => shareWords(removalShare(row)) },
      {
        name: 'Half within',
        kind: 'number',
        cell: ({ removalMedianH }) => (removalMedianH === null ? '–' : hoursWords(removalMedianH)),
      },
      { name: 'Refused', kind: 'number', cell: ({ refused }) => refused },
      { name: 'No answer', kind: 'number', cell: ({ noResponse }) => noResponse },
      { name: 'Came back', kind: 'number', cell: ({ restored }) => restored },
      { name: 'Class', cell: classCell },
    ],
    rows,
  )

const yearlyRows = (rows: readonly YearlyRow[]): Html =>
  table(
    'Notices of the year by provider and action taken',
    [
      {
        name: 'Provider',
        kind: 'main',
        cell: ({ provider, contentType, notices }) =>
          html`${provider} <span class="row-detail">${contentType}, ${counted(notices, 'notice')}</span>`,
      },
      { name: 'Locations', kind: 'number', cell: ({ locations }) => locations.toLocaleString('en') },
      { name: 'Removed', kind: 'number', cell: ({ removed }) => removed },
      { name: 'And back', kind: 'number', cell: ({ restored }) => restored },
      { name: 'Refused', kind: 'number', cell: ({ refused }) => refused },
      { name: 'Objected', kind: 'number', cell: ({ countered }) => countered },
      { name: 'Nothing', kind: 'number', cell: ({ none }) => none },
      { name: 'Taken back', kind: 'number', cell: ({ withdrawn }) => withdrawn },
    ],
    rows,
  )

/** A table that is wider than some screens: it scrolls by itself, with the keyboard, too. */
const scrolling = (label: string, wide: Html): Html =>
  html`<div class="table-wide" tabindex="0" role="region" aria-label="${label}">${wide}</div>`

const csvLink = (href: string, what: string): Html =>
  html`<a class="button button-small" href="${href}" download
    >${icon('download')}CSV<span class="unseen"> of ${what}</span></a
  >`

/** Whose figures of what time: the first and the last day are both counted in. */
const daysOf = ({ from, to }: Figures): { from: string; to: string } => ({
  from: from.toISOString().slice(0, 10),
  to: new Date(to.getTime() - 1).toISOString().slice(0, 10),
})

const periodForm = (figures: Figures, year: number, filled: Filled): Html => {
  const shown = Object.keys(filled.faults).length > 0 ? filled : { values: daysOf(figures), faults: {} }
  return html`${formFault(shown)}
    <form method="get" action="${FIGURES_PATH}" class="stack">
      <input type="hidden" name="year" value="${year}" />
      <div class="field-grid">
        ${textField({ name: 'from', label: 'From', type: 'date', required: true }, shown)}
        ${textField({ name: 'to', label: 'To', type: 'date', required: true, hint: 'This day counts, too.' }, shown)}
      </div>
      <p><button class="button">Show</button></p>
    </form>`
}

const yearForm = (figures: Figures, year: number, thisYear: number): Html => {
  const years = Array.from({ length: YEARS_SHOWN }, (_, back) => String(thisYear - back))
  const { from, to } = daysOf(figures)
  return html`<form method="get" action="${FIGURES_PATH}" class="stack">
    <input type="hidden" name="from" value="${from}" /><input type="hidden" name="to" value="${to}" />
    ${selectField(
      {
        name: 'year',
        label: 'Year',
        required: true,
        options: Object.fromEntries(years.map((each) => [each, each])),
      },
      { values: { year: String(year) }, faults: {} },
    )}
    <p><button class="button">Show the year</button></p>
  </form>`
}

function yearlyCard(rows: readonly YearlyRow[], figures: Figures, year: number, thisYear: number): Html {
  return card({
    id: 'yearly',
    title: `The year ${year}`,
    flush: true,
    aside:
      rows.length > 0 ? csvLink(`/v1/figures/yearly?year=${year}&format=csv`, `the year ${year}`) : html``,
    body: html`${
        rows.length > 0
          ? scrolling('Notices of the year', yearlyRows(rows))
          : empty({ name: 'figures', title: 'Nothing was sent', text: `There were no notices in ${year}.` })
      }
      <div class="below-table">
        <p class="hint">
          By provider, type of content and action taken, as Article 22(3) of the Digital Services Act has
          trusted flaggers report it. “And back”: removed, and put back or uploaded again. “Objected”: there
          was a counter-notice. “Nothing” holds what still waits.
        </p>
        ${yearForm(figures, year, thisYear)}
      </div>`,
  })
}

/** How what an account demanded fared, and by whom. */
export function figuresView(given: {
  figures: Figures
  yearly: readonly YearlyRow[]
  year: number
  thisYear: number
  pausedWhy: string | undefined
  filled: Filled
}): Html {
  const { figures, yearly, year, thisYear, pausedWhy, filled } = given
  const { from, to } = daysOf(figures)
  const hasAny = figures.total.notices > 0
  return html` ${pageHead({
    title: 'Figures',
    below: `What became of the notices that were sent from ${from} to ${to}.`,
  })}
  ${
    pausedWhy !== undefined &&
    noteBox(
      'attention',
      html`Signing and sending are paused: ${pausedWhy}. <a href="/settings/notices">See the settings</a>`,
    )
  }
  ${hasAny && tiles(figures)}
  ${card({ id: 'period', title: 'Period', body: periodForm(figures, year, filled) })}
  ${
    hasAny
      ? html`${card({ id: 'total', title: 'All in all', body: details(figures) })}
        ${card({
          id: 'recipients',
          title: 'By recipient',
          flush: true,
          aside: csvLink(`/v1/figures?from=${from}&to=${to}&format=csv`, 'these figures'),
          body: scrolling('Figures by recipient', recipientTable(figures.recipients)),
        })}`
      : card({
          id: 'total',
          title: 'All in all',
          flush: true,
          body: empty({
            name: 'figures',
            title: 'No notice was sent in this time',
            text: 'As soon as notices are out, their removals, refusals and times are counted here.',
            action: html`<a class="button" href="/notices">Notices</a>`,
          }),
        })
  }
  ${yearlyCard(yearly, figures, year, thisYear)}`
}
