import type { Place } from './dump-rows.ts'
import type { LineView } from './leak-client.ts'

/** What is to be said of a recording in a place: the statuses that are right, and whether its part is published. */
const expected: Readonly<
  Record<Place, { readonly statuses: readonly LineView['status'][]; readonly isPublished: boolean }>
> = {
  audio: { statuses: ['audio'], isPublished: true },
  sibling: { statuses: ['audio', 'sibling'], isPublished: false },
  metadata: { statuses: ['metadata'], isPublished: false },
  names: { statuses: ['audio'], isPublished: false },
  'wrong-isrc': { statuses: [], isPublished: false },
  absent: { statuses: [], isPublished: false },
}

/** What is wrong with what an audit says of a recording, in words; empty when it is right. */
export function judgeLine(place: Place, line: LineView | undefined): readonly string[] {
  const { statuses, isPublished } = expected[place]
  if (!line) return statuses.length === 0 ? [] : ['not found in the leak, where it is']
  if (statuses.length === 0) return ['said to be in the leak, where it is not']
  const faults: string[] = []
  if (!statuses.includes(line.status)) faults.push(`“${line.status}” instead of “${statuses[0]}”`)
  if ((line.publishedOn !== null) !== isPublished)
    faults.push(isPublished ? 'not said to be published' : 'said to be published already')
  const byNames = line.foundBy === 'names'
  if (byNames !== (place === 'names')) faults.push(`found by ${line.foundBy}`)
  return faults
}

/** What there is in the leak, for people. */
export const placeWords: Readonly<Record<Place, string>> = {
  audio: 'its audio',
  sibling: 'its audio, with another track of its ISRC',
  metadata: 'that there is such a song',
  names: 'its audio, without an ISRC',
  'wrong-isrc': 'its ISRC on another song',
  absent: 'nothing',
}
