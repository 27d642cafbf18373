import type { CaseState } from '../../matches/case.ts'
import type { NoticeFormat, Recipient } from '../../recipients/recipient.ts'
import type { NoticeDocument } from '../notice.ts'

/** What is known of one location when its notice is checked, beside what the document says. */
export interface PlaceFacts {
  readonly locationId: string
  readonly caseState: CaseState
  /** When it was last seen live; undefined when it never was, or was gone at the last look. */
  readonly liveAt: Date | undefined
  /** When its latest match was made. */
  readonly matchedAt: Date
  /** The latest exceptions review. */
  readonly review: { readonly at: Date; readonly outcome: 'not_excepted' | 'excepted' } | undefined
  /** Why nothing may be demanded there (services/case-standing.ts), in words for the holder. */
  readonly bar: string | undefined
  /** Number of the notice in which the same address is demanded of the same recipient already. */
  readonly demandedIn: string | undefined
  /** Evidence that no longer is what was recorded, by its kind. */
  readonly tampered: readonly string[]
  /** Another person looked at it as well: asked for at government and education hosts. */
  readonly secondLook: boolean
}

/** What is known of one work. */
export interface WorkFacts {
  readonly workId: string
  readonly publicDomain: boolean
  /** Its reference is too plain to be told from others with certainty, or all that was found is shared audio. */
  readonly indistinct: boolean
  /** Another account claims it as well. */
  readonly disputed: boolean
}

/** Everything that readiness and the good-faith gate are told by. */
export interface ReadinessSubject {
  /** As it would be signed, with the statements open. */
  readonly document: NoticeDocument
  readonly recipient: Recipient
  /** In which the notice is to go out first. */
  readonly format: NoticeFormat
  /** By locationId; every location of the document has its facts. */
  readonly places: ReadonlyMap<string, PlaceFacts>
  /** By workId. */
  readonly works: ReadonlyMap<string, WorkFacts>
  /** Lower-case domains of the account itself. */
  readonly ownDomains: readonly string[]
  readonly now: Date
}
