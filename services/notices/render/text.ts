import type { Table } from '../../pdf/table.ts'
import { freezeNotice, type NoticeDocument } from '../notice.ts'
import { NUMBER, type Block, type Fact } from './block.ts'
import { addressLine, headFacts, noticeBlocks } from './notice-blocks.ts'
import { COLUMNS, indented, visible, wrapped } from './text-lines.ts'
import { wordsIn } from './words/in-language.ts'

const INDENT = '   '

/**
 * The notice as plain text in its language, for a mail or the form of an abuse desk. It is complete: whoever has only
 * this text has the notice. Lines end in LF; times are UTC; addresses stand as they were observed, never broken.
 *
 * @param documentSha256 of the frozen document, where the given one is only a part of it.
 */
export function renderText(
  document: NoticeDocument,
  documentSha256: string = freezeNotice(document).sha256,
): string {
  const words = wordsIn(document.language)
  const title = words.titles.notice
  const lines = [
    `${title} ${document.number}`,
    '='.repeat(COLUMNS),
    ...wrapped(addressLine(document)),
    ...headFacts(document).flatMap((fact) => factLines(fact, COLUMNS)),
    ...noticeBlocks(document).flatMap(blockLines),
    '',
    '-'.repeat(COLUMNS),
    `${words.labels.documentHash}:`,
    documentSha256,
  ]
  return `${visible(lines.map((line) => line.trimEnd()).join('\n'))}\n`
}

function factLines({ label, piece }: Fact, columns: number): string[] {
  const [first = '', ...rest] = wrapped(`${label}: ${piece.text}`, columns - INDENT.length)
  return [first, ...indented(rest, INDENT)]
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'section':
      return ['', `${block.number}. ${block.title}`]
    case 'paragraph':
      return indented(wrapped(block.text, COLUMNS - INDENT.length), INDENT)
    case 'facts':
      return indented(
        block.facts.flatMap((fact) => factLines(fact, COLUMNS - INDENT.length)),
        INDENT,
      )
    case 'table':
      return block.rows.flatMap((row) => indented(rowLines(block, row), INDENT))
    case 'statement':
      return indented(wrapped(`${block.title}: ${block.text}`, COLUMNS - INDENT.length), INDENT)
    case 'signature':
      return ['', ...block.lines.flatMap((line) => wrapped(line))]
  }
}

/** A row as a paragraph: its name or its first cell, then the others, each after the title of its column. */
function rowLines({ columns }: Table, row: Table['rows'][number]): string[] {
  const [name = [], ...others] = row
  const isNamed = columns[0]?.title === NUMBER
  const told = others.flatMap((cell, index) => {
    const title = isNamed ? '' : `${columns[index + 1]?.title ?? ''}: `
    return cell.map(({ text }, line) => (line === 0 ? title + text : text))
  })
  const first = name.map(({ text }) => text).join(', ')
  const [head = '', ...rest] = (isNamed ? told : [first, ...told]).flatMap((line) =>
    wrapped(line, COLUMNS - 2 * INDENT.length),
  )
  return [isNamed ? `${first}  ${head}` : head, ...indented(rest, INDENT)]
}
