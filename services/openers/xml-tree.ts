import { SaxesParser } from 'saxes'

import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'

/** Feeds, playlists and manifests nest some ten deep. */
const DEPTH_MAX = 64
/** The largest feed has some thousand entries of some twenty elements. */
const ELEMENTS_MAX = 400_000
/** Documents that people write have a slip here and there; one that is nothing but slips is no XML. */
const ERRORS_MAX = 100
/** The parser is asked for time this often. */
const STEP_LENGTH = 65_536

export interface XmlNode {
  /** Local name in lower case; `prefix` is as written, for vocabularies have customary ones. */
  readonly name: string
  readonly prefix: string
  /** By name as written, with its prefix. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
  /** Its own text and not that of its children. */
  readonly text: string
}

interface OpenNode extends XmlNode {
  readonly children: XmlNode[]
  text: string
}

/** How much of a document could be read. */
export interface XmlDocument {
  /** The root, with what was read of it; undefined when there is none. */
  readonly root: XmlNode | undefined
  /** Why it was read no further. */
  readonly problem: Problem | undefined
  /** It ends within an element: forgiven, unless there was nothing in it. */
  readonly isCut: boolean
}

function splitName(name: string): { name: string; prefix: string } {
  const colon = name.indexOf(':')
  return { name: name.slice(colon + 1).toLowerCase(), prefix: name.slice(0, Math.max(0, colon)) }
}

/**
 * A document as a tree. Entities that it declares are never expanded, nothing is loaded, and slips that leave a tree are
 * forgiven: documents of the web are rarely well-formed.
 *
 * @throws {Problem} open/too-slow.
 */
export function readXmlTree(text: string, budget: OpeningBudget): XmlDocument {
  const parser = new SaxesParser({ position: false, xmlns: false })
  const open: OpenNode[] = []
  const document: { root: XmlNode | undefined; problem: Problem | undefined } = {
    root: undefined,
    problem: undefined,
  }
  let elements = 0
  let errors = 0
  const stop = (detail: string): void => void (document.problem ??= new Problem('open/damaged', detail))

  parser.on('error', () => {
    errors += 1
    if (errors > ERRORS_MAX) stop(`The document has more than ${ERRORS_MAX} faults`)
  })
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1
    if (elements > ELEMENTS_MAX) stop(`The document has more than ${ELEMENTS_MAX} elements`)
    if (open.length >= DEPTH_MAX) stop(`Elements lie more than ${DEPTH_MAX} deep in each other`)
    if (document.problem !== undefined) return
    const node: OpenNode = { ...splitName(name), attributes, children: [], text: '' }
    open.at(-1)?.children.push(node)
    document.root ??= node
    open.push(node)
  })
  const heard = (text: string): void => {
    const node = open.at(-1)
    if (node && document.problem === undefined) node.text += text
  }
  parser.on('text', heard)
  parser.on('cdata', heard)
  parser.on('closetag', () => void (document.problem === undefined && open.pop()))

  for (let at = 0; at < text.length && document.problem === undefined; at += STEP_LENGTH) {
    budget.checkTime()
    parser.write(text.slice(at, at + STEP_LENGTH))
  }
  if (document.problem === undefined) parser.close()
  if (document.problem === undefined && document.root === undefined)
    stop('There is no element in the document')
  return { ...document, isCut: document.problem === undefined && open.length > 0 }
}

/** The children of one name, in their order. */
export const childrenOf = (node: XmlNode | undefined, name: string): readonly XmlNode[] =>
  node?.children.filter((child) => child.name === name) ?? []

/** Text of the first child of one name that has any, trimmed. */
export const textOf = (node: XmlNode | undefined, name: string): string | undefined =>
  childrenOf(node, name)
    .map(({ text }) => text.trim())
    .find((text) => text !== '')
