import { ENGINE_VERSION } from '../services/audio/constants.ts'
import type { SearchResult } from '../services/audio/search/search.ts'
import { markExcluded } from '../services/case-standing.ts'
import { loadSketches } from '../services/catalog/references.ts'
import type { Db } from '../services/core/db.ts'
import { type ItemId, RecordingId } from '../services/core/ids.ts'
import { events } from '../services/core/metrics.ts'
import type { Run } from '../services/core/queue.ts'
import { lookForCoverLeads } from '../services/item-evidence.ts'
import { lookForLeads } from '../services/item-names.ts'
import type { OneRow } from '../services/jobs.ts'
import { type FoundRecording, type Passage, coveredShare } from '../services/matches/match.ts'
import { lockPlaces } from '../services/matches/place-lock.ts'
import { withSketches } from '../services/matches/sketches.ts'
import { enqueue } from '../services/pipeline.ts'
import { asWhole, isEnough } from '../services/reading/enough.ts'
import * as items from '../services/submissions/item-store.ts'
import * as submissions from '../services/submissions/store.ts'
import { type Item, MediaItem } from '../services/submissions/submission.ts'
import { findSuspectFingerprint } from '../services/submissions/suspect-fingerprints.ts'
import { findTenant } from '../services/tenants/store.ts'
import { keepFound } from './found-cases.ts'
import type { Tools } from './tools.ts'

/** Passages by recording, with what they amount to; the surest recording first. */
function byRecording(
  passages: SearchResult['passages'],
  suspectMs: number,
  lengthsMs: ReadonlyMap<string, number>,
): FoundRecording[] {
  const found = [...new Set(passages.map(({ referenceId }) => referenceId))].map((referenceId) => {
    const own = passages.filter((passage) => passage.referenceId === referenceId)
    // Each passage is evidence by itself; the surest one bounds the chance that the recording is not there.
    const falseMatchProbability = Math.min(...own.map((passage) => passage.falseMatchProbability))
    const inReference = own.map((p) => [p.referenceFromMs, p.referenceToMs] as const)
    return {
      recordingId: RecordingId.parse(referenceId),
      passages: own.map(({ referenceId: _referenceId, ...passage }): Passage => ({
        ...passage,
        sharedWith: passage.sharedWith.map((id) => RecordingId.parse(id)),
        excluded: false, // Until the recording's own segments are read.
        points: [...passage.points],
      })),
      confidence: 1 - falseMatchProbability,
      falseMatchProbability,
      shareOfRecording: coveredShare(inReference, lengthsMs.get(referenceId) ?? 0),
      shareOfSuspect: coveredShare(
        own.map((p) => [p.suspectFromMs, p.suspectToMs] as const),
        suspectMs,
      ),
    }
  })
  return found.toSorted((a, b) => a.falseMatchProbability - b.falseMatchProbability)
}

/**
 * Ends what is not heard: names and pictures make leads, and open no case. Of two workers one writes.
 *
 * @returns false for what is heard.
 */
async function lookOnly(db: Db, { id, kind, submissionId, ...item }: Item): Promise<boolean> {
  if (kind === 'media') return false
  await db.system(async (tx) => {
    if (!(await items.itemStages.advance(tx, id, 'match', 'done'))) return
    if (kind === 'cover') await lookForCoverLeads(tx, { id, tenantId: item.tenantId })
    else await lookForLeads(tx, { id, ...item })
    await submissions.settle(tx, submissionId)
  })
  return true
}

/** The suspect, whose it is, and its fingerprint, if there is still something to match. */
const claimed = (db: Db, id: ItemId) =>
  db.system(async (tx) => {
    if (!(await items.itemStages.claim(tx, id, 'match'))) return {}
    const item = await items.findItem(tx, id)
    const submission = item && (await submissions.find(tx, item.submissionId))
    const tenant = item && (await findTenant(tx, item.tenantId))
    const stored = item?.sha256 ? await findSuspectFingerprint(tx, item.sha256, ENGINE_VERSION) : undefined
    return { item, submission, tenant, stored }
  })

/**
 * Compares one suspect with its tenant's catalogue and writes matches, passages, cases and alerts in
 * one transaction. Safe to run twice: only the first of two gets past `keepCompared`.
 */
export const match =
  ({ db, catalogue, searchPool, queues, config }: Tools) =>
  async ({ id }: OneRow<ItemId>, run: Run): Promise<void> => {
    const { item, submission, tenant, stored } = await claimed(db, id)
    if (!item || !submission || !tenant) return run.log.info('nothing to match')
    if (await lookOnly(db, item)) return
    const suspect = MediaItem.parse(item)
    if (!stored) {
      // The engine is newer than the fingerprint: back to have one made.
      await db.system((tx) => items.itemStages.advance(tx, id, 'match', 'fingerprint'))
      return run.log.info('the fingerprint is of another engine version')
    }

    await catalogue.catchUp()
    const startedAt = performance.now()
    const result = await searchPool.search(catalogue.index, item.tenantId, stored.fingerprint, {
      otherMix: stored.otherMix ?? undefined,
      falseClaimsPerMillion: tenant.falseClaimsPerMillion,
      signal: run.signal,
      onProgress: (done, total) => void run.progress(done / total).catch(() => undefined), // Only a picture of the work.
    })
    const lengthsMs = new Map(
      result.passages.map(({ referenceId }) => [referenceId, catalogue.index.durationMsOf(referenceId) ?? 0]),
    )
    const recordings = byRecording(result.passages, stored.durationMs, lengthsMs)
    const ids = recordings.map(({ recordingId }) => recordingId)
    const { marked, sketches } = await db.system(async (tx) => ({
      marked: await markExcluded(tx, recordings),
      sketches: await loadSketches(tx, ids),
    }))
    const heard = { read: item.read, durationMs: stored.durationMs }
    if (item.url !== null && !item.read?.rest && !isEnough(heard, marked)) {
      await db.system((tx) => items.itemStages.advance(tx, id, 'match', 'follow'))
      return run.log.info('the parts that were read say too little: all of it is read')
    }
    const found = withSketches(asWhole(heard, marked), stored.sketch ?? undefined, sketches, (error) =>
      run.log.warn({ err: error }, 'a stored sketch cannot be read'),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const compared = {
      ...result.compared,
      engineVersion: ENGINE_VERSION,
      falseClaimsPerMillion: tenant.falseClaimsPerMillion,
      seconds,
      at: new Date().toISOString(),
    }

    const started = await db.system(async (tx) => {
      // Items of one submission end together: whoever waits for another's turn holds nothing that it needs.
      if (found.length > 0) await lockPlaces(tx, item.tenantId)
      await submissions.lockSubmission(tx, submission.id)
      if (!(await items.keepCompared(tx, id, compared))) return []
      await lookForLeads(tx, suspect)
      const alerts = await keepFound(tx, { submission, item: suspect, found }, tenant, config.ALERT_MERGE_S)
      await submissions.settle(tx, submission.id)
      return alerts
    })
    events.matched(run.log, { itemId: id, recordings: found.length })
    for (const { id: alertId, delayMs } of started) {
      await enqueue(queues, 'notify', alertId, { delayMs }).catch((error: unknown) =>
        run.log.warn({ err: error }, 'left to the sweeper'),
      )
    }
  }
