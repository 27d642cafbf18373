import { Resvg } from '@resvg/resvg-js'
import { describe, expect, test } from 'vitest'

import { encodeSketch } from '../../services/audio/extract/sketch-bytes.ts'
import { SKETCH_ROWS, sketchExcerpt } from '../../services/audio/extract/sketch.ts'
import { passageShapes } from '../../services/matches/picture-passage.ts'
import {
  type PicturePassage,
  type Shape,
  hasCommonScale,
  overviewShapes,
} from '../../services/matches/picture-shapes.ts'
import { pitchTicksHz, timeTicksMs } from '../../services/matches/picture-ticks.ts'
import { alignmentSvg, passageSvg, timelineSvg } from '../../services/matches/picture.ts'
import { PASSAGE_SKETCH_COLUMNS_MAX, sketchesOfPassage } from '../../services/matches/sketches.ts'
import { passage, sketchOf } from './report-samples.ts'

const input = { suspectDurationMs: 232_000, referenceDurationMs: 225_000, passages: [passage(0), passage(1)] }
const size = { width: 720, letter: 12 }
/** A picture that opens at once, also over a slow line. */
const SVG_BYTES_MAX = 150_000

/** A passage with the sketches of both sides. */
function pictured(number: number, points?: number): PicturePassage {
  const plain = passage(number, points)
  return { ...plain, sketches: sketchesOfPassage(plain, { suspect: sketchOf(1), reference: sketchOf(2) }) }
}

/** All places at which a shape has ink. */
function placesOf(shape: Shape): (readonly [x: number, y: number])[] {
  switch (shape.shape) {
    case 'box':
      return [
        [shape.x, shape.y],
        [shape.x + shape.width, shape.y + shape.height],
      ]
    case 'polygon':
      return [...shape.corners]
    case 'line':
      return [shape.from, shape.to]
    case 'cells':
      return shape.runs.flatMap(([column, row, columns]) =>
        [column, column + columns].map(
          (at) => [shape.x + at * shape.columnWidth, shape.y - row * shape.rowHeight] as const,
        ),
      )
    default:
      return [[shape.x, shape.y]]
  }
}

const textsOf = (shapes: readonly Shape[]): string[] =>
  shapes.flatMap((shape) => (shape.shape === 'text' ? [shape.text] : []))

describe('the overview', () => {
  test('places a passage by time, both lanes to one scale', () => {
    const { shapes } = overviewShapes(
      {
        suspectDurationMs: 100_000,
        referenceDurationMs: 50_000,
        passages: [
          {
            ...passage(0),
            suspectFromMs: 50_000,
            suspectToMs: 75_000,
            referenceFromMs: 0,
            referenceToMs: 25_000,
          },
        ],
      },
      size,
    )
    const boxes = shapes.flatMap((shape) =>
      shape.shape === 'box' && shape.role === 'passage' ? [[shape.x, shape.width]] : [],
    )
    expect(boxes).toEqual([
      [360, 180],
      [0, 180],
    ])
  })

  test('gives each lane its own scale when one is much longer, and says so', () => {
    const mix = { ...input, suspectDurationMs: 7_200_000 }
    expect(hasCommonScale(input)).toBe(true)
    expect(hasCommonScale(mix)).toBe(false)
    expect(alignmentSvg(mix)).toContain('drawn to its own scale')
    expect(alignmentSvg(input)).not.toContain('drawn to its own scale')
  })

  test('stays inside its frame, whatever the passages', () => {
    const passages = Array.from({ length: 40 }, (_, number) => passage(number, 100))
    for (const suspectDurationMs of [1_300_000, 20_000_000, 1000]) {
      const { height, shapes } = overviewShapes({ ...input, suspectDurationMs, passages }, size)
      const places = shapes.flatMap(placesOf)
      expect(Math.min(...places.flat())).toBeGreaterThanOrEqual(0)
      expect(Math.max(...places.map(([x]) => x))).toBeLessThanOrEqual(size.width)
      expect(Math.max(...places.map(([, y]) => y))).toBeLessThanOrEqual(height)
    }
  })

  test('is followed by the two longest passages, under their numbers', () => {
    const passages = Array.from({ length: 6 }, (_, number) => {
      const plain = passage(number)
      return { ...plain, suspectToMs: plain.suspectFromMs + (number === 1 || number === 4 ? 20_000 : 5_000) }
    })
    const titles = [
      ...alignmentSvg({ ...input, passages }).matchAll(/>(\d): \S+ – \S+ of the suspect file is/g),
    ]
    expect(titles.map(([, number]) => number)).toEqual(['2', '5'])
  })

  test('needs no passages', () => {
    expect(alignmentSvg({ ...input, passages: [] })).toContain('0 matched passages')
  })
})

