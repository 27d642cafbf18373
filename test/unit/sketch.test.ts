import { describe, expect, test } from 'vitest'

import { BAND_COUNT, SAMPLE_RATE, framesToMs } from '../../services/audio/constants.ts'
import { extractionKernel } from '../../services/audio/extract/kernel/kernel.ts'
import { BLOCK_FRAMES, BLOCK_SAMPLES, ROW_CELLS } from '../../services/audio/extract/kernel/layout.ts'
import { SKETCH_BYTES_MAX, decodeSketch, encodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import {
  SKETCH_COLUMNS_MAX,
  SKETCH_HIGHEST_HZ,
  SKETCH_LEVEL_MAX,
  SKETCH_LOWEST_HZ,
  SKETCH_ROWS,
  type Sketch,
  createSketcher,
  sketchColumnMs,
  sketchExcerpt,
} from '../../services/audio/extract/sketch.ts'
import { floorOf } from '../../services/audio/extract/spectrum.ts'
import { crc32 } from '../../services/audio/fingerprint/crc32.ts'
import { Problem } from '../../services/core/problem.ts'

/** Four seconds of a sound as the extraction sees it. */
function sketchOfSound(sample: (second: number) => number): Sketch {
  const kernel = extractionKernel()
  const block = Float32Array.from({ length: BLOCK_SAMPLES }, (_, index) => sample(index / SAMPLE_RATE))
  kernel.samples.set(block)
  kernel.analyse(0, floorOf(block.reduce((sum, x) => sum + x * x, 0) / BLOCK_SAMPLES))
  const sketcher = createSketcher()
  sketcher.add(kernel.cells, 0, ROW_CELLS, BLOCK_FRAMES)
  return sketcher.finish()
}

/** Powers by arithmetic instead of chance: slow waves, as of music that swells. */
const rows = (frames: number): Float32Array =>
  Float32Array.from({ length: frames * BAND_COUNT }, (_, at) => {
    const [frame, band] = [Math.floor(at / BAND_COUNT), at % BAND_COUNT]
    return 10 ** (5 + 2 * Math.sin(frame / 40) * Math.sin(band / 9) + ((frame * 7 + band * 13) % 5) / 10)
  })

function sketchOfRows(frames: number): Sketch {
  const sketcher = createSketcher()
  sketcher.add(rows(frames), 0, BAND_COUNT, frames)
  return sketcher.finish()
}

const rowOfHz = (hz: number): number =>
  Math.floor((SKETCH_ROWS * Math.log(hz / SKETCH_LOWEST_HZ)) / Math.log(SKETCH_HIGHEST_HZ / SKETCH_LOWEST_HZ))

const column = ({ cells }: Sketch, number: number): number[] => [
  ...cells.subarray(number * SKETCH_ROWS, (number + 1) * SKETCH_ROWS),
]

describe('a sketch', () => {
  test.each([110, 440, 1000, 3520])(
    'shows a tone of %i Hz in the row of its pitch, and nowhere else',
    (hz) => {
      const sketch = sketchOfSound((second) => 0.3 * Math.sin(2 * Math.PI * hz * second))
      const levels = column(sketch, Math.floor(sketch.columns / 2))
      expect(levels.indexOf(SKETCH_LEVEL_MAX)).toBe(rowOfHz(hz))
      const far = levels.filter((_, row) => Math.abs(row - rowOfHz(hz)) > 3)
      expect(Math.max(...far)).toBe(0)
    },
  )

  test('is as dark for quiet music as for loud, and blank for silence', () => {
    const melody = (loudness: number) => (second: number) =>
      loudness * Math.sin(2 * Math.PI * 330 * second) * Math.sin(2 * Math.PI * 1.5 * second)
    const [quiet, loud] = [0.02, 0.5].map((loudness) => sketchOfSound(melody(loudness)).cells)
    expect(Math.max(...quiet!)).toBe(SKETCH_LEVEL_MAX)
    // What is faintest is lost in the floor below which nothing is distinguished.
    expect(quiet!.map((level) => Math.max(level, 4))).toEqual(loud!.map((level) => Math.max(level, 4)))
    // The least that a picture draws is 6.
    expect(Math.max(...sketchOfSound(() => 0).cells)).toBeLessThan(6)
  })

  test('does not depend on how rows are cut into blocks, nor on what lies between them', () => {
    const [frames, stride] = [500, BAND_COUNT + 3]
    const powers = rows(frames)
    const apart = new Float32Array(7 + frames * stride).fill(1e9)
    for (let frame = 0; frame < frames; frame++)
      apart.set(powers.subarray(frame * BAND_COUNT, (frame + 1) * BAND_COUNT), 7 + frame * stride)
    const sketcher = createSketcher()
    for (let frame = 0, step = 1; frame < frames; frame += step, step = (step * 3) % 41)
      sketcher.add(apart, 7 + frame * stride, stride, Math.min(step, frames - frame))
    expect(sketcher.finish()).toEqual(sketchOfRows(frames))
  })

  test('gives a part of itself, in as few columns as are asked for', () => {
    const sketch = sketchOfRows(2000)
    const [fromMs, toMs] = [5_000, 15_000]
    const whole = sketchExcerpt(sketch, fromMs, toMs, 1000)!
    expect(sketchColumnMs(whole, 0)).toBeLessThanOrEqual(fromMs)
    expect(sketchColumnMs(whole, 1)).toBeGreaterThan(fromMs)
    expect(sketchColumnMs(whole, whole.columns)).toBeGreaterThanOrEqual(toMs)
    const first = Math.round((whole.firstFrame - sketch.firstFrame) / sketch.framesPerColumn)
    expect(column(whole, 3)).toEqual(column(sketch, first + 3))

    const few = sketchExcerpt(sketch, fromMs, toMs, 10)!
    expect(few.columns).toBeLessThanOrEqual(10)
    expect(sketchColumnMs(few, few.columns)).toBeGreaterThanOrEqual(toMs)
    expect(sketchExcerpt(sketch, framesToMs(3000), framesToMs(4000), 10)).toBeUndefined()
  })
})

describe('the bytes of a sketch', () => {
  test('read back as what was written, in a good deal less than half a byte a cell', () => {
    const sketch = sketchOfRows(4000)
    const bytes = encodeSketch(sketch)
    expect(decodeSketch(bytes)).toEqual(sketch)
    expect(bytes.length).toBeLessThan(0.4 * sketch.cells.length)
  })

  test('are bounded, whatever the cells: half a byte each and twenty more', () => {
    const cells = Uint8Array.from({ length: 300 * SKETCH_ROWS }, (_, at) => ((at * at * 31 + at) >> 3) & 15)
    const wild = { firstFrame: 22, framesPerColumn: 22, columns: 300, cells }
    const bytes = encodeSketch(wild)
    expect(decodeSketch(bytes)).toEqual(wild)
    expect(bytes.length).toBeLessThanOrEqual(20 + cells.length / 2)
    // The check of migrations/0006_sketches.sql.
    expect(SKETCH_BYTES_MAX).toBeLessThanOrEqual(8_000_000)
    expect(() => encodeSketch({ ...wild, columns: SKETCH_COLUMNS_MAX + 1 })).toThrow(RangeError)
  })

  /** The bytes with some of them changed and the checksum made to fit again. */
  const forged = (change: (view: DataView) => void, length?: number): Uint8Array => {
    const bytes = encodeSketch(sketchOfRows(440)).slice(0, length)
    const view = new DataView(bytes.buffer)
    change(view)
    view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true)
    return bytes
  }

  test.each([
    ['it is too small', () => new Uint8Array(19)],
    ['it is too large', () => new Uint8Array(SKETCH_BYTES_MAX + 1)],
    ['it does not begin with EWSK', () => forged((view) => view.setUint8(0, 0))],
    ['it is of version 2', () => forged((view) => view.setUint8(4, 2))],
    [
      'its checksum is wrong',
      () => encodeSketch(sketchOfRows(440)).map((byte, at) => (at === 30 ? ~byte : byte)),
    ],
    ['it has too many low bits', () => forged((view) => view.setUint8(5, 4))],
    ['its columns have no length', () => forged((view) => view.setUint16(6, 0, true))],
    ['its length is not allowed', () => forged((view) => view.setUint32(12, 0, true))],
    ['its length is not allowed', () => forged((view) => view.setUint32(12, 0xff_ff_ff_ff, true))],
    ['it goes on for over a day', () => forged((view) => view.setUint32(8, 0xff_ff_ff_00, true))],
    ['it has fewer cells than it says', () => forged((view) => view.setUint32(12, 300_000, true))],
    ['it ends within its cells', () => forged((view) => view.setUint32(12, 21, true))],
    ['it ends within its cells', () => forged(() => undefined, 200)],
    ['it goes on after its last cell', () => forged((view) => view.setUint32(12, 19, true))],
  ])('are refused when %s', (reason, make) => {
    const bytes = make()
    const read = () => decodeSketch(bytes)
    expect(read).toThrow(reason)
    expect(read).toThrow(Problem)
  })

  test('have one form only: another number of low bits is refused', () => {
    const cells = new Uint8Array(2 * SKETCH_ROWS)
    const blank = encodeSketch({ firstFrame: 0, framesPerColumn: 22, columns: 2, cells })
    const longer = new Uint8Array(20 + Math.ceil((2 * SKETCH_ROWS * 4) / 8))
    longer.set(blank.subarray(0, 16))
    longer[5] = 3
    new DataView(longer.buffer).setUint32(longer.length - 4, crc32(longer.subarray(0, -4)), true)
    expect(() => decodeSketch(longer)).toThrow('it could be shorter')
  })
})
