import { access, constants, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { decodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { writeAll, writeWhole } from '../../services/audio/index/whole-file.ts'
import type { Passage } from '../../services/audio/search/search.ts'
import { passageSvg } from '../../services/matches/picture.ts'
import { sketchesOfPassage } from '../../services/matches/sketches.ts'
import { failureText } from '../client/failure.ts'
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
 * @param recordingSketch the sketch of a recording; where there is none, its side of the picture has landmarks only.
 * @returns what draws a file's passages, best first, as `NAME-1.svg`, `NAME-2.svg` ….
 */
export async function openPictures(
  folder: string,
  paths: readonly string[],
  recordingSketch: (id: string) => Promise<Uint8Array | undefined>,
): Promise<(found: ToDraw) => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const names = outputNames(paths, '')
  return async ({ place, passages, sketch }) => {
    const whole = sketch && passages.length > 0 ? decodeSketch(sketch) : undefined
    for (const [index, passage] of passages.entries()) {
      const recording = await recordingSketch(passage.referenceId)
      const reference = recording && decodeSketch(recording)
      const sketches = sketchesOfPassage(passage, { suspect: whole, reference })
      const of = { suspect: basename(paths[place] ?? ''), recording: passage.referenceId }
      const output = join(folder, `${names[place] ?? ''}-${index + 1}.svg`)
      const svg = passageSvg({ ...passage, sketches }, of)
      await writeWhole(output, (file) => writeAll(file, Buffer.from(svg)))
    }
  }
}

/**
 * Sketches of recordings made from their audio, each once, since an index keeps none.
 *
 * @param pathOf where a recording's audio was; undefined is answered for what cannot be read there any more.
 */
export function sketchesFromAudio(
  pool: FingerprintPool,
  pathOf: (id: string) => string | undefined,
  signal: AbortSignal,
): (id: string) => Promise<Uint8Array | undefined> {
  const made = new Map<string, Promise<Uint8Array | undefined>>()
  const make = async (id: string): Promise<Uint8Array | undefined> => {
    const path = pathOf(id)
    if (path === undefined) return undefined
    try {
      await access(path, constants.R_OK)
      return (await pool.fingerprint(path, { signal })).sketch
    } catch (error) {
      if (signal.aborted || failureText(error) === undefined) throw error
      return undefined
    }
  }
  return (id) => {
    const sketch = made.get(id) ?? make(id)
    made.set(id, sketch)
    return sketch
  }
}
