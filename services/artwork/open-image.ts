import sharp from 'sharp'

import { Problem } from '../core/problem.ts'
import { type Luminance, luminanceOf } from './pdq.ts'

/** Larger than covers come in tags and on pages, 3,000 × 3,000 pixels without loss among them. */
export const IMAGE_BYTES_MAX = 32 * 2 ** 20
/** Larger than any shop asks for, and decoded within a second or two. */
const IMAGE_PIXELS_MAX = 40_000_000
/** Decoding a picture within those limits takes a fraction of it. Counted by libvips from the start of its work. */
const DECODE_TIMEOUT_SECONDS = 10

/**
 * Longer sides are shrunk to this. An odd multiple of 128: the windows of PDQ's filter are then symmetric, and the
 * hash is within 8 bits of those that the reference makes, of the whole picture or of one shrunk to 512.
 */
const SIDE_SHRUNK = 640

/** Kinds of pictures that covers come as, told by their first bytes (one character for each), never by a name. */
const kinds = [
  { magic: '\xff\xd8\xff', at: 0 }, // JPEG
  { magic: '\x89PNG\r\n\x1a\n', at: 0 },
  { magic: 'WEBP', at: 8 }, // in RIFF
  { magic: 'GIF8', at: 0 },
  { magic: 'ftypavi', at: 4 }, // AVIF: one picture or a sequence
] as const
const FIRST_BYTES = 16

// Other decoders of libvips (SVG, PDF, TIFF and what else a build may have) are never wanted: whoever could get a
// file past the look at its first bytes would find them switched off. This file is the only one that loads sharp.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`),
})
// Pictures are small and come one after the other: threads of their own and memory of what was done cost more.
sharp.concurrency(1)
sharp.cache(false)

/** A decoded picture. */
export interface OpenedImage extends Luminance {
  /** Width by height of the picture as people see it; shrinking does not keep it. */
  readonly aspect: number
}

/**
 * Decodes a JPEG, PNG, WebP, GIF or AVIF file to its brightness: the first frame, upright as its EXIF says, black
 * where it is transparent, colour profiles not applied. Pictures with a side above 640 pixels are shrunk.
 *
 * @throws {Problem} `image/too-large` for too many bytes or pixels, `image/unreadable` for every other file that
 *   is not a whole picture of these kinds, or takes too long. Neither is worth another try.
 */
export async function openImage(bytes: Uint8Array): Promise<OpenedImage> {
  if (bytes.length > IMAGE_BYTES_MAX)
    throw new Problem('image/too-large', `The picture has ${bytes.length} bytes; ${IMAGE_BYTES_MAX} are read`)
  const first = Buffer.from(bytes.subarray(0, FIRST_BYTES)).toString('latin1')
  if (!kinds.some(({ magic, at }) => first.startsWith(magic, at)))
    throw new Problem('image/unreadable', 'Only JPEG, PNG, WebP, GIF and AVIF pictures are read')
  const size = await checkedSize(bytes)
  const { data, info } = await decode(bytes)
  const { width, height, channels } = info
  return { ...luminanceOf({ width, height, channels, bytes: data }), aspect: size.width / size.height }
}

/** Kinds of pictures that a browser or a screen is saved as, by their first bytes. */
const screenKinds = { 'image/jpeg': '\xff\xd8\xff', 'image/png': '\x89PNG\r\n\x1a\n' } as const

/** What a picture of a screen is. */
export interface ScreenPicture {
  readonly mediaType: keyof typeof screenKinds
  /** Pixels, as people see it. */
  readonly width: number
  readonly height: number
}

/**
 * Tells what a picture of a screen is, a PNG or JPEG file of at most 40 megapixels, by decoding the whole of it.
 *
 * @throws {Problem} as `openImage`.
 */
export async function readScreenPicture(bytes: Uint8Array): Promise<ScreenPicture> {
  const first = Buffer.from(bytes.subarray(0, FIRST_BYTES)).toString('latin1')
  const mediaType = Object.keys(screenKinds).find((each): each is ScreenPicture['mediaType'] =>
    first.startsWith(screenKinds[each as ScreenPicture['mediaType']]),
  )
  if (!mediaType) throw new Problem('image/unreadable', 'Only PNG and JPEG pictures are taken')
  const size = await checkedSize(bytes)
  await decode(bytes)
  return { mediaType, ...size }
}

/** Reads the header alone: what it declares is refused before memory is taken for it. */
async function checkedSize(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { autoOrient } = await readable(() => sharp(bytes, { limitInputPixels: false }).metadata())
  const { width, height } = autoOrient
  if (width * height > IMAGE_PIXELS_MAX)
    throw new Problem(
      'image/too-large',
      `The picture has ${width} × ${height} pixels; ${IMAGE_PIXELS_MAX} are read`,
    )
  return { width, height }
}

const decode = (bytes: Uint8Array) =>
  readable(() =>
    sharp(bytes, { limitInputPixels: IMAGE_PIXELS_MAX, failOn: 'error', ignoreIcc: true, autoOrient: true })
      .timeout({ seconds: DECODE_TIMEOUT_SECONDS })
      // The hash blurs more than any way of shrinking does: the cheapest that leaves no pixel out.
      .resize(SIDE_SHRUNK, SIDE_SHRUNK, { fit: 'fill', kernel: 'linear', withoutEnlargement: true })
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true }),
  )

/** What sharp throws for a file is always about the file, as everything else given to it is ours and constant. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new Problem('image/unreadable', 'The picture is damaged, or of a kind that is not read', { cause })
  }
}
