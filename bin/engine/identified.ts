import { relative } from 'node:path'

import type { Passage } from '../../services/audio/search/search.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { changeInWords, confidenceInWords } from '../../services/matches/match.ts'
import { table } from '../terminal.ts'
import type { Identified } from './identify-files.ts'

/**
 * Columns of the table for programs. Times are seconds; the score is in bits above what is accepted; speed and
 * pitch are ratios, 1.04 = faster or higher by 4 %, and their errors of the same unit hold the truth with 95 %.
 */
const columns: readonly (readonly [title: string, value: (passage: Passage) => string])[] = [
  ['ref_id_or_NONE', ({ referenceId }) => referenceId],
  ['score', ({ score, threshold }) => (score - threshold).toFixed(2)],
  ['query_start_s', ({ suspectFromMs }) => seconds(suspectFromMs)],
  ['query_end_s', ({ suspectToMs }) => seconds(suspectToMs)],
  ['ref_start_s', ({ referenceFromMs }) => seconds(referenceFromMs)],
  ['ref_end_s', ({ referenceToMs }) => seconds(referenceToMs)],
  ['speed', ({ speed }) => speed.toFixed(5)],
  ['pitch', ({ pitch }) => pitch.toFixed(5)],
  ['change', ({ change }) => change],
  ['false_match_probability', ({ falseMatchProbability }) => falseMatchProbability.toExponential(2)],
  ['speed_error', ({ speedError }) => speedError.toExponential(1)],
  ['pitch_error', ({ pitchError }) => pitchError.toExponential(1)],
  ['shared_with', ({ sharedWith }) => sharedWith.join(',')],
]

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

const overlap = (a: Passage, b: Passage): boolean =>
  a.suspectFromMs < b.suspectToMs && b.suspectFromMs < a.suspectToMs

/**
 * One claim for each stretch: a passage whose audio a better passage explains as well is none of its own, and its
 * recording is named in the better one's `sharedWith`.
 *
 * @param passages best first.
 */
export function claimsOf(passages: readonly Passage[]): readonly Passage[] {
  /** By passage: whose claim it goes under, which is its own where nothing is better. */
  const claimOf = new Map<Passage, { passage: Passage; shared: Set<string> }>()
  for (const passage of passages) {
    const better = [...claimOf.keys()].find(
      (other) => passage.sharedWith.includes(other.referenceId) && overlap(other, passage),
    )
    const claim = (better && claimOf.get(better)) ?? { passage, shared: new Set(passage.sharedWith) }
    if (better) claim.shared.add(passage.referenceId)
    claimOf.set(passage, claim)
  }
  return [...new Set(claimOf.values())].map(({ passage, shared }) => ({
    ...passage,
    sharedWith: [...shared],
  }))
}

/**
 * What was found as tab-separated values with a header, each line ended: a row for each claim, best first; for a
 * query with none, or that could not be examined, a row that says `NONE` and nothing more.
 */
export function identifiedTable(queryIds: readonly string[], found: readonly Identified[]): string {
  const none = ['NONE', ...columns.slice(1).map(() => '')]
  const rows = queryIds.flatMap((id, place) => {
    const of = found[place]
    const passages = of && 'passages' in of ? of.passages : []
    const told = claimsOf(passages).map((passage) => columns.map(([, value]) => value(passage)))
    return (told.length > 0 ? told : [none]).map((cells) => [id, ...cells])
  })
  const header = ['query_id', ...columns.map(([title]) => title)]
  return [header, ...rows].map((cells) => `${cells.join('\t')}\n`).join('')
}

/** A file's name as a person at this terminal would write it. */
export function shortPath(path: string): string {
  const fromHere = relative('', path)
  return fromHere.startsWith('..') ? path : fromHere
}

/** Paths are longer than names; what follows must still fit a wide screen. */
const FILE_COLUMNS = 60

/** What was found as a table for people; files that could not be examined are left out, they were told of before. */
export function identifiedText(paths: readonly string[], found: readonly Identified[]): string {
  const rows = paths.flatMap((path, place) => {
    const of = found[place]
    if (!of || 'problem' in of) return []
    if (of.passages.length === 0) return [[shortPath(path), 'nothing found']]
    return of.passages.map((passage) => [
      shortPath(path),
      passage.referenceId,
      `${clockTime(passage.suspectFromMs)} – ${clockTime(passage.suspectToMs)}`,
      `${clockTime(passage.referenceFromMs)} – ${clockTime(passage.referenceToMs)}`,
      changeInWords(passage),
      confidenceInWords(passage.falseMatchProbability),
      passage.sharedWith.length > 0 ? `also in ${passage.sharedWith.join(', ')}` : '',
    ])
  })
  if (rows.length === 0) return ''
  const anyShared = rows.some((cells) => cells.at(-1)?.startsWith('also in '))
  return table(rows, [
    { title: 'file', columnsMax: FILE_COLUMNS },
    { title: 'recording' },
    { title: 'in the file' },
    { title: 'in the recording' },
    { title: 'change' },
    { title: 'confidence', align: 'right' },
    ...(anyShared ? [{ title: 'shared' }] : []),
  ])
}

/** What was found as one JSON document; the points of the picture are left out. */
export function identifiedJson(paths: readonly string[], found: readonly Identified[]): string {
  const documents = paths.map((file, place) => {
    const of = found[place] ?? { passages: [] }
    if ('problem' in of) return { file, problem: of.problem }
    return { file, passages: of.passages.map(({ points: _, ...passage }) => passage) }
  })
  return `${JSON.stringify(documents, undefined, 2)}\n`
}
