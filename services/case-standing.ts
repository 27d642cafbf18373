import { type Place, placeOfKey } from './allowlist/entry.ts'
import { leaveOf } from './allowlist/leave.ts'
import { entriesAround } from './allowlist/store.ts'
import type { Dossier } from './case-dossier.ts'
import { excludedSegmentsOf } from './catalog/excluded-segments-store.ts'
import { isExcluded } from './catalog/excluded-segments.ts'
import type { Recording } from './catalog/recording.ts'
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

/** What gives leave for a recording at one of some places. */
async function leaveAt(tx: Tx, tenantId: TenantId, places: readonly Place[], recording: Recording) {
  for (const place of places) {
    const leave = leaveOf(
      recording,
      place,
      await entriesAround(tx, tenantId, place, [recording.id]),
      new Date(),
    )
    if (leave) return leave
  }
  return undefined
}

/**
 * What finds at a place mean for their cases now, by recording: whether a person has to look, or why not.
 *
 * @param places where the copy lies, and the page that leads to it: leave for one of them is enough.
 * @param found with its excluded passages marked.
 */
export async function standingsAt(
  tx: Tx,
  tenantId: TenantId,
  places: readonly Place[],
  found: readonly FoundRecording[],
): Promise<ReadonlyMap<RecordingId, Standing>> {
  const standings = new Map<RecordingId, Standing>()
  for (const { recordingId, passages } of found) {
    const recording = await recordings.find(tx, recordingId)
    const leave = recording && (await leaveAt(tx, tenantId, places, recording))
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
function placeOfCase({ opened, matches }: Pick<Dossier, 'opened' | 'matches'>): Place {
  const [latest] = matches.toSorted((a, b) => b.match.createdAt.getTime() - a.match.createdAt.getTime())
  return latest?.capture ? { address: latest.capture.finalUrl } : placeOfKey(opened.locationKey)
}

/** Where the copy of a case is offered: where it lies, and the page that leads to it. Leave for one of them is enough. */
export function placesOfCase(dossier: Pick<Dossier, 'opened' | 'matches'>): Place[] {
  const { pageUrl } = dossier.opened
  return [placeOfCase(dossier), ...(pageUrl === null ? [] : [{ address: pageUrl }])]
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
  const leave = await leaveAt(tx, tenantId, placesOfCase(dossier), recording)
  if (leave) return leave
  const segments = (await excludedSegmentsOf(tx, [recording.id])).get(recording.id) ?? []
  const passages = dossier.matches.flatMap((find) => find.passages)
  if (passages.length > 0 && passages.every((passage) => isExcluded(passage, segments)))
    return { words: 'All that was found lies in excluded parts of the recording', concerns: 'work' }
  return undefined
}
