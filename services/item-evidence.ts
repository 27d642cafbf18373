import {
  COVER_VERSION,
  type CoverHashes,
  SIMILAR_DISTANCE_MAX,
  compareCovers,
  decodeCover,
  hashToHex,
} from './artwork/cover.ts'
import { coversLike, coversOf } from './catalog/cover-store.ts'
import type { Tx } from './core/db.ts'
import type { ItemId, RecordingId } from './core/ids.ts'
import { type NamedItem, namesBesideAudio } from './item-names.ts'
import type { ArtworkEvidence } from './matches/artwork.ts'
import { withConfidence } from './matches/confidence.ts'
import { keepLeads } from './matches/lead-store.ts'
import type { FoundRecording } from './matches/match.ts'
import { LEADS_MAX, type Lead } from './matches/names.ts'
import { coverOfItem } from './submissions/item-store.ts'

/** Hashes of before cannot be compared with those of now; they are made anew when their file is seen again. */
const present = (kept: Uint8Array): CoverHashes | undefined =>
  kept[0] === COVER_VERSION ? decodeCover(kept) : undefined

/** The closest of several covers. */
function closest(theirs: CoverHashes, ours: readonly Uint8Array[]): ArtworkEvidence | undefined {
  let best: ArtworkEvidence | undefined
  for (const kept of ours) {
    const cover = present(kept)
    const compared = cover && compareCovers(theirs, cover)
    if (compared && (!best || compared.distance < best.distance))
      best = { relation: compared.relation, distance: compared.distance }
  }
  return best
}

/**
 * How the cover inside an item compares with those of recordings that were heard in it. Recordings without a cover are
 * left out, and all of them where the item has none.
 */
async function artworkBesideAudio(
  tx: Tx,
  id: ItemId,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, ArtworkEvidence>> {
  const kept = ids.length > 0 ? await coverOfItem(tx, id) : undefined
  const theirs = kept && present(kept)
  const found = new Map<RecordingId, ArtworkEvidence>()
  if (!theirs) return found
  for (const [recordingId, ours] of await coversOf(tx, ids)) {
    const evidence = closest(theirs, ours)
    if (evidence) found.set(recordingId, evidence)
  }
  return found
}

/**
 * What was heard in an item with what else speaks for it or against it, its names and its cover, and with the
 * confidence that they make together.
 *
 * @param falseClaimsPerMillion as the search was made with.
 */
export async function withEvidence(
  tx: Tx,
  item: NamedItem,
  heard: readonly FoundRecording[],
  falseClaimsPerMillion: number,
): Promise<FoundRecording[]> {
  const ids = heard.map(({ recordingId }) => recordingId)
  const names = await namesBesideAudio(tx, item, heard)
  const artwork = await artworkBesideAudio(tx, item.id, ids)
  return heard.map((each) =>
    withConfidence(
      { ...each, names: names.get(each.recordingId), artwork: artwork.get(each.recordingId) },
      falseClaimsPerMillion,
    ),
  )
}

/**
 * Looks for the recordings whose releases have a cover like a picture, and keeps them as its leads in place of those kept
 * before. A picture alone opens no case: anybody may show a cover.
 */
export async function lookForCoverLeads(tx: Tx, item: Pick<NamedItem, 'id' | 'tenantId'>): Promise<void> {
  const kept = await coverOfItem(tx, item.id)
  const theirs = kept && present(kept)
  const leads = new Map<RecordingId, Lead & { artwork: ArtworkEvidence }>()
  if (theirs) {
    const hashes = [theirs.whole, ...(theirs.centre ? [theirs.centre] : [])].map(hashToHex)
    for (const { recordingId, cover } of await coversLike(tx, item.tenantId, hashes, SIMILAR_DISTANCE_MAX)) {
      const artwork = closest(theirs, [cover])
      const known = leads.get(recordingId)
      if (!artwork || artwork.relation === 'different') continue
      if (!known || artwork.distance < known.artwork.distance)
        leads.set(recordingId, { recordingId, names: null, artwork })
    }
  }
  const nearest = [...leads.values()].toSorted((a, b) => a.artwork.distance - b.artwork.distance)
  await keepLeads(tx, item, nearest.slice(0, LEADS_MAX))
}
