import { Problem } from '../../core/problem.ts'
import type { NoticeDocument, NoticeLocation } from '../notice.ts'
import type { AcnsInfringement } from './acns-schema.ts'
import { narrowed } from './narrow.ts'
import { renderText } from './text.ts'
import { asUri, hostOf } from './uri.ts'
import { xmlDocument } from './xml.ts'

const NAMESPACE = 'http://www.acns.net/ACNS'

/** What is said beside the notice. */
export interface AcnsOptions {
  /** Set when the notice is taken back: why, or an empty text. The case stays the same. */
  readonly retraction?: string | undefined
  /** False where the same mail has the text already. */
  readonly textNotice?: boolean
  /** Only these locations; cases keep the numbers that they have in the whole notice. */
  readonly only?: ReadonlySet<string>
}

/** One infringement: the locations at one IP address, and the XML about them from prolog to end tag. */
export interface AcnsDocument {
  readonly locations: readonly NoticeLocation[]
  readonly infringement: AcnsInfringement
  readonly xml: string
}

/**
 * The notice in ACNS 1.2 (namespace http://www.acns.net/ACNS): one `Infringement` for each IP address, because the
 * format knows one source. The case is the number of the notice, with `-1`, `-2`, … where there are several addresses.
 * Locations of which no address is known are left out; they come back in no document.
 *
 * @throws {Problem} `request/not-acceptable` when an e-mail address is missing that ACNS demands of both sides.
 */
export function acnsDocuments(
  document: NoticeDocument,
  documentSha256: string,
  options: AcnsOptions = {},
): AcnsDocument[] {
  const groups = new Map<string, NoticeLocation[]>()
  for (const location of document.locations) {
    if (!location.address) continue
    const group = groups.get(location.address) ?? []
    groups.set(location.address, group)
    group.push(location)
  }
  const { only } = options
  return [...groups].flatMap(([address, group], index) => {
    const caseId = groups.size === 1 ? document.number : `${document.number}-${index + 1}`
    const locations = only ? group.filter(({ locationId }) => only.has(locationId)) : group
    if (locations.length === 0) return []
    const infringement = infringementOf(document, documentSha256, { address, locations, caseId }, options)
    return [
      {
        locations,
        infringement,
        xml: xmlDocument({ Infringement: { '@xmlns': NAMESPACE, ...infringement } }),
      },
    ]
  })
}

/**
 * The notice as one ACNS file: an `Infringement`, or several in a `MessageEnvelope`.
 *
 * @throws {Problem} `request/not-acceptable` when a location has no IP address or a side no e-mail address.
 */
export function renderAcns(document: NoticeDocument, documentSha256: string): string {
  const documents = acnsDocuments(document, documentSha256)
  const without = document.locations.filter(({ address }) => !address)
  if (without.length > 0)
    throw new Problem(
      'request/not-acceptable',
      `ACNS asks for the IP address of every location; ${without.length} have none, the first is ${without[0]?.caseNumber}`,
    )
  const [first] = documents
  if (documents.length === 1 && first) return first.xml
  const messages = documents.map(({ infringement }) => ({
    '@Type': 'ACNS2.0Notice',
    '@ID': infringement.Case.ID,
    Infringement: infringement,
  }))
  return xmlDocument({ MessageEnvelope: { '@xmlns': NAMESPACE, Message: messages } })
}

interface Group {
  readonly address: string
  readonly locations: readonly NoticeLocation[]
  readonly caseId: string
}

/** The keys stand in the order in which the schema wants the elements. */
function infringementOf(
  document: NoticeDocument,
  documentSha256: string,
  { address, locations, caseId }: Group,
  { retraction, textNotice = true }: AcnsOptions,
): AcnsInfringement {
  const part = narrowed(document, new Set(locations.map(({ locationId }) => locationId)))
  const comments = retraction?.replaceAll(/\s+/g, ' ').trim()
  const isUnitedStates = document.regimes.some((regime) => regime.startsWith('US_'))
  return {
    Case: { ID: caseId, Status: retraction === undefined ? 'Open' : 'Closed', Severity: 'Normal' },
    ...contactsOf(document),
    Source: sourceOf(document, address, locations),
    Content: { Item: itemsOf(part) },
    Type: {
      '@Retraction': retraction === undefined ? 'false' : 'true',
      ...(comments ? { '@Comments': comments } : {}),
      '#': isUnitedStates ? 'DMCA' : 'INFRINGEMENT',
    },
    Detection: detectionOf(part),
    Verification: { VerificationLevel: { '@Type': 'human-review', '#': '1' } },
    ...(textNotice ? { TextNotice: renderText(part, documentSha256) } : {}),
    // Who takes a notice back no longer swears to it.
    ...(retraction === undefined ? declarationsOf(document) : {}),
  }
}

