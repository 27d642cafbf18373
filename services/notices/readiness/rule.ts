import type { NoticeLocation, OpenPoint, Regime } from '../notice.ts'
import type { PlaceFacts, ReadinessSubject, WorkFacts } from './subject.ts'

export type RuleId =
  | 'R01'
  | 'R02'
  | 'R03'
  | 'R04'
  | 'R05'
  | 'R06'
  | 'R07'
  | 'R08'
  | 'R09'
  | 'R10'
  | 'R11'
  | 'R12'
  | 'R13'
  | 'R14'
  | 'R15'
  | 'R16'
  | 'R17'

/** What a rule finds open; for machines by its code, for people by what to do. */
export type ReadinessCode =
  | 'work_not_identified'
  | 'location_not_specific'
  | 'match_missing'
  | 'capture_stale'
  | 'authorised_use'
  | 'contact_incomplete'
  | 'authority_expired'
  | 'authority_scope'
  | 'signatory_required'
  | 'statement_missing'
  | 'exceptions_review_missing'
  | 'dsa_fields_missing'
  | 'in_rule75_fields_missing'
  | 'duplicate_notice'
  | 'recipient_stale'
  | 'recipient_unreachable'
  | 'recipient_paused'
  | 'recipient_unsuitable'
  | 'batch_too_large'
  | 'mixed_hosts'
  | 'language_not_accepted'
  | 'format_not_accepted'
  | 'evidence_tampered'
  | 'territory_not_owned'

/** An open point before it has the number of its rule. */
export interface Finding extends Omit<OpenPoint, 'rule'> {
  readonly code: ReadinessCode
}

/** One rule of readiness: pure, it names everything that is open at once. */
export interface Rule {
  readonly rule: RuleId
  /** It is asked where the notice rests on one of these laws; without them, always. */
  readonly regimes?: readonly Regime[]
  readonly check: (subject: ReadinessSubject) => Finding[]
}

export const US_REGIMES: readonly Regime[] = ['US_512C', 'US_512D']

/** What keeps the words of others within a todo, which is a sentence. */
const QUOTED_CHARACTERS_MAX = 300

/** Words of others as they fit into a todo. */
export const quoted = (text: string): string =>
  text.length > QUOTED_CHARACTERS_MAX
    ? `${text.slice(0, QUOTED_CHARACTERS_MAX - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    : text

/** Each location of the document with its facts and its place in it. */
export const placesOf = ({
  document,
  places,
}: Pick<ReadinessSubject, 'document' | 'places'>): {
  location: NoticeLocation
  facts: PlaceFacts
  pointer: string
}[] =>
  document.locations.map((location, index) => {
    const facts = places.get(location.locationId)
    if (!facts) throw new Error(`No facts of location ${location.locationId}`)
    return { location, facts, pointer: `/locations/${index}` }
  })

/** Each work of the document with its facts and its place in it. */
export const worksOf = ({
  document,
  works,
}: Pick<ReadinessSubject, 'document' | 'works'>): {
  work: ReadinessSubject['document']['works'][number]
  facts: WorkFacts
  pointer: string
}[] =>
  document.works.map((work, index) => {
    const facts = works.get(work.workId)
    if (!facts) throw new Error(`No facts of work ${work.workId}`)
    return { work, facts, pointer: `/works/${index}` }
  })

/** The host of an address, in lower case and without a root dot; undefined where it has none, as a magnet link. */
export function hostOfAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const host = new URL(address).hostname.toLowerCase().replace(/\.$/, '')
  return host === '' ? undefined : host
}
