import { z } from 'zod'

import { LeakId, LeakManifestId, Sha256 } from '../core/ids.ts'
import { trackCodecs } from './manifest-row.ts'

/** A file that was handed in and that a leak lists by its hash. */
export const ListedFile = z.object({
  sha256: Sha256,
  leakId: LeakId,
  leakName: z.string(),
  manifestId: LeakManifestId,
  /** From 1, in the file `part`, from 0. */
  row: z.number(),
  part: z.number(),
  popularity: z.number().nullable(),
  codec: z.enum(trackCodecs),
  batchName: z.string().nullable(),
  /** Null: it is in no batch, or in one that is not published yet. */
  publishedOn: z.string().nullable(),
  foundAt: z.date(),
})
export type ListedFile = z.infer<typeof ListedFile>
