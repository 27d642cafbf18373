import { ENGINE_VERSION } from '../services/audio/constants.ts'
import type { ItemId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import { lookForLeads } from '../services/item-names.ts'
import type { OneRow } from '../services/jobs.ts'
import { readTags } from '../services/submissions/read-tags.ts'
import * as submissions from '../services/submissions/store.ts'
import {
  findSuspectFingerprint,
  keepSuspectFingerprint,
} from '../services/submissions/suspect-fingerprints.ts'
import { findTenant } from '../services/tenants/store.ts'
import { coverIn } from './cover.ts'
import type { Tools } from './tools.ts'

/**
 * Decodes a suspect and keeps its fingerprint under the hash of its bytes, so that the same file is
 * decoded once however often it is handed in. Reads the names inside the file on the way.
 */
export const fingerprint =
  ({ db, blobs, pool }: Tools) =>
  async ({ id }: OneRow<ItemId>, run: Run): Promise<void> => {
    const { item, tenant, known } = await db.system(async (tx) => {
      if (!(await submissions.itemStages.claim(tx, id, 'fingerprint'))) return {}
      const found = await submissions.findItem(tx, id)
      return {
        item: found,
        tenant: found && (await findTenant(tx, found.tenantId)),
        known: found && (await findSuspectFingerprint(tx, found.sha256, ENGINE_VERSION)),
      }
    })
    if (!item) return run.log.info('nothing to fingerprint')

    const path = await blobs.path(item.sha256)
    if (!path && !known)
      throw new Problem('file/gone', 'The file was deleted after it was examined; hand it in again')
    const tags = path ? await readTags(path, item.mediaType) : {}
    const cover = path ? await coverIn(path, item.mediaType, run) : undefined
    const made =
      known ??
      (await decode(path ?? '').catch(async (error: unknown) => {
        // Where nothing can be heard, the names are all there is; else they are looked up with its length, by `match`.
        await db.system((tx) => lookForLeads(tx, { ...item, tags }))
        throw error
      }))

    await db.system(async (tx) => {
      await keepSuspectFingerprint(tx, item.sha256, ENGINE_VERSION, made)
      const mediaHeld = path !== undefined && (tenant?.keepSuspectAudio ?? false)
      const { durationMs, truncated } = made
      await submissions.keepDecoded(tx, id, { durationMs, truncated, tags, cover, mediaHeld })
    })

    async function decode(file: string) {
      const {
        suspect,
        otherMix = null,
        sketch,
        durationMs,
        truncated,
      } = await pool.fingerprint(file, {
        signal: run.signal,
        onProgress: (share) => void run.progress(share).catch(() => undefined), // Only a picture of the work.
      })
      return { fingerprint: suspect, otherMix, durationMs, truncated, sketch }
    }
  }
