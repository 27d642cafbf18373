import type { Piece, Table } from '../../pdf/table.ts'
import type { AuditSummary, ExposureCounts } from '../exposure.ts'
import type { NumberedLine } from './lines.ts'
import { exposureWords, foundByWords, locatorWords, shareWords, tierWords } from './words.ts'

/** Releases that the report lists; the summary has a hundred. */
const RELEASES_MAX = 40

const plain = (text: string): Piece => ({ text, style: 'plain' })
const strong = (text: string): Piece => ({ text, style: 'strong' })
const muted = (text: string): Piece => ({ text, style: 'muted' })
const number = (count: number): Piece => plain(count.toLocaleString('en'))

/** A cell of pieces, without those that say nothing. */
const cell = (...pieces: readonly Piece[]): Piece[] => {
  const said = pieces.filter(({ text }) => text !== '')
  return said.length > 0 ? said : [muted('–')]
}

const countColumns = [
  { title: 'In it', share: 1, align: 'right' },
  { title: 'With audio', share: 1, align: 'right' },
  { title: 'Audio published', share: 1.2, align: 'right' },
] as const

const countCells = ({ listed, audio, published }: Omit<ExposureCounts, 'asked'>): Piece[][] => [
  [number(listed)],
  [number(audio)],
  [number(published)],
]

/** What was found in each leak. */
export const leaksTable = ({ leaks, asked }: AuditSummary): Table => ({
  kind: 'table',
  caption: 'What was found in each leak',
  columns: [
    { title: 'Leak', share: 3 },
    ...countColumns,
    { title: 'Of what was asked', share: 1.3, align: 'right' },
  ],
  rows: leaks.map((leak) => [
    [strong(leak.name)],
    ...countCells(leak),
    [plain(shareWords(leak.listed, asked))],
  ]),
})

/** The most exposed releases. */
export const releasesTable = ({ releases }: AuditSummary): Table => ({
  kind: 'table',
  caption: 'The most exposed releases',
  columns: [{ title: 'Release', share: 3 }, { title: 'Asked', share: 0.9, align: 'right' }, ...countColumns],
  rows: releases
    .slice(0, RELEASES_MAX)
    .map((release) => [
      [plain(release.title ?? 'Without a release')],
      [number(release.asked)],
      ...countCells(release),
    ]),
})

/** Recordings in the order of their exposure. */
export const rankedTable = (lines: readonly NumberedLine[]): Table => ({
  kind: 'table',
  caption: 'Recordings in the order of their exposure',
  columns: [
    { title: 'Rank', share: 0.6, align: 'right' },
    { title: 'Recording', share: 3 },
    { title: 'In which leak, and how', share: 3 },
    { title: 'Popularity', share: 1, align: 'right' },
    { title: 'Exposure', share: 1, align: 'right' },
  ],
  rows: lines.map((line) => [
    [plain(String(line.number))],
    cell(strong(line.title ?? line.isrc ?? ''), muted(line.artists.join(', ')), muted(line.isrc ?? '')),
    cell(plain(line.leakName), plain(exposureWords(line)), muted(tierWords(line))),
    [plain(line.popularity === null ? '–' : String(line.popularity))],
    [plain(shareWords(line.score, 1))],
  ]),
})

/** The rows of manifests that the answers rest on. */
export const evidenceTable = (lines: readonly NumberedLine[]): Table => ({
  kind: 'table',
  caption: 'The rows of manifests that the answers rest on',
  columns: [
    { title: 'Rank', share: 0.6, align: 'right' },
    { title: 'Where', share: 2.6 },
    { title: 'What the row says', share: 2.6 },
    { title: 'Its track and file', share: 2.4 },
  ],
  rows: lines.flatMap((line) =>
    line.rows.map((row, index) => [
      index === 0 ? cell(plain(String(line.number)), muted(foundByWords[line.foundBy])) : [plain('')],
      cell(
        strong(locatorWords(row)),
        { text: row.manifestId, style: 'hash' },
        muted(index === 0 && line.rowsFound > line.rows.length ? `${line.rowsFound} rows in all` : ''),
      ),
      cell(plain(row.title ?? ''), muted(row.artists.join(', ')), muted(row.isrc ?? '')),
      cell(
        { text: row.trackId ?? '', style: 'hash' },
        ...row.sha256.map((hash): Piece => ({ text: `${hash}…`, style: 'hash' })),
        muted(row.fileName ?? ''),
      ),
    ]),
  ),
})

/** What to do, each advice once with how many recordings it is for. */
export function adviceTable(lines: readonly NumberedLine[]): Table {
  const counts = new Map<string, number>()
  for (const { advice } of lines) counts.set(advice, (counts.get(advice) ?? 0) + 1)
  return {
    kind: 'table',
    caption: 'What to do',
    columns: [
      { title: 'Recordings', share: 1, align: 'right' },
      { title: 'What to do', share: 6 },
    ],
    rows: [...counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([advice, count]) => [[number(count)], [plain(advice)]]),
  }
}
