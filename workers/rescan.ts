import { ENGINE_VERSION } from '../services/audio/constants.ts'
import { decodeFingerprint } from '../services/audio/fingerprint/fingerprint.ts'
import { type ReferenceIndex, createReferenceIndex } from '../services/audio/index/reference-index.ts'
import { REFERENCES_BATCH, loadReferences } from '../services/catalog/references.ts'
import { type Looking, claim, findRescan, keepLooked, stages } from '../services/catalog/rescans.ts'
import type { RecordingId, RescanId, Sha256, TenantId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { enqueue } from '../services/pipeline.ts'
import { examineAgain } from '../services/submissions/item-store.ts'
import {
  type ExaminedSuspect,
  countExamined,
  listExamined,
} from '../services/submissions/suspect-fingerprints.ts'
import { findTenant } from '../services/tenants/store.ts'
import type { Tools } from './tools.ts'

/** Fingerprints of suspects that are read at a time: some megabytes. */
const SUSPECTS_BATCH = 50

/**
 * Up to so many recordings get an index of their own, some ten megabytes, in which a search takes a moment. More, as a
 * whole catalogue that was registered at once, are looked for in the index of everything, which is in memory anyway.
 */
const OWN_INDEX_MAX = 2_000

/** What is asked of a stored fingerprint, unless it was damaged since it was made: one is lost to this then, not all. */
async function orSkipped<T>(ask: () => T | Promise<T>, what: object, { log }: Run): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof Problem) || !error.type.startsWith('fingerprint/')) throw error
    log.error({ err: error, ...what }, 'a stored fingerprint cannot be read')
    return undefined
  }
}

/** An index with these recordings: what is found of them is worth comparing with the whole catalogue. */
async function indexWith(
  { db, catalogue }: Pick<Tools, 'db' | 'catalogue'>,
  ids: readonly RecordingId[],
  run: Run,
): Promise<ReferenceIndex> {
  if (ids.length > OWN_INDEX_MAX) {
    await catalogue.catchUp()
    return catalogue.index
  }
  const index = createReferenceIndex()
  for (let done = 0; done < ids.length; done += REFERENCES_BATCH) {
    const references = await db.system((tx) => loadReferences(tx, ids.slice(done, done + REFERENCES_BATCH)))
    for (const { recordingId, tenantId, engineVersion, fingerprint } of references) {
      if (engineVersion !== ENGINE_VERSION) continue
      const decoded = await orSkipped(() => decodeFingerprint(fingerprint), { recordingId }, run)
      if (decoded) index.add(recordingId, tenantId, decoded)
    }
  }
  return index
}

/** Which of some suspects have any of the recordings in them. */
async function searched(
  { searchPool }: Pick<Tools, 'searchPool'>,
  { tenantId, recordingIds }: Looking,
  suspects: readonly ExaminedSuspect[],
  within: { readonly index: ReferenceIndex; readonly falseClaimsPerMillion: number | undefined },
  run: Run,
): Promise<Sha256[]> {
  const wanted: ReadonlySet<string> = new Set(recordingIds)
  const { index, falseClaimsPerMillion } = within
  const found: Sha256[] = []
  for (const { sha256, fingerprint, otherMix } of suspects) {
    const options = {
      otherMix: otherMix ?? undefined,
      ...(falseClaimsPerMillion !== undefined && { falseClaimsPerMillion }),
      signal: run.signal,
    }
    const search = () => searchPool.search(index, tenantId, fingerprint, options)
    const heard = await orSkipped(search, { sha256 }, run)
    if (heard?.passages.some(({ referenceId }) => wanted.has(referenceId))) found.push(sha256)
  }
  return found
}

/**
 * Compares recordings that can be recognised since a moment ago with every suspect that their tenant had examined
 * before. Files with any of them go back to where they are matched, with the whole catalogue, and from there on
 * everything is as if they were handed in today. Broken off, it goes on behind the last files that it has written.
 */
export const rescan =
  ({ db, catalogue, searchPool, queues }: Tools) =>
  async ({ id }: OneRow<RescanId>, run: Run): Promise<void> => {
    const looking = await db.system(async (tx) => ((await claim(tx, id)) ? findRescan(tx, id) : undefined))
    if (!looking) return run.log.info('another worker looks back')
    if (looking.recordingIds.length > 0 && !(await lookAtAll(looking))) return
    await db.system((tx) => stages.advance(tx, id, 'rescan', 'done'))

    /** @returns false when another worker has come further meanwhile. */
    async function lookAtAll(given: Looking): Promise<boolean> {
      const { tenantId, recordingIds } = given
      const index = await indexWith({ db, catalogue }, recordingIds, run)
      const { tenant, total } = await db.system(async (tx) => ({
        tenant: await findTenant(tx, tenantId),
        total: await countExamined(tx, tenantId, ENGINE_VERSION),
      }))
      const within = { index, falseClaimsPerMillion: tenant?.falseClaimsPerMillion }
      let { lookedTo: from, suspects: done } = given
      for (;;) {
        const asked = { after: from ?? undefined, rowsMax: SUSPECTS_BATCH }
        const page = await db.system((tx) => listExamined(tx, tenantId, ENGINE_VERSION, asked))
        const last = page.at(-1)?.sha256
        if (last === undefined) return true
        const found = await searched({ searchPool }, given, page, within, run)
        if (!(await keep(tenantId, from, { lookedTo: last, suspects: page.length, found }))) return false
        from = last
        done += page.length
        void run.progress(Math.min(1, done / Math.max(1, total))).catch(() => undefined) // Only a picture of the work.
      }
    }

    async function keep(
      tenantId: TenantId,
      from: Sha256 | null,
      looked: { lookedTo: Sha256; suspects: number; found: Sha256[] },
    ): Promise<boolean> {
      const { found } = looked
      const items = await db.system(async (tx) => {
        if (!(await keepLooked(tx, id, from, { ...looked, found: found.length }))) return undefined
        return examineAgain(tx, tenantId, found)
      })
      for (const item of items ?? [])
        await enqueue(queues, 'match', item).catch((error: unknown) =>
          run.log.warn({ err: error }, 'left to the sweeper'),
        )
      return items !== undefined
    }
  }
