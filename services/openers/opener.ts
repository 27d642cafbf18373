import type { Problem } from '../core/problem.ts'
import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import type { OpeningBudget } from './budget.ts'

/** A file that is opened: on disk, whole, and never changed. */
export interface OpeningSource {
  /** What it is called where it was found; a stranger's word, for people to read. */
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Where it was fetched from, after redirects: what relative addresses in it are relative to. */
  readonly url?: string | undefined
}

/** A file that lies inside; `read` gives its bytes once, and before the next find is asked for. */
export interface FoundFile {
  readonly kind: 'file'
  /** The path inside, made safe by `placeName`. */
  readonly name: string
  readonly read: () => AsyncIterable<Uint8Array>
}

/** What an address is expected to lead to; what it does lead to is told by its bytes. */
export type LinkRole = 'media' | 'stream' | 'cover' | 'list' | 'page' | 'unknown'

/** An address that is named inside, absolute, http or https. */
export interface FoundLink {
  readonly kind: 'link'
  readonly url: string
  /** Where in the source it is: `player 2 at 0:31`, `track 3`, or the title that it has there. */
  readonly name: string
  readonly role: LinkRole
  /** Whoever opens the page in a browser is sent there, without a click. */
  readonly forwards?: true | undefined
  /** Who put it there, as the source says. */
  readonly by?: SaidUploader | undefined
}

/** Something that is only named: a file of a torrent, a track of a cue sheet. Nothing of it is had. */
export interface FoundName {
  readonly kind: 'listed'
  readonly name: string
  readonly bytes?: number | undefined
  readonly durationMs?: number | undefined
}

/** One part of a stream that is served in parts; `range` in bytes, both ends within. */
export interface StreamSegment {
  readonly url: string
  readonly range?: { readonly from: number; readonly to: number } | undefined
  readonly durationMs: number
}

/** Parts that make one file when they are put behind each other. */
export interface FoundStream {
  readonly kind: 'stream'
  readonly name: string
  /** Comes before the segments, and before any that are taken alone. */
  readonly init?: Omit<StreamSegment, 'durationMs'> | undefined
  readonly segments: readonly StreamSegment[]
}

/** Something inside that cannot be had; everything else is opened all the same. */
export interface FoundFault {
  readonly kind: 'fault'
  readonly name: string
  readonly problem: Problem
}

export type Found = FoundFile | FoundLink | FoundName | FoundStream | FoundFault

/**
 * Tells what is inside a file of one kind, in its order, streaming. It trusts nothing: lengths, names, counts and
 * addresses in it are a stranger's.
 *
 * @throws {Problem} `open/…` when nothing more can be read from it; what was found before stays found. An abort throws
 *   its reason.
 */
export type Opener = (
  source: OpeningSource,
  budget: OpeningBudget,
  signal: AbortSignal,
) => AsyncIterable<Found>
