import { Problem } from '../../core/problem.ts'
import { DURATION_MS_MAX, msToFrames } from '../constants.ts'
import { crc32 } from '../fingerprint/crc32.ts'
import { SKETCH_COLUMNS_MAX, SKETCH_LEVEL_MAX, SKETCH_ROWS, type Sketch } from './sketch.ts'

const MAGIC = 0x4b_53_57_45 // 'EWSK', as a little-endian number
/** Raise it whenever the same bytes would come to mean another picture. */
const SKETCH_VERSION = 1
const HEADER_BYTES = 16
const CHECKSUM_BYTES = 4
const VALUES = SKETCH_LEVEL_MAX + 1
/** Low bits may number 0 … 3; with three, every cell takes four bits: a sketch is never larger than that. */
const LOW_BITS_MAX = 3
const BITS_PER_CELL_MAX = 4
const FRAME_MAX = Math.ceil(msToFrames(DURATION_MS_MAX))
const FRAMES_PER_COLUMN_MAX = 65_535

/** The most bytes a sketch can have: that of a day, when nothing in it can be foretold. About half is usual. */
export const SKETCH_BYTES_MAX =
  HEADER_BYTES + CHECKSUM_BYTES + Math.ceil((SKETCH_COLUMNS_MAX * SKETCH_ROWS * BITS_PER_CELL_MAX) / 8)

/**
 * Bytes of a sketch. All numbers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `EWSK` |
 * | 4 | 1 | version of the sketch, 1 |
 * | 5 | 1 | number of low bits, 0 … 3: that which makes the cells shortest, of equals the smallest |
 * | 6 | 2 | frames under a column |
 * | 8 | 4 | frame at which the first column begins |
 * | 12 | 4 | number of columns |
 * | 16 | … | the cells, column by column, from the lowest row up; then 0 bits up to the next byte |
 * | end − 4 | 4 | CRC-32 (IEEE 802.3) of all bytes before |
 *
 * Bits fill a byte from the lowest. A cell is told by how far it is from what its neighbours foretell (`foretold`):
 * the difference modulo 16 is folded to 0, −1, 1, −2, 2 … −8 = 0, 1, 2, 3, 4 … 15. The part above the low bits comes
 * first, as so many ones and a zero (no zero after the most it can be), then the low bits, lowest first.
 *
 * The prediction is that of JPEG-LS: Weinberger, Seroussi, Sapiro, "The LOCO-I lossless image compression algorithm",
 * IEEE Transactions on Image Processing 9 (2000); the code is that of Rice (1979).
 *
 * @throws {RangeError} when its columns are too many or too long for this form.
 */
export function encodeSketch(sketch: Sketch): Uint8Array {
  if (sketch.columns > SKETCH_COLUMNS_MAX || sketch.framesPerColumn > FRAMES_PER_COLUMN_MAX)
    throw new RangeError(`a sketch of ${sketch.columns} columns of ${sketch.framesPerColumn} frames`)
  const folded = fold(sketch)
  const { lowBits, bits } = shortest(folded)
  const bytes = new Uint8Array(HEADER_BYTES + Math.ceil(bits / 8) + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  bytes[4] = SKETCH_VERSION
  bytes[5] = lowBits
  view.setUint16(6, sketch.framesPerColumn, true)
  view.setUint32(8, sketch.firstFrame, true)
  view.setUint32(12, sketch.columns, true)
  const highMax = SKETCH_LEVEL_MAX >> lowBits
  let at = HEADER_BYTES * 8
  const put = (value: number, count: number) => {
    for (let bit = 0; bit < count; bit++, at++) if ((value >> bit) & 1) bytes[at >> 3]! |= 1 << (at & 7)
  }
  for (const value of folded) {
    const high = value >> lowBits
    put((1 << high) - 1, high < highMax ? high + 1 : high)
    put(value, lowBits)
  }
  const end = bytes.length - CHECKSUM_BYTES
  view.setUint32(end, crc32(bytes.subarray(0, end)), true)
  return bytes
}

/**
 * Reads what `encodeSketch` wrote, and nothing else: whatever decodes, encodes to the same bytes.
 *
 * @throws {Problem} `sketch/malformed` for anything that no extractor would write.
 */
export function decodeSketch(bytes: Uint8Array): Sketch {
  if (bytes.length > SKETCH_BYTES_MAX) throw malformed('it is too large')
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES) throw malformed('it is too small')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw malformed('it does not begin with EWSK')
  if (bytes[4] !== SKETCH_VERSION) throw malformed(`it is of version ${bytes[4]}, not ${SKETCH_VERSION}`)
  const end = bytes.length - CHECKSUM_BYTES
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw malformed('its checksum is wrong')
  const lowBits = bytes[5]!
  const framesPerColumn = view.getUint16(6, true)
  const firstFrame = view.getUint32(8, true)
  const columns = view.getUint32(12, true)
  if (lowBits > LOW_BITS_MAX) throw malformed('it has too many low bits')
  if (framesPerColumn === 0) throw malformed('its columns have no length')
  if (columns === 0 || columns > SKETCH_COLUMNS_MAX) throw malformed('its length is not allowed')
  if (firstFrame + (columns - 1) * framesPerColumn > FRAME_MAX) throw malformed('it goes on for over a day')
  // Before anything is allocated for them: a cell takes a bit at least.
  if (columns * SKETCH_ROWS > (end - HEADER_BYTES) * 8) throw malformed('it has fewer cells than it says')
  const folded = readFolded(bytes, end, columns * SKETCH_ROWS, lowBits)
  if (shortest(folded).lowBits !== lowBits) throw malformed('it could be shorter')
  return { firstFrame, framesPerColumn, columns, cells: unfold(folded) }
}

