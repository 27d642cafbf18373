/** Brightness of a picture: `pixels` has `width × height` values of 0 … 255 in rows from the top left. */
export interface Luminance {
  readonly width: number
  readonly height: number
  readonly pixels: Float32Array
}

/** Pixels as decoders and a browser's canvas give them: `channels` bytes each, in rows from the top left. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 1 or 2: grey; 3 or 4: red, green, blue. What follows is alpha and is not looked at. */
  readonly channels: 1 | 2 | 3 | 4
  readonly bytes: Uint8Array | Uint8ClampedArray
}

export interface PdqHash {
  /** 32 bytes; the last bit of the last byte is the lowest frequency. In hexadecimal they are PDQ's usual form. */
  readonly bits: Uint8Array
  /** How much there is to see, 0 (nothing, or next to it) … 100. */
  readonly quality: number
}

export const HASH_BYTES = 32
export const HASH_BITS = 8 * HASH_BYTES

/** Side of the small picture that is transformed. */
const SMALL_SIDE = 64
/** Frequencies kept in each direction, from the first above 'all the same'. */
const FREQUENCIES = 16
/** Both passes of the box filter together reach as far as one small pixel is wide. */
const BOXES_PER_PIXEL = 2
/** Sides below this hold too little to be told apart. */
const SIDE_MIN = 5

/** Weights of red, green and blue in brightness (ITU-R BT.601). */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114]

/**
 * Brightness of pixels.
 *
 * @throws {RangeError} when there are not as many bytes as the sides and channels say.
 */
export function luminanceOf({ width, height, channels, bytes }: Pixels): Luminance {
  const count = width * height
  if (bytes.length !== count * channels)
    throw new RangeError(`${bytes.length} bytes are not ${width} × ${height} pixels of ${channels} channels`)
  const pixels = new Float32Array(count)
  if (channels < 3) {
    for (let at = 0, from = 0; at < count; at++, from += channels) pixels[at] = bytes[from]!
  } else {
    for (let at = 0, from = 0; at < count; at++, from += channels)
      pixels[at] = RED * bytes[from]! + GREEN * bytes[from + 1]! + BLUE * bytes[from + 2]!
  }
  return { width, height, pixels }
}

/**
 * The part of a picture within a rectangle, given in pixels.
 *
 * @throws {RangeError} when the rectangle is not inside.
 */
