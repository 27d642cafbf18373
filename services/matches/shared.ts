import type { RecordingId } from '../core/ids.ts'
import { formatIsrc } from '../metadata/identifiers/identifiers.ts'
import { isWhollyExcluded } from './excluded.ts'
import type { FoundRecording, Passage } from './match.ts'

/** What a recording is named by. */
interface Named {
  readonly title: string
  readonly isrc?: string | null | undefined
}

/** A recording that passages of another are shared with. */
export interface SharedRecording extends Named {
  readonly id: RecordingId
  /** Until then it is unreleased. */
  readonly embargoUntil: Date | null
}

/**
 * A recording stands beside another when that one has so many times its evidence. Registrations of one master differ by
 * a few per cent; one that has the loop and what is around it has far more.
 */
const CLEARLY_BETTER = 1.25

/** Whether nothing in a match tells that this recording was copied and not another. */
export const isShared = (passages: readonly Pick<Passage, 'sharedWith'>[]): boolean =>
  passages.length > 0 && passages.every(({ sharedWith }) => sharedWith.length > 0)

/**
 * Which recordings, of those found in one suspect, are no find of their own: each of their passages is shared with one
 * recording that has clearly more evidence. Recordings that are about as good stand for themselves: what was copied
 * is for a person to say.
 *
 * @returns the better recording by the one that stands beside it; a better one never stands beside another itself.
 */
export function besideWhich(
  found: readonly Pick<FoundRecording, 'recordingId' | 'passages'>[],
): ReadonlyMap<RecordingId, RecordingId> {
  const ranked = found
    .map(({ recordingId, passages }) => ({ recordingId, passages, score: evidenceOf(passages) }))
    .toSorted((a, b) => b.score - a.score)
  const beside = new Map<RecordingId, RecordingId>()
  for (const { recordingId, passages, score } of ranked) {
    if (!isShared(passages)) continue
    const better = ranked.find(
      (other) =>
        other.score >= CLEARLY_BETTER * score &&
        // What is not the better one's own may well be this one's.
        !isWhollyExcluded(other.passages) &&
        passages.every(({ sharedWith }) => sharedWith.includes(other.recordingId)),
    )
    if (better) beside.set(recordingId, beside.get(better.recordingId) ?? better.recordingId)
  }
  return beside
}

const evidenceOf = (passages: readonly Pick<Passage, 'score'>[]): number =>
  passages.reduce((sum, { score }) => sum + score, 0)

/** `“One” (ISRC AA-6Q7-20-00047) and “Two”`. */
function namesOf(recordings: readonly Named[]): string {
  const names = recordings.map(({ title, isrc }) => `“${title}”${isrc ? ` (ISRC ${formatIsrc(isrc)})` : ''}`)
  const last = names.pop() ?? 'another recording'
  return names.length > 0 ? `${names.join(', ')} and ${last}` : last
}

/** `Shared passage`, `Shared passage 2`, `Shared passages 1, 2 and 5`. */
function passagesNamed(numbers: readonly number[]): string {
  const before = numbers.slice(0, -1).join(', ')
  const all = [before, numbers.at(-1)].filter(Boolean).join(' and ')
  return `Shared passage${numbers.length > 1 ? 's' : ''}${all && ` ${all}`}`
}

/**
 * What it means that passages are shared: a sentence or two for all that are shared with the same recordings.
 *
 * @param passages for each in its order the other recordings that have its audio, if there are any.
 * @param whose    catalogue: `your` to its owner, `the same` to others.
 */
export function sharedInWords(
  passages: readonly (readonly Named[] | undefined)[],
  whose: 'your' | 'the same',
): string[] {
  const groups = new Map<string, number[]>()
  for (const [index, others] of passages.entries()) {
    if (!others || others.length === 0) continue
    const names = namesOf(others)
    groups.set(names, [...(groups.get(names) ?? []), index + 1])
  }
  return [...groups].map(([names, numbers]) => {
    const alone = numbers.length > 1 ? 'These passages alone do' : 'This passage alone does'
    return (
      `${passagesNamed(passages.length > 1 ? numbers : [])}: the same audio is also in ${names} of ${whose} ` +
      `catalogue. ${alone} not tell which of them was copied.`
    )
  })
}
