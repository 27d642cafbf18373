import { type RecordingRight, rightState, territoriesHeld, wholeRight } from '../catalog/rights.ts'
import type { NoticeWork } from './notice.ts'

type Authority = NoticeWork['authority']

const bases = {
  owner: 'owner',
  'exclusive-licensee': 'exclusive_licensee',
  agent: 'agent',
} as const satisfies Record<RecordingRight['role'], Authority['basis']>

/** The stronger basis first: what the owner says needs no further proof. */
const strength: readonly RecordingRight['role'][] = ['owner', 'exclusive-licensee', 'agent']

const isWorldwide = ({ territories }: RecordingRight): boolean => territories[0] === 'Worldwide'

const holdsIn = (right: RecordingRight, country: string): boolean =>
  isWorldwide(right)
    ? !right.excludedTerritories.includes(country)
    : (right.territories as readonly string[]).includes(country)

/** The last day on which a right counts: its own, or that of the document that proves it. */
const lastDayOf = ({ validTo, documentExpires }: RecordingRight): string | undefined =>
  [validTo, documentExpires].filter((day) => day !== null).toSorted()[0]

/**
 * The right under which a recording is claimed against a recipient. Where none was told the whole is held, everywhere.
 * Of several rights in force it is the one that holds in the recipient's country, else the widest; when none is in force
 * it is the last that was, so that what is wrong with it can be seen.
 *
 * @param day     ISO 8601.
 * @param country of the recipient, ISO 3166-1 alpha-2; undefined when it is not known.
 */
export function authorityOf(rights: readonly RecordingRight[], day: string, country?: string): Authority {
  const told = rights.length > 0 ? rights : [wholeRight]
  const inForce = told.filter((right) => rightState(right, day) === 'in-force')
  const rank = (right: RecordingRight): number[] => [
    country !== undefined && holdsIn(right, country) ? 0 : 1,
    isWorldwide(right) ? 0 : 1,
    strength.indexOf(right.role),
    -right.territories.length,
  ]
  const byRank = (a: RecordingRight, b: RecordingRight): number => {
    const [ranksA, ranksB] = [rank(a), rank(b)]
    return (
      ranksA.map((value, index) => value - (ranksB[index] ?? 0)).find((difference) => difference !== 0) ?? 0
    )
  }
  const latest = (a: RecordingRight, b: RecordingRight): number =>
    (lastDayOf(b) ?? '9999').localeCompare(lastDayOf(a) ?? '9999')
  const right = inForce.toSorted(byRank)[0] ?? told.toSorted(latest)[0] ?? wholeRight
  const validTo = lastDayOf(right)
  // What is asked is where it holds while it is in force, whether it is today or not.
  const territories = territoriesHeld(
    [{ ...right, validFrom: null, validTo: null, documentExpires: null }],
    day,
  )
  return {
    basis: bases[right.role],
    territories,
    ...(right.documentSha256 !== null && { documentSha256: right.documentSha256 }),
    ...(right.validFrom !== null && { validFrom: right.validFrom }),
    ...(validTo !== undefined && { validTo }),
  }
}
