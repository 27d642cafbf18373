import type { Term } from './coverage.ts'
import type { TerritorySet } from './territory-set.ts'

/**
 * What a message of DDEX says, whatever its version, still in its own words: identifiers, dates and durations are text that
 * nobody has checked, parties are references.
 */
export interface ErnMessage {
  /** Name of each party by its reference (only ERN 4). */
  readonly parties: ReadonlyMap<string, string>
  /** ISWC of each musical work by its reference (only ERN 3.8). */
  readonly works: ReadonlyMap<string, string>
  readonly resources: readonly ErnResource[]
  readonly releases: readonly ErnRelease[]
  /** Undefined: the message has no list of deals, so it says nothing of rights. */
  readonly deals: readonly ErnReleaseDeal[] | undefined
  /** Date on which the message was written, by which its deals are in force or over. */
  readonly writtenOn: string | undefined
}

/** A party by name (ERN 3.8) or by reference to the list of parties (ERN 4). */
export interface ErnParty {
  readonly name?: string | undefined
  readonly reference?: string | undefined
}

export interface ErnArtist extends ErnParty {
  readonly featured: boolean
  /** Whether the role says so; others are credited, such as a composer. */
  readonly main: boolean
  readonly sequence: number
}

export interface ErnController extends ErnParty {
  readonly roles: readonly string[]
  readonly sharePercent: string | undefined
  /** Where and when the controller's rights are the sender's; undefined when the message does not limit them. */
  readonly granted: readonly Term[] | undefined
}

/** A SoundRecording or Video, or one edition of it. */
export interface ErnResource {
  readonly line: number
  /** Name of its element. */
  readonly element: string
  readonly reference: string | undefined
  /** Paths below the element that its version of the schema calls for and that are not there. */
  readonly missing: readonly string[]
  readonly isrc: string | undefined
  readonly ownId: string | undefined
  readonly iswcs: readonly string[]
  readonly workReferences: readonly string[]
  readonly title: string | undefined
  readonly subTitles: readonly string[]
  /** Such as `LiveVersion`, or the sender's own words. */
  readonly versionTypes: readonly string[]
  readonly artists: readonly ErnArtist[]
  /** All artists in one line. */
  readonly displayArtist: string | undefined
  readonly duration: string | undefined
  readonly pLine: string | undefined
  readonly pLineCompany: string | undefined
  readonly language: string | undefined
  readonly genre: string | undefined
  readonly parentalWarnings: readonly string[]
  readonly controllers: readonly ErnController[]
  readonly file: ErnFile | undefined
}

export interface ErnFile {
  readonly path: string
  readonly hashAlgorithm: string | undefined
  readonly hash: string | undefined
}

export interface ErnRelease {
  readonly reference: string | undefined
  /** The product; others hold one track of it, so that a deal can name the track. */
  readonly main: boolean
  readonly resourceReferences: readonly string[]
  readonly title: string | undefined
  readonly upc: string | undefined
  readonly grid: string | undefined
  readonly catalogNumber: string | undefined
  readonly label: ErnParty
  readonly releaseDate: string | undefined
  readonly cLine: string | undefined
  readonly genre: string | undefined
}

/** What the message grants of some releases. */
export interface ErnReleaseDeal {
  readonly releaseReferences: readonly string[]
  readonly terms: readonly Term[]
  /** Where the releases are to disappear. */
  readonly takenDown: readonly TerritorySet[]
  readonly policies: readonly string[]
  /** What of the deals could not be read, and so grants nothing. */
  readonly doubts: readonly string[]
}