function readFolded(bytes: Uint8Array, end: number, count: number, lowBits: number): Uint8Array {
  const highMax = SKETCH_LEVEL_MAX >> lowBits
  const folded = new Uint8Array(count)
  const bitsEnd = end * 8
  let at = HEADER_BYTES * 8
  const next = (): number => {
    if (at >= bitsEnd) throw malformed('it ends within its cells')
    const bit = (bytes[at >> 3]! >> (at & 7)) & 1
    at += 1
    return bit
  }
  for (let index = 0; index < count; index++) {
    let high = 0
    while (high < highMax && next() === 1) high += 1
    let low = 0
    for (let bit = 0; bit < lowBits; bit++) low |= next() << bit
    folded[index] = (high << lowBits) | low
  }
  if (bitsEnd - at >= 8) throw malformed('it goes on after its last cell')
  for (let left = bitsEnd - at; left > 0; left--) if (next() === 1) throw malformed('its last bits are not 0')
  return folded
}

/** What a cell would be if the picture had no surprises: an edge goes on, a slope goes on. */
function foretold(cells: Uint8Array, at: number): number {
  const isFirst = at < SKETCH_ROWS
  const isLowest = at % SKETCH_ROWS === 0
  const before = isFirst ? 0 : cells[at - SKETCH_ROWS]!
  if (isLowest) return before
  const below = cells[at - 1]!
  if (isFirst) return below
  const corner = cells[at - SKETCH_ROWS - 1]!
  const [lesser, larger] = before < below ? [before, below] : [below, before]
  return corner >= larger ? lesser : corner <= lesser ? larger : before + below - corner
}

function fold({ cells }: Sketch): Uint8Array {
  const folded = new Uint8Array(cells.length)
  for (let at = 0; at < cells.length; at++) {
    const difference = (cells[at]! - foretold(cells, at)) & (VALUES - 1)
    folded[at] = difference < VALUES / 2 ? 2 * difference : 2 * (VALUES - difference) - 1
  }
  return folded
}

function unfold(folded: Uint8Array): Uint8Array {
  const cells = new Uint8Array(folded.length)
  for (let at = 0; at < folded.length; at++) {
    const value = folded[at]!
    const difference = value % 2 === 0 ? value / 2 : -(value + 1) / 2
    cells[at] = (foretold(cells, at) + difference) & (VALUES - 1)
  }
  return cells
}

/** How many low bits make these values shortest, and how many bits they take then. */
function shortest(folded: Uint8Array): { lowBits: number; bits: number } {
  const counts = new Float64Array(VALUES)
  for (const value of folded) counts[value]! += 1
  let best = { lowBits: 0, bits: Infinity }
  for (let lowBits = 0; lowBits <= LOW_BITS_MAX; lowBits++) {
    const highMax = SKETCH_LEVEL_MAX >> lowBits
    let bits = 0
    for (const [value, count] of counts.entries())
      bits += count * (Math.min((value >> lowBits) + 1, highMax) + lowBits)
    if (bits < best.bits) best = { lowBits, bits }
  }
  return best
}

const malformed = (reason: string) => new Problem('sketch/malformed', `The sketch cannot be: ${reason}`)
