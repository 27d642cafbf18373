import { copyLine } from '../../../core/copy-text.ts'
import { RecordingId, newOrderedId } from '../../../core/ids.ts'
import type { ImportedRights, RecordingEntry } from '../entry.ts'
import type { ImportKeys } from './keys.ts'

/** A row that is ready to be written: checked, with its keys. */
export interface StagedRow {
  readonly entry: RecordingEntry
  readonly keys: ImportKeys
}

/** The staging table's columns in the order of `stagedLine`; `number` is the place in the batch, from 0. */
export const stagedColumns =
  'number, new_id, isrc, name_key, search_key, title, version, artists, featured, iswc, duration_ms, rights_holder, ' +
  'p_line, language, genre, explicit, own_id, policy, authorised, release_id, rights, whole'

/**
 * What the file says of rights, as JSON. A role or share that it does not tell is left out, and so stays as it is; where
 * and when are one statement: an end that the file does not tell any more is gone.
 */
function rightsJson({
  role,
  sharePercent,
  territories,
  excludedTerritories,
  validFrom = null,
  validTo = null,
}: { [Key in keyof ImportedRights]: ImportedRights[Key] | null }): string {
  return JSON.stringify({ role, sharePercent, territories, excludedTerritories, validFrom, validTo })
}

/** Whether it says nothing but what holds anyway where nothing was told. Most rows of most files do. */
const isWhole = (rights: ImportedRights): boolean =>
  (rights.role ?? 'owner') === 'owner' &&
  (rights.sharePercent ?? 100) === 100 &&
  rights.territories[0] === 'Worldwide' &&
  rights.excludedTerritories.length === 0 &&
  rights.validFrom === undefined &&
  rights.validTo === undefined

/** A row in the text format of COPY. */
export function stagedLine(
  number: number,
  { entry, keys }: StagedRow,
  releaseId: string | undefined,
): string {
  const { recording } = entry
  const { rights } = recording
  return copyLine([
    number,
    newOrderedId(RecordingId),
    recording.isrc,
    keys.name,
    keys.search,
    recording.title,
    recording.version,
    recording.artists,
    recording.featured,
    recording.iswc,
    recording.durationMs,
    recording.rightsHolder,
    recording.pLine,
    recording.language,
    recording.genre,
    recording.explicit,
    recording.ownId,
    recording.policy,
    recording.authorised,
    releaseId,
    rights && rightsJson(rights),
    rights ? isWhole(rights) : undefined,
  ])
}
