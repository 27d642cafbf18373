/** A track of an invented dump, by the names of the schema published in December 2025. */
export interface DumpTrack {
  readonly track_id: string
  readonly name: string
  readonly artists: readonly { readonly name: string }[]
  readonly external_id_isrc: string | null
  readonly external_id_upc: string | null
  readonly album_name: string | null
  readonly duration_ms: number | null
  readonly popularity: number
  readonly fetched_at: number
  /** What a dump has beside it, and nobody may keep. */
  readonly owner_display_name: string
  readonly added_by_id: string
  /** What follows is not there for a track that is only told of. */
  readonly status?: string
  readonly reencoded_kbit_vbr?: number | null
  readonly sha256_original?: string
  readonly sha256_with_embedded_meta?: string
  readonly alternatives?: readonly string[]
}
