import type { Opener } from './opener.ts'
import { openPackedArchive } from './packed-archive.ts'

/** Tells the files of a 7z, in their order; up to `PACKED_BYTES_MAX` bytes of archive. */
export const openSevenZip: Opener = openPackedArchive
