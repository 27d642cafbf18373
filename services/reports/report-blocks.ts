import { excludedInWords } from '../matches/excluded.ts'
import { confidenceInWords } from '../matches/match.ts'
import type { AlignmentInput } from '../matches/picture-shapes.ts'
import { sharedInWords } from '../matches/shared.ts'
import { formatIsrc } from '../metadata/identifiers/identifiers.ts'
import type { Piece, Table } from '../pdf/table.ts'
import { comparedWords, decodedWords, isWhollyShared } from './report-notes.ts'
import { locationsTable, passagesTable, worksTable, evidenceTable } from './report-tables.ts'
import {
  preciseClock,
  locationName,
  numberWords,
  oddsWords,
  shareWords,
  suspectDurationMs,
  utcWords,
} from './report-words.ts'
import type { ReportDocument, ReportMatch, ReportPassage } from './report.ts'
import { wordingNote } from './statements.ts'

/** What a report consists of, in order; every renderer shows all of it, each in its own way. */
export type Block =
  | { readonly kind: 'section'; readonly number: number; readonly title: string; readonly unbroken: boolean }
  | { readonly kind: 'subsection'; readonly title: string }
  | { readonly kind: 'paragraph'; readonly text: string; readonly muted?: true }
  | { readonly kind: 'facts'; readonly facts: readonly { readonly label: string; readonly piece: Piece }[] }
  | Table
  | { readonly kind: 'picture'; readonly picture: AlignmentInput; readonly alternative: string }
  | { readonly kind: 'statement'; readonly title: string; readonly text: string; readonly made: boolean }
  | { readonly kind: 'signature'; readonly signatory: Signatory | undefined }

type Signatory = Extract<ReportDocument['statements'], { status: 'made' }>['signatory']

/** The line that stands wherever a person still has to act. */
export const openStatementLine = "OPEN: to be made by a person with the signer's role"

const plain = (text: string): Piece => ({ text, style: 'plain' })

/** The report as blocks: the one place that decides what a report says and in which order. */
export function reportBlocks(document: ReportDocument): Block[] {
  const sections: [string, Block[]][] = [
    ['Sender', sender(document)],
    ['Rights holder and recipient', parties(document)],
    ['Works', [worksTable(document.works)]],
    ['Locations', [locationsTable(document.locations)]],
    ['What was found', document.matches.flatMap((match) => matchBlocks(document, match))],
    ['Statements', statements(document)],
    ['Request', [{ kind: 'paragraph', text: request(document) }]],
    ['Evidence', evidence(document)],
  ]
  if (document.openPoints.length > 0) sections.push(['Open points', openPointBlocks(document)])
  return sections.flatMap(([title, blocks], index) => [
    { kind: 'section', number: index + 1, title, unbroken: title === 'Statements' },
    ...blocks,
  ])
}

function facts(rows: readonly (readonly [label: string, value: string | undefined])[]): Block {
  const known = rows.flatMap(([label, value]) => (value ? [{ label, piece: plain(value) }] : []))
  return { kind: 'facts', facts: known }
}

function sender({ complainant, issuer }: ReportDocument): Block[] {
  const address = [complainant.address, complainant.country].filter(Boolean).join(', ')
  return [
    facts([
      ['Name', complainant.name],
      ['Address', address],
      ['Telephone', complainant.phone],
      ['E-mail', complainant.email],
      ['Prepared with', `${issuer.service} ${issuer.version}, matching engine ${issuer.engineVersion}`],
    ]),
  ]
}

function parties({ rightsHolder, recipient }: ReportDocument): Block[] {
  return [
    facts([
      ['Rights holder', rightsHolder.name],
      ['Recipient', recipient ? `${recipient.name} (${recipient.role})` : 'not chosen yet'],
      ['Reached at', [recipient?.email, recipient?.formUrl].filter(Boolean).join(', ')],
    ]),
  ]
}

function matchBlocks(document: ReportDocument, match: ReportMatch): Block[] {
  const workIndex = document.works.findIndex(({ workId }) => workId === match.workId)
  const locationIndex = document.locations.findIndex(({ locationId }) => locationId === match.locationId)
  const [work, location] = [document.works[workIndex], document.locations[locationIndex]]
  if (!work || !location) throw new Error(`Match ${match.matchId} refers to nothing`)
  const picture = {
    suspectDurationMs: suspectDurationMs(location, match.passages),
    referenceDurationMs: work.durationMs,
    passages: match.passages.map(picturePassage),
  }
  return [
    { kind: 'subsection', title: `W${workIndex + 1} “${work.title}” at L${locationIndex + 1}` },
    { kind: 'paragraph', text: match.summary },
    facts([
      ['Location', locationName(location)],
      [
        'Confidence',
        `${confidenceInWords(1 - match.confidence)}; chance of a false match, by the audio alone, ${oddsWords(match.falseMatchProbability)}`,
      ],
      ['Extent', extent(match)],
      ['Examined', decodedWords(location)],
      ['Compared with', comparedWords(match)],
      ['The file says', identifiers(match)],
    ]),
    passagesTable(match.passages),
    ...[...sharedNotes(match), ...excludedNotes(match)].map((text): Block => ({ kind: 'paragraph', text })),
    { kind: 'picture', picture, alternative: pictureAlternative(match) },
  ]
}

