import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readRecord, writtenFiles } from '../services/capsule-contents.ts'
import { mediaFiles } from '../services/capsule-media.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import type { CapsuleId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import { type Capsule, capsuleBytes, sealCapsule } from '../services/evidence/capsule.ts'
import { findCapsule, keepBuilt, stages } from '../services/evidence/store.ts'
import { requestTimeStamp } from '../services/evidence/time-stamp.ts'
import { ZIP_BYTES_MAX } from '../services/evidence/zip.ts'
import type { OneRow } from '../services/jobs.ts'
import type { Tools } from './tools.ts'

/** Media are the long part of the work; hashing and writing are the rest. */
const MEDIA_SHARE = 0.8

type Needed = Pick<Tools, 'config' | 'db' | 'blobs' | 'safeFetch'>

/** Gathers, seals, stamps and writes one capsule. Nothing is kept until all of it is done. */
async function build(
  { config, db, blobs, safeFetch }: Needed,
  capsule: Capsule,
  folder: string,
  run: Run,
): Promise<void> {
  const record = await db.system((tx) => readRecord(tx, capsule, new Date()))
  const { path: ffmpegPath } = await findFfmpeg(config)
  const media = await mediaFiles(record, {
    blobs,
    ffmpegPath,
    folder,
    signal: run.signal,
    // Only a picture of the work.
    onProgress: (share) => void run.progress(share * MEDIA_SHARE).catch(() => undefined),
  })
  const files = [...(await writtenFiles(record)), ...media.files]
  const authority = config.TIME_STAMP_URL
  const head = { ...record.head, timeStamped: authority !== undefined }
  const sealed = await sealCapsule(head, files, media.absent)
  const timeStamp =
    authority === undefined
      ? undefined
      : await requestTimeStamp(safeFetch, authority, sealed.manifestBytes, run.signal)
  const stored = await blobs.put(capsuleBytes(sealed, timeStamp), { bytesMax: ZIP_BYTES_MAX })
  const { manifestSha256 } = sealed
  await db.system((tx) => keepBuilt(tx, capsule.id, { manifestSha256, timeStamp, ...stored }))
}

/** Builds an evidence capsule into the blob store. A second try begins anew: what the first left is deleted by cron. */
export const capsule =
  (tools: Needed) =>
  async ({ id }: OneRow<CapsuleId>, run: Run): Promise<void> => {
    const asked = await tools.db.system(async (tx) =>
      (await stages.claim(tx, id, 'capsule')) ? findCapsule(tx, id) : undefined,
    )
    if (!asked) return run.log.info('the capsule is built already')
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-capsule-'))
    try {
      await build(tools, asked, folder, run)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
