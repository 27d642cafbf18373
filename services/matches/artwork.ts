import { z } from 'zod'

/**
 * How the cover inside a suspect compares with those of a recording's release; see services/artwork/cover.ts. Weak
 * evidence: a compilation shares its picture with all its tracks, and anybody can put any picture into a file.
 */
export const ArtworkEvidence = z.object({
  relation: z.enum(['same', 'similar', 'different']),
  /** Of the closest two parts of the closest two covers, 0 … 256 bits. */
  distance: z.number(),
})
export type ArtworkEvidence = z.infer<typeof ArtworkEvidence>
