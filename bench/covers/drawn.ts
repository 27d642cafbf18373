import { Random } from '../../bin/demo/music/random.ts'
import type { Pixels } from '../../services/artwork/pdq.ts'

/** Side of a drawn cover in pixels. */
const COVER_SIDE = 480
const CHANNELS = 3

type Colour = readonly [red: number, green: number, blue: number]

/** Something painted in one colour. Places run from 0 to 1, from left to right and from top to bottom. */
interface Layer {
  readonly colour: Colour
  /** How much of what is below shines through, 0 … 1. */
  readonly through: number
  readonly covers: (x: number, y: number) => boolean
}

/**
 * A cover drawn by code from a number: clouds, in which detail falls with its size as in photographs, then shapes,
 * then two lines of block letters. The same number gives the same picture; different numbers have nothing in
 * common but the way they are made.
 */
export function drawCover(number: number): Pixels {
  const random = new Random(`cover ${number}`)
  const bytes = drawClouds(random, drawColour(random), drawColour(random))
  for (const layer of [...drawShapes(random), ...drawTitles(random)]) paint(bytes, layer)
  return { width: COVER_SIDE, height: COVER_SIDE, channels: CHANNELS, bytes }
}

/** A drawn cover with a line of white block letters on a black bar written over it. */
export function withCaption(cover: Pixels): Pixels {
  const bytes = Uint8Array.from(cover.bytes)
  const random = new Random('caption')
  const bar = (_: number, y: number): boolean => y > 0.8 && y < 0.92
  paint(bytes, { colour: [0, 0, 0], through: 0, covers: bar })
  const covers = letterLine(random, { left: 0.05, top: 0.825, height: 0.07, letters: 14 })
  paint(bytes, { colour: [255, 255, 255], through: 0, covers })
  return { ...cover, bytes }
}

const drawColour = (random: Random): Colour => [
  random.between(0, 255),
  random.between(0, 255),
  random.between(0, 255),
]

function paint(bytes: Uint8Array, { colour, through, covers }: Layer): void {
  for (let row = 0; row < COVER_SIDE; row++) {
    for (let column = 0; column < COVER_SIDE; column++) {
      if (!covers((column + 0.5) / COVER_SIDE, (row + 0.5) / COVER_SIDE)) continue
      const at = (row * COVER_SIDE + column) * CHANNELS
      for (let channel = 0; channel < CHANNELS; channel++)
        bytes[at + channel] = through * bytes[at + channel]! + (1 - through) * colour[channel]!
    }
  }
}

/** Sizes of structure in the clouds: of each field so many cells across; it is weaker than the one before. */
const CLOUD_CELLS = [2, 4, 8, 16, 32, 64] as const
const WEAKER = 0.6

/** The sum of smooth random fields, as a mixture of two colours. */
function drawClouds(random: Random, dark: Colour, light: Colour): Uint8Array {
  const sum = new Float64Array(COVER_SIDE * COVER_SIDE)
  for (const [octave, cells] of CLOUD_CELLS.entries()) addField(sum, random, cells, WEAKER ** octave)
  const bytes = new Uint8Array(sum.length * CHANNELS)
  for (let at = 0; at < bytes.length; at++) {
    const channel = at % CHANNELS
    const share = Math.min(1, Math.max(0, 0.5 + 0.6 * sum[(at - channel) / CHANNELS]!))
    bytes[at] = dark[channel]! + (light[channel]! - dark[channel]!) * share
  }
  return bytes
}

/** Adds a field of random values at the corners of cells, eased in between. */
function addField(sum: Float64Array, random: Random, cells: number, strength: number): void {
  const corners = Float64Array.from({ length: (cells + 1) ** 2 }, () => random.between(-strength, strength))
  const cellSide = COVER_SIDE / cells
  const eased = Float64Array.from({ length: COVER_SIDE }, (_, at) => {
    const share = (at % cellSide) / cellSide
    return share * share * (3 - 2 * share)
  })
  for (let row = 0; row < COVER_SIDE; row++) {
    const above = Math.floor(row / cellSide) * (cells + 1)
    const down = eased[row]!
    for (let column = 0; column < COVER_SIDE; column++) {
      const corner = above + Math.floor(column / cellSide)
      const right = eased[column]!
      const upper = corners[corner]! * (1 - right) + corners[corner + 1]! * right
      const lower = corners[corner + cells + 1]! * (1 - right) + corners[corner + cells + 2]! * right
      sum[row * COVER_SIDE + column]! += upper * (1 - down) + lower * down
    }
  }
}

/** Ellipses and rectangles, turned by any angle. */
const drawShapes = (random: Random): Layer[] =>
  Array.from({ length: random.whole(3, 12) }, () => {
    const centreX = random.unit()
    const centreY = random.unit()
    const angle = random.between(0, Math.PI)
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const long = random.between(0.05, 0.35)
    const short = random.between(0.03, 0.2)
    const round = random.chance(0.5)
    return {
      colour: drawColour(random),
      through: 0.2,
      covers: (x, y) => {
        const along = ((x - centreX) * cos + (y - centreY) * sin) / long
        const across = ((y - centreY) * cos - (x - centreX) * sin) / short
        return round ? along * along + across * across < 1 : Math.abs(along) < 1 && Math.abs(across) < 1
      },
    }
  })

/** Cells of a block letter; one column more stays empty between two. */
const LETTER_COLUMNS = 5
const LETTER_ROWS = 7

/** A line of letters that no alphabet has: half of their cells are filled. */
function letterLine(
  random: Random,
  { left, top, height, letters }: { left: number; top: number; height: number; letters: number },
): Layer['covers'] {
  const columns = letters * (LETTER_COLUMNS + 1)
  const filled = Array.from(
    { length: columns * LETTER_ROWS },
    (_, at) => random.chance(0.5) && (at % columns) % (LETTER_COLUMNS + 1) < LETTER_COLUMNS,
  )
  const cell = height / LETTER_ROWS
  return (x, y) => {
    const column = Math.floor((x - left) / cell)
    const row = Math.floor((y - top) / cell)
    return column >= 0 && column < columns && row >= 0 && row < LETTER_ROWS && filled[row * columns + column]!
  }
}

/** An artist and a title, as most covers have. */
function drawTitles(random: Random): Layer[] {
  const colour = drawColour(random)
  return [random.between(0.04, 0.3), random.between(0.6, 0.85)].map((top) => {
    const left = random.between(0.03, 0.3)
    const height = random.between(0.04, 0.12)
    const covers = letterLine(random, { left, top, height, letters: random.whole(4, 12) })
    return { colour, through: 0, covers }
  })
}
