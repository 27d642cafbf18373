import * as alerts from '../services/alerts/store.ts'
import { channelAt } from '../services/allowlist/channel.ts'
import { type Place, placeOfKey } from '../services/allowlist/entry.ts'
import { ENGINE_VERSION } from '../services/audio/constants.ts'
import { standingsAt } from '../services/case-standing.ts'
import { uploaderKeyOf } from '../services/case-whereabouts.ts'
import type { Tx } from '../services/core/db.ts'
import { withEvidence } from '../services/item-evidence.ts'
import { followFind } from '../services/matches/find-store.ts'
import type { FoundRecording } from '../services/matches/match.ts'
import * as matches from '../services/matches/store.ts'
import { captureAt } from '../services/submissions/captures.ts'
import { type ItemLocation, locationOf, saidUploaderOf } from '../services/submissions/item-location.ts'
import { ancestorsOf } from '../services/submissions/item-store.ts'
import type { MediaItem, Submission } from '../services/submissions/submission.ts'
import type { Tenant } from '../services/tenants/tenant.ts'

/** A suspect with what was heard in it, excluded passages marked. */
interface Examined {
  readonly submission: Submission
  readonly item: MediaItem
  readonly found: readonly FoundRecording[]
}

/** Where the copy lies, for the allow-list: where redirects led, or else where it was found; and the page that leads there. */
async function placesOf(tx: Tx, submission: Submission, location: ItemLocation): Promise<Place[]> {
  const { key, pageUrl } = location
  const capture = await captureAt(tx, submission.id, location)
  return [
    capture ? { address: capture.finalUrl } : placeOfKey(key),
    ...(pageUrl === null ? [] : [{ address: pageUrl }]),
  ]
}

/**
 * Writes what was found in an item with what else speaks for it, notes on each case what happened, sets aside those that
 * no person has to look at, and gathers an alert for those that are new or come up again.
 *
 * @returns the alerts to ring for.
 */
export async function keepFound(
  tx: Tx,
  { submission, item, found }: Examined,
  { falseClaimsPerMillion }: Pick<Tenant, 'falseClaimsPerMillion'>,
  mergeS: number,
): Promise<{ id: string; delayMs: number }[]> {
  const { tenantId } = item
  const above = await ancestorsOf(tx, item)
  const location = locationOf(submission, item, above)
  const saidUploader = saidUploaderOf(item, above)
  const places = await placesOf(tx, submission, location)
  const channel = channelAt([
    location.url,
    location.pageUrl,
    ...places.map((place) => ('address' in place ? place.address : null)),
  ])
  const about = {
    tenantId,
    itemId: item.id,
    engineVersion: ENGINE_VERSION,
    retroactive: item.compared !== null,
    location: { ...location, channel, saidUploader, uploaderKey: uploaderKeyOf(saidUploader, location) },
  }
  const known = await withEvidence(tx, item, found, falseClaimsPerMillion)
  const cases = await matches.record(tx, about, known)
  const standings = await standingsAt(tx, tenantId, places, found)
  const started: { id: string; delayMs: number }[] = []
  for (const { id, recordingId, isNew } of cases) {
    const standing = standings.get(recordingId) ?? { state: 'needs_review' }
    if (!(await followFind(tx, { id, tenantId, isNew }, standing))) continue
    const alert = await alerts.gather(tx, tenantId, id, mergeS)
    if (alert.isNew) started.push(alert)
  }
  return started
}
