import type { Opener } from './opener.ts'
import { openPackedArchive } from './packed-archive.ts'

/** Tells the files of a RAR of version 4 or 5, in their order; up to `PACKED_BYTES_MAX` bytes of archive. */
export const openRar: Opener = openPackedArchive
