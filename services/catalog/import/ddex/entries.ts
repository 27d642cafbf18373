import { parseDuration } from '../../../metadata/values/durations.ts'
import { entryLimits } from '../entry-limits.ts'
import type { ImportedRecording, ImportedRelease, ImportEntry } from '../entry.ts'
import { present, quoted, RowChecks } from '../row-checks.ts'
import type {
  ErnArtist,
  ErnFile,
  ErnMessage,
  ErnParty,
  ErnRelease,
  ErnReleaseDeal,
  ErnResource,
} from './message.ts'
import { type Deals, joinDeals, mainController, policyOf, rightsOf } from './rights.ts'

/** A recording on more releases of one message than this is taken to be on the first of them. */
const RELEASES_MAX = 50

/** A message with what its parts refer to each other by. */
interface Context {
  readonly message: ErnMessage
  readonly releasesByResource: ReadonlyMap<string, readonly ErnRelease[]>
  /** Deals with their number, by release. */
  readonly dealsByRelease: ReadonlyMap<string, readonly (readonly [number, ErnReleaseDeal])[]>
  /** Deals that were joined already, by their numbers. */
  readonly joined: Map<string, Deals>
}

/** Things by each of their references. */
function groupBy<Thing>(
  things: readonly Thing[],
  referencesOf: (thing: Thing) => readonly string[],
): Map<string, Thing[]> {
  const groups = new Map<string, Thing[]>()
  for (const thing of things)
    for (const reference of new Set(referencesOf(thing))) {
      const group = groups.get(reference)
      if (group) group.push(thing)
      else groups.set(reference, [thing])
    }
  return groups
}

const nameOf = ({ message }: Context, party: ErnParty): string | undefined =>
  party.name ?? message.parties.get(party.reference ?? '')

/** Artists by their place; all that are not featured when none is marked as main. */
function namesOf(
  context: Context,
  resource: ErnResource,
  checks: RowChecks,
): Pick<ImportedRecording, 'artists' | 'featured'> {
  const column = `${resource.element}/DisplayArtist`
  const sorted = resource.artists.toSorted((a, b) => a.sequence - b.sequence)
  for (const { name, reference } of sorted)
    if (name === undefined && !context.message.parties.has(reference ?? ''))
      checks.add('warning', column, 'unknown-value', `no party has the reference ${quoted(reference ?? '')}`)
  const named = (artists: readonly ErnArtist[]): string[] =>
    artists.flatMap((artist) => nameOf(context, artist) ?? [])
  const credited = sorted.filter(({ featured }) => !featured)
  const main = named(credited.filter((artist) => artist.main))
  const all = main.length > 0 ? main : named(credited)
  const shown = resource.displayArtist === undefined ? [] : [resource.displayArtist]
  const told = all.length > 0 ? all : shown
  if (told.length === 0) checks.add('error', column, 'missing', 'a recording needs an artist')
  const artists = checks.artists('error', column, told)
  const featured = checks
    .artists('warning', column, named(sorted.filter((artist) => artist.featured)))
    .filter((name) => !artists.includes(name))
  return { artists, ...(featured.length > 0 && { featured }) }
}