describe('the picture of a passage', () => {
  test('shows each landmark at its time and pitch on both sides, and joins it to itself by an upright line', () => {
    const faster = pictured(1, 30)
    const { shapes } = passageShapes(faster, 'A', size, 0)
    const dots = shapes.flatMap((shape) => (shape.shape === 'dot' && shape.role === 'heard' ? [shape] : []))
    // The last one is that of the legend.
    const [above, below] = [dots.slice(0, (dots.length - 1) / 2), dots.slice((dots.length - 1) / 2, -1)]
    expect(above.length).toBe(faster.points.filter(({ matched }) => matched).length)
    const [upper, lower] = shapes.flatMap((shape) =>
      shape.shape === 'box' && shape.role === 'frame' ? [shape] : [],
    )
    for (const [index, dot] of above.entries()) {
      expect(dot.x).toBeCloseTo(below[index]!.x, 0)
      // 4 % higher in the suspect: by the same distance at every pitch.
      const raised = below[index]!.y - lower!.y - (dot.y - upper!.y)
      expect(raised).toBeCloseTo((upper!.height * Math.log2(1.04)) / (235 / 36), 3)
    }
    const lines = shapes.flatMap((shape) => (shape.shape === 'line' && shape.role === 'join' ? [shape] : []))
    expect(lines.length).toBeGreaterThan(20)
    expect(Math.max(...lines.map(({ from, to }) => Math.abs(from[0] - to[0])))).toBeLessThan(0.5)
  })

  test('says in plain words what is seen', () => {
    const words = (number: number): string =>
      textsOf(passageShapes(passage(number), 'A', size, 0).shapes).join('|')
    expect(words(0)).toContain('132 of 154 landmarks of the recording were found again; it plays as the')
    expect(words(1)).toContain('it plays 4.0 % faster and higher.')
    expect(
      textsOf(passageShapes({ ...passage(1), speedError: 0.0002 }, 'A', size, 0).shapes).join('|'),
    ).toContain('it plays 4.00 % ± 0.02 faster and higher.')
    expect(words(2)).toContain('it plays 2.0 semitones lower at the same speed.')
    expect(words(3)).toContain('it plays 10.0 % slower at the same pitch.')
    expect(words(0)).toMatch(/100 Hz.*500 Hz.*2 kHz.*landmark found again.*not found/)
  })

  test('stays inside its frame, also where sketch and landmarks reach beyond the passage', () => {
    const plain = passage(0, 400)
    const beyond = { ...plain, suspectFromMs: 2_345, suspectToMs: 17_777, pitch: 1.9, points: plain.points }
    const sketches = { suspect: encodeSketch(sketchOf(1)), reference: encodeSketch(sketchOf(2)) }
    const { height, shapes } = passageShapes({ ...beyond, sketches }, 'A', size, 10)
    const places = shapes.flatMap(placesOf)
    expect(shapes.filter(({ shape }) => shape === 'cells')).toHaveLength(10)
    expect(Math.min(...places.map(([x]) => x))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...places.map(([x]) => x))).toBeLessThanOrEqual(size.width)
    expect(Math.min(...places.map(([, y]) => y))).toBeGreaterThanOrEqual(10)
    expect(Math.max(...places.map(([, y]) => y))).toBeLessThanOrEqual(height)
    const [frame] = shapes.flatMap((shape) => (shape.shape === 'box' ? [shape] : []))
    const cells = shapes.filter(({ shape }) => shape === 'cells').flatMap(placesOf)
    expect(Math.min(...cells.map(([x]) => x))).toBeCloseTo(frame!.x, 6)
    expect(Math.max(...cells.map(([x]) => x))).toBeCloseTo(frame!.x + frame!.width, 6)
  })

  test('draws a cell where the sketch has it', () => {
    const sketch = {
      firstFrame: 0,
      framesPerColumn: 22,
      columns: 40,
      cells: new Uint8Array(40 * SKETCH_ROWS),
    }
    sketch.cells[10 * SKETCH_ROWS + 5] = 15
    sketch.cells[11 * SKETCH_ROWS + 5] = 9
    const plain = { ...passage(0, 0), suspectFromMs: 0, suspectToMs: 10_000 }
    const { shapes } = passageShapes({ ...plain, sketches: { suspect: encodeSketch(sketch) } }, 'A', size, 0)
    const cells = shapes.flatMap((shape) => (shape.shape === 'cells' ? [shape.runs] : []))
    expect(cells).toEqual([[[10, 5, 2]], [[10, 5, 2]], [[10, 5, 1]], [[10, 5, 1]], [[10, 5, 1]]])
  })

  test('thins out landmarks that would run together, and says so', () => {
    const { shapes } = passageShapes(passage(0, 2000), 'A', size, 0)
    expect(shapes.filter(({ shape }) => shape === 'dot').length).toBeLessThanOrEqual(2 * 240 + 2)
    expect(shapes.filter(({ role }) => role === 'join').length).toBeLessThanOrEqual(28)
    expect(textsOf(shapes).join()).toContain('one landmark in 9 is drawn')
    expect(alignmentSvg(input)).not.toContain('is drawn')
  })

  test('is there without sketches, and with only one of them', () => {
    expect(alignmentSvg(input)).not.toContain('<path')
    const { sketches, ...plain } = pictured(0)
    const half = passageShapes({ ...plain, sketches: { suspect: sketches?.suspect } }, 'A', size, 0)
    expect(half.shapes.filter(({ shape }) => shape === 'cells')).toHaveLength(5)
    expect(half.height).toBe(passageShapes(passage(0), 'A', size, 0).height)
  })

  test('names the two sides, whatever they are called', () => {
    const names = { suspect: `<script>"&'\u0007`, recording: 'a'.repeat(500) }
    const svg = passageSvg(pictured(0), names)
    expect(svg).toContain('of &lt;script&gt;&quot;&amp;&#39;\u{fffd} is')
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('\u0007')
    expect(textsOf(passageShapes(passage(0), 'A', size, 0).shapes)[0]).toBe('A')
    expect(svg).toContain(
      `>0:00 – 0:22 of &lt;script&gt;&quot;&amp;&#39;\u{fffd} is 0:05 – 0:27 of ${'a'.repeat(35)}…<`,
    )
  })
})

