import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { decodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import { writeAll, writeWhole } from '../../services/audio/index/whole-file.ts'
import type { Passage } from '../../services/audio/search/search.ts'
import { passageSvg } from '../../services/matches/picture.ts'
import { sketchesOfPassage } from '../../services/matches/sketches.ts'
import { outputNames } from '../client/fingerprint.ts'

/** What was found in one file, to be drawn. */
export interface ToDraw {
  /** Its place in the list of files. */
  readonly place: number
  readonly passages: readonly Passage[]
  /** Of the file, as its fingerprint came with. */
  readonly sketch: Uint8Array | undefined
}

/**
 * Makes a folder for pictures of what is found in files.
 *
 * @returns what draws a file's passages, best first, as `NAME-1.svg`, `NAME-2.svg` …. An index of fingerprints
 *   keeps no sketches, so the recording's side has its landmarks only.
 */
export async function openPictures(
  folder: string,
  paths: readonly string[],
): Promise<(found: ToDraw) => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const names = outputNames(paths, '')
  return async ({ place, passages, sketch }) => {
    const whole = sketch && passages.length > 0 ? decodeSketch(sketch) : undefined
    for (const [index, passage] of passages.entries()) {
      const sketches = sketchesOfPassage(passage, { suspect: whole, reference: undefined })
      const of = { suspect: basename(paths[place] ?? ''), recording: passage.referenceId }
      const output = join(folder, `${names[place] ?? ''}-${index + 1}.svg`)
      const svg = passageSvg({ ...passage, sketches }, of)
      await writeWhole(output, (file) => writeAll(file, Buffer.from(svg)))
    }
  }
}
