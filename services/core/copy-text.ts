/** What stands for a value in COPY's text format. Lists are of texts. */
export type CopyValue = string | number | boolean | readonly string[] | null | undefined

const NEEDS_ESCAPE = /[\\\n\r\t]/
const NEEDS_QUOTE_ESCAPE = /["\\]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const NOT_THERE = String.raw`\N`

const escaped = (text: string): string =>
  NEEDS_ESCAPE.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] ?? '') : text

const quoted = (text: string): string =>
  NEEDS_QUOTE_ESCAPE.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`

/** An array literal: every member in quotes, so that none can be mistaken for NULL or a bracket. */
const arrayOf = (texts: readonly string[]): string =>
  texts.length === 1 ? `{${quoted(texts[0] ?? '')}}` : `{${texts.map(quoted).join(',')}}`

function cell(value: CopyValue): string {
  if (typeof value === 'string') return escaped(value)
  if (value === undefined || value === null) return NOT_THERE
  if (typeof value === 'object') return escaped(arrayOf(value))
  return value === true ? 't' : value === false ? 'f' : String(value)
}

/**
 * One row in the text format of PostgreSQL's COPY, ended. Text must hold no NUL and no half of a surrogate pair: the
 * server refuses the first and the second is not UTF-8.
 */
export function copyLine(values: readonly CopyValue[]): string {
  // Joined, not added up: a text that is added up is a tree of its pieces, and thousands of trees are work for the collector.
  return `${values.map(cell).join('\t')}\n`
}
