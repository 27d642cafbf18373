import { SaxesParser } from 'saxes'
import { z } from 'zod'

import { keepable, type ReadMail } from './parse-mail.ts'

/** A status of a thousand cases has half a megabyte. */
const XML_CHARACTERS_MAX = 2_000_000
const DEPTH_MAX = 32
const ELEMENTS_MAX = 50_000
const ATTRIBUTES_MAX = 32
const TEXT_CHARACTERS_MAX = 2_000
/** Documents in one mail, and cases in all of them. */
const DOCUMENTS_MAX = 20
const CASES_MAX = 1_000

/** An answer in ACNS (Automated Copyright Notice System, schema 1.2) about one case. */
export const AcnsReply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ack'),
    caseId: z.string(),
    /** undefined when the answer does not say, as its schema allows. */
    accepted: z.boolean().optional(),
    rejectReason: z.string().optional(),
    notes: z.string().optional(),
  }),
  z.object({
    kind: z.literal('status'),
    caseId: z.string(),
    type: z.enum(['OPEN', 'CLOSED', 'REJECTED', 'COUNTERNOTICE']).optional(),
    reason: z.string().optional(),
    /** Of a counter-notice. */
    rejectReason: z.string().optional(),
  }),
])
export type AcnsReply = z.infer<typeof AcnsReply>

/** What was read, or why it was not. */
export interface AcnsReading {
  readonly replies: readonly AcnsReply[]
  readonly fault: string | undefined
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
}

/** How a fault leaves the parser, whose handlers have no other way out. */
class Unreadable extends Error {}

const Type = z.enum(['OPEN', 'CLOSED', 'REJECTED', 'COUNTERNOTICE'])

/** Fields of the answer that is being read; its elements lie at fixed places below it. */
class Gathering {
  readonly replies: AcnsReply[] = []
  #given: Record<string, string> | undefined
  #root = ''

