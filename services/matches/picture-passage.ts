import { decodeSketch } from '../audio/extract/sketch-bytes.ts'
import {
  SKETCH_HIGHEST_HZ,
  SKETCH_LEVEL_MAX,
  SKETCH_LOWEST_HZ,
  SKETCH_ROWS,
  type Sketch,
  sketchColumnMs,
} from '../audio/extract/sketch.ts'
import { clockTime } from '../core/clock-time.ts'
import { amountOfChange } from './match.ts'
import type { PicturePassage, PicturePoint, Picture, Shape, Size } from './picture-shapes.ts'
import { timeTicksMs } from './picture-ticks.ts'

/** More marks run together; beyond it every n-th landmark is drawn. */
const POINTS_DRAWN_MAX = 240
/** So many of the landmarks that were found are joined by a line: enough to see the pattern, few enough to see the rest. */
const LINES_MAX = 28
/** Pitches that are written at the edge. */
const LABELLED_HZ = [100, 500, 2000] as const
/**
 * Levels of a sketch (4 dB each) from which on a cell gets one shade darker, and about which share of all cells may be
 * so dark: where more would be, the level is raised. Dense music would be one dark field, thin music hardly seen.
 */
const SHADES = [
  { level: 6, share: 0.6 },
  { level: 8, share: 0.42 },
  { level: 10, share: 0.26 },
  { level: 12, share: 0.14 },
  { level: 14, share: 0.06 },
] as const

type Scale = (value: number) => number

/** Where one spectrogram is drawn, and what it shows. */
interface Panel {
  readonly name: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly height: number
  /** Baseline of the clock times. */
  readonly ticksY: number
  readonly fromMs: number
  readonly toMs: number
}

/** What the two sides are called, where they need names. */
export interface PictureNames {
  readonly suspect: string
  readonly recording: string
}

/** The passage in a sentence: `0:05 – 0:36 of the suspect file is 0:20 – 0:53 of the recording`. */
export const passageInWords = (
  passage: PicturePassage,
  { suspect, recording }: PictureNames = { suspect: 'the suspect file', recording: 'the recording' },
): string =>
  `${clockTime(passage.suspectFromMs)} – ${clockTime(passage.suspectToMs)} of ${suspect} is ` +
  `${clockTime(passage.referenceFromMs)} – ${clockTime(passage.referenceToMs)} of ${recording}`

/** What was found there: `212 of 240 landmarks of the recording were found again; it plays 4.00 % ± 0.02 faster and higher`. */
export function agreementInWords(passage: PicturePassage): string {
  const [matched, expected] = [passage.landmarksMatched, passage.landmarksExpected].map((count) =>
    count.toLocaleString('en'),
  )
  return `${matched} of ${expected} landmarks of the recording were found again; it ${playsInWords(passage)}`
}

function playsInWords(passage: PicturePassage): string {
  const { change, speed, pitch } = passage
  const amount = amountOfChange(passage)
  switch (change) {
    case 'none':
      return 'plays as the original does'
    case 'speed':
      return speed > 1 ? `plays ${amount} faster and higher` : `plays ${amount} slower and lower`
    case 'tempo':
      return `plays ${amount} ${speed > 1 ? 'faster' : 'slower'} at the same pitch`
    case 'pitch':
      return `plays ${amount} ${pitch > 1 ? 'higher' : 'lower'} at the same speed`
  }
}

/**
 * Lays out one passage: the spectrogram of its stretch of the suspect above that of the recording, stretched to the
 * same width, with the landmarks in both and lines between some that were found again. A copy shows the same pattern
 * twice. Without sketches the landmarks stand on blank planes.
 *
 * @param title stands above it.
 * @param top   where it begins; the height of what is returned is that of its lower end.
 * @throws {Problem} sketch/malformed.
 */
