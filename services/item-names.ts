import { countRecordings, findNamed, namesOf } from './catalog/named.ts'
import type { Tx } from './core/db.ts'
import { fileNameOf } from './core/file-name.ts'
import type { RecordingId } from './core/ids.ts'
import { keepLeads } from './matches/lead-store.ts'
import type { FoundRecording } from './matches/match.ts'
import { type NameEvidence, claimsOf, leadsOf, nameEvidence } from './matches/names.ts'
import type { Item } from './submissions/submission.ts'

/** What an item is called: its name and address, what is inside it, and how long it is. */
export type NamedItem = Pick<Item, 'id' | 'tenantId' | 'name' | 'place' | 'url' | 'tags' | 'durationMs'>

/** A name without the folders that it lies in. */
const lastOf = (path: string): string => path.split('/').at(-1) ?? path

/** Without where in its list or page it is: `track 3: Title`, as openers write it (services/openers/find-name.ts). */
const titleOf = (name: string): string =>
  name.replace(/^(?:track|link|player|item|entry|page|audio)(?: \d+)?[^:]{0,20}: /, '')

/**
 * Every way in which an item is called. What is linked has two names beside that of its address: the link's, and that
 * of the file, where its host gave one.
 */
function claimsOfItem({ name, place, url, tags, durationMs }: NamedItem): ReturnType<typeof claimsOf> {
  const linked = url === null ? [] : [place.at(-1), fileNameOf(undefined, new URL(url))]
  const names = new Set(
    [name, ...linked].filter((each) => each !== undefined).map((each) => titleOf(lastOf(each))),
  )
  return [...names].flatMap((fileName, index) =>
    claimsOf({ fileName, tags: index === 0 ? tags : null, durationMs }),
  )
}

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
