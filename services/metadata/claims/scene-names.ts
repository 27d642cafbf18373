/** A name in the style of release groups: no spaces, hyphens between parts, underscores between words. */
export interface SceneName {
  readonly artist: string | undefined
  readonly title: string
  /** The title, should the last part be no group's name. */
  readonly longTitle: string
  readonly year: number | undefined
  readonly isTrack: boolean
}

const YEAR = /^(?:19|20)\d\d$/
const TRACK_NUMBER = /^\(?[a-d]?\d{1,3}\)?$/i
const PARTS_MAX = 20

/** What stands between title and group: source, kind, language, remarks. */
const TAGS = new Set(
  `web cd cds cdm cdr cdep cda 2cd 3cd vinyl vls lp ep single album mag tape dvd dvda dab cable sat line fm radio
  flac mp3 aac 24bit 16bit 44khz 48khz 96khz hires repack proper readnfo dirfix nfofix internal int promo advance
  retail bootleg ost score soundtrack remastered reissue deluxe de en fr es it pt nl pl ru jp se us uk ca bonus
  limited ltd edition mixtape demo whitelabel 12inch 7inch`.split(/\s+/),
)

const isTag = (part: string): boolean => TAGS.has(part.toLowerCase().replaceAll(/[()[\]_]/g, ''))

const words = (part: string): string => part.replaceAll('_', ' ').trim()

/**
 * Reads `01-artist-title-group`, `Artist-Title-WEB-2020-GROUP`, `VA-Title-2CD-1999-GROUP`.
 *
 * @returns undefined for names that do not look like this.
 */
export function readSceneName(name: string): SceneName | undefined {
  if (name.includes(' ') || !name.includes('-')) return undefined
  const parts = name.split('-', PARTS_MAX).filter(Boolean)
  const isTrack = TRACK_NUMBER.test(parts[0] ?? '') && parts.length >= 3
  if (isTrack) parts.shift()
  let year: number | undefined
  const group = parts.at(-1)
  let end = parts.length - 1
  // Artist and title stay, whatever they are called.
  while (end > 2 && (isTag(parts[end - 1]!) || YEAR.test(parts[end - 1]!))) {
    if (YEAR.test(parts[end - 1]!)) year ??= Number(parts[end - 1])
    end -= 1
  }
  const hasTags = end < parts.length - 1
  const [artist, ...rest] = parts.slice(0, end)
  if (artist === undefined || group === undefined || !(hasTags || isTrack)) return undefined
  // `01-artist-title`: without a group, or with it and without a title.
  const titleParts = rest.length === 0 ? [group] : rest
  return {
    artist: /^va(?:rious(?:_artists)?)?$/i.test(artist) ? undefined : words(artist),
    title: words(titleParts.join('-')),
    longTitle: words((hasTags || rest.length === 0 ? titleParts : [...rest, group]).join('-')),
    year,
    isTrack,
  }
}
