import { createReadStream } from 'node:fs'

import { readCsv } from '../../services/catalog/import/csv/csv.ts'
import { type ImportedRecording, type RowError } from '../../services/catalog/import/entry.ts'
import type { Names } from '../../services/metadata/compare/name-keys.ts'
import { UsageError } from '../terminal.ts'

/** A catalogue as a scan holds it, and the rows of its table that could not be read. */
export interface ReadCatalogue {
  readonly recordings: readonly Names[]
  readonly errors: readonly RowError[]
  readonly errorCount: number
}

/** Rows that are named one by one. */
const ERRORS_MAX = 20
const YEAR_DIGITS = 4

function namesOf({ title, version, artists, isrc, durationMs, release }: ImportedRecording): Names {
  const year = Number(release?.releaseDate?.slice(0, YEAR_DIGITS))
  return {
    title,
    version,
    artists,
    isrc,
    durationMs,
    upc: release?.upc,
    releaseTitle: release?.title,
    year: year > 0 ? year : undefined,
  }
}

/** Reads a table of recordings, as `earwitness import` takes it. @throws {UsageError} when there is none in it. */
export async function readCatalogue(path: string, signal: AbortSignal): Promise<ReadCatalogue> {
  const recordings: Names[] = []
  const errors: RowError[] = []
  let errorCount = 0
  for await (const entry of readCsv(createReadStream(path, { signal }))) {
    if (entry.kind === 'recording') recordings.push(namesOf(entry.recording))
    if (entry.kind !== 'error') continue
    errorCount += 1
    if (errors.length < ERRORS_MAX) errors.push(...entry.errors.slice(0, 1))
  }
  if (recordings.length > 0) return { recordings, errors, errorCount }
  const [first] = errors
  throw new UsageError(`${path} has no recording that can be read${first ? `: ${first.message}` : ''}`)
}
