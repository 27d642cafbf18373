import { clockTime } from './match.ts'
import { pitchTicksHz, timeTicksMs } from './picture-ticks.ts'

/** A landmark of the recording, at its time in the suspect: found there, or looked for in vain. */
export interface PicturePoint {
  readonly suspectMs: number
  readonly hz: number
  readonly matched: boolean
}

/** A stretch of the suspect that comes from a stretch of the recording; times in milliseconds. */
export interface PicturePassage {
  readonly suspectFromMs: number
  readonly suspectToMs: number
  readonly referenceFromMs: number
  readonly referenceToMs: number
  readonly points?: readonly PicturePoint[]
}

/** What the alignment picture shows; times in milliseconds. */
export interface AlignmentInput {
  readonly suspectDurationMs: number
  readonly referenceDurationMs: number
  readonly passages: readonly PicturePassage[]
}

/** What a shape is for; a renderer chooses colour and weight by it. */
export type Role =
  | 'lane'
  | 'passage'
  | 'band'
  | 'number'
  | 'label'
  | 'tick'
  | 'grid'
  | 'frame'
  | 'heard'
  | 'missed'

/** A piece of the picture. Lengths are in the unit of `Size`; y grows downwards. */
export type Shape =
  | {
      readonly shape: 'box'
      readonly role: Role
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
    }
  | {
      readonly shape: 'polygon'
      readonly role: Role
      readonly corners: readonly (readonly [number, number])[]
    }
  | {
      readonly shape: 'line'
      readonly role: Role
      readonly from: readonly [number, number]
      readonly to: readonly [number, number]
    }
  | {
      readonly shape: 'dot'
      readonly role: Role
      readonly x: number
      readonly y: number
      readonly radius: number
    }
  | {
      readonly shape: 'text'
      readonly role: Role
      readonly x: number
      readonly y: number
      readonly anchor: 'start' | 'middle' | 'end'
      readonly text: string
    }

/** Width of the picture and height of its letters, in whatever unit the renderer draws in. */
export interface Size {
  readonly width: number
  readonly letter: number
}

export interface Picture {
  readonly height: number
  readonly shapes: readonly Shape[]
}

/** Beyond this ratio of lengths a common scale would make one lane unreadably short. */
const COMMON_SCALE_RATIO_MAX = 6
/** More marks run together on paper and make files large; beyond it every n-th landmark is drawn. */
const POINTS_DRAWN_MAX = 900
/** The band of frequencies in which landmarks lie; the axis grows when some lie outside. */
const AXIS_HZ = [100, 4000] as const

type Scale = (value: number) => number

/**
 * Lays out the alignment picture: two lanes (suspect above, recording below) joined by one band for each passage,
 * and under them the landmarks of the recording at their time in the suspect and their frequency.
 * Without points the lower part is left out. Pure arithmetic: SVG and PDF draw the same shapes.
 */
export function alignmentShapes(input: AlignmentInput, size: Size): Picture {
  const lanes = laneShapes(input, size)
  const points = drawnPoints(input)
  if (points.length === 0) return lanes
  const top = lanes.height + 1.6 * size.letter
  const plot = plotShapes(input, points, size, top)
  return { height: plot.height, shapes: [...lanes.shapes, ...plot.shapes] }
}

/** Whether both lanes are drawn to the same scale; if not, the picture says so. */
export function hasCommonScale({ suspectDurationMs: a, referenceDurationMs: b }: AlignmentInput): boolean {
  return Math.max(a, b) <= COMMON_SCALE_RATIO_MAX * Math.min(a, b)
}

function laneShapes(input: AlignmentInput, { width, letter }: Size): Picture {
  const lane = 1.2 * letter
  const [upper, lower] = [2.7 * letter, 8.9 * letter]
  const longestMs = Math.max(input.suspectDurationMs, input.referenceDurationMs, 1)
  const common = hasCommonScale(input)
  const scaleOf =
    (durationMs: number): Scale =>
    (ms) =>
      (Math.min(ms, durationMs) / (common ? longestMs : Math.max(durationMs, 1))) * width
  const suspectX = scaleOf(input.suspectDurationMs)
  const referenceX = scaleOf(input.referenceDurationMs)
  const note = common ? '' : ', drawn to its own scale'
  const shapes: Shape[] = [
    {
      shape: 'text',
      role: 'label',
      x: 0,
      y: letter,
      anchor: 'start',
      text: `Suspect file, ${clockTime(input.suspectDurationMs)}`,
    },
    { shape: 'box', role: 'lane', x: 0, y: upper, width: suspectX(input.suspectDurationMs), height: lane },
    {
      shape: 'box',
      role: 'lane',
      x: 0,
      y: lower,
      width: referenceX(input.referenceDurationMs),
      height: lane,
    },
    ...ticks(input.suspectDurationMs, suspectX, upper - 0.45 * letter, { width, letter }),
    ...ticks(input.referenceDurationMs, referenceX, lower + lane + 1.15 * letter, { width, letter }),
    {
      shape: 'text',
      role: 'label',
      x: 0,
      y: lower + lane + 2.6 * letter,
      anchor: 'start',
      text: `Recording, ${clockTime(input.referenceDurationMs)}${note}`,
    },
  ]
  for (const [index, passage] of input.passages.entries()) {
    const [a, b] = [suspectX(passage.suspectFromMs), suspectX(passage.suspectToMs)]
    const [c, d] = [referenceX(passage.referenceFromMs), referenceX(passage.referenceToMs)]
    shapes.push(
      {
        shape: 'polygon',
        role: 'band',
        corners: [
          [a, upper + lane],
          [b, upper + lane],
          [d, lower],
          [c, lower],
        ],
      },
      { shape: 'box', role: 'passage', x: a, y: upper, width: Math.max(b - a, 0.1 * letter), height: lane },
      { shape: 'box', role: 'passage', x: c, y: lower, width: Math.max(d - c, 0.1 * letter), height: lane },
    )
    if (b - a > 1.4 * letter)
      shapes.push({
        shape: 'text',
        role: 'number',
        x: (a + b) / 2,
        y: upper + 0.95 * letter,
        anchor: 'middle',
        text: `${index + 1}`,
      })
  }
  return { height: lower + lane + 3 * letter, shapes }
}

