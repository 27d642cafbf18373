import { common, contains, daysOf, EARLIEST, LATEST, type Period, union } from './period.ts'
import { has, type TerritorySet } from './territory-set.ts'

/** Something that holds in some territories for some time. */
export interface Term {
  readonly territories: TerritorySet
  readonly period: Period
}

/** Different periods that are looked at, so that time stays bounded. A message has two or three. */
const PERIODS_MAX = 30

/** Stands for every territory that no term names. */
const ELSEWHERE = '*'

/** The largest part of what terms cover that one set of territories and one period can say. */
export interface Coverage {
  readonly territories: readonly string[]
  readonly excludedTerritories: readonly string[]
  readonly period: Period
  /** Whether terms cover more than that. */
  readonly more: boolean
}

const bothOf = (a: readonly Period[], b: readonly Period[]): Period[] =>
  a.flatMap((one) => b.flatMap((other) => common(one, other) ?? []))

/** What is granted, by territory. */
interface Granted {
  readonly territory: string
  readonly periods: readonly Period[]
}

/** Periods of each territory. A deal for each country is usual, so the terms are not asked one by one for each. */
function periodsByTerritory(terms: readonly Term[]): (territory: string) => Period[] {
  const worldwide = terms.filter(({ territories }) => territories.worldwide)
  const byCode = new Map<string, Period[]>()
  for (const { territories, period } of terms)
    if (!territories.worldwide)
      for (const code of territories.codes) {
        const periods = byCode.get(code)
        if (periods) periods.push(period)
        else byCode.set(code, [period])
      }
  return (territory) =>
    union([
      ...(byCode.get(territory) ?? []),
      ...worldwide.filter(({ territories }) => has(territories, territory)).map(({ period }) => period),
    ])
}

/** In force before not yet begun before over. */
const standing = ({ from, to }: Period, today: string | undefined): number => {
  if (today === undefined || (from <= today && today <= to)) return 2
  return from > today ? 1 : 0
}

/** The most worth telling: those in force first, the longest first. */
const foremost = (periods: readonly Period[], today: string | undefined): Period[] =>
  periods
    .map((period) => ({ period, rank: standing(period, today), days: daysOf(period) }))
    .toSorted((a, b) => b.rank - a.rank || b.days - a.days)
    .slice(0, PERIODS_MAX)
    .map(({ period }) => period)

const distinct = (periods: readonly Period[]): Period[] => [
  ...new Map(periods.map((period) => [`${period.from}/${period.to}`, period])).values(),
]

/** Terms of the periods that are looked at. To leave out a term is to grant less, never more. */
function withFewPeriods(terms: readonly Term[], today: string | undefined): readonly Term[] {
  const periods = distinct(terms.map(({ period }) => period))
  if (periods.length <= PERIODS_MAX) return terms
  const kept = foremost(periods, today)
  return terms.filter(({ period }) => kept.some(({ from, to }) => from === period.from && to === period.to))
}

/** How good a period is to be told: its standing, then how many territories it is for, then how long it is. */
const worth = (period: Period, territories: readonly string[], today: string | undefined): number[] => [
  standing(period, today),
  territories.includes(ELSEWHERE) ? 1 : 0,
  territories.length,
  daysOf(period),
]

const isBetter = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, i) => value !== b[i])
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0)
}

/**
 * Where and when something is granted, as one set of territories and one period. When territories have different periods,
 * the part that is in force today is told and the rest is left out: what is told is never more than what was granted.
 *
 * @param granted adds up.
 * @param within limits that, when given; adds up as well.
 * @param withdrawn takes away, for good.
 * @param today ISO 8601 date; undefined when it is not known.
 */
export function coverageOf(
  granted: readonly Term[],
  within: readonly Term[] | undefined,
  withdrawn: readonly TerritorySet[],
  today: string | undefined,
): Coverage {
  const named = [
    ELSEWHERE,
    ...new Set([
      ...[...granted, ...(within ?? [])].flatMap(({ territories }) => [...territories.codes]),
      ...withdrawn.flatMap((set) => [...set.codes]),
    ]),
  ]
  const grantedIn = periodsByTerritory(withFewPeriods(granted, today))
  const limitedTo = within && periodsByTerritory(withFewPeriods(within, today))
  const found = named
    .filter((territory) => !withdrawn.some((set) => has(set, territory)))
    .map((territory): Granted => {
      const periods = grantedIn(territory)
      return { territory, periods: limitedTo ? bothOf(periods, limitedTo(territory)) : periods }
    })
    .filter(({ periods }) => periods.length > 0)

  return widest(found, named, today)
}

function widest(found: readonly Granted[], named: readonly string[], today: string | undefined): Coverage {
  const candidates = foremost(distinct(found.flatMap(({ periods }) => periods)), today)
  let best = { period: { from: EARLIEST, to: LATEST }, territories: [] as readonly string[], worth: [-1] }
  for (const period of candidates) {
    const territories = found
      .filter(({ periods }) => periods.some((one) => contains(one, period)))
      .map(({ territory }) => territory)
    const value = worth(period, territories, today)
    if (isBetter(value, best.worth)) best = { period, territories, worth: value }
  }
  const told = new Set(best.territories)
  const codes = named.filter((territory) => territory !== ELSEWHERE).toSorted()
  return {
    period: best.period,
    territories: told.has(ELSEWHERE) ? ['Worldwide'] : codes.filter((code) => told.has(code)),
    excludedTerritories: told.has(ELSEWHERE) ? codes.filter((code) => !told.has(code)) : [],
    more: found.some(
      ({ territory, periods }) =>
        !told.has(territory) ||
        periods.some(
          (period) => !contains(best.period, period) && (today === undefined || period.to >= today),
        ),
    ),
  }
}
