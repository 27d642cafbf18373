import {
  BAND_COUNT,
  BANDS_PER_OCTAVE,
  DURATION_MS_MAX,
  FRAMES_PER_SECOND,
  framesToMs,
  hzOfBand,
  msToFrames,
} from '../constants.ts'
import { log2 } from './kernel/elementary.ts'

/**
 * A coarse drawing of a spectrogram, for people to look at: how strong each range of pitch is, four times a second.
 * Nothing is recognised by it, and neither speech nor music can be had back from it.
 */
export interface Sketch {
  /** Frame of the spectrogram at which the first column begins. */
  readonly firstFrame: number
  readonly framesPerColumn: number
  readonly columns: number
  /** Levels, 0 … `SKETCH_LEVEL_MAX`: `SKETCH_ROWS` of each column from the lowest pitch up, column after column. */
  readonly cells: Uint8Array
}

/** Five bands, nearly two semitones, make a row: the bands come out even. */
const BANDS_PER_ROW = 5
export const SKETCH_ROWS = BAND_COUNT / BANDS_PER_ROW

/** Frames under one column (255 ms): about a beat of quick music, and longer than the sounds of speech. */
const FRAMES_PER_COLUMN = 22
/** Every second frame is looked at: neighbours overlap, and a sum of eleven is steady enough. */
const FRAMES_PER_LOOK = 2

/** The largest level; a level is half a byte. */
export const SKETCH_LEVEL_MAX = 15
const LEVEL_DB = 4
/** Decibels of a power that is twice another. */
const DB_PER_LOG2 = 3.0103

/** Music has about so much less power in each higher octave; evened out, the upper half of a picture is not empty. */
const TILT_DB_PER_OCTAVE = 3
const TILT_DB_PER_ROW = (TILT_DB_PER_OCTAVE * BANDS_PER_ROW) / BANDS_PER_OCTAVE

/** The loudest cell of the last seconds has the largest level. Slow enough that a pause between two notes stays one. */
const LOUDEST_FALL_DB_PER_COLUMN = (5 * FRAMES_PER_COLUMN) / FRAMES_PER_SECOND
/** A steady tone of −50 dB of full scale. What is quieter is not made to look like music; digital silence stays below level 6. */
const LOUDEST_DB_MIN = 20

/** Columns in the longest audio that is examined. */
export const SKETCH_COLUMNS_MAX = Math.ceil(msToFrames(DURATION_MS_MAX) / FRAMES_PER_COLUMN) + 1

/** Edges of the range of pitch that rows cover, in Hz; they divide it evenly by octaves. */
export const SKETCH_LOWEST_HZ = hzOfBand(-0.5)
export const SKETCH_HIGHEST_HZ = hzOfBand(BAND_COUNT - 0.5)

/** Draws the sketch of a spectrogram that arrives block by block. */
export interface Sketcher {
  /**
   * @param cells  powers: `frames` rows of `BAND_COUNT` each, the first at `offset`, each `stride` after the one before.
   *   Not kept, not changed.
   */
  add(cells: Float32Array, offset: number, stride: number, frames: number): void
  /** The sketch of all that was added. */
  finish(): Sketch
}

/** Makes a sketcher. It keeps 190 bytes for a second of audio. Its result does not depend on how rows are cut into blocks. */
export function createSketcher(): Sketcher {
  const sums = new Float64Array(SKETCH_ROWS)
  const levels = new Float64Array(SKETCH_ROWS)
  let cells = new Uint8Array(1024 * SKETCH_ROWS)
  let columns = 0
  /** Frames of the present column, and those of them that were looked at. */
  let passed = 0
  let summed = 0
  let loudest = LOUDEST_DB_MIN

  const addRow = (powers: Float32Array, start: number) => {
    let at = start
    for (let row = 0; row < SKETCH_ROWS; row++, at += BANDS_PER_ROW)
      sums[row]! += powers[at]! + powers[at + 1]! + powers[at + 2]! + powers[at + 3]! + powers[at + 4]!
    summed += 1
  }
  const endColumn = () => {
    if ((columns + 1) * SKETCH_ROWS > cells.length) {
      const larger = new Uint8Array(2 * cells.length)
      larger.set(cells)
      cells = larger
    }
    loudest = Math.max(LOUDEST_DB_MIN, loudest - LOUDEST_FALL_DB_PER_COLUMN)
    for (let row = 0; row < SKETCH_ROWS; row++) {
      const level = DB_PER_LOG2 * log2(sums[row]! / (summed * BANDS_PER_ROW)) + row * TILT_DB_PER_ROW
      levels[row] = level
      if (level > loudest) loudest = level
    }
    for (let row = 0; row < SKETCH_ROWS; row++) {
      const level = Math.round(SKETCH_LEVEL_MAX + (levels[row]! - loudest) / LEVEL_DB)
      cells[columns * SKETCH_ROWS + row] = level > 0 ? level : 0
    }
    columns += 1
    passed = 0
    summed = 0
    sums.fill(0)
  }

  return {
    add(powers, offset, stride, frames) {
      for (let frame = 0; frame < frames; frame++) {
        if (passed % FRAMES_PER_LOOK === 0) addRow(powers, offset + frame * stride)
        passed += 1
        if (passed === FRAMES_PER_COLUMN) endColumn()
      }
    },
    finish() {
      if (passed > 0) endColumn()
      return {
        firstFrame: 0,
        framesPerColumn: FRAMES_PER_COLUMN,
        columns,
        cells: cells.slice(0, columns * SKETCH_ROWS),
      }
    },
  }
}

/** When a column begins, in milliseconds of the audio; the number of columns gives the end of the last one. */
export const sketchColumnMs = (sketch: Sketch, column: number): number =>
  framesToMs(sketch.firstFrame + column * sketch.framesPerColumn)

/**
 * The part of a sketch that shows a stretch of the audio, in at most so many columns: neighbours are averaged where
 * there are more.
 *
 * @returns undefined where the sketch does not reach.
 */
export function sketchExcerpt(
  sketch: Sketch,
  fromMs: number,
  toMs: number,
  columnsMax: number,
): Sketch | undefined {
  const columnOf = (ms: number): number => (msToFrames(ms) - sketch.firstFrame) / sketch.framesPerColumn
  const from = Math.max(0, Math.floor(columnOf(fromMs)))
  const to = Math.min(sketch.columns, Math.ceil(columnOf(toMs)))
  if (from >= to) return undefined
  const joined = Math.ceil((to - from) / columnsMax)
  const columns = Math.ceil((to - from) / joined)
  const cells = new Uint8Array(columns * SKETCH_ROWS)
  for (let column = 0; column < columns; column++) {
    const first = from + column * joined
    const count = Math.min(joined, to - first)
    for (let row = 0; row < SKETCH_ROWS; row++) {
      let sum = 0
      for (let at = first; at < first + count; at++) sum += sketch.cells[at * SKETCH_ROWS + row]!
      cells[column * SKETCH_ROWS + row] = Math.round(sum / count)
    }
  }
  return {
    firstFrame: sketch.firstFrame + from * sketch.framesPerColumn,
    framesPerColumn: sketch.framesPerColumn * joined,
    columns,
    cells,
  }
}
