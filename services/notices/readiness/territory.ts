import { expandTerritories, readTerritories } from '../../metadata/values/territories.ts'
import type { Regime } from '../notice.ts'

/** A law demands removal where it holds: somewhere there the right has to be held. */
const lands: Readonly<
  Record<Exclude<Regime, 'GENERIC'>, { readonly name: string; readonly codes: string[] }>
> = {
  US_512C: { name: 'the United States', codes: ['US'] },
  US_512D: { name: 'the United States', codes: ['US'] },
  EU_DSA_16: { name: 'the European Union', codes: readTerritories(['European Union']).territories },
  UK_ECR_22: { name: 'the United Kingdom', codes: ['GB'] },
  IN_RULE_75: { name: 'India', codes: ['IN'] },
}

/**
 * The territories of these laws in which nothing is held, by name and each once. Where a copy lies is seldom known, and
 * the law that is invoked says where its removal is demanded.
 *
 * @param territories two-letter codes, or `Worldwide`.
 */
export function landsNotHeld(territories: readonly string[], regimes: readonly Regime[]): string[] {
  const held = expandTerritories(territories, [])
  const missing = regimes.flatMap((regime) => {
    if (regime === 'GENERIC') return held.size > 0 ? [] : ['any country']
    const { name, codes } = lands[regime]
    return codes.some((code) => held.has(code)) ? [] : [name]
  })
  return [...new Set(missing)]
}
