import type { RowErrorCode } from './row-error.ts'

/**
 * What every reader of a catalogue (CSV, DDEX, MusicBrainz, a folder of audio) makes of its file: entries in the order of
 * the file. A reader is pure: bytes in, entries out. It knows no database and never throws for what a single row says.
 */
export type ImportEntry = RecordingEntry | PurgeEntry | RowErrorEntry

/** A recording that can be registered, with what was odd about it. */
export interface RecordingEntry {
  readonly kind: 'recording'
  /** Line of the file where it begins, from 1; of a folder: number of the file. */
  readonly row: number
  readonly recording: ImportedRecording
  /** What is worth knowing and did not stop it. */
  readonly warnings: readonly RowError[]
}

/** The sender no longer has what these identifiers name. */
export interface PurgeEntry {
  readonly kind: 'purge'
  readonly row: number
  readonly release: { readonly upc?: string; readonly grid?: string; readonly ownId?: string }
  readonly isrcs: readonly string[]
}

/** A row that cannot be registered. The rows around it are not touched. */
export interface RowErrorEntry {
  readonly kind: 'error'
  readonly row: number
  readonly errors: readonly RowError[]
}

/** One thing that is wrong with a row, in the words of the file. */
export interface RowError {
  readonly row: number
  /** Column of the table, or path of the element; '' for the row as a whole. */
  readonly column: string
  readonly code: RowErrorCode
  readonly message: string
}

/** A recording as a file tells it: parsed, normalised, identifiers verified. Absent means not told. */
export interface ImportedRecording {
  readonly title: string
  readonly version?: string
  /** Main artists, in order. */
  readonly artists: readonly string[]
  readonly featured?: readonly string[]
  readonly isrc?: string
  readonly iswc?: string
  readonly durationMs?: number
  /** Owner or exclusive licensee, as the file writes it. */
  readonly rightsHolder?: string
  readonly pLine?: string
  /** BCP 47. */
  readonly language?: string
  readonly genre?: string
  readonly explicit?: boolean
  /** The sender's own number. */
  readonly ownId?: string
  readonly release?: ImportedRelease
  readonly rights?: ImportedRights
  readonly policy?: 'block' | 'monitor' | 'allow'
  /** Addresses and channels where it may be found, by the owner's leave. */
  readonly authorised?: readonly string[]
  /** Where its audio is, for programs that can open it: a path beside the file that names it. */
  readonly reference?: { readonly file?: string; readonly sha256?: string }
}

export interface ImportedRelease {
  readonly title: string
  /** GTIN with its check digit, as written: 8, 12, 13 or 14 digits. */
  readonly upc?: string
  readonly grid?: string
  readonly catalogNumber?: string
  readonly label?: string
  /** ISO 8601 date. */
  readonly releaseDate?: string
  readonly cLine?: string
}

/** Where, when and how much of the recording is the sender's. */
export interface ImportedRights {
  readonly role?: 'owner' | 'exclusive-licensee' | 'agent'
  readonly sharePercent?: number
  /** Alpha-2 codes of ISO 3166-1 in alphabetical order, or only `Worldwide`. */
  readonly territories: readonly string[]
  /** Only with `Worldwide`. */
  readonly excludedTerritories: readonly string[]
  /** ISO 8601 dates, both included. */
  readonly validFrom?: string
  readonly validTo?: string
}

/** What a whole file says about itself, known when it was read to its end. */
export interface FileFacts {
  /** Who wrote it and what it is called by them: an import of the same is recognised. */
  readonly messageId?: string
  readonly sender?: string
  /** A test message is checked like any other and never goes live. */
  readonly test: boolean
}
