import { bandAt } from '../spectrum.ts'
import { sines } from './elementary.ts'
import {
  BANDS,
  BLOCK_SAMPLES,
  GROUPS,
  GROUP_NUMBERS,
  JOIN_LENGTH,
  LANES,
  LINES,
  LINE_LOWEST,
  PLAN_LENGTH,
  QUARTER,
  TWIDDLES_LENGTH,
  UNPACK_LENGTH,
  WEIGHTS_LENGTH,
} from './layout.ts'

/** Constants that both kernels work with, in the order in which they need them; see layout.ts. */
export interface Tables {
  /** For transforms of `QUARTER` and, as its end, of `BAND_LENGTH`: per butterfly cos and sin of one, two and three parts. */
  readonly twiddles: Float32Array
  /** For four lines at a time: 4 × cos and 4 × sin of one part, then of two and of three. */
  readonly join: Float32Array
  /** For four lines at a time: 4 × cos, 4 × sin. */
  readonly unpack: Float32Array
  /** Group by group, for four lines at a time: 4 weights of each of the four bands. */
  readonly weights: Float32Array
  /** Group by group: the first lines of its four bands, then how many lines are weighed (a multiple of 4). */
  readonly plan: Uint32Array
}

let made: Tables | undefined

/** The tables, made once: it takes some milliseconds. They are the same on every machine. */
export function kernelTables(): Tables {
  if (!made) {
    const sine = sines(BLOCK_SAMPLES)
    made = {
      twiddles: twiddles(sine),
      join: joinTwiddles(sine),
      unpack: unpackTwiddles(sine),
      ...bandTables(),
    }
  }
  return made
}

/** From a sine to the cosine of the same angle. */
const QUARTER_TURN = BLOCK_SAMPLES / 4

function twiddles(sine: Float64Array): Float32Array {
  const table = new Float32Array(TWIDDLES_LENGTH)
  let at = 0
  for (let length = QUARTER; length > 8; length /= 4) {
    for (let butterfly = 0; butterfly < length / 4; butterfly++) {
      for (let times = 1; times <= 3; times++) {
        const part = (times * butterfly * BLOCK_SAMPLES) / length
        table[at++] = sine[part + QUARTER_TURN]!
        table[at++] = sine[part]!
      }
    }
  }
  return table
}

function joinTwiddles(sine: Float64Array): Float32Array {
  const table = new Float32Array(JOIN_LENGTH)
  for (let line = 0; line < QUARTER; line++) {
    const start = 24 * Math.floor(line / 4) + (line % 4)
    for (let times = 1; times <= 3; times++) {
      const part = (times * line * BLOCK_SAMPLES) / LINES
      table[start + 8 * (times - 1)] = sine[part + QUARTER_TURN]!
      table[start + 8 * (times - 1) + 4] = sine[part]!
    }
  }
  return table
}

function unpackTwiddles(sine: Float64Array): Float32Array {
  const table = new Float32Array(UNPACK_LENGTH)
  for (let line = 0; line < LINES; line++) {
    const start = 8 * Math.floor(line / 4) + (line % 4)
    table[start] = sine[line + QUARTER_TURN]!
    table[start + 4] = sine[line]!
  }
  return table
}

/** The kernel's spectrum is twice the true one: it leaves out a multiplication. */
const SPECTRUM_SCALE = 0.5

function bandTables(): { weights: Float32Array; plan: Uint32Array } {
  const table = new Float32Array(WEIGHTS_LENGTH)
  const plan = new Uint32Array(PLAN_LENGTH)
  let start = 0
  for (let group = 0; group < GROUPS; group++) {
    const bands = Array.from({ length: LANES }, (_, lane) => LANES * group + lane)
      .filter((band) => band < BANDS)
      .map(bandAt)
    const lines = 4 * Math.ceil(Math.max(...bands.map(({ weights }) => weights.length)) / 4)
    plan.fill(LINE_LOWEST, GROUP_NUMBERS * group, GROUP_NUMBERS * (group + 1))
    plan[GROUP_NUMBERS * group + LANES] = lines
    for (const [lane, { firstLine, weights }] of bands.entries()) {
      // All bands of a group take as many lines as the widest; those of the highest must not run over the end.
      const first = Math.min(firstLine, LINES - lines)
      plan[GROUP_NUMBERS * group + lane] = first
      for (const [index, weight] of weights.entries()) {
        const line = firstLine - first + index
        const at = start + 4 * LANES * Math.floor(line / 4) + 4 * lane + (line % 4)
        table[at] = SPECTRUM_SCALE * weight
      }
    }
    start += LANES * lines
  }
  if (start > WEIGHTS_LENGTH) throw new Error(`The weights need ${start} places`)
  return { weights: table, plan }
}
