import type { AnswerCounts, AnswerLine } from '../../services/leaks/private/answer-table.ts'

/** Rows that are shown at once; more are slow on a phone, and nobody reads them there. The table file has all. */
const ROWS_SHOWN_MAX = 500

/** Columns of the table on the page (web/pages/private-check-view.ts) and what stands in them. */
const columns = [
  ['ISRC', ({ isrc }) => isrc],
  ['Leak', ({ isFound, leak }) => (isFound ? leak : 'in none')],
  ['How', ({ how }) => how],
  ['Quality', ({ quality }) => quality],
  ['Popularity', ({ popularity }) => popularity],
  ['Batch', ({ batch }) => batch],
  ['Published', ({ published }) => published],
] as const satisfies readonly (readonly [label: string, text: (line: AnswerLine) => string])[]

function rowOf(line: AnswerLine): HTMLTableRowElement {
  const row = document.createElement('tr')
  for (const [label, text] of columns) {
    const cell = document.createElement('td')
    cell.dataset['label'] = label
    cell.textContent = text(line) || '–'
    if (label === 'ISRC') cell.className = 'cell-main'
    row.append(cell)
  }
  return row
}

/** Which lines are shown. */
export interface LineFilter {
  readonly kind: string
  /** A part of a code or of a leak's name. */
  readonly text: string
}

/** Letters and digits, so that a code is found with and without its hyphens. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')

function isShown(line: AnswerLine, { kind, text }: LineFilter): boolean {
  if (kind !== 'all' && line.isFound !== (kind === 'found')) return false
  return plain(text) === '' || plain(`${line.isrc} ${line.leak}`).includes(plain(text))
}

/** Fills the table. @returns how many lines the filter leaves, and how many of them are shown. */
export function showLines(
  body: HTMLTableSectionElement,
  lines: readonly AnswerLine[],
  filter: LineFilter,
): { readonly left: number; readonly shown: number } {
  const left = lines.filter((line) => isShown(line, filter))
  const shown = left.slice(0, ROWS_SHOWN_MAX)
  body.replaceChildren(...shown.map(rowOf))
  return { left: left.length, shown: shown.length }
}

const codes = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'ISRC' : 'ISRCs'}`

/** The answer in a sentence. */
export function countsText({ asked, found, audio, published }: AnswerCounts, leaks: number): string {
  const where = leaks === 1 ? 'the one leak' : `${leaks} leaks`
  if (found === 0) return `None of ${codes(asked)} is in ${leaks === 1 ? where : `any of ${where}`}.`
  const more = published > 0 ? `, of ${published.toLocaleString('en')} in a published batch` : ''
  return `${found.toLocaleString('en')} of ${codes(asked)} ${found === 1 ? 'is' : 'are'} in ${leaks === 1 ? where : `at least one of ${where}`}; of ${audio.toLocaleString('en')} there is audio${more}.`
}

/** Has the browser save a text as a file; it is made here and goes nowhere. */
export function saveText(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  // The download has begun by then; an address that lives on keeps the text in memory.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
