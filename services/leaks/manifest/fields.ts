import { z } from 'zod'

/** What is read of a row, by the name of our field. There is none for users, owners or playlists. */
export const manifestFields = [
  'isrc',
  'upc',
  'trackId',
  'alternatives',
  'title',
  'artists',
  'album',
  'durationMs',
  'durationS',
  'popularity',
  'status',
  'codec',
  'bitRateKbit',
  'takenAt',
  'sha256',
  'fileName',
  'address',
] as const
export type ManifestField = (typeof manifestFields)[number]

/**
 * Which columns, or paths of an object's keys with dots between them, a field is read from; the first that has a value
 * counts, and of hashes all.
 */
export const ManifestMapping = z.partialRecord(
  z.enum(manifestFields),
  z.union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1).max(10)]),
)
export type ManifestMapping = z.infer<typeof ManifestMapping>

/** The names that are known: those of the schema published in December 2025, and what other lists call the same. */
export const knownNames: Readonly<Record<ManifestField, readonly string[]>> = {
  isrc: ['external_id_isrc', 'isrc', 'external_ids.isrc', 'track.external_ids.isrc', 'ISRC'],
  upc: ['external_id_upc', 'external_id_ean', 'upc', 'ean', 'barcode', 'album.external_ids.upc', 'UPC'],
  trackId: ['track_id', 'spotify_id', 'id'],
  alternatives: ['alternatives'],
  title: ['name', 'title', 'track_name', 'song', 'original_title', 'Title'],
  artists: ['artists', 'artist', 'artist_name', 'artist_names', 'Artist'],
  album: ['album_name', 'album', 'album.name', 'release', 'Album'],
  durationMs: ['duration_ms', 'durationMs', 'length_ms'],
  durationS: ['duration', 'duration_s', 'length'],
  popularity: ['track_popularity', 'popularity'],
  status: ['status'],
  codec: ['codec', 'format'],
  bitRateKbit: ['reencoded_kbit_vbr'],
  takenAt: ['fetched_at', 'taken_at'],
  sha256: ['sha256_with_embedded_meta', 'sha256_original', 'sha256'],
  fileName: ['filename', 'file_name', 'path', 'file'],
  address: ['url', 'link', 'webpage_url', 'video_id', 'youtube_id'],
}

/** The paths of every field: those of a mapping, or else the known ones. */
export type FieldPaths = Readonly<Record<ManifestField, readonly (readonly string[])[]>>

/** The paths to read each field from. A mapping takes the place of the known names of the fields that it names. */
export function fieldPaths(mapping: ManifestMapping = {}): FieldPaths {
  const entries = manifestFields.map((field) => {
    const names = mapping[field] ?? knownNames[field]
    const list = typeof names === 'string' ? [names] : names
    // A column may have a dot in its name: the whole name is tried before the path.
    const paths = list.flatMap((name) => (name.includes('.') ? [[name], name.split('.')] : [[name]]))
    return [field, paths] as const
  })
  return Object.fromEntries(entries) as unknown as FieldPaths
}
