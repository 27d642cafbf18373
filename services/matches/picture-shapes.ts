import { clockTime } from '../core/clock-time.ts'
import { type Change, type PassageSketches } from './match.ts'
import { timeTicksMs } from './picture-ticks.ts'

/** A landmark of the recording, with its time on both sides; found in the suspect, or looked for in vain. */
export interface PicturePoint {
  readonly suspectMs: number
  readonly referenceMs: number
  /** In the recording. */
  readonly hz: number
  readonly matched: boolean
}

/** A stretch of the suspect that comes from a stretch of the recording; times in milliseconds. */
export interface PicturePassage {
  readonly suspectFromMs: number
  readonly suspectToMs: number
  readonly referenceFromMs: number
  readonly referenceToMs: number
  readonly speed: number
  readonly pitch: number
  /** The truth lies within ± these with 95 %, where that is known. */
  readonly speedError?: number | null | undefined
  readonly pitchError?: number | null | undefined
  readonly change: Change
  readonly landmarksMatched: number
  readonly landmarksExpected: number
  readonly points: readonly PicturePoint[]
  readonly sketches?: PassageSketches | undefined
}

/** What the alignment picture shows; times in milliseconds. */
export interface AlignmentInput {
  readonly suspectDurationMs: number
  readonly referenceDurationMs: number
  /** In the order of the suspect. */
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
  | 'cells'
  | 'join'
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
      /** Cells of a grid with one shade; `x`, `y` is the middle of the left edge of its first row, rows go upwards. */
      readonly shape: 'cells'
      readonly role: Role
      readonly x: number
      readonly y: number
      readonly columnWidth: number
      readonly rowHeight: number
      /** Neighbours in a row. Columns may be fractions where the grid is cut off. */
      readonly runs: readonly (readonly [column: number, row: number, columns: number])[]
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

type Scale = (value: number) => number

/** One of the two lanes: where it lies, and where on it a time is. */
interface Lane {
  readonly y: number
  readonly x: Scale
}

/**
 * Lays out the overview: two lanes (suspect above, recording below) joined by one band for each passage.
 * Pure arithmetic: SVG and PDF draw the same shapes.
 */
export function overviewShapes(input: AlignmentInput, size: Size): Picture {
  const { width, letter } = size
  const { suspectDurationMs, referenceDurationMs } = input
  const high = 1.2 * letter
  const longestMs = Math.max(suspectDurationMs, referenceDurationMs, 1)
  const common = hasCommonScale(input)
  const scaleOf =
    (durationMs: number): Scale =>
    (ms) =>
      (Math.min(ms, durationMs) / (common ? longestMs : Math.max(durationMs, 1))) * width
  const suspect: Lane = { y: 2.7 * letter, x: scaleOf(suspectDurationMs) }
  const reference: Lane = { y: 8.9 * letter, x: scaleOf(referenceDurationMs) }
  const note = common ? '' : ', drawn to its own scale'
  const box = ({ x, y }: Lane, durationMs: number): Shape => ({
    shape: 'box',
    role: 'lane',
    x: 0,
    y,
    width: x(durationMs),
    height: high,
  })
  const label = (y: number, text: string): Shape => ({
    shape: 'text',
    role: 'label',
    x: 0,
    y,
    anchor: 'start',
    text,
  })
  const foot = reference.y + high
  return {
    height: foot + 3 * letter,
    shapes: [
      label(letter, `Suspect file, ${clockTime(suspectDurationMs)}`),
      box(suspect, suspectDurationMs),
      box(reference, referenceDurationMs),
      ...ticks(suspectDurationMs, suspect.x, suspect.y - 0.45 * letter, size),
      ...ticks(referenceDurationMs, reference.x, foot + 1.15 * letter, size),
      label(foot + 2.6 * letter, `Recording, ${clockTime(referenceDurationMs)}${note}`),
      ...input.passages.flatMap((passage, index) =>
        bandShapes(passage, index + 1, [suspect, reference], size),
      ),
    ],
  }
}

/** One passage: its place on both lanes, the band between them, and its number where there is room. */
function bandShapes(
  passage: PicturePassage,
  number: number,
  [suspect, reference]: readonly [Lane, Lane],
  { width, letter }: Size,
): Shape[] {
  const high = 1.2 * letter
  const [a, b] = [suspect.x(passage.suspectFromMs), suspect.x(passage.suspectToMs)]
  const [c, d] = [reference.x(passage.referenceFromMs), reference.x(passage.referenceToMs)]
  const corners = [
    [a, suspect.y + high],
    [b, suspect.y + high],
    [d, reference.y],
    [c, reference.y],
  ] as const
  // The shortest passage of a long mix must still be seen.
  const mark = (from: number, to: number, y: number): Shape => {
    const wide = Math.max(to - from, 0.1 * letter)
    return { shape: 'box', role: 'passage', x: Math.min(from, width - wide), y, width: wide, height: high }
  }
  const named: Shape = {
    shape: 'text',
    role: 'number',
    x: (a + b) / 2,
    y: suspect.y + 0.95 * letter,
    anchor: 'middle',
    text: `${number}`,
  }
  return [
    { shape: 'polygon', role: 'band', corners },
    mark(a, b, suspect.y),
    mark(c, d, reference.y),
    ...(b - a > 1.4 * letter ? [named] : []),
  ]
}

/** Whether both lanes are drawn to the same scale; if not, the picture says so. */
export function hasCommonScale({ suspectDurationMs: a, referenceDurationMs: b }: AlignmentInput): boolean {
  return Math.max(a, b) <= COMMON_SCALE_RATIO_MAX * Math.min(a, b)
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