  open(element: Element): void {
    if (element.name === 'NoticeAck' || element.name === 'CaseStatus' || element.name === 'StatusUpdate') {
      this.#root = element.name
      this.#given = { ...element.attributes }
    } else if (this.#given && element.name === 'CounterNotice' && element.attributes['RejectReason'])
      this.#given['RejectReason'] = element.attributes['RejectReason']
    else if (this.#given && this.#root === 'StatusUpdate' && element.name === 'Disposition')
      this.#given['Type'] = element.attributes['Status'] ?? ''
  }

  close(element: Element, parent: Element | undefined): void {
    const given = this.#given
    if (!given) return
    // Whoever writes `Complianant`, as the schema has it, or `Complainant`, as it should be: its own ID and notes do
    // not count, only what stands where it belongs.
    if (element.name === 'ID' && parent?.name === 'Case') given['CaseID'] ??= element.text
    if (element.name === 'Notes' && parent?.name === this.#root) given['Notes'] ??= element.text
    if (parent?.name === 'Disposition' && (element.name === 'Type' || element.name === 'Reason'))
      given[element.name] ??= element.text
    if (element.name === this.#root) this.#end(given)
  }

  #end(given: Record<string, string>): void {
    this.#given = undefined
    const caseId = given['CaseID']
    if (!caseId) return
    if (this.replies.length >= CASES_MAX) throw new Unreadable(`more than ${CASES_MAX} cases`)
    const rejectReason = given['RejectReason'] || undefined
    if (this.#root === 'NoticeAck') {
      const said = given['Accepted']?.trim().toLowerCase()
      const accepted =
        said === 'true' || said === '1' ? true : said === 'false' || said === '0' ? false : undefined
      this.replies.push({ kind: 'ack', caseId, accepted, rejectReason, notes: given['Notes'] || undefined })
    } else {
      const type = Type.safeParse(given['Type']?.toUpperCase()).data
      this.replies.push({ kind: 'status', caseId, type, reason: given['Reason'] || undefined, rejectReason })
    }
  }
}

/**
 * Reads one document. A document type is refused, so there are no entities but the five of XML; a bare `&`, which some
 * senders write, is taken for what it is.
 *
 * @throws {Unreadable} when it is not well-formed or beyond the limits.
 */
function readDocument(xml: string): readonly AcnsReply[] {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const gathering = new Gathering()
  const open: Element[] = []
  let elements = 0
  let attributes = 0
  const refuse = (why: string): never => {
    throw new Unreadable(why)
  }
  parser.on('error', ({ message }) => refuse(`not well-formed: ${message}`))
  parser.on('doctype', () => refuse('a document type is not accepted'))
  parser.on('opentagstart', () => (attributes = 0))
  parser.on('attribute', () => {
    attributes += 1
    if (attributes > ATTRIBUTES_MAX) refuse(`an element has more than ${ATTRIBUTES_MAX} attributes`)
  })
  parser.on('opentag', (tag) => {
    elements += 1
    if (elements > ELEMENTS_MAX) refuse(`more than ${ELEMENTS_MAX} elements`)
    if (open.length >= DEPTH_MAX) refuse(`elements lie more than ${DEPTH_MAX} deep in each other`)
    const own = Object.values(tag.attributes).map(
      ({ local, value }) => [local, keepable(value, TEXT_CHARACTERS_MAX)] as const,
    )
    const element = { name: tag.local, attributes: Object.fromEntries(own), text: '' }
    open.push(element)
    gathering.open(element)
  })
  const heard = (text: string): void => {
    const element = open.at(-1)
    if (element && element.text.length < TEXT_CHARACTERS_MAX)
      element.text += text.slice(0, TEXT_CHARACTERS_MAX)
  }
  parser.on('text', heard)
  parser.on('cdata', heard)
  parser.on('closetag', () => {
    const element = open.pop()
    if (!element) return
    element.text = keepable(element.text.replaceAll(/\s+/g, ' ').trim(), TEXT_CHARACTERS_MAX)
    gathering.close(element, open.at(-1))
  })
  parser.write(xml.replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/gi, '&amp;')).close()
  return gathering.replies
}

const ROOTS = ['NoticeAckList', 'NoticeAck', 'NoticeStatus', 'StatusUpdate'] as const

/** The documents in a text, from the first tag of an answer to its end; prefixes of namespaces stand before the name. */
function documentsIn(text: string): string[] {
  const documents: string[] = []
  const start = new RegExp(String.raw`<((?:[\w-]{1,40}:)?(?:${ROOTS.join('|')}))(?=[\s>/])`, 'g')
  for (let found = start.exec(text); found && documents.length < DOCUMENTS_MAX; found = start.exec(text)) {
    const close = `</${found[1]}>`
    const end = text.indexOf(close, found.index)
    if (end < 0) {
      // It breaks off: let the parser say so, once.
      documents.push(text.slice(found.index))
      break
    }
    documents.push(text.slice(found.index, end + close.length))
    start.lastIndex = end + close.length
  }
  return documents
}

const isXml = (mediaType: string, fileName: string | undefined): boolean =>
  /[/+]xml$/.test(mediaType) || /\.xml$/i.test(fileName ?? '')

/** The answers in ACNS that a mail has in its text or its attachments. */
export function readAcns(mail: Pick<ReadMail, 'text' | 'parts'>): AcnsReading {
  const attached = mail.parts
    .filter(({ mediaType, fileName }) => isXml(mediaType, fileName))
    .slice(0, DOCUMENTS_MAX)
    .map(({ content }) => content.toString('utf8', 0, XML_CHARACTERS_MAX))
  const replies: AcnsReply[] = []
  let fault: string | undefined
  for (const text of [...attached, mail.text])
    for (const document of documentsIn(text)) {
      try {
        // A document type stands before the first tag; it must not be lost from sight by cutting there.
        if (/<!DOCTYPE/i.test(text)) throw new Unreadable('a document type is not accepted')
        replies.push(...readDocument(document))
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        fault = `An answer in ACNS could not be read: ${keepable(error.message, 300)}`
      }
    }
  return { replies: replies.slice(0, CASES_MAX), fault }
}
