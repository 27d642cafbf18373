import {
  ENGINE_VERSION,
  FRAMES_PER_SECOND,
  SUSPECT_PEAKS_PER_SPAN,
  TIME_UNITS_PER_FRAME,
  msToFrames,
} from '../constants.ts'
import { decodeSketch, encodeSketch } from '../extract/sketch-bytes.ts'
import { SKETCH_ROWS } from '../extract/sketch.ts'
import { createPeakListBuilder, thinPeaks } from '../peak-list.ts'
import { decodeFingerprint, encodeFingerprint } from './fingerprint.ts'

/** A stretch of a recording of which only stretches are there. */
export interface Placed {
  /** Where it begins, in ms of the whole. */
  readonly fromMs: number
  /** As it was made of the stretch alone. */
  readonly bytes: Uint8Array
}

/**
 * One suspect of stretches that were listened to by themselves: their peaks at their places, and nothing between them.
 *
 * @param parts encoded suspects of this engine version, in their order, at least one.
 * @param durationMs of the whole.
 * @throws {Problem} as `decodeFingerprint`.
 */
export function joinFingerprints(parts: readonly Placed[], durationMs: number): Uint8Array {
  const builder = createPeakListBuilder()
  let before = -1
  let endMs = durationMs
  for (const { fromMs, bytes } of parts) {
    const { peaks, durationMs: lengthMs } = decodeFingerprint(bytes)
    const offset = Math.round((fromMs / 1000) * FRAMES_PER_SECOND * TIME_UNITS_PER_FRAME)
    endMs = Math.max(endMs, Math.ceil(fromMs + lengthMs))
    for (let index = 0; index < peaks.count; index++) {
      const time = offset + peaks.time[index]!
      if (time <= before && index === 0) break // A stretch that begins before the last one ended adds nothing.
      builder.append(time, peaks.bin[index]!, peaks.radius[index]!, peaks.level[index]!)
    }
    if (peaks.count > 0) before = Math.max(before, offset + peaks.time[peaks.count - 1]!)
  }
  return encodeFingerprint({
    kind: 'suspect',
    engineVersion: ENGINE_VERSION,
    durationMs: endMs,
    // The two seconds that peaks are counted in begin elsewhere now.
    peaks: thinPeaks(builder.build(), SUSPECT_PEAKS_PER_SPAN),
  })
}

/**
 * One sketch of stretches: what was not heard is empty.
 *
 * @param parts encoded, at least one.
 * @throws {Problem} as `decodeSketch`.
 */
export function joinSketches(parts: readonly Placed[], durationMs: number): Uint8Array {
  const sketches = parts.map(({ fromMs, bytes }) => ({ fromMs, sketch: decodeSketch(bytes) }))
  const { framesPerColumn } = sketches[0]!.sketch
  const columnOf = (ms: number): number => Math.round(msToFrames(ms) / framesPerColumn)
  const columns = Math.max(
    columnOf(durationMs),
    ...sketches.map(({ fromMs, sketch }) => columnOf(fromMs) + sketch.columns),
  )
  const cells = new Uint8Array(columns * SKETCH_ROWS)
  for (const { fromMs, sketch } of sketches) cells.set(sketch.cells, columnOf(fromMs) * SKETCH_ROWS)
  return encodeSketch({ firstFrame: 0, framesPerColumn, columns, cells })
}
