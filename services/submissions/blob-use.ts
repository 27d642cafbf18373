import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { sql } from '../core/sql.ts'

/** What failed may be tried again for this long, so its file stays; afterwards it has to be handed in again. */
const RETRY_DAYS = 7

/** A catalogue's file may be applied after a trial, or read again with corrections, for this long. */
const IMPORT_DAYS = 30

/** Of a capture `c`: its submission is still examined, or a case hangs on it. */
const leadsToFind = sql`exists (
  select from submission s where s.id = c.submission_id
     and (s.stage not in ('done', 'failed')
          or exists (select from match m join item i on i.id = m.item_id where i.submission_id = s.id)))`

/**
 * Which of these files some row still needs: what waits to be opened, heard or looked at or may be tried again,
 * audio that its tenant wants held, pages that lead to a find and their pictures, catalogues, mails that were sent or
 * came in, screenshots, capsules, and results of exposure audits. Everything else is deleted by cron, soon after it was fingerprinted.
 *
 * @param hashes SHA-256 as hex, any number.
 */
export async function neededBlobs(tx: Tx, hashes: readonly string[]): Promise<Set<string>> {
  const asked = [...hashes]
  const rows = await tx.all(z.object({ sha256: z.string() }))`
    with retriable as (select now() - make_interval(days => ${RETRY_DAYS}) as since)
    select blob_sha256 as sha256 from submission, retriable
     where blob_sha256 = any(${asked}) and (stage = 'unpack' or (stage = 'failed' and stage_since > since))
    union select sha256 from item, retriable
     where sha256 = any(${asked}) and (stage in ('follow', 'fingerprint') or media_held or (stage = 'failed' and stage_since > since))
    union select audio_sha256 from recording, retriable
     where audio_sha256 = any(${asked}) and (stage = 'index' or audio_held or (stage = 'failed' and stage_since > since))
    union select blob_sha256 from catalogue_import
     where blob_sha256 = any(${asked}) and (stage = 'import' or stage_since > now() - make_interval(days => ${IMPORT_DAYS}))
    union select sha256 from capture c where body_held and sha256 = any(${asked}) and ${leadsToFind}
    union select picture_sha256 from capture c where picture_sha256 = any(${asked}) and ${leadsToFind}
    union select sha256 from capsule where sha256 = any(${asked}) and held
    union select result_sha256 from exposure_audit where result_sha256 = any(${asked})
    union select sha256 from screenshot where sha256 = any(${asked})
    union select sha256 from delivery where sha256 = any(${asked})
    union select raw_sha256 from reply where raw_sha256 = any(${asked})`
  return new Set(rows.map(({ sha256 }) => sha256))
}
