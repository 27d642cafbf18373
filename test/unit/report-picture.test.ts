import { Resvg } from '@resvg/resvg-js'
import { describe, expect, test } from 'vitest'

import { alignmentShapes, hasCommonScale } from '../../services/matches/picture-shapes.ts'
import { pitchTicksHz, timeTicksMs } from '../../services/matches/picture-ticks.ts'
import { alignmentSvg, timelineSvg } from '../../services/matches/picture.ts'
import { passage } from './report-samples.ts'

const input = { suspectDurationMs: 232_000, referenceDurationMs: 225_000, passages: [passage(0), passage(1)] }
const size = { width: 720, letter: 12 }

describe('the alignment picture', () => {
  test('places a passage by time, both lanes to one scale', () => {
    const { shapes } = alignmentShapes(
      {
        suspectDurationMs: 100_000,
        referenceDurationMs: 50_000,
        passages: [{ suspectFromMs: 50_000, suspectToMs: 75_000, referenceFromMs: 0, referenceToMs: 25_000 }],
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
      const { height, shapes } = alignmentShapes({ ...input, suspectDurationMs, passages }, size)
      const xs = shapes.flatMap((shape) =>
        'x' in shape
          ? [shape.x]
          : shape.shape === 'polygon'
            ? shape.corners.map(([x]) => x)
            : [shape.from[0], shape.to[0]],
      )
      const ys = shapes.flatMap((shape) => ('y' in shape ? [shape.y] : []))
      expect(Math.min(...xs, ...ys)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...xs)).toBeLessThanOrEqual(size.width)
      expect(Math.max(...ys)).toBeLessThanOrEqual(height)
    }
  })

  test('thins out landmarks that would run together, counts them all and says so', () => {
    const many = { ...input, passages: [passage(0, 2000)] }
    const dots = alignmentShapes(many, size).shapes.filter(({ shape }) => shape === 'dot')
    expect(dots.length).toBeLessThanOrEqual(902)
    expect(alignmentSvg(many)).toContain('not found: 286 (one in 3 is drawn)')
    expect(alignmentSvg(input)).not.toContain('is drawn')
  })

  test('needs no landmarks and no passages', () => {
    expect(alignmentSvg({ ...input, passages: [passage(0, 0)] })).not.toContain('Landmarks')
    expect(alignmentSvg({ ...input, passages: [] })).toContain('0 matched passages')
  })

  test('is an SVG that a renderer draws and a screen reader reads', () => {
    const svg = alignmentSvg(input)
    expect(svg).toMatch(
      /^<svg [^>]*role="img"[^>]*><title>2 matched passages<\/title><desc>0:00 to 0:22 of the suspect/,
    )
    expect(svg).not.toMatch(/NaN|Infinity|undefined|style=/)
    const drawn = new Resvg(svg).render()
    expect(drawn.width).toBe(720)
    expect(drawn.pixels.some((value) => value !== 0)).toBe(true)
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
