import type { FileFacts, ImportEntry, PurgeEntry, RowError } from '../entry.ts'
import type { WholeReading } from '../reading.ts'
import { quoted, RowChecks } from '../row-checks.ts'
import type { RowErrorCode } from '../row-error.ts'
import { readReleaseDeal } from './deals.ts'
import { partyName, textsAt } from './elements.ts'
import { entriesOf } from './entries.ts'
import { readRelease4, readResource4 } from './ern-4.ts'
import { readRelease38, readResource38, readWork38 } from './ern-38.ts'
import type { ErnRelease, ErnReleaseDeal, ErnResource } from './message.ts'
import { readDay } from './period.ts'
import { childrenOf, readXml, textAt, type XmlElement, type XmlFault, type XmlVerdict } from './xml.ts'

/** Of each of resources, releases, deals and parties. The largest boxed sets have some two thousand recordings. */
const PARTS_MAX = 5_000

/** What is wrong with a message as a whole is told up to here. */
const FAULTS_MAX = 20

/** A message is recognised by it when it comes again. */
const MESSAGE_ID_LENGTH_MAX = 300

/** Longer than any name in the schemas. */
const NAME_LENGTH_MAX = 60

/** Versions that are read: 3.8, 3.8.1 to 3.8.3; 4.1 to 4.3 with their revisions. */
const NAMESPACE = /^http:\/\/ddex\.net\/xml\/ern\/(38\d?|4[123]\d?)$/

/** What the schemas call for, by version, and the order that they set for what is read here. */
const lists = ['MessageHeader', 'PartyList', 'WorkList', 'ResourceList', 'ReleaseList', 'DealList'] as const
const optional: ReadonlySet<string> = new Set(['DealList', 'WorkList'])
const parts: Readonly<Record<string, readonly string[]>> = {
  PartyList: ['Party'],
  WorkList: ['MusicalWork'],
  ResourceList: ['SoundRecording', 'Video'],
  ReleaseList: ['Release', 'TrackRelease'],
  DealList: ['ReleaseDeal'],
}
const rootAttributes = (version: string): readonly string[] => {
  if (version.startsWith('38')) return ['MessageSchemaVersionId']
  return version.startsWith('43') ? ['AvsVersionId', 'LanguageAndScriptCode'] : ['LanguageAndScriptCode']
}

/** Takes in the parts of one message, as they come, and what is wrong with its structure. */
class MessageReader {
  readonly faults: RowError[] = []
  facts: FileFacts = { test: false }
  #root: XmlElement | undefined
  #version = ''
  #last = -1
  #listed = 0
  #wanted: readonly string[] = []
  #stopped = false
  #writtenOn: string | undefined
  readonly #seen = new Set<string>()
  readonly #parties = new Map<string, string>()
  readonly #works = new Map<string, string>()
  readonly #resources: ErnResource[] = []
  readonly #releases: ErnRelease[] = []
  readonly #deals: ErnReleaseDeal[] = []
  readonly #purges: ImportEntry[] = []

