/** Text, elements and lists of elements: `@` before the name of an attribute, `#` for text beside attributes. */
export type XmlTree = string | readonly XmlTree[] | { readonly [name: string]: XmlTree | undefined }

/** What XML 1.0 allows nowhere, not even escaped. */
// oxlint-disable-next-line no-control-regex
const NOT_IN_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/gu

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A reader would make spaces of them in an attribute, and a line feed of the last one everywhere.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

const escapedText = (text: string): string =>
  text.replaceAll(NOT_IN_XML, '\uFFFD').replaceAll(/[&<>\r]/g, (character) => escapes[character] ?? '')

const escapedValue = (text: string): string =>
  text.replaceAll(NOT_IN_XML, '\uFFFD').replaceAll(/[&<>"'\t\r\n]/g, (character) => escapes[character] ?? '')

/**
 * An XML document of a tree with one root, in UTF-8 and with the order of the tree's keys. Every text is escaped as it
 * is, also one that looks escaped already: addresses that somebody copied out of HTML hold `&amp;`, and xmlbuilder2
 * would take that for `&`. What XML cannot hold becomes U+FFFD.
 */
export const xmlDocument = (tree: { readonly [root: string]: XmlTree }): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${Object.entries(tree)
    .flatMap(([name, value]) => elementLines(name, value))
    .join('\n')}\n`

function elementLines(name: string, value: XmlTree | undefined): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [`<${name}>${escapedText(value)}</${name}>`]
  if (isList(value)) return value.flatMap((item) => elementLines(name, item))
  const attributes = Object.entries(value).flatMap(([key, text]) =>
    key.startsWith('@') && typeof text === 'string' ? [` ${key.slice(1)}="${escapedValue(text)}"`] : [],
  )
  const head = `${name}${attributes.join('')}`
  const text = value['#']
  if (typeof text === 'string') return [`<${head}>${escapedText(text)}</${name}>`]
  const children = Object.entries(value)
    .filter(([key]) => !key.startsWith('@'))
    .flatMap(([key, child]) => elementLines(key, child))
  if (children.length === 0) return [`<${head}/>`]
  return [`<${head}>`, ...children.map((line) => `  ${line}`), `</${name}>`]
}

const isList = (value: XmlTree): value is readonly XmlTree[] => Array.isArray(value)