function ticks(durationMs: number, x: Scale, y: number, { width, letter }: Size): Shape[] {
  const room = Math.max(1, Math.floor((x(durationMs) / width) * (width / (6 * letter))))
  return timeTicksMs(0, durationMs, room).map((ms) => ({
    shape: 'text',
    role: 'tick',
    x: x(ms),
    y,
    anchor: ms === 0 ? 'start' : x(ms) > width - 1.5 * letter ? 'end' : 'middle',
    text: clockTime(ms),
  }))
}

const pointsOf = ({ passages }: AlignmentInput): PicturePoint[] =>
  passages.flatMap(({ points = [] }) => points)

/** Draws one landmark in so many, to keep within `POINTS_DRAWN_MAX`. */
const drawnEvery = (input: AlignmentInput): number => Math.ceil(pointsOf(input).length / POINTS_DRAWN_MAX)

function drawnPoints(input: AlignmentInput): PicturePoint[] {
  const every = drawnEvery(input)
  return pointsOf(input).filter((_, index) => index % every === 0)
}

function plotShapes(
  input: AlignmentInput,
  points: readonly PicturePoint[],
  size: Size,
  top: number,
): Picture {
  const { width, letter } = size
  const [left, above, high] = [4.2 * letter, top + 2.2 * letter, 11 * letter]
  const [fromMs, toMs] = timeRange(input, points)
  const [fromHz, toHz] = [
    Math.min(AXIS_HZ[0], ...points.map(({ hz }) => hz)),
    Math.max(AXIS_HZ[1], ...points.map(({ hz }) => hz)),
  ]
  const x: Scale = (ms) => left + letter * 0.5 + ((ms - fromMs) / (toMs - fromMs)) * (width - left - letter)
  const y: Scale = (hz) =>
    above + high - letter * 0.4 - (Math.log(hz / fromHz) / Math.log(toHz / fromHz)) * (high - letter * 0.8)
  const shapes: Shape[] = [
    {
      shape: 'text',
      role: 'label',
      x: 0,
      y: top + letter,
      anchor: 'start',
      text: 'Landmarks of the recording, looked for in the suspect file',
    },
  ]
  for (const hz of pitchTicksHz(fromHz, toHz))
    shapes.push(
      { shape: 'line', role: 'grid', from: [left, y(hz)], to: [width, y(hz)] },
      {
        shape: 'text',
        role: 'tick',
        x: left - 0.6 * letter,
        y: y(hz) + 0.35 * letter,
        anchor: 'end',
        text: hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`,
      },
    )
  shapes.push({ shape: 'box', role: 'frame', x: left, y: above, width: width - left, height: high })
  for (const { hz, suspectMs, matched } of points)
    shapes.push({
      shape: 'dot',
      role: matched ? 'heard' : 'missed',
      x: x(suspectMs),
      y: y(hz),
      radius: 0.19 * letter,
    })
  const foot = above + high + 1.3 * letter
  for (const ms of timeTicksMs(fromMs, toMs, Math.floor((width - left) / (6 * letter))))
    shapes.push({ shape: 'text', role: 'tick', x: x(ms), y: foot, anchor: 'middle', text: clockTime(ms) })
  return {
    height: foot + 2.6 * letter,
    shapes: [...shapes, ...legend(input, size, left, foot + 1.9 * letter)],
  }
}

function timeRange({ passages }: AlignmentInput, points: readonly PicturePoint[]): [number, number] {
  const fromMs = Math.min(
    ...passages.map(({ suspectFromMs }) => suspectFromMs),
    ...points.map(({ suspectMs }) => suspectMs),
  )
  const toMs = Math.max(
    ...passages.map(({ suspectToMs }) => suspectToMs),
    ...points.map(({ suspectMs }) => suspectMs),
  )
  return [fromMs, Math.max(toMs, fromMs + 1000)]
}

/** Counts all landmarks, also those that were left out of the drawing. */
function legend(input: AlignmentInput, { width, letter }: Size, left: number, y: number): Shape[] {
  const points = pointsOf(input)
  const heard = points.filter(({ matched }) => matched).length
  const every = drawnEvery(input)
  const drawn = every > 1 ? ` (one in ${every} is drawn)` : ''
  const entries = [
    ['heard', `found at its place: ${heard}`],
    ['missed', `not found: ${points.length - heard}${drawn}`],
  ] as const
  return [
    ...entries.flatMap(([role, text], index): Shape[] => {
      const x = left + index * 14 * letter
      return [
        { shape: 'dot', role, x: x + 0.3 * letter, y: y - 0.35 * letter, radius: 0.28 * letter },
        { shape: 'text', role: 'tick', x: x + letter, y, anchor: 'start', text },
      ]
    }),
    { shape: 'text', role: 'tick', x: width, y, anchor: 'end', text: 'time in the suspect file' },
  ]
}
