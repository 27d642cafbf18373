import * as alerts from '../services/alerts/store.ts'
import { type Place, placeOfKey } from '../services/allowlist/entry.ts'
import { ENGINE_VERSION } from '../services/audio/constants.ts'
import type { SearchResult } from '../services/audio/search/search.ts'
import { markExcluded, standingsAt } from '../services/case-standing.ts'
import { loadSketches } from '../services/catalog/references.ts'
import type { Tx } from '../services/core/db.ts'
import { type ItemId, RecordingId } from '../services/core/ids.ts'
import { events } from '../services/core/metrics.ts'
import type { Run } from '../services/core/queue.ts'
import { withEvidence } from '../services/item-evidence.ts'
import { lookForLeads } from '../services/item-names.ts'
import type { OneRow } from '../services/jobs.ts'
import { followFind } from '../services/matches/find-store.ts'
import { type FoundRecording, type Passage, coveredShare } from '../services/matches/match.ts'
import { withSketches } from '../services/matches/sketches.ts'
import * as matches from '../services/matches/store.ts'
import { enqueue } from '../services/pipeline.ts'
import { capturesOf } from '../services/submissions/captures.ts'
import * as submissions from '../services/submissions/store.ts'
import { type Item, type Submission, locationKeyOf } from '../services/submissions/submission.ts'
import { findSuspectFingerprint } from '../services/submissions/suspect-fingerprints.ts'
import { findTenant } from '../services/tenants/store.ts'
import type { Tools } from './tools.ts'

/** The place where a suspect was found: its address, or the file itself when it was handed in as one. */
function locationOf(submission: Submission, item: Item): { key: string; text: string } {
  if (submission.url) return { key: locationKeyOf(submission.url), text: submission.url }
  return { key: `sha256:${item.sha256}`, text: submission.fileName ?? item.name }
}

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

/** Where the copy lies, for the allow-list: where redirects led, or else where it was found. */
async function placeOf(tx: Tx, submission: Submission, item: Item): Promise<Place> {
  const [capture] = submission.url ? await capturesOf(tx, submission.id) : []
  return capture ? { address: capture.finalUrl } : placeOfKey(locationOf(submission, item).key)
}

/**
 * Notes on each case what happened, sets aside those that no person has to look at, and gathers an alert for those that
 * are new or come up again. @returns the alerts to ring for.
 */
async function openAlerts(
  tx: Tx,
  examined: {
    readonly submission: Submission
    readonly item: Item
    readonly found: readonly FoundRecording[]
  },
  cases: Awaited<ReturnType<typeof matches.record>>,
  mergeS: number,
): Promise<{ id: string; delayMs: number }[]> {
  const { submission, item, found } = examined
  const { tenantId } = item
  const standings = await standingsAt(tx, tenantId, await placeOf(tx, submission, item), found)
  const started: { id: string; delayMs: number }[] = []
  for (const { id, recordingId, isNew } of cases) {
    const standing = standings.get(recordingId) ?? { state: 'needs_review' }
    if (!(await followFind(tx, { id, tenantId, isNew }, standing))) continue
    const alert = await alerts.gather(tx, tenantId, id, mergeS)
    if (alert.isNew) started.push(alert)
  }
  return started
}

/**
 * Compares one suspect with its tenant's catalogue and writes matches, passages, cases and alerts in
 * one transaction. Safe to run twice: only the first of two gets past `keepCompared`.
 */
export const match =
  ({ db, catalogue, searchPool, queues, config }: Tools) =>
  async ({ id }: OneRow<ItemId>, run: Run): Promise<void> => {
    const { item, submission, tenant, stored } = await db.system(async (tx) => {
      if (!(await submissions.itemStages.claim(tx, id, 'match'))) return {}
      const found = await submissions.findItem(tx, id)
      return {
        item: found,
        submission: found && (await submissions.find(tx, found.submissionId)),
        tenant: found && (await findTenant(tx, found.tenantId)),
        stored: found && (await findSuspectFingerprint(tx, found.sha256, ENGINE_VERSION)),
      }
    })
    if (!item || !submission || !tenant) return run.log.info('nothing to match')
    if (!stored) {
      // The engine is newer than the fingerprint: back to have one made.
      await db.system((tx) => submissions.itemStages.advance(tx, id, 'match', 'fingerprint'))
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
    const sketches = await db.system((tx) =>
      loadSketches(
        tx,
        recordings.map(({ recordingId }) => recordingId),
      ),
    )
    const found = withSketches(recordings, stored.sketch ?? undefined, sketches, (error) =>
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
      if (!(await submissions.keepCompared(tx, id, compared))) return []
      const about = {
        tenantId: item.tenantId,
        itemId: id,
        engineVersion: ENGINE_VERSION,
        retroactive: item.compared !== null,
        location: locationOf(submission, item),
      }
      await lookForLeads(tx, item)
      const marked = await markExcluded(tx, found)
      const known = await withEvidence(tx, item, marked, tenant.falseClaimsPerMillion)
      const cases = await matches.record(tx, about, known)
      await submissions.settle(tx, submission.id)
      return openAlerts(tx, { submission, item, found: marked }, cases, config.ALERT_MERGE_S)
    })
    events.matched(run.log, { itemId: id, recordings: found.length })
    for (const { id: alertId, delayMs } of started) {
      await enqueue(queues, 'notify', alertId, { delayMs }).catch((error: unknown) =>
        run.log.warn({ err: error }, 'left to the sweeper'),
      )
    }
  }
