import type { Table } from '../pdf/table.ts'
import { headFacts, openStatementLine, reportBlocks, type Block } from './report-blocks.ts'
import { utcWords } from './report-words.ts'
import { freezeReport, type ReportDocument } from './report.ts'

/** Plain mail is read at 80 columns and quoted with two. Longer words (addresses, hashes) are never broken. */
const COLUMNS = 78
/** Leaves exactly the 64 digits of a hash. */
const LABEL_COLUMNS = 14
/** Room for names of rows such as W12 and L300. */
const NAME_COLUMNS = 5
const GAP = '  '
/** Where a line may end. */
const BREAK = /\s+(?!%)/

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>

/**
 * The report as plain text for a mail or the form of an abuse desk: everything the printed report says,
 * in the same order and numbering. Lines end in LF; times are UTC.
 */
export function renderText(document: ReportDocument): string {
  const { number, statements, openPoints } = document
  const head = [
    `TAKEDOWN REPORT ${number}`,
    '='.repeat(COLUMNS),
    ...headFacts(document).flatMap(({ label, value }) => labelled(label, value)),
    ...(statements.status === 'open' ? ['', ...wrap(`Statements ${openStatementLine} (section 6)`)] : []),
    ...(openPoints.length > 0
      ? ['', ...wrap(`Not ready to be sent; what is left to do is listed in section 9.`)]
      : []),
  ]
  const body = reportBlocks(document).flatMap(blockLines)
  const foot = ['', '-'.repeat(COLUMNS), ...labelled('SHA-256', freezeReport(document).sha256)]
  const text = [...head, ...body, ...foot].map((line) => line.trimEnd()).join('\n')
  return `${text.replaceAll(/\n{4,}/g, '\n\n\n')}\n`
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'section': {
      const title = `${block.number} ${block.title.toUpperCase()}`
      return ['', '', title, '-'.repeat(title.length)]
    }
    case 'subsection':
      return ['', ...wrap(block.title), '']
    case 'paragraph':
      return [...wrap(block.text), '']
    case 'facts':
      return [...block.facts.flatMap(({ label, piece }) => labelled(label, piece.text)), '']
    case 'table':
      return tableLines(block)
    case 'picture':
      return [...wrap(`In words: ${block.alternative}`), '']
    case 'statement':
      return [...wrap(`${block.title}: ${block.text}`), `  ${block.made ? 'MADE' : openStatementLine}`, '']
    case 'signature':
      return signatureLines(block)
  }
}

function signatureLines({ signatory }: BlockOf<'signature'>): string[] {
  if (!signatory) return [`Signature: ${openStatementLine}`, '']
  return [signatory.signatureText, `${signatory.name}, ${signatory.title}`, utcWords(signatory.signedAt), '']
}

/** A table as aligned columns when it fits, or else as one paragraph per row. */
function tableLines(table: Table): string[] {
  if (table.rows.length === 0) return [`${table.caption}: none`, '']
  return alignedLines(table) ?? table.rows.flatMap((row) => rowLines(table, row))
}

function alignedLines({ columns, rows }: Table): string[] | undefined {
  if (rows.some((row) => row.some((cell) => cell.length !== 1))) return undefined
  const texts = [
    columns.map(({ title }) => title),
    ...rows.map((row) => row.map(([piece]) => piece?.text ?? '')),
  ]
  const widths = columnWidths(texts)
  if (!widths) return undefined
  const [head = [], ...body] = texts.map((row) => {
    const cells = row.map((text, column) => wrap(text, widths[column]))
    const height = Math.max(...cells.map((cell) => cell.length))
    return Array.from({ length: height }, (_, line) => {
      const parts = cells.map((cell, column) => {
        const fill = ' '.repeat((widths[column] ?? 0) - charactersOf(cell[line] ?? ''))
        return columns[column]?.align === 'right' ? fill + (cell[line] ?? '') : (cell[line] ?? '') + fill
      })
      return parts.join(GAP)
    })
  })
  return [...head, '-'.repeat(sum(widths) + GAP.length * (columns.length - 1)), ...body.flat(), '']
}

/** Widths that fit the line: the widest column gives way, never below its longest word; undefined when none do. */
function columnWidths(texts: readonly (readonly string[])[]): number[] | undefined {
  const widest = (split: RegExp): number[] =>
    (texts[0] ?? []).map((_, column) =>
      Math.max(...texts.flatMap((row) => (row[column] ?? '').split(split).map(charactersOf))),
    )
  const [widths, least] = [widest(/$/), widest(BREAK)]
  const room = COLUMNS - GAP.length * (widths.length - 1)
  while (sum(widths) > room) {
    const spare = widths.map((width, column) => (width > (least[column] ?? 0) ? width : 0))
    const column = spare.indexOf(Math.max(...spare))
    if (!spare[column]) return undefined
    widths[column] = spare[column] - 1
  }
  return widths
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0)

/** A row as a paragraph: its name, as in `L1`, then its main cell, then the others after their titles. */
function rowLines({ columns }: Table, row: Table['rows'][number]): string[] {
  const named = columns[0]?.title === 'No.'
  const indent = ' '.repeat(NAME_COLUMNS)
  const [main = [], ...others] = named ? row.slice(1) : row
  const titles = columns.slice(named ? 2 : 1).map(({ title }) => title)
  const lines = [
    ...main.map(({ text }) => text),
    ...others.map((cell, index) => `${titles[index] ?? ''}: ${cell.map(({ text }) => text).join('; ')}`),
  ].flatMap((text) => wrap(text, COLUMNS - NAME_COLUMNS))
  const name = named ? (row[0]?.[0]?.text ?? '').padEnd(NAME_COLUMNS) : ''
  const rest = lines.slice(1).map((line) => indent + line)
  return [name + (lines[0] ?? ''), ...rest, '']
}

function labelled(label: string, value: string): string[] {
  const [first = '', ...rest] = wrap(value, COLUMNS - LABEL_COLUMNS)
  return [label.padEnd(LABEL_COLUMNS) + first, ...rest.map((line) => ' '.repeat(LABEL_COLUMNS) + line)]
}

/** Characters as a reader counts them, near enough for columns: code points. */
const charactersOf = (text: string): number => Array.from(text).length

/** Breaks text at spaces, though not before a % sign, into lines of at most `columns`; a longer word keeps its own. */
function wrap(text: string, columns = COLUMNS): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(BREAK)) {
    if (line && charactersOf(line) + 1 + charactersOf(word) > columns) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return [...lines, line]
}
