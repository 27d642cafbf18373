import { ENGINE_VERSION, FRAMES_PER_SECOND } from '../constants.ts'

/**
 * An immutable part of the index. All its recordings lie one after the other on one time line, so that a posting
 * is a single number. Postings are in order of bucket, then of `order` (see landmarks.ts).
 *
 * All columns but `alive` are views of one block of shared memory: threads read it without a copy and without
 * locks, and the block is also what is written to a file.
 */
export interface Segment {
  readonly memory: SharedArrayBuffer
  readonly shape: SegmentShape
  /** Of each recording: its number in the index, never given twice. */
  readonly numbers: Uint32Array
  readonly durationsMs: Uint32Array
  /** Frame at which it begins on the time line; ascending. */
  readonly starts: Uint32Array
  /** How many postings it has. */
  readonly landmarks: Uint32Array
  /** Where its peaks are in `peaks`: from `peakOffsets[place]` to `peakOffsets[place + 1]`. */
  readonly peakOffsets: Uint32Array
  /** Row r of the directory has the postings `offsets[r]` … `offsets[r + 1] − 1`. */
  readonly offsets: Uint32Array
  /** In a sparse directory: the bucket of each row, and the row of each hash slot (−1: none). */
  readonly buckets: Uint32Array
  readonly slots: Int32Array
  /** Anchor of each posting: frame on the time line. */
  readonly positions: Uint32Array
  readonly order: Uint16Array
  /** Peaks of the recordings; see packed-peaks.ts. */
  readonly peaks: Uint8Array
  /** 0 once a recording is removed. The one column that changes; its postings go when the segment is next merged. */
  readonly alive: Uint8Array
}

/** What is needed to lay a segment out in memory. */
export interface SegmentShape {
  readonly recordings: number
  readonly postings: number
  readonly peakBytes: number
  /** Rows of the directory. */
  readonly rows: number
  /** Hash slots of a sparse directory; 0 = dense. */
  readonly slots: number
  /** Rows a bucket has in a dense directory, as a power of two: each for an equal part of the range of `order`. */
  readonly splitBits: number
}

/**
 * Silence between two recordings on the time line, in frames (60 s). Half of it is more than any candidate
 * may begin before, or end after, the recording it belongs to (a window is at most 15 s, the scale 2^0.75).
 */
export const GAP_FRAMES = Math.round(60 * FRAMES_PER_SECOND)

/** Positions are 32-bit frames: 13,800 hours with the gaps. */
export const TIMELINE_FRAMES_MAX = 2 ** 32

const MAGIC = 0x47_53_57_45 // 'EWSG', as a little-endian number
const FORMAT_VERSION = 1
const HEADER_WORDS = 16
export const HEADER_BYTES = 4 * HEADER_WORDS

/** Sections begin at multiples of this, so that every view is aligned. */
const ALIGNMENT_BYTES = 8

/**
 * The block of a segment: a header of 64 bytes, then the columns one after the other, each from a multiple of
 * eight bytes on. Numbers are little-endian, as every machine that runs this stores them.
 *
 * | column | bytes each | count |
 * | --- | --- | --- |
 * | header: `EWSG`, format version, engine version, then the six numbers of the shape | 4 | 16 |
 * | numbers, durationsMs, starts, landmarks | 4 | recordings |
 * | peakOffsets | 4 | recordings + 1 |
 * | offsets | 4 | rows + 1 |
 * | buckets | 4 | rows when sparse, else 0 |
 * | slots | 4 | slots |
 * | positions | 4 | postings |
 * | order | 2 | postings |
 * | peaks | 1 | peakBytes |
 *
 * @param memory of a segment that was made before; fresh and zeroed when absent.
 */
export function layOut(shape: SegmentShape, memory?: SharedArrayBuffer): Segment {
  const { recordings, postings, rows, slots } = shape
  const sections = sectionsOf(shape)
  const block = memory ?? new SharedArrayBuffer(bytesOf(shape))
  let next = 0
  const place = (): number => sections[next++]!
  if (!memory) writeHeader(block, shape)
  return {
    memory: block,
    shape,
    numbers: new Uint32Array(block, place(), recordings),
    durationsMs: new Uint32Array(block, place(), recordings),
    starts: new Uint32Array(block, place(), recordings),
    landmarks: new Uint32Array(block, place(), recordings),
    peakOffsets: new Uint32Array(block, place(), recordings + 1),
    offsets: new Uint32Array(block, place(), rows + 1),
    buckets: new Uint32Array(block, place(), slots > 0 ? rows : 0),
    slots: new Int32Array(block, place(), slots),
    positions: new Uint32Array(block, place(), postings),
    order: new Uint16Array(block, place(), postings),
    peaks: new Uint8Array(block, place(), shape.peakBytes),
    alive: new Uint8Array(new SharedArrayBuffer(recordings)).fill(1),
  }
}

