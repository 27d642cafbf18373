import { createHash } from 'node:crypto'

import type { ManifestRow } from '../../services/leaks/manifest-row.ts'

/** The ISRC of a row of `manifestLine`. */
export const sampleIsrc = (row: number): string => `AA6Q7${String(row).padStart(7, '0')}`

/** A row of an invented dump by the names of the published schema: every seventh has no ISRC, half have audio. */
export function manifestLine(row: number): string {
  const isTaken = row % 2 === 0
  return JSON.stringify({
    track_id: `track${row}`,
    name: `Sample Song ${row}`,
    artists: [{ name: `The Samples ${row % 97}` }],
    external_id_isrc: row % 7 === 0 ? null : sampleIsrc(row),
    external_id_upc: '4006381333931',
    album_name: `Sample Album ${row % 1_000}`,
    duration_ms: 200_000 + row,
    popularity: row % 101,
    status: isTaken ? 'success' : 'skipped_isrc_has_download',
    reencoded_kbit_vbr: null,
    fetched_at: 1_752_000_000_000 + row,
    owner_display_name: 'a person',
    ...(isTaken && { sha256_original: createHash('sha256').update(`file ${row}`).digest('hex') }),
    ...(!isTaken && { alternatives: JSON.stringify([`track${row + 1}`]) }),
  })
}

/** The lines of some rows, each with its end. */
export const manifestLines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${manifestLine(from + i)}\n`).join('')

/** A row of which nothing is told but what is given. */
export const sampleRow = (given: Partial<ManifestRow>): ManifestRow => ({
  locator: { row: 1, part: 0 },
  isrc: undefined,
  upc: undefined,
  trackId: undefined,
  alternatives: [],
  title: undefined,
  artists: [],
  album: undefined,
  durationMs: undefined,
  popularity: undefined,
  status: 'metadata',
  codec: 'unknown',
  takenAtMs: undefined,
  sha256: [],
  fileName: undefined,
  address: undefined,
  ...given,
})