export function passageShapes(passage: PicturePassage, title: string, size: Size, top: number): Picture {
  const { width, letter } = size
  const sides = { left: 6.4 * letter, right: width - 0.5 * letter, height: 9.6 * letter }
  const suspect: Panel = {
    name: 'Suspect',
    ...sides,
    top: top + 4.9 * letter,
    ticksY: top + 4.5 * letter,
    fromMs: passage.suspectFromMs,
    toMs: passage.suspectToMs,
  }
  const lower = suspect.top + sides.height + 1.6 * letter
  const reference: Panel = {
    name: 'Recording',
    ...sides,
    top: lower,
    ticksY: lower + sides.height + 1.2 * letter,
    fromMs: passage.referenceFromMs,
    toMs: passage.referenceToMs,
  }
  const foot = reference.ticksY + 1.9 * letter
  const text = (role: 'label' | 'tick', y: number, words: string): Shape => ({
    shape: 'text',
    role,
    x: 0,
    y,
    anchor: 'start',
    text: words,
  })
  return {
    height: foot + 0.6 * letter,
    shapes: [
      text('label', top + letter, title),
      text('tick', top + 2.5 * letter, `${agreementInWords(passage)}.`),
      ...panelShapes(suspect, passage.sketches?.suspect, letter),
      ...panelShapes(reference, passage.sketches?.reference, letter),
      ...landmarkShapes(passage, suspect, reference, letter),
      ...legend(passage, size, foot),
    ],
  }
}

const timeScale =
  ({ left, right, fromMs, toMs }: Panel): Scale =>
  (ms) =>
    left + (right - left) * Math.min(1, Math.max(0, (ms - fromMs) / Math.max(toMs - fromMs, 1)))

const pitchScale =
  ({ top, height }: Panel): Scale =>
  (hz) => {
    const share = Math.log(hz / SKETCH_LOWEST_HZ) / Math.log(SKETCH_HIGHEST_HZ / SKETCH_LOWEST_HZ)
    return top + height * (1 - Math.min(1, Math.max(0, share)))
  }

