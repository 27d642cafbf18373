import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { LeakManifestId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { startAudits } from '../services/leaks/audit-store.ts'
import { manifestFolder, uploadFolder } from '../services/leaks/folders.ts'
import { gatherManifest } from '../services/leaks/gather/gather-manifest.ts'
import type { GatherProgress, GatherResult, RowCounts } from '../services/leaks/gather/order.ts'
import type { LeakManifest } from '../services/leaks/leak.ts'
import {
  type Reading,
  findManifest,
  keepCounts,
  keepReading,
  stages,
} from '../services/leaks/manifest-store.ts'
import { enqueue } from '../services/pipeline.ts'
import type { Tools } from './tools.ts'

/** How far reading has come is written so often. */
const WRITE_EVERY_MS = 1_000
/** What fits into the row; a first guess may be any number. */
const LEFT_S_MAX = 2 ** 31 - 1

/** What of the tools is needed. */
export type ManifestTools = Pick<Tools, 'config' | 'db' | 'queues'>

/** Where the files of a manifest are: where they were uploaded to, or where the operator said. */
const pathsOf = ({ config }: ManifestTools, { id, files }: LeakManifest): string[] =>
  files.map(({ path }, number) => path ?? join(uploadFolder(config, id), String(number)))

function readingOf(
  { rows, faults, faultSample }: RowCounts,
  rate: number,
  leftS: number | undefined,
): Reading {
  return {
    rows,
    faults,
    faultSample: faultSample.map(({ locator, detail }) => ({ ...locator, detail })),
    rate,
    secondsLeft: leftS === undefined ? null : Math.min(LEFT_S_MAX, Math.round(leftS)),
  }
}

/** Shows how far reading has come, and hears when the leak was removed meanwhile. */
function pictureOf({ db }: ManifestTools, id: LeakManifestId, run: Run) {
  const removed = new AbortController()
  let writtenAtMs = Number.NEGATIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()
  let rate = 0
  const write = (progress: GatherProgress): Promise<void> =>
    db.system(async (tx) => {
      await keepReading(tx, id, readingOf(progress, progress.rowsPerS, progress.leftS))
      if (!(await findManifest(tx, id))) removed.abort(new Error('The leak was removed'))
    })
  const onProgress = (progress: GatherProgress): void => {
    rate = progress.rowsPerS
    void run.progress(progress.share).catch(() => undefined) // Only a picture of the work.
    if (performance.now() - writtenAtMs < WRITE_EVERY_MS) return
    writtenAtMs = performance.now()
    writing = writing
      .then(() => write(progress))
      .catch((error: unknown) => run.log.warn({ err: error }, 'how far reading has come was not written'))
  }
  return {
    removed: removed.signal,
    onProgress,
    /** Rows a second, when nothing more is written. */
    async ended(): Promise<number> {
      await writing
      return rate
    },
  }
}

/**
 * Reads a leak's manifest into its packed index. Broken off, it goes on where it was some seconds before; what cannot be
 * read of it is told on its row, and the rest can be asked. Then every account that sees the leak is audited.
 */
export const manifest =
  (tools: ManifestTools) =>
  async ({ id }: OneRow<LeakManifestId>, run: Run): Promise<void> => {
    const { db, config, queues } = tools
    const isClaimed = await db.system((tx) => stages.claim(tx, id, 'manifest'))
    if (!isClaimed) return run.log.info('another worker has read the manifest')
    const asked = await db.system((tx) => findManifest(tx, id))
    if (!asked) return putAway()

    const folder = manifestFolder(config, id)
    const { mapping, batch } = asked
    const picture = pictureOf(tools, id, run)
    const signal = AbortSignal.any([run.signal, picture.removed])
    const { onProgress } = picture
    try {
      const order = { files: pathsOf(tools, asked), mapping, batch, folder }
      const result = await gatherManifest(order, { signal, onProgress })
      await end(asked, result, await picture.ended())
    } catch (error) {
      await picture.ended()
      if (error instanceof Problem && error.type === 'request/in-work') return leaveIt()
      if (!picture.removed.aborted || run.signal.aborted) throw error
      await putAway()
    }

    async function end({ tenantId }: LeakManifest, result: GatherResult, rate: number): Promise<void> {
      const audits = await db.system(async (tx) => {
        await keepReading(tx, id, readingOf(result, rate, 0))
        await keepCounts(tx, id, { counts: result.counts, remark: result.problem ?? null })
        const isOurs = await stages.advance(tx, id, 'manifest', 'done')
        // All that follows from a manifest that can be asked begins here.
        return isOurs && (await findManifest(tx, id)) ? startAudits(tx, { tenantId }, 'manifest') : []
      })
      const { rows, kept, faults, bytes } = result
      run.log.info({ rows, kept, faults, bytes, rate: Math.round(rate) }, 'manifest read')
      await rm(uploadFolder(config, id), { recursive: true, force: true })
      for (const audit of audits)
        await enqueue(queues, 'audit', audit).catch((error: unknown) =>
          run.log.warn({ err: error }, 'left to the sweeper'),
        )
    }

    /** Another worker is at it, as after the queue was lost: the sweeper asks again, in case that one is killed. */
    async function leaveIt(): Promise<void> {
      await db.system((tx) => stages.release(tx, id, 'manifest'))
      run.log.info('another worker reads the manifest')
    }

    /** Its leak was removed: nobody will ask. */
    async function putAway(): Promise<void> {
      await db.system((tx) => stages.advance(tx, id, 'manifest', 'done'))
      const path = manifestFolder(config, id)
      for (const each of [path, `${path}.gathering`, uploadFolder(config, id)])
        await rm(each, { recursive: true, force: true })
      run.log.info('the leak of the manifest was removed')
    }
  }
