import { SaxesParser } from 'saxes'

/** An element: `@` before its attributes, `#` for its text where it has attributes, lists where a name comes again. */
export interface XmlElement {
  [name: string]: XmlValue
}
export type XmlValue = string | XmlElement | XmlValue[]

/**
 * Reads XML by a parser of its own, so that what is tested does not read itself. Answers the root element.
 *
 * @throws {Error} when the XML is not well-formed.
 */
export function readXml(xml: string): XmlElement {
  const parser = new SaxesParser()
  const open: { element: XmlElement; text: string }[] = [{ element: {}, text: '' }]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ attributes }) => {
    const named = Object.entries(attributes).map(([name, value]) => [`@${name}`, value] as const)
    open.push({ element: Object.fromEntries(named), text: '' })
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last) last.text += text
  })
  parser.on('closetag', ({ name }) => {
    const closed = open.pop()
    const parent = open.at(-1)?.element
    if (!closed || !parent) throw new Error(`</${name}> closes nothing`)
    const value = valueOf(closed.element, closed.text)
    const known = parent[name]
    if (known === undefined) parent[name] = value
    else if (Array.isArray(known)) known.push(value)
    else parent[name] = [known, value]
  })
  parser.write(xml).close()
  const [root] = Object.values(open[0]?.element ?? {})
  if (root === undefined || typeof root === 'string' || Array.isArray(root))
    throw new Error('No root element')
  return root
}

function valueOf(element: XmlElement, text: string): XmlValue {
  if (Object.keys(element).length === 0) return text
  return text.trim() === '' ? element : { ...element, '#': text }
}