function panelShapes(panel: Panel, sketch: Uint8Array | undefined, letter: number): Shape[] {
  const { name, left, right, top, height, ticksY } = panel
  const x = timeScale(panel)
  const y = pitchScale(panel)
  const label = (text: string, at: number, role: 'label' | 'tick'): Shape => ({
    shape: 'text',
    role,
    x: left - 0.7 * letter,
    y: at,
    anchor: 'end',
    text,
  })
  const shapes: Shape[] = [
    ...(sketch ? cellShapes(panel, decodeSketch(sketch)) : []),
    { shape: 'box', role: 'frame', x: left, y: top, width: right - left, height },
    label(name, ticksY, 'label'),
  ]
  for (const hz of LABELLED_HZ)
    shapes.push(
      { shape: 'line', role: 'grid', from: [left, y(hz)], to: [right, y(hz)] },
      label(hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`, y(hz) + 0.35 * letter, 'tick'),
    )
  const room = Math.floor((right - left) / (6 * letter))
  for (const ms of timeTicksMs(panel.fromMs, panel.toMs, room)) {
    const [fromLeft, fromRight] = [x(ms) - left, right - x(ms)]
    const anchor = fromLeft < 1.2 * letter ? 'start' : fromRight < 1.2 * letter ? 'end' : 'middle'
    shapes.push({ shape: 'text', role: 'tick', x: x(ms), y: ticksY, anchor, text: clockTime(ms) })
  }
  return shapes
}

/**
 * The cells of a sketch, shade upon shade: each shape holds all cells that are at least so loud, so that no gaps can
 * show between a shade and the next.
 */
function cellShapes(panel: Panel, sketch: Sketch): Shape[] {
  const { left, right, top, height, fromMs, toMs } = panel
  const unitsPerMs = (right - left) / Math.max(toMs - fromMs, 1)
  const startMs = sketchColumnMs(sketch, 0)
  const columnMs = sketchColumnMs(sketch, 1) - startMs
  const rowHeight = height / SKETCH_ROWS
  // The stretch begins and ends within a column.
  const first = Math.max(0, (fromMs - startMs) / columnMs)
  const last = Math.min(sketch.columns, (toMs - startMs) / columnMs)
  return shadesOf(sketch).map((level): Shape => ({
    shape: 'cells',
    role: 'cells',
    x: left + (startMs - fromMs) * unitsPerMs,
    y: top + height - rowHeight / 2,
    columnWidth: columnMs * unitsPerMs,
    rowHeight,
    runs: runsOf(sketch, level, first, last),
  }))
}

/** From which level on each shade is given in this sketch. */
function shadesOf({ cells }: Sketch): number[] {
  const counts = new Float64Array(SKETCH_LEVEL_MAX + 1)
  for (const level of cells) counts[level]! += 1
  const shareFrom = (level: number): number =>
    counts.subarray(level).reduce((sum, count) => sum + count, 0) / cells.length
  return SHADES.map(({ level, share }) => {
    let from: number = level
    // Up to the level that comes nearest to the share.
    while (from < SKETCH_LEVEL_MAX && shareFrom(from) - share > share - shareFrom(from + 1)) from += 1
    return from
  })
}

function runsOf(
  { columns, cells }: Sketch,
  level: number,
  first: number,
  last: number,
): [column: number, row: number, columns: number][] {
  const runs: [number, number, number][] = []
  for (let row = 0; row < SKETCH_ROWS; row++) {
    for (let column = Math.floor(first); column < last; column++) {
      if (cells[column * SKETCH_ROWS + row]! < level) continue
      const from = column
      while (column < columns && cells[column * SKETCH_ROWS + row]! >= level) column += 1
      const [start, end] = [Math.max(from, first), Math.min(column, last)]
      if (end > start) runs.push([start, row, end - start])
    }
  }
  return runs
}

/** Draws one landmark in so many, to keep within `POINTS_DRAWN_MAX`. */
const drawnEvery = ({ points }: PicturePassage): number => Math.ceil(points.length / POINTS_DRAWN_MAX)

function landmarkShapes(passage: PicturePassage, suspect: Panel, reference: Panel, letter: number): Shape[] {
  const every = drawnEvery(passage)
  const inOrder = passage.points.toSorted((a, b) => a.suspectMs - b.suspectMs)
  const drawn = inOrder.filter((_, index) => index % every === 0)
  const [missed, heard] = [drawn.filter(({ matched }) => !matched), drawn.filter(({ matched }) => matched)]
  const above = (point: PicturePoint): [number, number] => [
    timeScale(suspect)(point.suspectMs),
    pitchScale(suspect)(point.hz * passage.pitch),
  ]
  const below = (point: PicturePoint): [number, number] => [
    timeScale(reference)(point.referenceMs),
    pitchScale(reference)(point.hz),
  ]
  const step = Math.max(1, heard.length / LINES_MAX)
  const joined = Array.from(
    { length: Math.min(LINES_MAX, heard.length) },
    (_, index) => heard[Math.floor(index * step)]!,
  )
  const dots = (role: 'heard' | 'missed', points: readonly PicturePoint[]): Shape[] =>
    [above, below].flatMap((place) =>
      points.map((point): Shape => {
        const [x, y] = place(point)
        return { shape: 'dot', role, x, y, radius: (role === 'heard' ? 0.2 : 0.17) * letter }
      }),
    )
  return [
    ...joined.map((point): Shape => ({ shape: 'line', role: 'join', from: above(point), to: below(point) })),
    ...dots('missed', missed),
    ...dots('heard', heard),
  ]
}

/** How to read it, in one line; the figures are those of all landmarks, also of those that are not drawn. */
function legend(passage: PicturePassage, { width, letter }: Size, y: number): Shape[] {
  const every = drawnEvery(passage)
  const entries = [
    ['heard', 'landmark found again', 0],
    ['missed', 'not found', 13.4 * letter],
  ] as const
  return [
    ...entries.flatMap(([role, text, x]): Shape[] => [
      { shape: 'dot', role, x: x + 0.4 * letter, y: y - 0.35 * letter, radius: 0.26 * letter },
      { shape: 'text', role: 'tick', x: x + 1.1 * letter, y, anchor: 'start', text },
    ]),
    {
      shape: 'text',
      role: 'tick',
      x: width - 0.5 * letter,
      y,
      anchor: 'end',
      text: `${every > 1 ? `one landmark in ${every} is drawn; ` : ''}shading: how loud each pitch is`,
    },
  ]
}
