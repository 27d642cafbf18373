import { COVER_VERSION, type CoverHashes, compareCovers, decodeCover } from './artwork/cover.ts'
import { coversOf } from './catalog/cover-store.ts'
import type { Tx } from './core/db.ts'
import type { ItemId, RecordingId } from './core/ids.ts'
import { type NamedItem, namesBesideAudio } from './item-names.ts'
import type { ArtworkEvidence } from './matches/artwork.ts'
import { withConfidence } from './matches/confidence.ts'
import type { FoundRecording } from './matches/match.ts'
import { coverOfItem } from './submissions/store.ts'

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
