import type { Tx } from '../../../core/db.ts'
import type { RecordingId, TenantId } from '../../../core/ids.ts'
import { similarity } from '../../../metadata/similarity.ts'
import { revive } from '../../withdrawal.ts'
import type { ImportedRelease, RowError } from '../entry.ts'
import type { ImportChange } from '../import.ts'
import type { RowErrorCode } from '../row-error.ts'
import { type FieldChanges, placeReleases, releaseKeyOf, writeReleases } from './releases.ts'
import { type StagedRow, stagedLine } from './staged-row.ts'
import * as staging from './store.ts'

/** Two files of one recording rarely differ by more: silence at the ends, rounding. */
const DURATION_TOLERANCE_MS = 3_000
/** Titles of which less than half could stay are of other recordings; spellings and added words leave more. */
const TITLE_SIMILARITY_MIN = 0.5

/** A batch of so many rows is rarely the last of its file. */
const MORE_TO_COME_ROWS = 5_000

/** What became of a batch. Errors are of rows that were not taken in, warnings of rows that were. */
export interface Merged {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly purged: number
  readonly errors: readonly RowError[]
  readonly warnings: readonly RowError[]
  readonly changes: readonly Omit<ImportChange, 'number'>[]
}

export const nothingMerged: Merged = {
  created: 0,
  updated: 0,
  unchanged: 0,
  purged: 0,
  errors: [],
  warnings: [],
  changes: [],
}

/** Whose catalogue it is, and who owns what nobody is named for. */
export interface Holder {
  readonly id: TenantId
  readonly name: string
}

const titlesAgree = (one: string, other: string): boolean =>
  one.includes(other) || other.includes(one) || similarity(one, other) >= TITLE_SIMILARITY_MIN

/** The releases that rows speak of; the first row that names one describes it. */
function releasesOf(rows: readonly StagedRow[]): Map<string, ImportedRelease> {
  const releases = new Map<string, ImportedRelease>()
  for (const { entry } of rows) {
    const { release } = entry.recording
    const key = release && releaseKeyOf(release)
    if (key && !releases.has(key)) releases.set(key, release)
  }
  return releases
}

/** What is told about a batch while it is compared. */
interface Findings {
  readonly errors: RowError[]
  readonly warnings: RowError[]
  tell(list: 'errors' | 'warnings', number: number, column: string, code: RowErrorCode, message: string): void
}

function findingsOf(rows: readonly StagedRow[]): Findings {
  const findings: Findings = {
    errors: [],
    warnings: rows.flatMap(({ entry }) => entry.warnings),
    tell: (list, number, column, code, message) =>
      findings[list].push({ row: rows[number]?.entry.row ?? 0, column, code, message }),
  }
  return findings
}

const inSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`

/**
 * Takes out rows whose ISRC belongs to another recording: another title, and a duration that does not speak for it.
 * When only one of the two differs the row is taken in, and that is told.
 *
 * @returns the places in the batch of those that were taken out.
 */
async function settleContested(tx: Tx, rows: readonly StagedRow[], findings: Findings): Promise<number[]> {
  const refused: number[] = []
  for (const { number, ...known } of await staging.contested(tx, DURATION_TOLERANCE_MS)) {
    const row = rows[number]
    if (!row) throw new Error('a staged row has no place in its batch')
    const { durationMs, isrc } = row.entry.recording
    const offMs =
      durationMs === undefined || known.knownDurationMs === null
        ? undefined
        : Math.abs(durationMs - known.knownDurationMs)
    const sameTitle = titlesAgree(row.keys.title, known.knownTitleKey)
    const sameLength = offMs !== undefined && offMs <= DURATION_TOLERANCE_MS
    if (!sameTitle && !sameLength) {
      refused.push(number)
      const why =
        offMs === undefined ? 'no duration speaks for it' : `the duration is off by ${inSeconds(offMs)}`
      const message = `${isrc} is “${known.knownTitle}” in this catalogue, and ${why}`
      findings.tell('errors', number, 'isrc', 'isrc-conflict', message)
    } else if (!sameTitle) {
      const message = `${isrc} was “${known.knownTitle}” until now; the duration is the same`
      findings.tell('warnings', number, 'title', 'isrc-conflict', message)
    } else if (offMs !== undefined && !sameLength) {
      const message = `${isrc} is ${inSeconds(known.knownDurationMs ?? 0)} long in this catalogue, off by ${inSeconds(offMs)}`
      findings.tell('warnings', number, 'durationMs', 'isrc-conflict', message)
    }
  }
  await staging.unstage(tx, refused)
  return refused
}

/** Changes of releases, at the first row of each that was taken in. */
function releaseChanges(
  rows: readonly StagedRow[],
  releases: ReadonlyMap<string, FieldChanges>,
  known: ReadonlyMap<number, RecordingId>,
): Map<number, FieldChanges> {
  const open = new Map(releases)
  const told = new Map<number, FieldChanges>()
  for (const number of known.keys()) {
    const release = rows[number]?.entry.recording.release
    const key = release && releaseKeyOf(release)
    const changed = key && open.get(key)
    if (!changed) continue
    told.set(number, changed)
    open.delete(key)
  }
  return told
}

/** Rows of a batch, by their places in it, that are not written. */
interface LeftOut {
  /** They are wrong. */
  readonly refused: readonly number[]
  /** An earlier row is the same recording. */
  readonly repeated: readonly number[]
}

/** Finds which recordings the staged rows mean, and takes out those that mean none for sure, or one twice. */
async function recognise(
  tx: Tx,
  tenantId: TenantId,
  rows: readonly StagedRow[],
  findings: Findings,
): Promise<LeftOut> {
  await staging.recogniseCoded(tx, tenantId)
  const hasBare = rows.some(({ entry }) => entry.recording.isrc === undefined)
  const ambiguous = hasBare ? await staging.recogniseBare(tx, tenantId) : []
  for (const number of ambiguous)
    findings.tell('errors', number, 'isrc', 'ambiguous', 'several recordings have these names; give the ISRC')
  await staging.unstage(tx, ambiguous)
  const contested = await settleContested(tx, rows, findings)
  const repeated = hasBare ? await staging.repeated(tx) : []
  const message = 'an earlier row is the same recording; this one was left out'
  for (const number of repeated) findings.tell('warnings', number, '', 'duplicate', message)
  await staging.unstage(tx, repeated)
  return { refused: [...ambiguous, ...contested], repeated }
}

/**
 * Takes a batch of rows into the catalogue: recognises which are there, registers the others, and takes over what the
 * file says differently. What it does not say stays as it is. The caller holds the catalogue's lock.
 *
 * @param rows of which no two have the same ISRC, nor the same names when one of them has none.
 */
export async function mergeRows(tx: Tx, holder: Holder, rows: readonly StagedRow[]): Promise<Merged> {
  if (rows.length === 0) return nothingMerged
  const findings = findingsOf(rows)
  const places = await placeReleases(tx, holder.id, releasesOf(rows))
  const releaseIdOf = ({ entry: { recording } }: StagedRow): string | undefined =>
    recording.release && places.get(releaseKeyOf(recording.release))?.id
  await staging.stage(
    tx,
    rows.map((row, number) => stagedLine(number, row, releaseIdOf(row))),
  )
  const { refused, repeated } = await recognise(tx, holder.id, rows, findings)
  const leftOut = new Set([...refused, ...repeated])
  const taken = leftOut.size > 0 ? rows.filter((_, number) => !leftOut.has(number)) : rows
  const releases = await writeReleases(tx, holder.id, releasesOf(taken), places)

  if (rows.length >= MORE_TO_COME_ROWS) await staging.gatherWords(tx)
  const changed = await staging.changed(tx)
  const created = await staging.create(tx, holder)
  await staging.update(tx, changed)
  await staging.keepStagedRights(tx, holder.id)
  await revive(
    tx,
    changed.filter(({ changes }) => 'withdrawn' in changes).map(({ id }) => id),
  )

  const known = releases.size > 0 ? await staging.recognised(tx) : new Map<number, RecordingId>()
  const ofReleases = releaseChanges(rows, releases, known)
  const ids = new Map([...known].filter(([number]) => ofReleases.has(number)))
  for (const { number, id } of changed) ids.set(number, id)
  const fieldsOf = new Map(changed.map(({ number, changes }) => [number, changes]))
  const inOrder = [...ids].toSorted(([one], [other]) => one - other)
  const changes = inOrder.map(([number, recordingId]) => ({
    row: rows[number]?.entry.row ?? 0,
    recordingId,
    fields: { ...ofReleases.get(number), ...fieldsOf.get(number) },
  }))
  return {
    ...findings,
    created,
    updated: ids.size,
    unchanged: rows.length - refused.length - created - ids.size,
    purged: 0,
    changes,
  }
}