describe('the picture as SVG', () => {
  test('is drawn by a renderer and read by a screen reader', () => {
    const svg = alignmentSvg({ ...input, passages: [pictured(0), pictured(1)] })
    expect(svg).toMatch(
      /^<svg [^>]*role="img"[^>]*><title>2 matched passages<\/title><desc>0:00 – 0:22 of the suspect file is/,
    )
    expect(svg).toContain('132 of 154 landmarks')
    expect(svg).not.toMatch(/NaN|Infinity|undefined|style=/)
    const blank = new Resvg(alignmentSvg(input)).render()
    const drawn = new Resvg(svg).render()
    expect([drawn.width, drawn.height]).toEqual([blank.width, blank.height])
    const ink = (pixels: Buffer): number =>
      pixels.reduce((sum, value, at) => sum + (at % 4 === 3 ? value : 0), 0)
    expect(ink(drawn.pixels)).toBeGreaterThan(1.5 * ink(blank.pixels))
  })

  test('is small, also where nothing in a sketch repeats and all landmarks are drawn', () => {
    const wild = {
      firstFrame: 0,
      framesPerColumn: 22,
      columns: 500,
      cells: Uint8Array.from({ length: 500 * SKETCH_ROWS }, (_, at) => ((at * at * 31 + at) >> 3) & 15),
    }
    const plain = passage(0, 400)
    const worst = { ...plain, sketches: sketchesOfPassage(plain, { suspect: wild, reference: wild }) }
    const svg = passageSvg(worst, { suspect: 'a', recording: 'b' })
    expect(Buffer.byteLength(svg)).toBeLessThan(SVG_BYTES_MAX)
    const usual = [0, 1, 2].map((number) => pictured(number, 400))
    expect(Buffer.byteLength(alignmentSvg({ ...input, passages: usual }))).toBeLessThan(SVG_BYTES_MAX)
    const excerpt = sketchExcerpt(wild, 0, 100_000, PASSAGE_SKETCH_COLUMNS_MAX)!
    // The checks of migrations/0006_sketches.sql and of the report's schema.
    expect(encodeSketch(excerpt).length).toBeLessThanOrEqual(4000)
  })

  test('refuses times that are no numbers instead of drawing them', () => {
    expect(() => alignmentSvg({ ...input, suspectDurationMs: Number.NaN })).toThrow('Not a coordinate')
  })
})

describe('the timeline', () => {
  test('places what was found, cut to the file', () => {
    const svg = timelineSvg(100_000, [
      { title: 'a', fromMs: 25_000, toMs: 50_000 },
      { title: 'b', fromMs: 90_000, toMs: 130_000 },
    ])
    expect([...svg.matchAll(/ x="([\d.]+)" width="([\d.]+)"/g)].map(([, x, width]) => [x, width])).toEqual([
      ['25', '25'],
      ['90', '10'],
    ])
  })

  test('escapes titles', () => {
    const svg = timelineSvg(1000, [{ title: `<script>"&'`, fromMs: 0, toMs: 500 }])
    expect(svg).toContain('&lt;script&gt;&quot;&amp;&#39;')
    expect(svg).not.toContain('<script')
  })

  test('draws nothing outside for a file without length', () => {
    expect(timelineSvg(0, [{ title: 'a', fromMs: 0, toMs: 10 }])).not.toMatch(/NaN|Infinity/)
  })
})

test('ticks are round and few', () => {
  expect(timeTicksMs(0, 232_000, 8)).toEqual([0, 30_000, 60_000, 90_000, 120_000, 150_000, 180_000, 210_000])
  expect(timeTicksMs(31_000, 52_000, 5)).toEqual([35_000, 40_000, 45_000, 50_000])
  expect(timeTicksMs(0, 400 * 3_600_000, 8).length).toBeLessThanOrEqual(9)
  expect(pitchTicksHz(90, 4000)).toEqual([100, 200, 500, 1000, 2000])
})
