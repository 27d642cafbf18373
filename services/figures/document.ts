import { type CsvValue, csvText } from '../core/csv.ts'
import {
  type Figures,
  type RecipientFigures,
  type Share,
  type YearlyRow,
  precisionShare,
  refusalOutcomes,
  removalShare,
  unfoundedShare,
} from './figures.ts'

/** The forms in which figures are given away. */
export const figureFormats = ['json', 'csv'] as const
export type FigureFormat = (typeof figureFormats)[number]

/** A file of figures. */
export interface FigureFile {
  readonly body: string
  readonly mediaType: string
  readonly fileName: string
}

/** Nobody needs a minute’s hundredth, and no share has more than four true digits. */
const HOUR_DECIMALS = 2
const RATE_DECIMALS = 4

const roundedH = (hours: number | null): number | null =>
  hours === null ? null : Number(hours.toFixed(HOUR_DECIMALS))
const rateOf = ({ count, of }: Share): number | null =>
  of === 0 ? null : Number((count / of).toFixed(RATE_DECIMALS))

const jsonFile = (name: string, value: unknown): FigureFile => ({
  body: `${JSON.stringify(value, undefined, 2)}\n`,
  mediaType: 'application/json; charset=utf-8',
  fileName: `${name}.json`,
})
const csvFile = (name: string, rows: readonly (readonly CsvValue[])[]): FigureFile => ({
  body: csvText(rows),
  mediaType: 'text/csv; charset=utf-8',
  fileName: `${name}.csv`,
})

/** A day as people count it: the last one of a period is the day before its end. */
const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)
const lastDayOf = ({ to }: Pick<Figures, 'to'>): string => dayOf(new Date(to.getTime() - 1))

/** What is told of all recipients, or of one. */
function told(tally: Figures['total'] | RecipientFigures) {
  return {
    notices: tally.notices,
    acknowledged: tally.acknowledged,
    acknowledgeMedianH: roundedH(tally.acknowledgeMedianH),
    acknowledgeP90H: roundedH(tally.acknowledgeP90H),
    locations: tally.locations,
    removed: tally.removed,
    removalRate: rateOf(removalShare(tally)),
    removalMedianH: roundedH(tally.removalMedianH),
    removalP90H: roundedH(tally.removalP90H),
    restored: tally.restored,
    refused: tally.refused,
    noResponse: tally.noResponse,
    counterNotices: tally.counterNotices,
    withdrawn: tally.withdrawn,
    unfounded: tally.unfounded,
    unfoundedRate: rateOf(unfoundedShare(tally)),
  }
}

/** The columns of the figures by recipient, beside those of `told` and of the refusals. */
const columnNames = (figures: Figures): string[] => [
  'recipient',
  'role',
  ...Object.keys(told(figures.total)),
  ...refusalOutcomes.map((outcome) => `refusal_${outcome}`),
  'class',
  'suggestedClass',
]

const refusalsIn = ({ refusals }: Pick<RecipientFigures, 'refusals'>): number[] =>
  refusalOutcomes.map((outcome) => refusals[outcome] ?? 0)

const rowsOf = (figures: Figures): CsvValue[][] => [
  ...figures.recipients.map((each) => [
    each.name,
    each.role,
    ...Object.values(told(each)),
    ...refusalsIn(each),
    each.class,
    each.suggestedClass,
  ]),
  ['All recipients', '', ...Object.values(told(figures.total)), ...refusalsIn(figures.total), '', ''],
]

/** The figures of a period as a file. As CSV it has a row for each recipient and one for all of them. */
export function figuresFile(figures: Figures, format: FigureFormat): FigureFile {
  const { total, reviewed, recipients } = figures
  const [from, to] = [dayOf(figures.from), lastDayOf(figures)]
  const name = `figures-${from}-${to}`
  if (format === 'csv') return csvFile(name, [columnNames(figures), ...rowsOf(figures)])
  return jsonFile(name, {
    from,
    to,
    total: { ...told(total), refusals: total.refusals },
    reviewed: { ...reviewed, precision: rateOf(precisionShare(reviewed)) },
    recipients: recipients.map((each) => ({
      recipientId: each.recipientId,
      name: each.name,
      role: each.role,
      ...told(each),
      refusals: each.refusals,
      class: each.class,
      suggestedClass: each.suggestedClass,
    })),
  })
}

const yearlyColumns = [
  'provider',
  'role',
  'country',
  'contentType',
  'notices',
  'locations',
  'removed',
  'restored',
  'refused',
  'countered',
  'none',
  'withdrawn',
] as const satisfies readonly (keyof YearlyRow)[]

/** The table of a year as a file: provider, type of content, action taken (Art. 22(3) of the DSA). */
export function yearlyFile(year: number, rows: readonly YearlyRow[], format: FigureFormat): FigureFile {
  const name = `notices-${year}`
  return format === 'json'
    ? jsonFile(name, { year, providers: rows })
    : csvFile(name, [yearlyColumns, ...rows.map((row) => yearlyColumns.map((column) => row[column]))])
}