function contactsOf({
  complainant,
  recipient,
  replyTo,
}: NoticeDocument): Pick<AcnsInfringement, 'Complainant' | 'Service_Provider'> {
  const email = replyTo ?? complainant.email
  const missing = !email ? 'sender' : !recipient.email ? 'recipient' : undefined
  if (!email || !recipient.email)
    throw new Problem('request/not-acceptable', `ACNS asks for the e-mail address of the ${missing}`)
  const address = [complainant.address, complainant.country].filter(Boolean).join(', ')
  return {
    Complainant: {
      Entity: complainant.name,
      ...(complainant.contact ? { Contact: complainant.contact } : {}),
      ...(address ? { Address: address } : {}),
      ...(complainant.phone ? { Phone: complainant.phone } : {}),
      Email: email,
    },
    Service_Provider: { Entity: recipient.name, Email: recipient.email },
  }
}

function sourceOf(
  { host }: NoticeDocument,
  address: string,
  locations: readonly NoticeLocation[],
): AcnsInfringement['Source'] {
  const [first] = locations
  const url = first && URL.canParse(first.url) ? new URL(first.url) : undefined
  const port =
    url?.port || (url?.protocol === 'https:' ? '443' : url?.protocol === 'http:' ? '80' : undefined)
  return {
    TimeStamp: locations.map(({ observedAt }) => observedAt).toSorted()[0] ?? '',
    IP_Address: address,
    ...(port ? { Port: port } : {}),
    DNS_Name: url?.hostname || host,
    Type: 'HTTP',
    SubType: { '@BaseType': 'SERVER', '@Protocol': 'HTTP' },
    ...(url?.hostname ? { URL_Base: `${url.protocol}//${url.host}/` } : {}),
    Number_Files: String(locations.length),
  }
}

/** One item for each work that was found at a location: an item has one title. */
function itemsOf({
  locations,
  works,
}: NoticeDocument): Extract<AcnsInfringement['Content']['Item'], unknown[]> {
  const byId = new Map(works.map((work) => [work.workId, work]))
  return locations.flatMap((location) =>
    location.workIds.map((workId) => {
      const work = byId.get(workId)
      const artists = work?.artists.join(', ')
      return {
        TimeStamp: location.observedAt,
        Title: work?.title ?? workId,
        ...(artists ? { Artist: artists } : {}),
        FileName: location.fileName ?? lastName(location.url),
        ...(location.bytes === undefined ? {} : { FileSize: String(location.bytes) }),
        URL: asUri(location.url),
        Type: 'Music' as const,
        ExplicitType: 'Music' as const,
        ...(location.sha256 ? { Hash: { '@Type': 'SHA256' as const, '#': location.sha256 } } : {}),
      }
    }),
  )
}

/** ACNS demands a file name even of a mere address: the last name of its path, or else its host. */
function lastName(address: string): string {
  const path = URL.canParse(address) ? new URL(address).pathname : address
  return path.split('/').findLast((name) => name !== '') ?? hostOf(address) ?? address
}

function detectionOf({ works, matches, issuer }: NoticeDocument): AcnsInfringement['Detection'] {
  const [work] = works
  const confidence = Math.min(1, ...matches.map((match) => match.confidence))
  return {
    Asset: {
      OriginalAssetName: work?.title ?? '',
      ...(work?.isrc ? { OriginalAssetID: { '@type': 'ISRC', '#': work.isrc } } : {}),
    },
    ContentMatched: {
      '@Audio': 'true',
      '@Fingerprint': 'true',
      '@Human': 'true',
      '@MatchThreshold': String(Math.floor(confidence * 100)),
    },
    VerificationID: `${issuer.service} ${issuer.version}, engine ${issuer.engineVersion}`,
  }
}

/** The sworn statements and the signature under them; none while nobody has made them. */
function declarationsOf({ statements }: NoticeDocument): Pick<AcnsInfringement, 'Declarations'> {
  if (statements.status === 'open') return {}
  const { signatureText, name, title, signedAt } = statements.signatory
  return {
    Declarations: [
      ...statements.texts.map(({ code, text }) => ({ Type: code, Body: text })),
      {
        Type: 'signature',
        Body: `${signatureText}; ${[name, title].filter(Boolean).join(', ')}; ${signedAt}`,
      },
    ],
  }
}