  fault(row: number, column: string, code: RowErrorCode, message: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ row, column, code, message })
  }

  opens(element: XmlElement, depth: number): XmlVerdict {
    if (depth === 0) return this.#opensRoot(element)
    if (depth === 1) return this.#opensList(element)
    return this.#wanted.includes(element.name) ? this.#takes(element) : 'skip'
  }

  #takes(element: XmlElement): XmlVerdict {
    this.#listed += 1
    if (this.#listed <= PARTS_MAX) return 'whole'
    this.fault(element.line, element.name, 'limit', `a list has more than ${PARTS_MAX} elements`)
    this.#stopped = true
    return 'stop'
  }

  #opensRoot(root: XmlElement): XmlVerdict {
    this.#root = root
    const version = NAMESPACE.exec(root.namespace)?.[1]
    if (version === undefined || !['NewReleaseMessage', 'PurgeReleaseMessage'].includes(root.name)) {
      const known =
        'NewReleaseMessage or PurgeReleaseMessage of ERN 3.8, 4.1, 4.2 or 4.3 (http://ddex.net/xml/ern/43)'
      // Of a document that is none of ours the names can be anything.
      const name = root.name.length > NAME_LENGTH_MAX ? quoted(root.name) : root.name
      const found = `${name} of ${root.namespace === '' ? 'no namespace' : quoted(root.namespace)}`
      this.fault(root.line, name, 'unknown-value', `${found} is not read, only ${known}`)
      this.#stopped = true
      return 'stop'
    }
    this.#version = version
    for (const name of rootAttributes(version))
      if ((root.attributes.get(name) ?? '') === '')
        this.fault(root.line, `${root.name}/@${name}`, 'missing', 'the schema of the message calls for it')
    return 'enter'
  }

  #opensList(list: XmlElement): XmlVerdict {
    const { name, line } = list
    if (name === 'PurgedRelease' && this.#isPurge) return this.#takes(list)
    const place = lists.findIndex((list) => list === name)
    if (place === -1) return 'skip'
    if (this.#seen.has(name)) this.fault(line, name, 'malformed', 'it is there twice')
    else if (place < this.#last)
      this.fault(line, name, 'malformed', `it must stand before ${lists[this.#last]}, not after it`)
    this.#seen.add(name)
    this.#last = Math.max(place, this.#last)
    this.#wanted = parts[name] ?? []
    this.#listed = 0
    return name === 'MessageHeader' ? 'whole' : 'enter'
  }

  complete(element: XmlElement): void {
    const early = this.#version.startsWith('38')
    switch (element.name) {
      case 'MessageHeader':
        return this.#readHeader(element)
      case 'Party':
        return keep(this.#parties, textAt(element, 'PartyReference'), partyName(element))
      case 'MusicalWork': {
        const { reference, iswc } = readWork38(element)
        return keep(this.#works, reference, iswc)
      }
      case 'Release':
      case 'TrackRelease':
        this.#releases.push(early ? readRelease38(element) : readRelease4(element))
        return
      case 'ReleaseDeal':
        this.#deals.push(readReleaseDeal(element))
        return
      case 'PurgedRelease':
        this.#purges.push(readPurge(element))
        return
      default:
        this.#resources.push(...(early ? readResource38(element) : readResource4(element, this.#version)))
    }
  }

  get #isPurge(): boolean {
    return this.#root?.name === 'PurgeReleaseMessage'
  }

  #readHeader(header: XmlElement): void {
    const [sender] = childrenOf(header, 'MessageSender')
    const control = textAt(header, 'MessageControlType') ?? 'LiveMessage'
    const messageId = textAt(header, 'MessageId')
    if ((messageId?.length ?? 0) > MESSAGE_ID_LENGTH_MAX)
      this.fault(
        header.line,
        'MessageHeader/MessageId',
        'too-long',
        `more than ${MESSAGE_ID_LENGTH_MAX} characters`,
      )
    const senderId = textAt(sender, 'PartyId') ?? partyName(sender)
    this.facts = {
      ...(messageId !== undefined && { messageId }),
      ...(senderId !== undefined && { sender: senderId }),
      test: control !== 'LiveMessage',
    }
    const created = textAt(header, 'MessageCreatedDateTime')
    this.#writtenOn = created === undefined ? undefined : readDay(created)
    for (const name of ['MessageId', 'MessageSender', 'MessageCreatedDateTime'])
      if (childrenOf(header, name).length === 0)
        this.fault(header.line, `MessageHeader/${name}`, 'missing', 'the schema of the message calls for it')
    if (!['LiveMessage', 'TestMessage'].includes(control))
      this.fault(
        childrenOf(header, 'MessageControlType')[0]?.line ?? header.line,
        'MessageHeader/MessageControlType',
        'unknown-value',
        `${quoted(control)} is neither LiveMessage nor TestMessage`,
      )
  }

  /** What the message came to: its entries, or only what is wrong when something of the whole is. */
  reading(fault: XmlFault | undefined): WholeReading {
    const { facts, faults } = this
    if (fault) {
      const { line: row, code, message } = fault
      return { facts, entries: [refusal([{ row, column: '', code, message }])] }
    }
    if (this.#stopped) return { facts, entries: [refusal(faults)] }
    this.#checkLists()
    const entries = this.#isPurge
      ? this.#purges
      : entriesOf({
          parties: this.#parties,
          works: this.#works,
          resources: this.#resources,
          releases: this.#releases,
          deals: this.#seen.has('DealList') ? this.#deals : undefined,
          writtenOn: this.#writtenOn,
        })
    return faults.length === 0
      ? { facts, entries }
      : { facts, entries: [refusal(faults), ...entries.filter(({ kind }) => kind === 'error')] }
  }

  #checkLists(): void {
    if (!this.#root) return
    const { name, line } = this.#root
    const needed = this.#isPurge ? ['MessageHeader'] : lists.filter((list) => !optional.has(list))
    for (const list of needed)
      if (!this.#seen.has(list) && !(list === 'PartyList' && this.#version.startsWith('38')))
        this.fault(line, `${name}/${list}`, 'missing', 'the schema of the message calls for it')
    if (this.#isPurge && this.#purges.length === 0)
      this.fault(line, `${name}/PurgedRelease`, 'missing', 'the schema of the message calls for it')
  }
}

/** Nothing of the message is taken in: it is one transaction of its sender. */
const refusal = (errors: readonly RowError[]): ImportEntry => ({
  kind: 'error',
  row: errors[0]?.row ?? 1,
  errors,
})

function keep(map: Map<string, string>, key: string | undefined, value: string | undefined): void {
  if (key !== undefined && value !== undefined && !map.has(key)) map.set(key, value)
}

/** A release that the sender no longer has. Identifiers that cannot be read name nothing, so nothing is withdrawn by them. */
function readPurge(element: XmlElement): ImportEntry {
  const checks = new RowChecks(element.line)
  const id = (name: string): string | undefined => textAt(element, 'ReleaseId', name)
  const upc = checks.identifier('error', 'PurgedRelease/ReleaseId/ICPN', 'upc', id('ICPN'))
  const grid = checks.identifier('error', 'PurgedRelease/ReleaseId/GRid', 'grid', id('GRid'))
  const ownId = id('CatalogNumber') ?? id('ProprietaryId')
  const isrcs = textsAt(element, 'ReleaseId', 'ISRC').flatMap(
    (text) => checks.identifier('error', 'PurgedRelease/ReleaseId/ISRC', 'isrc', text) ?? [],
  )
  const release: PurgeEntry['release'] = {
    ...(upc !== undefined && { upc }),
    ...(grid !== undefined && { grid }),
    ...(ownId !== undefined && { ownId }),
  }
  if (Object.keys(release).length + isrcs.length > 0)
    return { kind: 'purge', row: element.line, release, isrcs }
  if (checks.errors.length === 0)
    checks.add('error', 'PurgedRelease/ReleaseId', 'missing', 'nothing says which release is meant')
  return { kind: 'error', row: element.line, errors: checks.errors }
}

/**
 * Reads a message of DDEX ERN 3.8, 4.1, 4.2 or 4.3 (Electronic Release Notification): a NewReleaseMessage as recordings with
 * their release, rights and policy, a PurgeReleaseMessage as what is withdrawn. A SoundRecording that is not as its schema
 * wants is an error of its own. A message that is not well-formed, of another kind or not of the structure of its schema
 * gives errors only, the first of them for the whole.
 *
 * A message always states all that holds: an update replaces what an earlier one granted, and a deal that is left out, over
 * or taken down gives no rights. A message without any list of deals says nothing of rights.
 */
export async function readErn(bytes: AsyncIterable<Uint8Array>): Promise<WholeReading> {
  const reader = new MessageReader()
  const fault = await readXml(bytes, reader)
  return reader.reading(fault)
}
