import { expandTerritories, WORLDWIDE } from '../../../metadata/values/territories.ts'
import type { ImportedRecording, ImportedRights } from '../entry.ts'
import { quoted, readShare, type RowChecks } from '../row-checks.ts'
import { type Coverage, coverageOf } from './coverage.ts'
import type { ErnController, ErnReleaseDeal, ErnResource } from './message.ts'
import { EARLIEST, LATEST } from './period.ts'
import { everywhere } from './territory-set.ts'

/** Column of what is said about rights. */
const COLUMN = 'ReleaseDeal'

/** The deals of the releases that some recordings are on, together. */
export interface Deals extends Omit<ErnReleaseDeal, 'releaseReferences'> {
  /** What they came to, by what limits them: the recordings of an album mostly share it. */
  readonly coverages: Map<string, Coverage>
}

/** Deals together: each adds to the others, but for what it takes down. */
export const joinDeals = (deals: readonly ErnReleaseDeal[]): Deals => ({
  terms: deals.flatMap(({ terms }) => terms),
  takenDown: deals.flatMap(({ takenDown }) => takenDown),
  policies: [...new Set(deals.flatMap(({ policies }) => policies))],
  doubts: [...new Set(deals.flatMap(({ doubts }) => doubts))],
  coverages: new Map(),
})

/** As if everything was granted, for a message that has no deals but says what the controller has. */
const noDeals = (): Deals => ({
  ...joinDeals([]),
  terms: [{ territories: everywhere, period: { from: EARLIEST, to: LATEST } }],
})

/** Who decides over a recording comes before who administers its rights, and last who is only paid. */
const roleRank = ['RightsHolder', 'RightsController', 'RightsAdministrator', 'AdministratingRecordCompany']

/** What a role of DDEX is here. A controller may be owner or licensee; the message does not say which. */
const roleOf = (roles: readonly string[]): ImportedRights['role'] => {
  if (roles.includes('RightsHolder')) return 'owner'
  return roles.includes('RightsAdministrator') || roles.includes('AdministratingRecordCompany')
    ? 'agent'
    : undefined
}

const rankOf = ({ roles }: ErnController): number =>
  Math.min(...roles.map((role) => roleRank.indexOf(role)).filter((rank) => rank >= 0), roleRank.length)

/** The controller whose rights are registered; what others have is told as left out. */
export function mainController(resource: ErnResource, checks: RowChecks): ErnController | undefined {
  const sorted = resource.controllers.toSorted((a, b) => rankOf(a) - rankOf(b))
  const [first] = sorted
  const others = new Set(sorted.map(({ name, reference }) => name ?? reference))
  if (others.size > 1)
    checks.add(
      'warning',
      `${resource.element}/RightsController`,
      'too-many',
      `${others.size} parties control rights; the first by its role is kept`,
    )
  return first
}

/** Each controller may be named once for each territory or share. */
const grantsOf = (resource: ErnResource, controller: ErnController | undefined): ErnController['granted'] => {
  const same = resource.controllers.filter(
    ({ name, reference }) => name === controller?.name && reference === controller?.reference,
  )
  return same.some(({ granted }) => granted === undefined) || same.length === 0
    ? undefined
    : same.flatMap(({ granted = [] }) => granted)
}

function shareOf(checks: RowChecks, controller: ErnController | undefined): number | undefined {
  const text = controller?.sharePercent
  if (text === undefined) return undefined
  const share = readShare(text)
  if (share === undefined)
    checks.add(
      'warning',
      'RightSharePercentage',
      'malformed',
      `${quoted(text)} is no share of 0.01 to 100 percent`,
    )
  return share
}

const placed = ({
  territories,
  excludedTerritories,
}: Coverage): Pick<ImportedRights, 'territories' | 'excludedTerritories'> => ({
  territories,
  excludedTerritories,
})

/** Rights in no territory: a catalogue keeps at least one, so every single one is excluded. */
const nowhere: ReturnType<typeof placed> = {
  territories: [WORLDWIDE],
  excludedTerritories: [...expandTerritories([WORLDWIDE], [])].toSorted(),
}

const dated = ({ period }: Coverage): Pick<ImportedRights, 'validFrom' | 'validTo'> => ({
  ...(period.from !== EARLIEST && { validFrom: period.from }),
  ...(period.to !== LATEST && { validTo: period.to }),
})

/** What deals come to within limits, computed once for each. */
function coverageWithin(deals: Deals, limits: ErnController['granted'], today: string | undefined): Coverage {
  const key = JSON.stringify(
    limits?.map(({ territories, period }) => [territories.worldwide, [...territories.codes], period]) ?? null,
  )
  const coverage = deals.coverages.get(key) ?? coverageOf(deals.terms, limits, deals.takenDown, today)
  deals.coverages.set(key, coverage)
  return coverage
}

/**
 * The rights that a message tells of one recording: those that its controller has, where the deals of its releases are. Deals
 * of other releases do not count, and a message with deals of which none reaches the recording says that there is nothing.
 *
 * @param deals those of the releases that the recording is on; undefined when the message has no list of deals.
 * @param today date of the message, if it is known: what is in force on it is told before other things.
 * @returns undefined when the message says nothing of where and when; with every territory excluded when it says nowhere.
 */
export function rightsOf(
  resource: ErnResource,
  controller: ErnController | undefined,
  deals: Deals | undefined,
  today: string | undefined,
  checks: RowChecks,
): ImportedRights | undefined {
  const limits = grantsOf(resource, controller)
  if (!deals && !limits) return undefined
  const coverage = coverageWithin(deals ?? noDeals(), limits, today)
  for (const doubt of deals?.doubts ?? []) checks.add('warning', COLUMN, 'unknown-value', doubt)
  if (coverage.territories.length === 0)
    checks.add('warning', COLUMN, 'missing', 'no deal of the message gives rights in this recording anywhere')
  else if (coverage.more)
    checks.add(
      'warning',
      COLUMN,
      'too-many',
      'rights differ by territory and time; the widest in force are kept',
    )
  const role = roleOf(controller?.roles ?? [])
  const sharePercent = shareOf(checks, controller)
  return {
    ...(role && { role }),
    ...(sharePercent !== undefined && { sharePercent }),
    ...(coverage.territories.length > 0 ? placed(coverage) : nowhere),
    ...dated(coverage),
  }
}

/** What is to happen with copies; to earn from them or to be told of them is to let them be. */
const policies: Readonly<Record<string, NonNullable<ImportedRecording['policy']>>> = {
  BlockAccess: 'block',
  Monetize: 'monitor',
  ReportUsage: 'monitor',
}

/** The mildest policy of all deals: nothing is blocked that a deal lets be. */
export function policyOf(deals: Deals | undefined, checks: RowChecks): ImportedRecording['policy'] {
  const told = new Set<ImportedRecording['policy']>()
  for (const policy of deals?.policies ?? [])
    if (Object.hasOwn(policies, policy)) told.add(policies[policy])
    else
      checks.add(
        'warning',
        'RightsClaimPolicyType',
        'unknown-value',
        `${quoted(policy)} is no policy that is known`,
      )
  if (told.has('monitor')) return 'monitor'
  return told.has('block') ? 'block' : undefined
}