/** `LiveVersion` as words; what only says that there is nothing special about the version is left out. */
const versionWords = (type: string): string[] =>
  /^(OriginalVersion|Original|Unknown|StandardVersion)?$/.test(type)
    ? []
    : [type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')]

/** Subtitles, then kinds of version that these do not name yet: `Delhi 2019, Live Version`. */
function versionOf(resource: ErnResource): string | undefined {
  const told = resource.subTitles.join(', ')
  const first = (words: string): string => words.split(' ', 1)[0]?.toLowerCase() ?? ''
  const added = resource.versionTypes
    .flatMap(versionWords)
    .filter((words) => !told.toLowerCase().includes(first(words)))
  return [told, ...new Set(added)].filter((part) => part !== '').join(', ') || undefined
}

const explicitOf = ({ parentalWarnings }: ErnResource): boolean | undefined => {
  if (parentalWarnings.includes('Explicit')) return true
  return parentalWarnings.some((type) => ['NotExplicit', 'ExplicitContentEdited', 'Edited'].includes(type))
    ? false
    : undefined
}

/** Where the audio lies: only a path beside or below the message. */
function referenceOf(file: ErnFile, checks: RowChecks): ImportedRecording['reference'] {
  const path = file.path.replaceAll('\\', '/').replace(/^(\.\/)+/, '')
  const outside =
    /^([a-z][a-z0-9+.-]*:|\/)/i.test(path) || path.split('/').includes('..') || /\p{Cc}/u.test(path)
  if (outside || path.length > entryLimits.pathCharacters) {
    checks.add('warning', 'File', 'malformed', `${quoted(file.path)} is no path beside the message`)
    return undefined
  }
  const hash = file.hash?.toLowerCase() ?? ''
  const sha256 = /^SHA-?(2-)?256$/i.test(file.hashAlgorithm ?? '') && /^[0-9a-f]{64}$/.test(hash)
  return { file: path, ...(sha256 && { sha256: hash }) }
}

/** The release that a recording came out on, as far as it can be used: what is wrong with it does not stop the recording. */
function releaseOf(
  context: Context,
  release: ErnRelease | undefined,
  checks: RowChecks,
): ImportedRelease | undefined {
  const title = checks.text('warning', 'Release/DisplayTitle', release?.title, entryLimits.titleCharacters)
  if (!release || title === undefined) return undefined
  return present({
    title,
    upc: checks.identifier('warning', 'Release/ReleaseId/ICPN', 'upc', release.upc),
    grid: checks.identifier('warning', 'Release/ReleaseId/GRid', 'grid', release.grid),
    catalogNumber: checks.text(
      'warning',
      'Release/ReleaseId/CatalogNumber',
      release.catalogNumber,
      entryLimits.catalogNumberCharacters,
    ),
    label: checks.text(
      'warning',
      'Release/Label',
      nameOf(context, release.label),
      entryLimits.labelCharacters,
    ),
    releaseDate: checks.day('Release/ReleaseDate', release.releaseDate),
    cLine: checks.text('warning', 'Release/CLine', release.cLine, entryLimits.lineCharacters),
  })
}

/** The deals of some releases, joined once for all recordings that have the same. */
function dealsOf({ dealsByRelease, joined }: Context, releases: readonly ErnRelease[]): Deals {
  const found = new Map(releases.flatMap(({ reference = '' }) => dealsByRelease.get(reference) ?? []))
  const key = [...found.keys()].toSorted((a, b) => a - b).join()
  const deals = joined.get(key) ?? joinDeals([...found.values()])
  joined.set(key, deals)
  return deals
}

/** What a message says of one recording, and what its releases and deals add. */
function entryOf(context: Context, resource: ErnResource): ImportEntry {
  const { message, releasesByResource } = context
  const checks = new RowChecks(resource.line)
  const { element } = resource
  for (const path of resource.missing)
    checks.add('error', `${element}/${path}`, 'missing', 'the schema of the message calls for it')
  const releases = (releasesByResource.get(resource.reference ?? '') ?? []).slice(0, RELEASES_MAX)
  const release = releases.find(({ main }) => main) ?? releases[0]
  const deals = message.deals && dealsOf(context, releases)
  const controller = mainController(resource, checks)
  const iswcs = [
    ...resource.iswcs,
    ...resource.workReferences.flatMap((reference) => message.works.get(reference) ?? []),
  ]
  if (new Set(iswcs).size > 1)
    checks.add('warning', `${element}/ISWC`, 'too-many', `${iswcs.length} works; the first is kept`)

  const title = checks.title(`${element}/DisplayTitle`, resource.title)
  const recording = present<ImportedRecording>({
    title: title ?? '',
    version: checks.text(
      'warning',
      `${element}/SubTitle`,
      versionOf(resource),
      entryLimits.versionCharacters,
    ),
    ...namesOf(context, resource, checks),
    isrc: checks.identifier('error', `${element}/ISRC`, 'isrc', resource.isrc),
    iswc: checks.identifier('warning', `${element}/ISWC`, 'iswc', iswcs[0]),
    durationMs: durationOf(resource, checks),
    rightsHolder: checks.text(
      'warning',
      `${element}/RightsController`,
      controller ? nameOf(context, controller) : resource.pLineCompany,
      entryLimits.rightsHolderCharacters,
    ),
    pLine: checks.text('warning', `${element}/PLine`, resource.pLine, entryLimits.lineCharacters),
    language: checks.language(`${element}/LanguageOfPerformance`, resource.language),
    genre: checks.text('warning', 'Genre', resource.genre ?? genreOf(releases), entryLimits.genreCharacters),
    explicit: explicitOf(resource),
    ownId: checks.text('warning', `${element}/ProprietaryId`, resource.ownId, entryLimits.ownIdCharacters),
    release: releaseOf(context, release, checks),
    rights: rightsOf(resource, controller, deals, message.writtenOn, checks),
    policy: policyOf(deals, checks),
    reference: resource.file && referenceOf(resource.file, checks),
  })
  const { row, errors, warnings } = checks
  return errors.length > 0 ? { kind: 'error', row, errors } : { kind: 'recording', row, recording, warnings }
}

function durationOf({ element, duration }: ErnResource, checks: RowChecks): number | undefined {
  const durationMs = duration === undefined ? undefined : parseDuration(duration)
  // A duration of nothing is how senders say that they do not know it.
  if (duration !== undefined && durationMs === undefined)
    checks.add(
      /^PT?(?:0+(?:\.0+)?[HMS])+$/.test(duration) ? 'warning' : 'error',
      `${element}/Duration`,
      'malformed',
      `${quoted(duration)} is no duration from a millisecond to a day, such as PT3M45S`,
    )
  return durationMs
}

const genreOf = (releases: readonly ErnRelease[]): string | undefined =>
  releases.find(({ genre }) => genre !== undefined)?.genre

/** Every recording of a message, in its order: registered, or why it cannot be. */
export function entriesOf(message: ErnMessage): readonly ImportEntry[] {
  const context: Context = {
    message,
    releasesByResource: groupBy(message.releases, ({ resourceReferences }) => resourceReferences),
    dealsByRelease: groupBy([...(message.deals ?? []).entries()], ([, deal]) => deal.releaseReferences),
    joined: new Map(),
  }
  return message.resources.map((resource) => entryOf(context, resource))
}