export function cropped(
  { width, height, pixels }: Luminance,
  part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Luminance {
  const inside = part.left >= 0 && part.top >= 0 && part.width > 0 && part.height > 0
  if (!inside || part.left + part.width > width || part.top + part.height > height)
    throw new RangeError('The rectangle is not inside the picture')
  const kept = new Float32Array(part.width * part.height)
  for (let row = 0; row < part.height; row++) {
    const from = (part.top + row) * width + part.left
    kept.set(pixels.subarray(from, from + part.width), row * part.width)
  }
  return { width: part.width, height: part.height, pixels: kept }
}

/**
 * PDQ: 256 bits that stay much the same when a picture is scaled, compressed, blurred, brightened or written on, and
 * that crops, borders, turns and mirrors change. Two pictures are alike when few bits differ; see `hammingDistance`.
 *
 * The picture is blurred with two passes of a box filter, sampled at 64 × 64 places and cosine-transformed; of the
 * frequencies 1 … 16 in both directions, half are above their median: those are the bits that are set. The quality
 * is the sum of the differences between neighbours among the 64 × 64.
 *
 * The blur and the sampling are one multiplication here, since each is linear and works in both directions alike: of
 * the blurred picture only what is sampled is ever computed. Cost: about one multiplication for each pixel.
 *
 * @returns quality 0 and no bit set for pictures with a side below `SIDE_MIN`.
 *
 * Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019; the filter is from
 * W. Jarosz, "Fast Image Convolutions", ACM SIGGRAPH at UIUC, 2001.
 */
export function pdq(picture: Luminance): PdqHash {
  if (Math.min(picture.width, picture.height) < SIDE_MIN)
    return { bits: new Uint8Array(HASH_BYTES), quality: 0 }
  const small = shrink(picture)
  return { bits: aboveMedian(lowFrequencies(small)), quality: gradientQuality(small) }
}

/**
 * What 64 samples of a blurred row or column are made of: sample k is the sum of the pixels from `first[k]` on, each
 * times one of the weights from `start[k]` to `start[k + 1]`.
 */
interface Sampling {
  readonly first: Int32Array
  readonly start: Int32Array
  readonly weights: Float64Array
}

/** The sampling for rows or columns of a length. A function of the length alone, and quick beside its use. */
function samplingOf(length: number): Sampling {
  const window = Math.ceil(length / (BOXES_PER_PIXEL * SMALL_SIDE))
  // Windows of even width reach one pixel farther to the right. At the borders they hold the pixels there are.
  const before = Math.floor((window - 1) / 2)
  const after = Math.floor(window / 2)
  const boxFrom = (at: number): number => Math.max(0, at - before)
  const boxTo = (at: number): number => Math.min(length - 1, at + after)
  const boxSize = (at: number): number => boxTo(at) - boxFrom(at) + 1
  const first = new Int32Array(SMALL_SIDE)
  const start = new Int32Array(SMALL_SIDE + 1)
  const weights: number[] = []
  for (let k = 0; k < SMALL_SIDE; k++) {
    const place = Math.floor(((k + 0.5) * length) / SMALL_SIDE)
    first[k] = boxFrom(boxFrom(place))
    const taps = Array.from({ length: boxTo(boxTo(place)) - first[k]! + 1 }, () => 0)
    for (let middle = boxFrom(place); middle <= boxTo(place); middle++) {
      const share = 1 / (boxSize(place) * boxSize(middle))
      for (let at = boxFrom(middle); at <= boxTo(middle); at++) taps[at - first[k]!]! += share
    }
    weights.push(...taps)
    start[k + 1] = weights.length
  }
  return { first, start, weights: Float64Array.from(weights) }
}

/** Blurs and samples: a picture of any size as 64 × 64 values in rows. */
function shrink({ width, height, pixels }: Luminance): Float64Array {
  const { first, start, weights } = samplingOf(width)
  const narrow = new Float64Array(height * SMALL_SIDE)
  for (let row = 0; row < height; row++) {
    for (let k = 0; k < SMALL_SIDE; k++) {
      const end = start[k + 1]!
      let from = row * width + first[k]!
      let sum = 0
      for (let tap = start[k]!; tap < end; tap++) sum += weights[tap]! * pixels[from++]!
      narrow[row * SMALL_SIDE + k] = sum
    }
  }
  const down = samplingOf(height)
  const small = new Float64Array(SMALL_SIDE * SMALL_SIDE)
  for (let k = 0; k < SMALL_SIDE; k++) {
    let from = down.first[k]! * SMALL_SIDE
    for (let tap = down.start[k]!; tap < down.start[k + 1]!; tap++) {
      const weight = down.weights[tap]!
      for (let column = 0; column < SMALL_SIDE; column++)
        small[k * SMALL_SIDE + column]! += weight * narrow[from++]!
    }
  }
  return small
}

/** The rows 1 … 16 of the cosine transform (DCT-II) of 64 values; row 0, the mean, says only how bright all is. */
const cosines = Float64Array.from({ length: FREQUENCIES * SMALL_SIDE }, (_, at) => {
  const frequency = Math.floor(at / SMALL_SIDE) + 1
  const place = at % SMALL_SIDE
  return Math.sqrt(2 / SMALL_SIDE) * Math.cos((Math.PI / (2 * SMALL_SIDE)) * frequency * (2 * place + 1))
})

/** The 16 × 16 lowest frequencies: rows by frequency from top to bottom, in them by frequency from left to right. */
function lowFrequencies(small: Float64Array): Float64Array {
  const down = new Float64Array(FREQUENCIES * SMALL_SIDE)
  for (let frequency = 0; frequency < FREQUENCIES; frequency++) {
    for (let row = 0; row < SMALL_SIDE; row++) {
      const cosine = cosines[frequency * SMALL_SIDE + row]!
      for (let column = 0; column < SMALL_SIDE; column++)
        down[frequency * SMALL_SIDE + column]! += cosine * small[row * SMALL_SIDE + column]!
    }
  }
  const both = new Float64Array(FREQUENCIES * FREQUENCIES)
  for (let at = 0; at < both.length; at++) {
    const row = Math.floor(at / FREQUENCIES) * SMALL_SIDE
    const across = (at % FREQUENCIES) * SMALL_SIDE
    for (let column = 0; column < SMALL_SIDE; column++)
      both[at]! += down[row + column]! * cosines[across + column]!
  }
  return both
}

/** A bit for each frequency that is above their (lower) median; bit 0 is the last bit of the last byte. */
function aboveMedian(frequencies: Float64Array): Uint8Array {
  const median = frequencies.toSorted()[frequencies.length / 2 - 1]!
  const bits = new Uint8Array(HASH_BYTES)
  for (const [at, value] of frequencies.entries())
    if (value > median) bits[HASH_BYTES - 1 - (at >> 3)]! |= 1 << (at & 7)
  return bits
}

/** What the sum of all differences, in percent of full brightness each, is divided by. */
const QUALITY_DIVISOR = 90

/** Differences between neighbours from left to right and from top to bottom; below one percent they are noise. */
function gradientQuality(small: Float64Array): number {
  const percent = (from: number, to: number): number =>
    Math.floor((Math.abs(small[from]! - small[to]!) * 100) / 255)
  let sum = 0
  for (let row = 0; row < SMALL_SIDE; row++) {
    for (let column = 0; column < SMALL_SIDE; column++) {
      const at = row * SMALL_SIDE + column
      if (column + 1 < SMALL_SIDE) sum += percent(at, at + 1)
      if (row + 1 < SMALL_SIDE) sum += percent(at, at + SMALL_SIDE)
    }
  }
  return Math.min(100, Math.floor(sum / QUALITY_DIVISOR))
}

/** How many bits are set in 32. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** In how many of 256 bits two hashes differ. Pictures that have nothing in common differ in about 128. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0
  for (let at = 0; at < HASH_BYTES; at++) distance += popcount(a[at]! ^ b[at]!)
  return distance
}
