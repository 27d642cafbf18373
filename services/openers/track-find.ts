import { addressIn, expectedRole, isLocalPath } from './address.ts'
import { named } from './find-name.ts'
import type { FoundLink, FoundName, OpeningSource } from './opener.ts'
import { placeName } from './place.ts'

/** An entry of a playlist, as it is written there. */
export interface PlaylistEntry {
  /** Address or path; undefined when the list only names the track. */
  readonly location: string | undefined
  readonly title: string | undefined
  readonly durationMs: number | undefined
  /** From 1, in the list. */
  readonly number: number
}

/** Longer than any recording: it is no duration. */
const DURATION_MAX_MS = 7 * 24 * 3_600_000

/** Milliseconds of a number of seconds as lists write it; undefined for -1 (not known) and for nonsense. */
export function durationOf(seconds: number): number | undefined {
  const durationMs = Math.round(seconds * 1_000)
  return durationMs > 0 && durationMs <= DURATION_MAX_MS ? durationMs : undefined
}

/**
 * A link where an entry has an address; else a name: lists also hold paths on the computer of whoever wrote them.
 *
 * @returns undefined for an entry that is the list itself, or nothing at all.
 */
export function trackFind(
  { location, title, durationMs, number }: PlaylistEntry,
  { url: own }: OpeningSource,
): FoundLink | FoundName | undefined {
  const place = `track ${number}`
  const url = location === undefined || isLocalPath(location) ? undefined : addressIn(location, own)
  if (url !== undefined && url === own) return undefined
  if (url !== undefined)
    return { kind: 'link', url, name: named(place, title), role: expectedRole(url) ?? 'media' }
  // Another scheme, or an address with a password: not even its words are of use.
  if (location !== undefined && /^[a-z][a-z0-9+.-]+:/i.test(location) && !isLocalPath(location))
    return undefined
  const file = location === undefined ? undefined : placeName(location.split(/[/\\]/).at(-1) ?? '')
  if (title === undefined && file === undefined) return undefined
  return {
    kind: 'listed',
    name: named(place, title ?? file),
    ...(durationMs !== undefined && { durationMs }),
  }
}
