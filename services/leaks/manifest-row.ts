/** What became of a track when a leak was made, from the best for its makers to the least. */
export const trackStatuses = ['audio', 'sibling', 'planned', 'metadata', 'failed', 'unknown'] as const
/**
 * `audio`: its file was taken. `sibling`: another track with the same ISRC was, or one that the source names as its
 * alternative. `planned`: it stands on the list and was not taken yet. `metadata`: only told of. `failed`: it could not be taken.
 */
export type TrackStatus = (typeof trackStatuses)[number]

/** The codings that tell a tier: the original Vorbis 160, and Opus 75, which is smaller and worse. */
export const trackCodecs = ['unknown', 'vorbis-160', 'opus-75', 'other'] as const
export type TrackCodec = (typeof trackCodecs)[number]

/** Where a row stands in its manifest, so that whoever holds it can look it up. */
export interface RowLocator {
  /** From 1, without headers; in SQLite the rowid. */
  readonly row: number
  /** Which file of several, from 0. */
  readonly part: number
}

/**
 * What is kept of one row of a manifest; everything else is dropped while it is read. There is no room for users,
 * playlists or owners, and there never is.
 */
export interface ManifestRow {
  readonly locator: RowLocator
  /** As in services/metadata: 12 capital letters and digits; undefined where there is no usable one. */
  readonly isrc: string | undefined
  /** 8 to 14 digits with a right check digit. */
  readonly upc: string | undefined
  /** The source's own id of the track, and those that it names as alternatives. */
  readonly trackId: string | undefined
  readonly alternatives: readonly string[]
  readonly title: string | undefined
  readonly artists: readonly string[]
  readonly album: string | undefined
  readonly durationMs: number | undefined
  /** 0 to 100 as the source counts it. */
  readonly popularity: number | undefined
  readonly status: TrackStatus
  readonly codec: TrackCodec
  /** When the source's makers took it, milliseconds since 1970. */
  readonly takenAtMs: number | undefined
  /** SHA-256 as hex: of the file as it was, and with the tags that were added. */
  readonly sha256: readonly string[]
  /** Name or path of the file, for popularity folders and torrent listings. */
  readonly fileName: string | undefined
  /** Video ids and addresses, in data sets for training. */
  readonly address: string | undefined
}
