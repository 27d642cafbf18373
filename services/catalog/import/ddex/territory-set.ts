import { readTerritories, WORLDWIDE } from '../../../metadata/values/territories.ts'

/** These countries, or every country but these. */
export interface TerritorySet {
  readonly worldwide: boolean
  /** Alpha-2 codes: those that belong to it; of a worldwide set, those that do not. */
  readonly codes: ReadonlySet<string>
}

export const everywhere: TerritorySet = { worldwide: true, codes: new Set() }
const nowhere: TerritorySet = { worldwide: false, codes: new Set() }

/** Whether a country belongs to a set. What is no code of a country belongs to every worldwide set. */
export const has = (set: TerritorySet, code: string): boolean => set.worldwide !== set.codes.has(code)

/** Country of a part of one, such as ES of `ES-CN` (ISO 3166-2). */
const countryOfPart = (text: string): string | undefined => /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(text)?.[1]

/**
 * The territories that a message includes, or all less those that it excludes. What is not understood narrows: it is not
 * included; a part of a country is excluded with its country; anything else that is to be excluded leaves nothing.
 *
 * @returns the set, and the texts that were not understood.
 */
export function readTerritorySet(
  included: readonly string[],
  excluded: readonly string[],
): { set: TerritorySet; unknown: readonly string[] } {
  const yes = readTerritories(included)
  const no = readTerritories(excluded.map((text) => countryOfPart(text) ?? text))
  const unknown = [...yes.unknown, ...no.unknown]
  if (no.unknown.length > 0 || no.territories.includes(WORLDWIDE)) return { set: nowhere, unknown }
  const out = new Set(no.territories)
  const all = yes.territories.includes(WORLDWIDE) || (included.length === 0 && excluded.length > 0)
  const codes = all ? out : new Set(yes.territories.filter((code) => !out.has(code)))
  return { set: { worldwide: all, codes }, unknown }
}