/** Where each column begins, and at the end where the block ends. */
function sectionsOf({ recordings, postings, peakBytes, rows, slots }: SegmentShape): number[] {
  const lengths = [
    4 * recordings,
    4 * recordings,
    4 * recordings,
    4 * recordings,
    4 * (recordings + 1),
    4 * (rows + 1),
    slots > 0 ? 4 * rows : 0,
    4 * slots,
    4 * postings,
    2 * postings,
    peakBytes,
  ]
  const sections = [HEADER_BYTES]
  for (const length of lengths)
    sections.push(Math.ceil((sections.at(-1)! + length) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES)
  return sections
}

/** Bytes of the block of a segment. */
export const bytesOf = (shape: SegmentShape): number => sectionsOf(shape).at(-1)!

function writeHeader(memory: SharedArrayBuffer, shape: SegmentShape): void {
  const { recordings, postings, peakBytes, rows, slots, splitBits } = shape
  const words = [
    MAGIC,
    FORMAT_VERSION,
    ENGINE_VERSION,
    recordings,
    postings,
    peakBytes,
    rows,
    slots,
    splitBits,
  ]
  new Uint32Array(memory, 0, HEADER_WORDS).set(words)
}

/** What is wrong with a block: it is no segment, or one of another version. */
export type HeaderFault = 'no segment' | 'another version'

/** Reads the shape from a block's header; the block may still be shorter or longer than the shape asks for. */
export function readShape(header: Uint8Array): SegmentShape | HeaderFault {
  if (header.length < HEADER_BYTES) return 'no segment'
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES)
  const word = (index: number): number => view.getUint32(4 * index, true)
  if (word(0) !== MAGIC) return 'no segment'
  if (word(1) !== FORMAT_VERSION || word(2) !== ENGINE_VERSION) return 'another version'
  return {
    recordings: word(3),
    postings: word(4),
    peakBytes: word(5),
    rows: word(6),
    slots: word(7),
    splitBits: word(8),
  }
}

/** Bits of `order`. */
export const ORDER_BITS = 16

/**
 * Where the postings of a bucket from one value of `order` to another can be: from `from[0]` up to `from[1]`, and
 * some others of the bucket at both ends. Writes into `range`; empty when the segment has none.
 */
export function stretchOf(
  segment: Segment,
  bucket: number,
  lowest: number,
  highest: number,
  range: Uint32Array,
): void {
  const { offsets, shape } = segment
  if (shape.slots > 0) {
    const row = sparseRowOf(segment, bucket)
    range[0] = row < 0 ? 0 : offsets[row]!
    range[1] = row < 0 ? 0 : offsets[row + 1]!
    return
  }
  const shift = ORDER_BITS - shape.splitBits
  const first = bucket << shape.splitBits
  range[0] = offsets[first + (lowest >>> shift)]!
  range[1] = offsets[first + (highest >>> shift) + 1]!
}

/** Row of a bucket in a sparse directory, or −1 when the segment has no posting in it. */
function sparseRowOf({ slots, buckets }: Segment, bucket: number): number {
  const mask = slots.length - 1
  for (let slot = hashOf(bucket) & mask; ; slot = (slot + 1) & mask) {
    const row = slots[slot]!
    if (row === -1 || buckets[row] === bucket) return row
  }
}

/** Spreads neighbouring buckets over the slots (Knuth's multiplicative hash, upper bits). */
export const hashOf = (bucket: number): number => Math.imul(bucket, 0x9e_37_79_b1) >>> 8

/** Place in the segment of the recording whose stretch of the time line, with half the gaps around it, has this frame. */
export function placeAt({ starts }: Segment, frame: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[middle]! <= frame + GAP_FRAMES / 2) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** Recordings begin further apart than this, so that a stretch of the time line of this length meets two at most. */
const CELL_BITS = 12

/**
 * As `placeAt` for many positions of postings: some nanoseconds instead of a search for each.
 *
 * @returns gives the place of a position on the time line; any recording's for a position that is beyond its end.
 */
export function placeFinder({ starts }: Pick<Segment, 'starts'>): (position: number) => number {
  const count = starts.length
  // The place that a cell begins in; the one after may begin within it.
  const cells = new Uint32Array(((starts[count - 1] ?? 0) >>> CELL_BITS) + 1)
  for (let cell = 0, place = 0; cell < cells.length; cell++) {
    while (place + 1 < count && starts[place + 1]! <= cell * 2 ** CELL_BITS) place++
    cells[cell] = place
  }
  const lastCell = cells.length - 1
  return (position) => {
    const place = cells[Math.min(position >>> CELL_BITS, lastCell)]!
    return place + 1 < count && starts[place + 1]! <= position ? place + 1 : place
  }
}
