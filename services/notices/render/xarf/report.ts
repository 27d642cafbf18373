import { createHash } from 'node:crypto'

import type { NoticeDocument, NoticeLocation, NoticeMatch, NoticeWork } from '../../notice.ts'
import { narrowed } from '../narrow.ts'
import { cut } from '../numbers.ts'
import { renderText } from '../text.ts'
import { hostOf } from '../uri.ts'
import type { XarfEvidence, XarfReport } from './schema.ts'
import { typeFields, type Incident } from './type-fields.ts'
import { xarfTypeOf, type KnownPlace } from './type-of-place.ts'

/** Fewer decimals than a machine has: two runs of the same engine agree in them. */
const CONFIDENCE_DECIMALS = 4

/** Matches whose passages are told: with 50 passages each they stay far below the 5 MB that an item may have. */
const MATCHES_TOLD_MAX = 100

/** The report of one location, or why there is none: XARF cannot say everything that a notice can. */
export type XarfOutcome =
  | { readonly location: NoticeLocation; readonly report: XarfReport }
  | { readonly location: NoticeLocation; readonly why: string }

/**
 * A notice as XARF 4.2 reports, one for each location: the format wants one incident a report. The reporter is the
 * rights holder, the sender is who sends the notice. The same document gives the same reports with the same ids, so
 * that a receiver recognises what was sent twice.
 *
 * @param places what is known of locations, by locationId; see `KnownPlace`.
 */
export function xarfReports(
  document: NoticeDocument,
  documentSha256: string,
  places: ReadonlyMap<string, KnownPlace> = new Map(),
): XarfOutcome[] {
  return document.locations.map((location) => {
    const contact = document.complainant.email ?? document.replyTo
    const [work, match] = mainFind(document, location)
    if (!contact) return { location, why: 'XARF asks for an e-mail address of the sender' }
    if (!work || !match) return { location, why: 'no match of the notice belongs to this location' }
    const known = places.get(location.locationId)
    const type = xarfTypeOf(location, document.recipient.role, known)
    const incident: Incident = { document, location, work, match, known }
    const fields = typeFields(type, incident)
    if ('why' in fields) return { location, why: fields.why }
    const core = coreOf(incident, documentSha256, contact, document.replyTo ?? contact)
    return { location, report: { ...core, ...fields } as XarfReport }
  })
}

/** The work that a location is mostly about: the one of which most was found there. */
function mainFind(
  { works, matches }: NoticeDocument,
  { locationId }: NoticeLocation,
): [work: NoticeWork | undefined, match: NoticeMatch | undefined] {
  const [match] = matches
    .filter((match) => match.locationId === locationId)
    .toSorted((a, b) => b.shareOfCopy - a.shareOfCopy || b.confidence - a.confidence)
  return [works.find(({ workId }) => workId === match?.workId), match]
}

function coreOf(
  { document, location, work, match }: Incident,
  documentSha256: string,
  reporterContact: string,
  senderContact: string,
): Omit<
  Extract<XarfReport, { type: 'copyright' }>,
  'type' | 'infringing_url' | 'original_url' | 'evidence_source' | 'infringement_type'
> {
  const port = portOf(location.url)
  return {
    xarf_version: '4.2.0',
    report_id: reportId(documentSha256, location.locationId),
    timestamp: location.observedAt,
    reporter: contactOf(work.rightsHolder, reporterContact),
    sender: contactOf(document.complainant.name, senderContact),
    source_identifier: location.address ?? hostOf(location.url) ?? document.host,
    ...(port === undefined ? {} : { source_port: port }),
    category: 'copyright',
    work_title: work.title,
    rights_holder: cut(work.rightsHolder, 200),
    confidence: Number(match.confidence.toFixed(CONFIDENCE_DECIMALS)),
    description: cut(`Notice ${document.number}: ${match.summary}`, 1000),
    evidence: [segmentTable(document, location), signedText(document, location, documentSha256)],
    tags: ['media:music', 'detection:audio-fingerprint'],
    x_notice: document.number,
    x_case: location.caseNumber,
    x_document_sha256: documentSha256,
    ...(work.isrc ? { x_isrc: work.isrc } : {}),
  }
}

const contactOf = (org: string, contact: string): XarfReport['reporter'] => ({
  org: cut(org, 200),
  contact,
  domain: contact.slice(contact.lastIndexOf('@') + 1),
})

function portOf(address: string): number | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.port) return Number(url.port)
  if (url?.protocol === 'https:') return 443
  return url?.protocol === 'http:' ? 80 : undefined
}

/** A UUID that the same location of the same document always has, in the form of version 4 as XARF demands it. */
function reportId(documentSha256: string, locationId: string): string {
  const bytes = createHash('sha256').update(`${documentSha256}/${locationId}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** XARF has no place for passages, so they are evidence: what was found at the location, in milliseconds. */
function segmentTable({ matches, works }: NoticeDocument, { locationId }: NoticeLocation): XarfEvidence {
  const found = matches.filter((match) => match.locationId === locationId).slice(0, MATCHES_TOLD_MAX)
  const table = {
    unit: 'ms',
    matches: found.map((match) => {
      const work = works.find(({ workId }) => workId === match.workId)
      return {
        work: { title: work?.title, artists: work?.artists, isrc: work?.isrc },
        engineVersion: match.engineVersion,
        confidence: match.confidence,
        falseMatchProbability: match.falseMatchProbability,
        shareOfRecording: match.shareOfRecording,
        shareOfCopy: match.shareOfCopy,
        passages: match.passages,
      }
    }),
  }
  return evidenceItem('application/json', 'Time-aligned passages of the audio match', JSON.stringify(table))
}

/** The statements have no field either: the notice itself goes along, as far as it speaks of this location. */
const signedText = (document: NoticeDocument, { locationId }: NoticeLocation, sha256: string): XarfEvidence =>
  evidenceItem(
    'text/plain',
    'The notice with its statements and signature, as far as it concerns this location',
    renderText(narrowed(document, new Set([locationId])), sha256),
  )

function evidenceItem(contentType: string, description: string, content: string): XarfEvidence {
  const bytes = Buffer.from(content, 'utf8')
  return {
    content_type: contentType,
    description,
    payload: bytes.toString('base64'),
    hash: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
  }
}
