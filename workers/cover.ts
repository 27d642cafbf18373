import { stat, readFile } from 'node:fs/promises'

import { coverHashes, encodeCover, isComparable } from '../services/artwork/cover.ts'
import { embeddedCover } from '../services/artwork/embedded-cover.ts'
import { IMAGE_BYTES_MAX, openImage } from '../services/artwork/open-image.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'

/**
 * The hashes of the cover inside a media file in the form in which they are kept, undefined when there is none. A
 * picture that cannot be opened is noted in the log: the audio around it is examined all the same.
 */
export async function coverIn(path: string, mediaType: string, run: Run): Promise<Uint8Array | undefined> {
  try {
    const cover = await embeddedCover(path, mediaType)
    return cover && encodeCover(cover)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    run.log.info({ problem: error.toJSON() }, 'the cover inside the file is not read')
    return undefined
  }
}

/**
 * The hashes of a picture in the form in which they are kept, undefined when it is too plain to be compared with others.
 *
 * @throws {Problem} image/too-large, image/unreadable.
 */
export async function coverOf(path: string): Promise<Uint8Array | undefined> {
  const { size } = await stat(path)
  if (size > IMAGE_BYTES_MAX)
    throw new Problem('image/too-large', `The picture has ${size} bytes; ${IMAGE_BYTES_MAX} are read`)
  const hashes = coverHashes(await openImage(await readFile(path)))
  return isComparable(hashes) ? encodeCover(hashes) : undefined
}
