import { SaxesParser, type SaxesTagNS } from 'saxes'

import type { RowErrorCode } from '../row-error.ts'
import { xmlText } from './xml-text.ts'

/** A message of the largest albums has 2 MB; what is larger is no message of a label. */
export const XML_BYTES_MAX = 50 * 1024 * 1024
/** DDEX messages nest about twelve deep. */
export const XML_DEPTH_MAX = 64
/** A message of 50 MB in the shortest elements that mean something has fewer. */
export const XML_ELEMENTS_MAX = 2_000_000
/** Elements of DDEX have at most eight attributes. */
const ATTRIBUTES_MAX = 64
/** Marketing comments are the longest text of a message; names have hundreds of characters. */
const TEXT_LENGTH_MAX = 64 * 1024
/** Before the root stand a declaration and comments. A document type is refused where it ends, so that end must be near. */
const PROLOGUE_LENGTH_MAX = 64 * 1024

/** An element with all that is in it. */
export interface XmlElement {
  /** Local name, without prefix. */
  readonly name: string
  /** Namespace, '' for none. */
  readonly namespace: string
  /** Line where its tag begins, from 1. */
  readonly line: number
  /** By local name; namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** Its own text and not that of its children, runs of white space made one space. */
  readonly text: string
}

/** Why a document cannot be read to its end, and the line where that was seen. */
export interface XmlFault {
  readonly line: number
  readonly code: Extract<RowErrorCode, 'syntax' | 'limit' | 'encoding'>
  readonly message: string
}

/** What to do with an element that opens: hand it over complete, ask about its children, leave it out, or read no further. */
export type XmlVerdict = 'whole' | 'enter' | 'skip' | 'stop'

/** The side that is told what the document holds, in its order. */
export interface XmlReceiver {
  /**
   * An element opens: its text and children are not there yet. Asked of the root (depth 0), then of the children of what
   * was entered.
   */
  opens(element: XmlElement, depth: number): XmlVerdict
  /** An element that was wanted whole is complete. */
  complete(element: XmlElement): void
}

/** An element whose end is still to come. */
interface OpenElement {
  readonly element: XmlElement & { readonly children: XmlElement[]; text: string }
  readonly verdict: XmlVerdict
}

const noAttributes: ReadonlyMap<string, string> = new Map()

/** How a fault leaves the parser, whose handlers have no other way out. */
class XmlError extends Error {
  readonly fault: XmlFault

  constructor(fault: XmlFault) {
    super(fault.message)
    this.fault = fault
  }
}

/** How the receiver's wish to read no further leaves the parser. */
class Stopped extends Error {}

/** Builds the elements that are wanted from what the parser reports, within the limits. */
class TreeBuilder {
  readonly #parser = new SaxesParser({ xmlns: true, position: true })
  readonly #receiver: XmlReceiver
  readonly #open: OpenElement[] = []
  #line = 1
  #attributes = 0
  #elements = 0

