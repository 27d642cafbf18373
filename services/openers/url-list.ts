import { addressIn, expectedRole } from './address.ts'
import { named } from './find-name.ts'
import { magnetFinds } from './magnet.ts'
import type { Found, Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'

/** Two hundred thousand addresses. */
const LIST_BYTES_MAX = 20 * 2 ** 20
/** Of one line; a list that is one line is cut into such pieces. */
const LINE_LENGTH_MAX = 100_000
/** Columns of a sheet that have names. */
const COLUMNS_MAX = 100

/** An address, also with `hxxp` and `[.]` as people write it so that nobody clicks on it. */
const ADDRESS = /\bh(?:tt|xx)ps?:\/\/(?:(?![,;]h(?:tt|xx)ps?:)[^\s"'<>|`]){1,4096}/gi
const MAGNET = /\bmagnet:\?[^\s"'<>|`]{1,8192}/gi

/** An address without the marks that belong to the sentence around it. */
function bare(text: string): string {
  const plain = text.replace(/^hxxp/i, 'http').replaceAll('[.]', '.').replaceAll('(.)', '.')
  const ended = /^[^)\]}]*$/.test(plain) ? plain : balanced(plain)
  return ended.replace(/[.,;:!?*_]{1,10}$/, '')
}

/** Up to the first bracket that closes what was not opened: `(see https://a.example/b)`. */
function balanced(text: string): string {
  let open = 0
  for (let at = 0; at < text.length; at += 1) {
    if ('([{'.includes(text[at]!)) open += 1
    else if (')]}'.includes(text[at]!)) {
      open -= 1
      if (open < 0) return text.slice(0, at)
    }
  }
  return text
}

/** What separates the columns of a sheet, if its first line looks like the names of some. */
function columnsOf(line: string): { separator: string; names: readonly string[] } | undefined {
  if (/:\/\/|magnet:/i.test(line)) return undefined
  const separator = [',', ';', '\t'].find((each) => line.includes(each))
  if (separator === undefined) return undefined
  const names = line.split(separator, COLUMNS_MAX).map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return names.every((name) => name.length <= 60) ? { separator, names } : undefined
}

/** Counts the columns of a line; asked for positions in their order. Quotes of RFC 4180 are counted, not undone. */
function columnCounter(
  line: string,
  separator: string,
): (at: number) => { column: number; isQuoted: boolean } {
  let position = 0
  let column = 0
  let isQuoted = false
  return (at) => {
    for (; position < at; position += 1) {
      if (line[position] === '"') isQuoted = !isQuoted
      else if (line[position] === separator && !isQuoted) column += 1
    }
    return { column, isQuoted }
  }
}

/** The words of a Markdown link before its address: `[words](address)`. */
const wordsBefore = (line: string, at: number): string | undefined =>
  /\[([^[\]]{1,300})\]\(<?$/.exec(line.slice(Math.max(0, at - 310), at))?.[1]

/**
 * The addresses in a text, each once, named by line, and by column where the first line names columns. A list may be
 * CSV, Markdown, or words with addresses among them.
 */
export function* addressesIn(text: string, own: string | undefined, unit = 'line'): Generator<Found> {
  const seen = new Set(own === undefined ? [] : [own])
  const lines = text.split(/\r\n|\r|\n/)
  const columns = columnsOf(lines[0]?.slice(0, LINE_LENGTH_MAX) ?? '')
  for (const [index, whole] of lines.entries())
    for (let from = 0; from === 0 || from < whole.length; from += LINE_LENGTH_MAX) {
      const line = whole.slice(from, from + LINE_LENGTH_MAX)
      const place = `${unit} ${index + 1}`
      const cellAt = columns && columnCounter(line, columns.separator)
      for (const { 0: text, index: at } of line.matchAll(ADDRESS)) {
        const cell = cellAt?.(at)
        const written = cell?.isQuoted === false ? text.split(columns?.separator ?? ',', 1)[0] : text
        const url = addressIn(bare(written ?? ''), undefined)
        if (url === undefined || seen.has(url)) continue
        seen.add(url)
        const column = columns?.names[cell?.column ?? -1]
        const name = named(column ? `${place}, ${column}` : place, wordsBefore(line, at))
        yield { kind: 'link', url, name, role: expectedRole(url) ?? 'unknown' }
      }
      for (const [magnet] of line.matchAll(MAGNET)) {
        if (seen.has(magnet)) continue
        seen.add(magnet)
        yield* magnetFinds(magnet, place)
      }
    }
}

/** Texts and sheets with addresses in them, of which at most 20 MiB are read. */
export const openUrlList: Opener = textOpener(LIST_BYTES_MAX, (text, { url }) => addressesIn(text, url))
