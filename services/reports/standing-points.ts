import { type Conflict, sameInWords } from '../catalog/conflicts.ts'
import { isEmbargoed } from '../catalog/embargo.ts'
import type { Recording } from '../catalog/recording.ts'
import type { OpenPoint } from './report.ts'

/** As many territories as are named; a report says how many more there are. */
const TERRITORIES_MAX = 20

/** `DE, US`, `Worldwide, except CA`; a long list is cut. */
function placesInWords(territories: readonly string[]): string {
  const named = territories.slice(0, TERRITORIES_MAX).join(', ')
  const more = territories.length - TERRITORIES_MAX
  return more > 0 ? `${named} and ${more} more` : named
}

function disputePoint({ sameIsrc, sameAudio, since, territories }: Conflict): OpenPoint {
  const same = sameInWords({ sameIsrc, sameAudio })
  return {
    code: 'ownership_disputed',
    pointer: '/works/0',
    todo:
      `Ownership in dispute: another account claims ${same} since ${since.toISOString().slice(0, 10)} ` +
      `(${placesInWords(territories)}). Settle whose it is before a notice is sent.`,
  }
}

/**
 * What speaks against a notice about a recording, beside what the report itself shows: no right in force today, another
 * account that claims it, and an embargo.
 *
 * A notice names the work to its recipient. Whether a leak of something unreleased is worth that is for a person to
 * decide, so an embargo is an open point until somebody makes the statements, and none of a report that is signed.
 *
 * @param conflicts those about the recording that have not ended.
 */
export function standingPoints(given: {
  readonly recording: Recording
  readonly conflicts: readonly Conflict[]
  readonly issuedAt: Date
  readonly signed: boolean
}): OpenPoint[] {
  const { recording, conflicts, issuedAt, signed } = given
  const points: OpenPoint[] = []
  if (recording.territories.length === 0) {
    const todo =
      'No right in this recording is in force today: every one has ended, has not begun, or is proved by a document ' +
      'that has expired. Renew what has expired before a notice is sent.'
    points.push({ code: 'right_not_in_force', pointer: '/works/0/territories', todo })
  }
  points.push(...conflicts.map(disputePoint))
  if (!signed && isEmbargoed(recording, issuedAt)) {
    const todo =
      'The recording is unreleased, and this report tells its recipient what it is called. Whoever signs decides that ' +
      'the copy is worth that.'
    points.push({ code: 'work_unreleased', pointer: '/works/0', todo })
  }
  return points
}
