import { ENGINE_VERSION } from '../services/audio/constants.ts'
import { keepCover } from '../services/catalog/cover-store.ts'
import { keepReference } from '../services/catalog/references.ts'
import * as recordings from '../services/catalog/store.ts'
import type { RecordingId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { findTenant } from '../services/tenants/store.ts'
import { coverIn } from './cover.ts'
import type { Tools } from './tools.ts'

/**
 * Turns uploaded reference audio into the fingerprint by which the recording is recognised. The audio
 * is deleted afterwards unless its tenant holds it.
 */
export const index =
  ({ db, blobs, pool }: Tools) =>
  async ({ id }: OneRow<RecordingId>, run: Run): Promise<void> => {
    const recording = await db.system(async (tx) =>
      (await recordings.stages.claim(tx, id, 'index')) ? recordings.find(tx, id) : undefined,
    )
    if (!recording?.audioSha256) return run.log.info('nothing to index')
    const path = await blobs.path(recording.audioSha256)
    if (!path) throw new Problem('file/gone', 'The audio was deleted; upload it again')

    const cover = await coverIn(path, '', run)
    const { reference, sketch, durationMs } = await pool.fingerprint(path, {
      signal: run.signal,
      onProgress: (share) => void run.progress(share).catch(() => undefined), // Only a picture of the work.
    })
    await db.system(async (tx) => {
      if (!(await recordings.stages.advance(tx, id, 'index', 'done'))) return
      await keepReference(tx, recording, {
        engineVersion: ENGINE_VERSION,
        fingerprint: reference,
        durationMs,
        madeBy: 'upload',
        sketch,
      })
      if (cover) await keepCover(tx, recording, cover, 'tags')
      const tenant = await findTenant(tx, recording.tenantId)
      await recordings.decideAudio(tx, id, tenant?.keepReferenceAudio ?? false)
    })
  }
