import {
  type ManifestRow,
  type RowLocator,
  type TrackCodec,
  type TrackStatus,
  trackCodecs,
  trackStatuses,
} from '../manifest-row.ts'

/** What is kept of a row so that an answer can be explained. */
export interface KeptRow {
  /** From 0, among all rows that were kept of the manifest. */
  readonly number: number
  readonly locator: RowLocator
  readonly isrc?: string | undefined
  readonly upc?: string | undefined
  readonly trackId?: string | undefined
  readonly alternatives: readonly string[]
  readonly title?: string | undefined
  readonly artists: readonly string[]
  readonly album?: string | undefined
  readonly durationMs?: number | undefined
  readonly popularity?: number | undefined
  readonly status: TrackStatus
  readonly codec: TrackCodec
  readonly takenAtMs?: number | undefined
  /** The first 16 hex digits of each. */
  readonly sha256: readonly string[]
  readonly fileName?: string | undefined
  readonly address?: string | undefined
}

/** Hex digits of a hash that are kept: the index has 61 bits of it, and what is shown needs no more. */
const HASH_DIGITS = 16

/** A list as one; an empty one as nothing, which is dropped at the end of a line. */
const listed = (list: readonly string[]): readonly string[] | null => (list.length === 0 ? null : list)

/** A row as a line: a JSON list of its fields in a fixed order, what is mostly empty last. */
export function lineOf(row: ManifestRow): string {
  const fields: unknown[] = [
    row.locator.row,
    row.locator.part,
    trackStatuses.indexOf(row.status),
    trackCodecs.indexOf(row.codec),
    row.isrc ?? null,
    row.title ?? null,
    listed(row.artists),
    row.durationMs ?? null,
    row.popularity ?? null,
    row.album ?? null,
    row.trackId ?? null,
    row.takenAtMs ?? null,
    row.upc ?? null,
    listed(row.sha256.map((hash) => hash.slice(0, HASH_DIGITS))),
    row.fileName ?? null,
    listed(row.alternatives),
    row.address ?? null,
  ]
  while (fields.at(-1) === null) fields.pop()
  return JSON.stringify(fields)
}

type Text = string | null | undefined
type Count = number | null | undefined
type List = readonly string[] | null | undefined
type Fields = readonly [
  row: number,
  part: number,
  status: number,
  codec: number,
  isrc: Text,
  title: Text,
  artists: List,
  durationMs: Count,
  popularity: Count,
  album: Text,
  trackId: Text,
  takenAtMs: Count,
  upc: Text,
  sha256: List,
  fileName: Text,
  alternatives: List,
  address: Text,
]

/** The row of a line that `lineOf` wrote: of a block whose CRC-32 is right, so it is not looked at again. */
export function rowOf(line: string, number: number): KeptRow {
  const fields = JSON.parse(line) as Fields
  const [row, part, status, codec, isrc, title, artists, durationMs, popularity, album] = fields
  const [, , , , , , , , , , trackId, takenAtMs, upc, sha256, fileName, alternatives, address] = fields
  return {
    number,
    locator: { row, part },
    isrc: isrc ?? undefined,
    upc: upc ?? undefined,
    trackId: trackId ?? undefined,
    alternatives: alternatives ?? [],
    title: title ?? undefined,
    artists: artists ?? [],
    album: album ?? undefined,
    durationMs: durationMs ?? undefined,
    popularity: popularity ?? undefined,
    status: trackStatuses[status] ?? 'unknown',
    codec: trackCodecs[codec] ?? 'unknown',
    takenAtMs: takenAtMs ?? undefined,
    sha256: sha256 ?? [],
    fileName: fileName ?? undefined,
    address: address ?? undefined,
  }
}
