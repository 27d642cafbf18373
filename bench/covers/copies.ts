import sharp, { type Sharp } from 'sharp'

import type { Pixels } from '../../services/artwork/pdq.ts'
import { withCaption } from './drawn.ts'

/** What happens to a cover on its way to a leak. */
export interface Degradation {
  readonly name: string
  /** So many copies in a hundred must be recognised; undefined where PDQ does not promise it. */
  readonly samePercentMin?: number
  /** The copy as a file. */
  readonly make: (cover: Pixels) => Promise<Uint8Array>
}

const sharpOf = ({ width, height, channels, bytes }: Pixels): Sharp =>
  sharp(bytes, { raw: { width, height, channels } })

/** As most copies are stored. */
const asJpeg = (picture: Sharp): Promise<Uint8Array> => picture.jpeg({ quality: 85 }).toBuffer()

/** A cover as a file: PNG in its own size, or JPEG with sides of so many pixels. */
export const fileOf = (cover: Pixels, side?: number): Promise<Uint8Array> =>
  side === undefined ? sharpOf(cover).png().toBuffer() : asJpeg(sharpOf(cover).resize(side, side))

/** Decodes all pixels of a file and does nothing with them. */
export async function decodeBare(file: Uint8Array): Promise<void> {
  await sharp(file).raw().toBuffer()
}

const scaled = (side: number): Degradation => ({
  name: `scaled to ${side}`,
  samePercentMin: 95,
  make: (cover) => fileOf(cover, side),
})
const blurred = (sigma: number): Degradation => ({
  name: `blurred, sigma ${sigma} pixels`,
  samePercentMin: 90,
  make: (cover) => asJpeg(sharpOf(cover).blur(sigma)),
})
const brightened = (percent: number): Degradation => ({
  name: `brightness ${percent} %`,
  samePercentMin: 85,
  make: (cover) => asJpeg(sharpOf(cover).linear(percent / 100, 0)),
})

interface SideShare {
  readonly percent: number
  readonly samePercentMin?: number
}

/** A border on each side, in percent of the cover's side. */
const framed = (background: string, { percent, ...target }: SideShare): Degradation => ({
  name: `${background} border of ${percent} %`,
  ...target,
  make(cover) {
    const width = Math.round((cover.width * percent) / 100)
    return asJpeg(sharpOf(cover).extend({ top: width, bottom: width, left: width, right: width, background }))
  },
})

/** Cut off on each side. */
const trimmed = ({ percent, ...target }: SideShare): Degradation => ({
  name: `${percent} % cut off on each side`,
  ...target,
  make(cover) {
    const left = Math.round((cover.width * percent) / 100)
    const top = Math.round((cover.height * percent) / 100)
    const [width, height] = [cover.width - 2 * left, cover.height - 2 * top]
    return asJpeg(sharpOf(cover).extract({ left, top, width, height }))
  },
})

/** A video's still with the cover in the middle of what it leaves, 16 by 9. */
const still: Degradation = {
  name: 'in the middle of a wide still',
  samePercentMin: 95,
  make(cover) {
    const beside = Math.round((cover.height * (16 / 9) - cover.width) / 2)
    return asJpeg(sharpOf(cover).extend({ left: beside, right: beside, background: '#202028' }))
  },
}

/**
 * From the harmless to what PDQ was not made for. Of originals that are just rich enough to be compared, some copies
 * are too plain; so that even of the harmless not all need be recognised.
 */
export const degradations: readonly Degradation[] = [
  { name: 'PNG', samePercentMin: 100, make: (cover) => fileOf(cover) },
  ...[50, 20].map((quality) => ({
    name: `JPEG, quality ${quality}`,
    samePercentMin: 95,
    make: (cover: Pixels) => sharpOf(cover).jpeg({ quality }).toBuffer(),
  })),
  {
    name: 'WebP, quality 50',
    samePercentMin: 95,
    make: (cover) => sharpOf(cover).webp({ quality: 50 }).toBuffer(),
  },
  {
    name: 'AVIF, quality 40',
    samePercentMin: 95,
    make: (cover) => sharpOf(cover).avif({ quality: 40, effort: 0 }).toBuffer(),
  },
  { name: 'GIF', samePercentMin: 95, make: (cover) => sharpOf(cover).gif({ effort: 1 }).toBuffer() },
  ...[1200, 240, 120, 64].map(scaled),
  ...[2, 4].map(blurred),
  ...[140, 70].map(brightened),
  { name: 'grey', make: (cover) => asJpeg(sharpOf(cover).greyscale()) },
  { name: 'a line of text over it', make: (cover) => asJpeg(sharpOf(withCaption(cover))) },
  framed('white', { percent: 2 }),
  framed('white', { percent: 5, samePercentMin: 95 }),
  framed('black', { percent: 10 }),
  trimmed({ percent: 2 }),
  trimmed({ percent: 5, samePercentMin: 95 }),
  trimmed({ percent: 10 }),
  still,
]
