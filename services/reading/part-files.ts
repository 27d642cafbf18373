import { readFile } from 'node:fs/promises'

import { FILE_HEAD_BYTES, detectFileKind } from '../submissions/file-kind.ts'
import type { PartsRead } from '../submissions/parts-read.ts'
import type { CutAudio, Stretch } from './layouts/layout.ts'
import { lookFor } from './layouts/look.ts'

/**
 * The parts of a file that were listened to, each as a file of its own that a decoder takes, and where in time it lies.
 *
 * @param path of the stored parts, one after the other.
 * @throws {Error} when they are not what was read.
 */
export async function partsOf(path: string, read: PartsRead): Promise<CutAudio[]> {
  const bytes = await readFile(path)
  const stretches = stretchesOf(bytes, read)
  const isHeard = (index: number): boolean => read.parts[index]!.fromMs !== null
  if (read.totalBytes === null) return ofStream(stretches, read)
  const look = lookFor(detectFileKind(bytes.subarray(0, FILE_HEAD_BYTES)).format)
  const seen = look?.(stretches, read.totalBytes)
  if (!seen || !('layout' in seen)) throw new Error('The parts of a file are not what was read')
  return stretches.flatMap((stretch, index) => (isHeard(index) ? (seen.layout.cut(stretch) ?? []) : []))
}

/** Parts that are stored behind each other, at their places in the file. */
function stretchesOf(bytes: Uint8Array, { parts }: PartsRead): Stretch[] {
  let at = 0
  return parts.map(({ from, to }) => {
    const length = to - from + 1
    at += length
    return { from, bytes: bytes.subarray(at - length, at) }
  })
}

/** Segments that follow each other make a file, behind what stands before them all. */
function ofStream(stretches: readonly Stretch[], { parts }: PartsRead): CutAudio[] {
  const before = stretches.filter((_, index) => parts[index]!.fromMs === null).map(({ bytes }) => bytes)
  return parts.flatMap(({ fromMs, toMs }, index) =>
    fromMs === null || toMs === null ? [] : [{ pieces: [...before, stretches[index]!.bytes], fromMs, toMs }],
  )
}
