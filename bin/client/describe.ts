import { parseFile } from 'music-metadata'

import { NewRecording, type NewRecordingInput } from '../../services/catalog/recording.ts'
import { Problem } from '../../services/core/problem.ts'
import * as files from '../../services/metadata/claims/describe-file.ts'

export type Known = files.Known
/** A recording as its file describes it, and what of the description could not be used. */
export interface Description {
  readonly recording: NewRecordingInput
  readonly warnings: readonly string[]
}

/** Only the head and tail of a file are read, but a broken one may hold endless loops of small pieces. */
const TAGS_TIMEOUT_MS = 20_000

/**
 * The recording that a file's tags and name describe.
 *
 * @throws {Problem} request/invalid when nobody says who the artist is, or a name is too long to be one.
 */
export function describe(path: string, tags: files.RecordingTags, known: Known): Description {
  const { recording, warnings } = files.describeFile(path, tags, known)
  if (recording.artists.length === 0)
    throw new Problem('request/invalid', 'Neither its tags nor its name say who the artist is; give --artist')
  // The service's own schema, so that what it would refuse is told before anything is fingerprinted.
  const checked = NewRecording.safeParse(recording)
  if (checked.success) return { recording, warnings }
  const faults = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Problem('request/invalid', faults.join('; '))
}

/**
 * Reads a file's tags and describes the recording. A file whose tags cannot be read is described by its name:
 * whether it is audio at all is for the decoder to say.
 *
 * @throws {Problem} as `describe`
 */
export async function describeFile(path: string, known: Known): Promise<Description> {
  const reading = parseFile(path, { skipCovers: true })
  const timeout = new Promise<'too slow'>((resolve) => {
    setTimeout(resolve, TAGS_TIMEOUT_MS, 'too slow').unref()
  })
  const read = await Promise.race([reading, timeout]).catch((error: unknown) => {
    if (error instanceof Error && 'syscall' in error) throw error
    return 'unreadable' as const
  })
  if (typeof read === 'object') return describe(path, read.common, known)
  const { recording, warnings } = describe(path, {}, known)
  return { recording, warnings: [...warnings, `its tags are ${read}; named after the file`] }
}
