import { countRecordings, findNamed, namesOf } from './catalog/named.ts'
import type { Tx } from './core/db.ts'
import type { RecordingId } from './core/ids.ts'
import { keepLeads } from './matches/lead-store.ts'
import type { FoundRecording } from './matches/match.ts'
import { type NameEvidence, claimsOf, leadsOf, nameEvidence } from './matches/names.ts'
import type { Item } from './submissions/submission.ts'

/** What an item is called: its name, what is inside it, and how long it is. */
export type NamedItem = Pick<Item, 'id' | 'tenantId' | 'name' | 'tags' | 'durationMs'>

const claimsOfItem = ({ name, tags, durationMs }: NamedItem) => claimsOf({ fileName: name, tags, durationMs })

/** Looks for the recordings that an item may be by its names alone, and keeps them in place of those kept before. */
export async function lookForLeads(tx: Tx, item: NamedItem): Promise<void> {
  const claims = claimsOfItem(item)
  const candidates = await findNamed(
    tx,
    item.tenantId,
    claims.map(({ names }) => names),
  )
  const recordings = candidates.length > 0 ? await countRecordings(tx, item.tenantId) : 0
  await keepLeads(tx, item, leadsOf(claims, candidates, recordings))
}

/** Of what is heard in part, the length says nothing: an excerpt is as long as it was cut. */
const WHOLE_SHARE = 0.8

/** How the names of an item agree with recordings that were heard in it; those that it says nothing of are left out. */
export async function namesBesideAudio(
  tx: Tx,
  item: NamedItem,
  heard: readonly Pick<FoundRecording, 'recordingId' | 'shareOfRecording'>[],
): Promise<ReadonlyMap<RecordingId, NameEvidence>> {
  const shares = new Map(heard.map(({ recordingId, shareOfRecording }) => [recordingId, shareOfRecording]))
  const whole = claimsOfItem(item)
  const excerpt = claimsOfItem({ ...item, durationMs: null })
  const recordings = heard.length > 0 ? await countRecordings(tx, item.tenantId) : 0
  const found = new Map<RecordingId, NameEvidence>()
  for (const { id, names } of await namesOf(tx, [...shares.keys()])) {
    const claims = (shares.get(id) ?? 0) < WHOLE_SHARE ? excerpt : whole
    const evidence = nameEvidence(claims, names, recordings)
    if (evidence) found.set(id, evidence)
  }
  return found
}