  constructor(receiver: XmlReceiver) {
    this.#receiver = receiver
    const parser = this.#parser
    parser.on('error', ({ message }) => {
      throw this.#error('syntax', `not well-formed: ${message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`)
    })
    parser.on('doctype', (doctype) => {
      const line = parser.line - (doctype.match(/\n/g)?.length ?? 0)
      throw this.#error('syntax', 'a document type (DOCTYPE) and its entities are not accepted', line)
    })
    parser.on('opentagstart', () => {
      // The parser has read one character past the name, which may be the end of the line.
      this.#line = parser.column === 0 ? parser.line - 1 : parser.line
      this.#attributes = 0
    })
    parser.on('attribute', () => {
      this.#attributes += 1
      if (this.#attributes > ATTRIBUTES_MAX)
        throw this.#error('limit', `an element has more than ${ATTRIBUTES_MAX} attributes`)
    })
    parser.on('opentag', (tag) => this.#opened(tag))
    parser.on('text', (text) => this.#heard(text))
    parser.on('cdata', (text) => this.#heard(text))
    parser.on('closetag', () => this.#closed())
  }

  /** Line of the next character. */
  get line(): number {
    return this.#parser.line
  }

  /** @throws {XmlError | Stopped} at what cannot be read, or need not be. */
  write(text: string): void {
    this.#parser.write(text)
    if (this.#elements === 0 && this.#parser.position > PROLOGUE_LENGTH_MAX)
      throw this.#error('limit', `no element begins within ${PROLOGUE_LENGTH_MAX} characters`)
  }

  /** The document is over. @throws {XmlError} when elements are still open. */
  end(): void {
    this.#parser.close()
  }

  #error(code: XmlFault['code'], message: string, line = this.#parser.line): XmlError {
    return new XmlError({ line, code, message })
  }

  #opened(tag: SaxesTagNS): void {
    this.#elements += 1
    if (this.#elements > XML_ELEMENTS_MAX)
      throw this.#error('limit', `more than ${XML_ELEMENTS_MAX} elements`)
    if (this.#open.length >= XML_DEPTH_MAX)
      throw this.#error('limit', `elements lie more than ${XML_DEPTH_MAX} deep in each other`)
    const parent = this.#open.at(-1)
    const asked = parent === undefined || parent.verdict === 'enter'
    const element: OpenElement['element'] = {
      name: tag.local,
      namespace: tag.uri,
      line: this.#line,
      attributes: asked || parent.verdict === 'whole' ? this.#attributesOf(tag) : noAttributes,
      children: [],
      text: '',
    }
    const verdict = asked ? this.#receiver.opens(element, this.#open.length) : parent.verdict
    if (verdict === 'stop') throw new Stopped()
    this.#open.push({ element, verdict })
  }

  #attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
    if (this.#attributes === 0) return noAttributes
    const own = Object.values(tag.attributes).filter(({ name }) => !/^xmlns(:|$)/.test(name))
    const long = own.find(({ value }) => value.length > TEXT_LENGTH_MAX)
    if (long)
      throw this.#error('limit', `attribute ${long.local} is longer than ${TEXT_LENGTH_MAX} characters`)
    return own.length === 0 ? noAttributes : new Map(own.map(({ local, value }) => [local, value.trim()]))
  }

  #heard(text: string): void {
    const open = this.#open.at(-1)
    if (open?.verdict !== 'whole') return
    const { element } = open
    if (element.text.length + text.length > TEXT_LENGTH_MAX)
      throw this.#error('limit', `the text of ${element.name} is longer than ${TEXT_LENGTH_MAX} characters`)
    element.text += text
  }

  #closed(): void {
    const open = this.#open.pop()
    if (open?.verdict !== 'whole') return
    const { element } = open
    element.text = element.text.replaceAll(/\s+/g, ' ').trim()
    const parent = this.#open.at(-1)
    if (parent?.verdict === 'whole') parent.element.children.push(element)
    else this.#receiver.complete(element)
  }
}

/**
 * Reads an XML document as a stream and hands over the elements that the receiver wants, so that memory holds these and
 * never the document. Document types are refused, so there are no entities but the five of XML and character references.
 *
 * @returns why the document could not be read to its end; undefined when it was, or when the receiver stopped it. What was
 * handed over before a fault was well-formed.
 */
export async function readXml(
  bytes: AsyncIterable<Uint8Array>,
  receiver: XmlReceiver,
): Promise<XmlFault | undefined> {
  const builder = new TreeBuilder(receiver)
  const text = xmlText(bytes, XML_BYTES_MAX)
  try {
    for (;;) {
      const next = await text.next()
      if (next.done !== true) builder.write(next.value)
      else if (next.value) return { line: builder.line, ...next.value }
      else break
    }
    builder.end()
    return undefined
  } catch (error) {
    if (error instanceof XmlError) return error.fault
    if (error instanceof Stopped) return undefined
    throw error
  } finally {
    await text.return(undefined)
  }
}

/** The children of this name, in their order. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? []

/** Every element that this path of names leads to, in the order of the document. */
export const elementsAt = (
  element: XmlElement | undefined,
  ...path: readonly string[]
): readonly XmlElement[] =>
  path.reduce<readonly XmlElement[]>(
    (found, name) => found.flatMap((one) => childrenOf(one, name)),
    element ? [element] : [],
  )

/** Text of the first element at this path that has any. */
export const textAt = (element: XmlElement | undefined, ...path: readonly string[]): string | undefined =>
  elementsAt(element, ...path).find(({ text }) => text !== '')?.text
