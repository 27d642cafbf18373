import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ItemId, Sha256, SubmissionId } from '../core/ids.ts'
import type { Item } from './submission.ts'

/** Other copies that are listed with an item; one more tells that there are others still. */
export const COPIES_TOLD_MAX = 5

/** The same audio in another submission. Without its name: that may tell what somebody may not know. */
export const AudioCopy = z.object({
  /** The item that it is a copy of. */
  of: ItemId,
  itemId: ItemId,
  submissionId: SubmissionId,
  sha256: Sha256,
  createdAt: z.date(),
})
export type AudioCopy = z.infer<typeof AudioCopy>

/**
 * Files in other submissions with the very same audio as some items: the same file again, or the same file with other
 * tags. Per item the latest, at most one more than is told.
 */
export async function audioCopiesOf(
  tx: Tx,
  items: readonly Pick<Item, 'id' | 'tenantId' | 'submissionId' | 'audioSha256'>[],
): Promise<AudioCopy[]> {
  const heard = items.filter(({ audioSha256 }) => audioSha256 !== null)
  if (heard.length === 0) return []
  return tx.all(AudioCopy)`
    select i.id as of, o.id as item_id, o.submission_id, o.sha256, o.created_at
      from item i cross join lateral (
        select id, submission_id, sha256, created_at from item
         where audio_sha256 = i.audio_sha256 and tenant_id = i.tenant_id and submission_id <> i.submission_id
           and sha256 is not null
         order by created_at desc limit ${COPIES_TOLD_MAX + 1}) o
     where i.id = any(${heard.map(({ id }) => id)}::uuid[])
     order by i.number, o.created_at desc`
}
