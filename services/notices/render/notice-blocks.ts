import { clockTime } from '../../core/clock-time.ts'
import type { Piece, Table } from '../../pdf/table.ts'
import type { NoticeDocument, NoticeMatch, NoticeWork } from '../notice.ts'
import { factsOf, NUMBER, type Block, type Fact } from './block.ts'
import { numberRanges, percent, utcText } from './numbers.ts'
import { partyBlocks } from './party-blocks.ts'
import { wordsIn } from './words/in-language.ts'
import type { Words } from './words/words.ts'

/** The longest passages are proof enough to read; all that the notice has are in its JSON. */
const PASSAGES_SHOWN_MAX = 10

const W = (index: number): string => `W${index + 1}`
const L = (index: number): string => `L${index + 1}`
const plain = (text: string): Piece => ({ text, style: 'plain' })
const muted = (text: string): Piece => ({ text, style: 'muted' })

/** What stands above the sections: whom it addresses, by which law, its number and date. */
export function headFacts(document: NoticeDocument): readonly Fact[] {
  const { labels, law, regimes } = wordsIn(document.language)
  return factsOf([
    [labels.number, document.number],
    [labels.version, String(document.version)],
    [labels.supersedes, document.supersedes && String(document.supersedes.version)],
    [labels.issued, utcText(document.issuedAt)],
    [labels.host, document.host],
    [law, document.regimes.map((regime) => regimes[regime]).join('; ')],
  ])
}

/** The line that addresses the recipient. */
export function addressLine({ language, recipient }: NoticeDocument): string {
  const words = wordsIn(language)
  return words.to(words.roles[recipient.role], recipient.name)
}

/**
 * The notice as blocks: the one place that decides what it says and in which order (sender, rights holder, works,
 * locations, why unlawful, statements, request, evidence, signature).
 */
export function noticeBlocks(document: NoticeDocument): Block[] {
  const words = wordsIn(document.language)
  const { sections } = words
  const { sender, holders } = partyBlocks(document, words)
  const parts: [title: string, blocks: readonly Block[]][] = [
    [sections.sender, sender],
    [sections.holder, holders],
    [sections.works, [worksTable(document, words)]],
    [sections.locations, [locationsTable(document, words)]],
    [sections.reasons, reasons(document, words)],
    [sections.statements, statements(document, words)],
    [sections.request, request(document, words)],
    [sections.evidence, document.evidence.length > 0 ? [evidenceTable(document, words)] : []],
  ]
  const numbered = parts
    .filter(([, blocks]) => blocks.length > 0)
    .flatMap(([title, blocks], index): Block[] => [{ kind: 'section', number: index + 1, title }, ...blocks])
  return [...numbered, signature(document, words)]
}

function worksTable({ works }: NoticeDocument, words: Words): Table {
  return {
    kind: 'table',
    caption: words.sections.works,
    columns: [
      { title: NUMBER, share: 0.07 },
      { title: words.labels.work, share: 0.93 },
    ],
    rows: works.map((work, index) => [[plain(W(index))], workPieces(work, words)]),
  }
}

function workPieces(work: NoticeWork, { labels }: Words): Piece[] {
  const identifiers = [
    work.isrc && `ISRC ${work.isrc}`,
    work.iswc && `ISWC ${work.iswc}`,
    work.gtin && `UPC/EAN ${work.gtin}`,
    work.pLine && `℗ ${work.pLine}`,
    work.registrationNumber && `${labels.registration}: ${work.registrationNumber}`,
  ].filter((part) => part !== undefined)
  const release = [
    work.releaseTitle && `${labels.release}: ${work.releaseTitle}`,
    work.label && `${labels.label}: ${work.label}`,
    work.durationMs !== undefined && `${labels.length}: ${clockTime(work.durationMs)}`,
  ].filter((part) => typeof part === 'string')
  return [
    { text: work.title, style: 'strong' },
    ...(work.artists.length > 0 ? [plain(work.artists.join(', '))] : []),
    ...(identifiers.length > 0 ? [plain(identifiers.join(', '))] : []),
    ...(release.length > 0 ? [muted(release.join(', '))] : []),
    ...(work.officialUrl ? [plain(`${labels.lawfulCopy}: ${work.officialUrl}`)] : []),
  ]
}

function locationsTable({ locations, works, language }: NoticeDocument, words: Words): Table {
  const { labels } = words
  const workNames = new Map(works.map(({ workId }, index) => [workId, W(index)]))
  const count = new Intl.NumberFormat(language)
  return {
    kind: 'table',
    caption: words.sections.locations,
    columns: [
      { title: NUMBER, share: 0.09 },
      { title: labels.location, share: 0.91 },
    ],
    rows: locations.map((location, index) => {
      const seen = [
        `${labels.observed}: ${utcText(location.observedAt)}`,
        location.address && `${labels.ipAddress}: ${location.address}`,
        `${labels.work}: ${location.workIds.map((id) => workNames.get(id) ?? id).join(', ')}`,
        `${labels.caseNumber}: ${location.caseNumber}`,
      ].filter((part) => part !== undefined)
      const file = [
        location.fileName && `${labels.fileName}: ${location.fileName}`,
        location.mediaType && `${labels.mediaType}: ${location.mediaType}`,
        location.bytes !== undefined && `${labels.size}: ${words.bytes(count.format(location.bytes))}`,
        location.uploader && `${labels.uploader}: ${location.uploader}`,
      ].filter((part) => typeof part === 'string' && part !== '')
      return [
        [plain(L(index))],
        [
          { text: location.url, style: 'address' },
          ...(location.pageUrl ? [muted(`${labels.page}: ${location.pageUrl}`)] : []),
          muted(seen.join(', ')),
          ...(file.length > 0 ? [muted(file.join(', '))] : []),
          ...(location.sha256 ? [{ text: `SHA-256 ${location.sha256}`, style: 'hash' } as const] : []),
        ],
      ]
    }),
  }
}

