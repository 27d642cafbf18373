import type { KnownPlace } from './xarf/type-of-place.ts'

/** A recording's reference as other matching systems may take it. */
export interface ReferenceFingerprint {
  readonly fingerprint: Uint8Array
  readonly engineVersion: number
}

/** What some formats can say beside what the document says. */
export interface RenderFacts {
  /** The canonical text as it was frozen; made anew when it is not given. */
  readonly documentText?: string
  /** Of that text; reckoned anew when it is not given. */
  readonly documentSha256?: string
  /** By workId, for the stay-down package. */
  readonly referenceFingerprints?: ReadonlyMap<string, ReferenceFingerprint>
  /** By locationId, for XARF. */
  readonly places?: ReadonlyMap<string, KnownPlace>
  /** When the notice was first sent; Lumen wants to know. */
  readonly sentAt?: Date
}
