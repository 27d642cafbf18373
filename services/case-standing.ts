import { type Place, placeOfKey } from './allowlist/entry.ts'
import { leaveOf } from './allowlist/leave.ts'
import { entriesAround } from './allowlist/store.ts'
import type { Dossier } from './case-dossier.ts'
import { excludedSegmentsOf } from './catalog/excluded-segments-store.ts'
import { isExcluded } from './catalog/excluded-segments.ts'
import * as recordings from './catalog/store.ts'
import type { Tx } from './core/db.ts'
import type { RecordingId, TenantId } from './core/ids.ts'
import type { Standing } from './matches/case.ts'
import { isWhollyExcluded } from './matches/excluded.ts'
import type { FoundRecording } from './matches/match.ts'

/** Marks the passages that lie in parts of their recordings which are not the holder's own. */
export async function markExcluded(tx: Tx, found: readonly FoundRecording[]): Promise<FoundRecording[]> {
  const segments = await excludedSegmentsOf(
    tx,
    found.map(({ recordingId }) => recordingId),
  )
  return found.map((each) => ({
    ...each,
    passages: each.passages.map((passage) => ({
      ...passage,
      excluded: isExcluded(passage, segments.get(each.recordingId) ?? []),
    })),
  }))
}

/**
 * What finds at a place mean for their cases now, by recording: whether a person has to look, or why not.
 *
 * @param found with its excluded passages marked.
 */
export async function standingsAt(
  tx: Tx,
  tenantId: TenantId,
  place: Place,
  found: readonly FoundRecording[],
): Promise<ReadonlyMap<RecordingId, Standing>> {
  const ids = found.map(({ recordingId }) => recordingId)
  const entries = ids.length > 0 ? await entriesAround(tx, tenantId, place, ids) : []
  const standings = new Map<RecordingId, Standing>()
  for (const { recordingId, passages } of found) {
    const recording = await recordings.find(tx, recordingId)
    const leave = recording && leaveOf(recording, place, entries, new Date())
    if (leave) standings.set(recordingId, leave)
    else if (isWhollyExcluded(passages))
      standings.set(recordingId, {
        state: 'excluded',
        words: 'Only excluded parts of the recording were found',
      })
  }
  return standings
}

/**
 * Where the copy of a case lies as far as is known: where redirects led when it was last seen, or else its location.
 * A redirect from an allowed site may lead anywhere, and one from anywhere to an allowed site.
 */
export function placeOfCase({ opened, matches }: Pick<Dossier, 'opened' | 'matches'>): Place {
  const [latest] = matches.toSorted((a, b) => b.match.createdAt.getTime() - a.match.createdAt.getTime())
  return latest?.capture ? { address: latest.capture.finalUrl } : placeOfKey(opened.locationKey)
}

/** Why nobody may demand the removal of what a case is about. */
export interface Bar {
  /** For the holder: names the entry of the allow-list. */
  readonly words: string
  /** Which part of a report it concerns. */
  readonly concerns: 'work' | 'location'
}

/** What bars a notice about a case now, whatever was true when it was opened; undefined when nothing does. */
export async function barOf(tx: Tx, tenantId: TenantId, dossier: Dossier): Promise<Bar | undefined> {
  const { recording } = dossier
  if (recording.withdrawnAt)
    return {
      words: `“${recording.title}” was withdrawn from the catalogue: it is no longer claimed`,
      concerns: 'work',
    }
  const place = placeOfCase(dossier)
  const leave = leaveOf(
    recording,
    place,
    await entriesAround(tx, tenantId, place, [recording.id]),
    new Date(),
  )
  if (leave) return leave
  const segments = (await excludedSegmentsOf(tx, [recording.id])).get(recording.id) ?? []
  const passages = dossier.matches.flatMap((find) => find.passages)
  if (passages.length > 0 && passages.every((passage) => isExcluded(passage, segments)))
    return { words: 'All that was found lies in excluded parts of the recording', concerns: 'work' }
  return undefined
}
