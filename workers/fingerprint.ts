import { ENGINE_VERSION } from '../services/audio/constants.ts'
import type { ItemId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import { lookForLeads } from '../services/item-names.ts'
import type { OneRow } from '../services/jobs.ts'
import { lookUpFile } from '../services/listed-files.ts'
import { fingerprintParts } from '../services/reading/fingerprint-parts.ts'
import * as items from '../services/submissions/item-store.ts'
import type { PartsRead } from '../services/submissions/parts-read.ts'
import { readTags } from '../services/submissions/read-tags.ts'
import { MediaItem } from '../services/submissions/submission.ts'
import {
  findSuspectFingerprint,
  keepSuspectFingerprint,
} from '../services/submissions/suspect-fingerprints.ts'
import { findTenant } from '../services/tenants/store.ts'
import { coverIn, coverOf } from './cover.ts'
import { provenanceOf } from './provenance.ts'
import type { Tools } from './tools.ts'

/**
 * Decodes a suspect and keeps its fingerprint under the hash of its bytes, so that the same file is
 * decoded once however often it is handed in. Reads the names inside the file on the way. Of a picture it keeps what it
 * looks like.
 */
export const fingerprint =
  ({ db, blobs, pool, leaks }: Tools) =>
  async ({ id }: OneRow<ItemId>, run: Run): Promise<void> => {
    const { item, tenant, known } = await db.system(async (tx) => {
      if (!(await items.itemStages.claim(tx, id, 'fingerprint'))) return {}
      const found = await items.findItem(tx, id)
      return {
        item: found,
        tenant: found && (await findTenant(tx, found.tenantId)),
        known: found?.sha256 ? await findSuspectFingerprint(tx, found.sha256, ENGINE_VERSION) : undefined,
      }
    })
    if (!item) return run.log.info('nothing to fingerprint')
    const suspect = MediaItem.parse(item)
    const { sha256 } = suspect

    // Of parts there is no hash that a leak could list.
    if (!suspect.read) await lookUpFile({ db, leaks }, { tenantId: suspect.tenantId, sha256 }, run.log)
    const path = await blobs.path(sha256)
    if (!path && !known)
      throw new Problem('file/gone', 'The file was deleted after it was examined; hand it in again')
    const mediaHeld = path !== undefined && (tenant?.keepSuspectAudio ?? false)
    if (path && suspect.kind === 'cover') {
      const looks = { cover: await coverOf(path), mediaHeld }
      await db.system((tx) => items.keepLooked(tx, id, looks))
      return
    }
    const said = path ? await readTags(path, item.mediaType) : undefined
    const tags = said?.tags ?? {}
    const cover = path ? await coverIn(path, item.mediaType, run) : undefined
    const made =
      known ??
      (await decode(path ?? '', suspect.read).catch(async (error: unknown) => {
        // Where nothing can be heard, the names are all there is; else they are looked up with its length, by `match`.
        await db.system((tx) => lookForLeads(tx, { ...item, tags }))
        throw error
      }))

    if (!made && (item.url === null || item.read?.rest))
      throw new Problem('audio/indistinct', 'In the parts of it that were read too little can be heard')
    if (!made) {
      await db.system((tx) => items.itemStages.advance(tx, id, 'fingerprint', 'follow'))
      return run.log.info('the parts that were read say too little: all of it is read')
    }
    const provenance = path && said ? await provenanceOf(path, suspect, said, made) : undefined
    await db.system(async (tx) => {
      await keepSuspectFingerprint(tx, sha256, ENGINE_VERSION, made)
      const { durationMs, truncated } = made
      await items.keepDecoded(tx, id, { durationMs, truncated, tags, cover, mediaHeld, ...provenance })
    })

    /** @returns undefined when nothing can be heard in one of the parts that were read. */
    async function decode(file: string, read: PartsRead | null) {
      const watched = {
        signal: run.signal,
        onProgress: (share: number) => void run.progress(share).catch(() => undefined), // Only a picture of the work.
      }
      const heard = read
        ? await fingerprintParts(pool, file, read, watched)
        : await pool.fingerprint(file, watched)
      if (!heard) return undefined
      const { suspect: bytes, otherMix = null, sketch, durationMs, truncated } = heard
      return { fingerprint: bytes, otherMix, durationMs, truncated, sketch }
    }
  }
