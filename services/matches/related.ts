import { z } from 'zod'

import { Case } from './case.ts'

/** Why a case belongs together with another; the strongest first. */
export const RelatedReason = z.enum([
  'same_file',
  'same_audio',
  'same_recording_at_host',
  'same_uploader',
  'same_said_uploader',
])
export type RelatedReason = z.infer<typeof RelatedReason>

/** The reasons as people read them. */
export const relatedReasonNames: Readonly<Record<RelatedReason, string>> = {
  same_file: 'the same file, byte by byte',
  same_audio: 'the same audio, with other tags',
  same_recording_at_host: 'the same recording at the same host',
  same_uploader: 'the same account',
  same_said_uploader: 'the same account, by what pages say',
}

/** A case that has something to do with another, and what. */
export const RelatedCase = Case.extend({ reasons: z.array(RelatedReason) })
export type RelatedCase = z.infer<typeof RelatedCase>

/** More than a person looks through; nobody decides by the last of them. */
export const RELATED_MAX = 50
