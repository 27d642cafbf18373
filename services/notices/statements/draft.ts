import type { Regime, StatementCode } from '../notice.ts'

/**
 * The wording of one statement. `{rightsHolder}` and `{host}` stand for names; a wording for a regime comes before the
 * general one, and where a notice has several such regimes the first in this order holds.
 */
export interface Wording {
  readonly general: string
  readonly regimes?: readonly { readonly of: readonly Regime[]; readonly text: string }[]
}

/**
 * The statements in one language. TO BE APPROVED: each of them is a draft in our own words, which the lawyer of whoever
 * uses this service has to approve for the countries in which it is used.
 */
export interface StatementsDraft {
  /** Raised with every change of a wording: a signed notice says which wording it has. */
  readonly version: number
  /** Shown to the signer, in their language, above statements that nobody has made yet. */
  readonly note: string
  readonly wordings: Readonly<Record<StatementCode, Wording>>
}

/** Where the authority is declared under penalty of perjury, as 17 U.S.C. 512(c)(3)(A)(vi) asks. */
export const PERJURY: readonly Regime[] = ['US_512C', 'US_512D']
