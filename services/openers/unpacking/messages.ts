import type { ProblemType } from '../../core/problem.ts'

/** What a thread takes apart: a file that is one compressed stream, or an archive of entries. */
export type PackedFormat = 'bzip2' | 'xz' | 'zstd' | 'archive'

/** A file to be taken apart, and the memory in which thread and program agree on the pace. */
export interface Order {
  readonly format: PackedFormat
  readonly path: string
  readonly pace: SharedArrayBuffer
}

/** What an entry of an archive is; `other` are folders, devices and the like, which hold no bytes. */
export type EntryKind = 'file' | 'link' | 'folder' | 'other'

/** What is wrong, in words that cross threads. */
export interface Fault {
  readonly type: ProblemType
  readonly detail: string
}

/** An entry as the archive tells of it. */
export interface PackedEntry {
  readonly name: string
  readonly kind: EntryKind
  /** Why nothing of it can be had; asking for its bytes is pointless. */
  readonly fault: Fault | undefined
}

/**
 * What a thread tells. A stream: `bytes` until `end`. An archive: for each `entry` that is a file and not encrypted, once the
 * program wants it, `bytes` until `entry-end`. `fault` ends it all. After `end` the thread takes another order unless
 * it is `worn`.
 */
export type FromThread =
  | { readonly kind: 'entry'; readonly entry: PackedEntry }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'entry-end'; readonly fault?: Fault | undefined }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'end'; readonly worn: boolean }

/** Places in the memory of the pace, as 32-bit integers. */
export const pace = {
  /** How many pieces the thread may still hand over; it sleeps at 0. */
  pieces: 0,
  /** The last decision of the program: the number of an entry, from 1, times two; and one more if its bytes are wanted. */
  decision: 1,
  length: 2,
} as const

/** Pieces of a thread that may be under way: enough that neither side waits for the other's turn. */
export const PIECES_MAX = 8
/** Of one piece. */
export const PIECE_BYTES = 128 * 1024
