import type { Term } from './coverage.ts'
import { termsOf, territoriesOf, textsAt } from './elements.ts'
import type { ErnReleaseDeal } from './message.ts'
import { everywhere, type TerritorySet } from './territory-set.ts'
import { childrenOf, textAt, type XmlElement } from './xml.ts'

/** Different terms that are read of one ReleaseDeal. A price for each country in each commercial model makes some 700. */
const TERMS_MAX = 1000

/** What is doubtful of the deals of a release is told up to here. */
const DOUBTS_MAX = 10

/** Terms that say the same in other commercial models count once. */
const distinct = (terms: readonly Term[]): Term[] => [
  ...new Map(
    terms.map((term) => {
      const { territories, period } = term
      const codes = [...territories.codes].toSorted().join(',')
      return [`${territories.worldwide} ${codes} ${period.from} ${period.to}`, term]
    }),
  ).values(),
]

/**
 * Reads a ReleaseDeal, which all versions write alike. Where it may be sold, streamed or claimed is where the sender says to
 * have the rights. What is not understood grants nothing.
 */
export function readReleaseDeal(element: XmlElement): ErnReleaseDeal {
  const granted: Term[] = []
  const takenDown: TerritorySet[] = []
  const doubts: string[] = []
  const policies = new Set<string>()
  for (const deal of childrenOf(element, 'Deal')) {
    const [terms] = childrenOf(deal, 'DealTerms')
    if (!terms) {
      doubts.push(`the deal of line ${deal.line} has no terms`)
      continue
    }
    const where = territoriesOf(terms, 'TerritoryCode', 'ExcludedTerritoryCode')
    if (textAt(terms, 'TakeDown') === 'true') {
      takenDown.push(where.doubts.length > 0 ? everywhere : where.set)
      continue
    }
    const periods = childrenOf(terms, 'ValidityPeriod')
    const read = termsOf(where.set, periods.length > 0 ? periods : [undefined])
    granted.push(...read.terms)
    doubts.push(
      ...[...where.doubts, ...read.doubts].map((doubt) => `the deal of line ${deal.line}: ${doubt}`),
    )
    for (const policy of textsAt(terms, 'RightsClaimPolicy', 'RightsClaimPolicyType')) policies.add(policy)
  }
  const terms = distinct(granted)
  if (terms.length > TERMS_MAX)
    doubts.push(`line ${element.line} has ${terms.length} different terms, of which ${TERMS_MAX} are read`)
  return {
    releaseReferences: textsAt(element, 'DealReleaseReference'),
    terms: terms.slice(0, TERMS_MAX),
    takenDown,
    policies: [...policies],
    doubts: doubts.slice(0, DOUBTS_MAX),
  }
}
