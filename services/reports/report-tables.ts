import { clockTime } from '../core/clock-time.ts'
import { changeInWords } from '../matches/match.ts'
import { formatIsrc } from '../metadata/identifiers/identifiers.ts'
import type { Piece, Table } from '../pdf/table.ts'
import { decodedWords } from './report-notes.ts'
import { bytesWords, locationName, numberWords, oddsWords, preciseClock, utcWords } from './report-words.ts'
import type { ReportDocument, ReportLocation, ReportPassage, ReportWork } from './report.ts'

const plain = (text: string): Piece => ({ text, style: 'plain' })
const strong = (text: string): Piece => ({ text, style: 'strong' })
const muted = (text: string): Piece => ({ text, style: 'muted' })
const address = (text: string): Piece => ({ text, style: 'address' })
const hash = (text: string): Piece => ({ text, style: 'hash' })
const dash = [muted('–')]

/** The works, W1, W2 …; other sections refer to them by these names. */
export function worksTable(works: readonly ReportWork[]): Table {
  return {
    kind: 'table',
    caption: 'Protected recordings',
    columns: [
      { title: 'No.', share: 6 },
      { title: 'Recording', share: 37 },
      { title: 'Identifiers', share: 24 },
      { title: 'Release and right', share: 25 },
      { title: 'Length', share: 8, align: 'right' },
    ],
    rows: works.map((work, index) => [
      [strong(`W${index + 1}`)],
      [strong(work.title), ...some(work.artists.join(', '), plain), muted('Sound recording')],
      orDash([
        ...some(work.isrc && `ISRC ${formatIsrc(work.isrc)}`, plain),
        ...some(work.upc && `UPC ${work.upc}`, plain),
      ]),
      orDash([
        ...some(work.releaseTitle, plain),
        ...some(work.label, plain),
        ...some(work.pLine && `℗ ${work.pLine}`, plain),
        ...some(work.territories.join(', '), muted),
      ]),
      [plain(clockTime(work.durationMs))],
    ]),
  }
}

/** The locations, L1, L2 …, with what identifies the bytes that were found there. */
export function locationsTable(locations: readonly ReportLocation[]): Table {
  return {
    kind: 'table',
    caption: 'Where the copies were found',
    columns: [
      { title: 'No.', share: 6 },
      { title: 'Address and file', share: 60 },
      { title: 'Observed', share: 34 },
    ],
    rows: locations.map((location, index) => [
      [strong(`L${index + 1}`)],
      [
        address(locationName(location)),
        ...some(
          location.finalUrl && location.finalUrl !== location.url && `led to ${location.finalUrl}`,
          muted,
        ),
        ...some(location.kind === 'url' && location.fileName && `file name ${location.fileName}`, muted),
        hash(`SHA-256 ${location.sha256}`),
      ],
      observed(location),
    ]),
  }
}

function observed(location: ReportLocation): Piece[] {
  const { address: ip, httpStatus, contentType, tls, durationMs } = location
  const answer = [ip && `from ${ip}`, httpStatus && `HTTP ${httpStatus}`].filter(Boolean).join(', ')
  const file = [bytesWords(location.bytes), contentType, durationMs && `audio ${clockTime(durationMs)}`]
  const certificate = [tls?.subject, tls?.issuer && `issued by ${tls.issuer}`].filter(Boolean).join(', ')
  return [
    plain(utcWords(location.observedAt)),
    ...some(location.kind === 'file' && 'handed in as a file', muted),
    ...some(answer, muted),
    muted(file.filter(Boolean).join(', ')),
    ...some(decodedWords(location), muted),
    ...some(certificate && `certificate ${certificate}`, muted),
  ]
}

/** The passages of one match, numbered as in its picture. */
export function passagesTable(passages: readonly ReportPassage[]): Table {
  return {
    kind: 'table',
    caption: 'Passages: which part of the suspect file is which part of the recording',
    columns: [
      { title: '#', share: 4 },
      { title: 'In the suspect file', share: 19 },
      { title: 'In the recording', share: 19 },
      { title: 'Change found', share: 28 },
      { title: 'Landmarks', share: 13, align: 'right' },
      { title: 'False match', share: 17, align: 'right' },
    ],
    rows: passages.map((passage, index) => [
      [strong(`${index + 1}`)],
      [plain(`${preciseClock(passage.suspectFromMs)}–${preciseClock(passage.suspectToMs)}`)],
      [plain(`${preciseClock(passage.referenceFromMs)}–${preciseClock(passage.referenceToMs)}`)],
      [plain(changeInWords(passage))],
      [plain(`${numberWords(passage.landmarksMatched)} of ${numberWords(passage.landmarksExpected)}`)],
      [plain(oddsWords(passage.falseMatchProbability))],
    ]),
  }
}

/** What is kept, with its hashes. */
export function evidenceTable(evidence: ReportDocument['evidence']): Table {
  return {
    kind: 'table',
    caption: 'Items examined',
    columns: [
      { title: 'Item', share: 20 },
      { title: 'SHA-256', share: 54 },
      { title: 'Captured', share: 26 },
    ],
    rows: evidence.map((item) => [
      [plain(item.kind.replaceAll('_', ' ')), muted(`${item.mediaType}, ${item.held ? 'held' : 'not held'}`)],
      [hash(item.sha256)],
      [plain(utcWords(item.capturedAt)), muted(bytesWords(item.bytes))],
    ]),
  }
}

const some = (text: string | false | undefined, piece: (text: string) => Piece): Piece[] =>
  text ? [piece(text)] : []
const orDash = (pieces: Piece[]): Piece[] => (pieces.length > 0 ? pieces : dash)
