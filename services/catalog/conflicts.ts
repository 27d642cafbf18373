import { z } from 'zod'

import { ConflictId, RecordingId } from '../core/ids.ts'

/**
 * What one of two accounts sees of a conflict: that another account registered the same recording, and where both claim
 * rights in it. The database opens and ends conflicts by itself, and keeps either account's data from the other
 * (migrations/0014_embargo_and_conflicts.sql). Only byte-equal fingerprints count as the same audio: two encodings of one
 * master without an ISRC in common are not noticed.
 */
export const Conflict = z.object({
  id: ConflictId,
  recordingId: RecordingId,
  recordingTitle: z.string(),
  recordingArtists: z.array(z.string()),
  isrc: z.string().nullable(),
  sameIsrc: z.boolean(),
  sameAudio: z.boolean(),
  /** In which both claim, as `territoriesHeld` writes them. Of one that ended: in which both did. */
  territories: z.array(z.string()),
  since: z.date(),
  endedAt: z.date().nullable(),
})
export type Conflict = z.infer<typeof Conflict>

/** What both accounts have: `the same ISRC and the same audio`. */
export const sameInWords = ({ sameIsrc, sameAudio }: Pick<Conflict, 'sameIsrc' | 'sameAudio'>): string =>
  [sameIsrc && 'the same ISRC', sameAudio && 'the same audio'].filter(Boolean).join(' and ')