const sharedNotes = ({ passages }: ReportMatch): string[] =>
  sharedInWords(
    passages.map(({ sharedWith }) => sharedWith),
    'the same',
  )

const excludedNotes = ({ passages }: ReportMatch): string[] => {
  const note = excludedInWords(passages.map(({ excluded }) => excluded === true))
  return note === undefined ? [] : [note]
}

const picturePassage = ({
  suspectSketch,
  referenceSketch,
  ...passage
}: ReportPassage): AlignmentInput['passages'][number] => ({
  ...passage,
  sketches: { suspect: bytesOf(suspectSketch), reference: bytesOf(referenceSketch) },
})

const bytesOf = (base64: string | undefined): Uint8Array | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64')

function extent(match: ReportMatch): string {
  const { shareOfRecording, shareOfSuspect } = match
  const [ofRecording, ofSuspect] = [shareWords(shareOfRecording), shareWords(shareOfSuspect)]
  return isWhollyShared(match)
    ? `${ofSuspect} of the suspect file; this audio is ${ofRecording} of the recording, and is in other recordings too`
    : `${ofRecording} of the recording, which makes up ${ofSuspect} of the suspect file`
}

function identifiers({ identifiers: found }: ReportMatch): string {
  const { isrcFound, titleFound, artistsFound = [], tags = {} } = found
  const said = [
    isrcFound && `ISRC ${formatIsrc(isrcFound)}`,
    titleFound && `title “${titleFound}”`,
    artistsFound.length > 0 && `artist ${artistsFound.join(', ')}`,
    ...Object.entries(tags).map(([name, value]) => `${name} “${value}”`),
  ]
  return said.filter(Boolean).join('; ')
}

function pictureAlternative({ passages }: ReportMatch): string {
  const matched = passages.reduce((sum, passage) => sum + passage.landmarksMatched, 0)
  const expected = passages.reduce((sum, passage) => sum + passage.landmarksExpected, 0)
  const places = passages
    .slice(0, 5)
    .map(
      (p) =>
        `${preciseClock(p.suspectFromMs)} to ${preciseClock(p.suspectToMs)} of the suspect file joins ${preciseClock(p.referenceFromMs)} to ${preciseClock(p.referenceToMs)} of the recording`,
    )
  const more = passages.length > places.length ? `; and ${passages.length - places.length} more passages` : ''
  return `${places.join('; ')}${more}. ${numberWords(matched)} of ${numberWords(expected)} landmarks were found.`
}

function statements({ statements }: ReportDocument): Block[] {
  const made = statements.status === 'made'
  const texts = [
    ['Good faith', statements.texts.goodFaith],
    ['Accuracy', statements.texts.accuracy],
    ['Authority', statements.texts.authority],
  ] as const
  return [
    ...texts.map(([title, text]): Block => ({ kind: 'statement', title, text, made })),
    { kind: 'signature', signatory: made ? statements.signatory : undefined },
    ...(made ? [] : [{ kind: 'paragraph', text: wordingNote, muted: true } as const]),
  ]
}

function request({ number, complainant, rightsHolder, locations, matches }: ReportDocument): string {
  const what =
    locations.length === 1
      ? 'the material at the location'
      : `the material at all ${locations.length} locations`
  const kept = matches.every(isWhollyShared) ? 'audio' : 'recording'
  const where = complainant.email ? `Please reply to ${complainant.email}` : 'Please reply'
  return (
    `On behalf of ${rightsHolder.name} we ask you to remove or disable access to ${what} named in section 4, and to ` +
    `keep copies of the same ${kept} from being made available again. ${where} with ${number} in the subject, and ` +
    'tell us what was decided and when.'
  )
}

function evidence(document: ReportDocument): Block[] {
  const text =
    'Items marked as held are kept unaltered; the others were examined and then deleted, and their SHA-256 tells ' +
    'whether a file is the same to the bit. HTTP headers are hashed as canonical JSON (RFC 8785), and so is this report.'
  return [{ kind: 'paragraph', text, muted: true }, evidenceTable(document.evidence)]
}

function openPointBlocks({ openPoints }: ReportDocument): Block[] {
  return [
    {
      kind: 'table',
      caption: 'What is to be done before this report can be sent',
      columns: [
        { title: 'To do', share: 62 },
        { title: 'Where', share: 20 },
        { title: 'Code', share: 18 },
      ],
      rows: openPoints.map(({ code, pointer, todo }) => [
        [plain(todo)],
        [{ text: pointer || '/', style: 'muted' }],
        [{ text: code, style: 'muted' }],
      ]),
    },
  ]
}

/** Facts for the head of a report, above section 1. */
export function headFacts(document: ReportDocument): { readonly label: string; readonly value: string }[] {
  const { version, supersedes } = document
  return [
    {
      label: 'Version',
      value: supersedes ? `${version}, replaces version ${supersedes.version}` : `${version}`,
    },
    { label: 'Issued', value: utcWords(document.issuedAt) },
    { label: 'Rights holder', value: document.rightsHolder.name },
    { label: 'Recipient', value: document.recipient?.name ?? 'not chosen yet' },
    { label: 'Case', value: document.caseId },
  ]
}