function reasons(document: NoticeDocument, words: Words): Block[] {
  const { illegalityExplanation, storage, notes } = document.details
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text })
  const told = (label: string, text: string | undefined): Block[] =>
    text ? [paragraph(`${label}: ${text}`)] : []
  return [
    ...told(words.explanation, illegalityExplanation),
    ...matchTexts(document, words).map(paragraph),
    paragraph(words.noLicence),
    ...exceptionTexts(document, words).map(paragraph),
    ...told(words.labels.storage, storage),
    ...told(words.labels.notes, notes),
  ]
}

function matchTexts({ locations, works, matches }: NoticeDocument, words: Words): string[] {
  const places = new Map(locations.map(({ locationId }, index) => [locationId, index]))
  const workNames = new Map(works.map(({ workId }, index) => [workId, W(index)]))
  const place = ({ locationId }: NoticeMatch): number => places.get(locationId) ?? places.size
  return matches
    .toSorted((a, b) => place(a) - place(b))
    .map((match) => {
      const found = words.found({
        location: L(place(match)),
        work: workNames.get(match.workId) ?? match.workId,
        confidence: percent(match.confidence),
        ofRecording: percent(match.shareOfRecording),
        ofCopy: percent(match.shareOfCopy),
      })
      return [found, passageTexts(match, words)].filter(Boolean).join(' ')
    })
}

function passageTexts({ passages }: NoticeMatch, words: Words): string {
  const span = (from: number, to: number): string => `${clockTime(from)}–${clockTime(to)}`
  const shown = passages.slice(0, PASSAGES_SHOWN_MAX).map((passage) => {
    const { change } = passage
    const told = change === 'none' ? '' : ` (${words.labels.change}: ${words.changes[change]})`
    const inCopy = span(passage.suspectFromMs, passage.suspectToMs)
    return words.passage(inCopy, span(passage.recordingFromMs, passage.recordingToMs)) + told
  })
  const more = passages.length - shown.length
  return [...shown, ...(more > 0 ? [words.morePassages(more)] : [])].join('; ')
}

/** One text for all locations that the same person considered in the same words on the same day. */
function exceptionTexts({ locations, exceptions }: NoticeDocument, words: Words): string[] {
  const places = new Map(locations.map(({ locationId }, index) => [locationId, index + 1]))
  const alike = new Map<string, { reviewer: string; day: string; reasons: string[]; places: number[] }>()
  for (const { locationId, reviewer, at, reasons } of exceptions) {
    const [day, place] = [at.slice(0, 10), places.get(locationId)]
    const key = JSON.stringify([reviewer, day, reasons])
    const known = alike.get(key)
    if (known && place !== undefined) known.places.push(place)
    else if (!known) alike.set(key, { reviewer, day, reasons, places: place === undefined ? [] : [place] })
  }
  return [...alike.values()].map(({ reviewer, day, reasons, places }) =>
    [words.exceptions(reviewer, day, numberRanges('L', places)), ...reasons].join(' '),
  )
}

const statements = ({ statements: { texts } }: NoticeDocument, words: Words): Block[] =>
  texts.map(({ code, text }) => ({ kind: 'statement', title: words.statements[code], text }))

/** Stands under everything that was signed, or says that nobody has signed yet. */
function signature({ statements }: NoticeDocument, { labels, open }: Words): Block {
  if (statements.status === 'open') return { kind: 'signature', open: true, lines: [open] }
  const { name, title, signatureText, signedAt } = statements.signatory
  const signed = `${[name, title].filter(Boolean).join(', ')}; ${labels.signed}: ${utcText(signedAt)}`
  return { kind: 'signature', open: false, lines: [signatureText, signed] }
}

function request({ regimes, number }: NoticeDocument, words: Words): Block[] {
  const texts = [
    words.request,
    ...(regimes.includes('IN_RULE_75') ? [words.requestIndia] : []),
    words.replyWith(number),
  ]
  return texts.map((text) => ({ kind: 'paragraph', text }))
}

function evidenceTable({ evidence, language }: NoticeDocument, words: Words): Table {
  const { labels } = words
  const count = new Intl.NumberFormat(language)
  return {
    kind: 'table',
    caption: words.sections.evidence,
    columns: [
      { title: labels.kind, share: 0.16 },
      { title: 'SHA-256', share: 0.56 },
      { title: labels.size, share: 0.11, align: 'right' },
      { title: labels.captured, share: 0.2 },
    ],
    rows: evidence.map(({ kind, sha256, bytes, capturedAt, held }) => [
      [plain(kind), muted(`${labels.held}: ${held ? words.yes : words.no}`)],
      [{ text: sha256, style: 'hash' }],
      [plain(count.format(bytes))],
      [plain(utcText(capturedAt))],
    ]),
  }
}
