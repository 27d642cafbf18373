import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { degradations } from '../../bench/covers/copies.ts'
import { drawCover } from '../../bench/covers/drawn.ts'
import { hashToHex, parseHash } from '../../services/artwork/cover.ts'
import { openImage } from '../../services/artwork/open-image.ts'
import {
  HASH_BITS,
  type Luminance,
  cropped,
  hammingDistance,
  luminanceOf,
  pdq,
  popcount,
} from '../../services/artwork/pdq.ts'

const NOTHING = new Uint8Array(32)
const covers = [1, 2, 3, 4, 6, 9].map(drawCover)

/** A picture whose brightness a function says. */
const picture = (width: number, height: number, at: (x: number, y: number) => number): Luminance => ({
  width,
  height,
  pixels: Float32Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
})

const plain = (brightness: number): Luminance => picture(200, 200, () => brightness)

/** A drawn cover, cut to a size of which nothing is a round number. */
const odd = (width: number, height: number): Luminance =>
  cropped(luminanceOf(covers[0]!), { left: 40, top: 30, width, height })

/** As the method is told: two passes of a running mean along rows and columns, then 64 × 64 pixels of the result. */
function smallOneAfterTheOther({ width, height, pixels }: Luminance): Luminance {
  const mean = (from: Float64Array, at: number, step: number, place: number, length: number): number => {
    const window = Math.ceil(length / 128)
    const [first, last] = [place - Math.floor((window - 1) / 2), place + Math.floor(window / 2)]
    let [sum, count] = [0, 0]
    for (let other = Math.max(0, first); other <= Math.min(length - 1, last); other++, count++)
      sum += from[at + (other - place) * step]!
    return sum / count
  }
  let values = Float64Array.from(pixels)
  for (let pass = 0; pass < 2; pass++) {
    const from = values
    const across = from.map((_, at) => mean(from, at, 1, at % width, width))
    values = across.map((_, at) => mean(across, at, width, Math.floor(at / width), height))
  }
  const place = (k: number, length: number): number => Math.floor(((k + 0.5) * length) / 64)
  return picture(64, 64, (x, y) => values[place(y, height) * width + place(x, width)]!)
}

describe('PDQ', () => {
  test('sets half of its bits, and has quality where there is something to see', () => {
    for (const cover of covers) {
      const { bits, quality } = pdq(luminanceOf(cover))
      expect(bits.reduce((sum, byte) => sum + popcount(byte), 0)).toBe(128)
      expect(quality).toBeGreaterThanOrEqual(50)
    }
  })

  test('has quality 0 for a plain colour, and for pictures of a few pixels', () => {
    expect(pdq(plain(128)).quality).toBe(0)
    expect(pdq(plain(0))).toEqual({ bits: NOTHING, quality: 0 })
    expect(pdq(picture(4, 300, (x, y) => ((x + y) % 2) * 255))).toEqual({ bits: NOTHING, quality: 0 })
    expect(pdq(picture(1, 1, () => 9)).quality).toBe(0)
  })

  test.each([
    [5, 7],
    [64, 64],
    [127, 128],
    [129, 200],
    [300, 257],
    [401, 385],
  ])('is what filtering step by step gives, for %i × %i pixels', (width, height) => {
    const given = odd(width, height)
    // A picture of 64 × 64 pixels is not filtered any more.
    const slow = pdq(smallOneAfterTheOther(given))
    const fast = pdq(given)
    expect(hammingDistance(fast.bits, slow.bits)).toBeLessThanOrEqual(2)
    expect(Math.abs(fast.quality - slow.quality)).toBeLessThanOrEqual(1)
  })

  test('is blind to brightness and contrast', () => {
    const cover = luminanceOf(covers[1]!)
    const dim = { ...cover, pixels: cover.pixels.map((value) => 40 + value / 2) }
    expect(hammingDistance(pdq(cover).bits, pdq(dim).bits)).toBeLessThanOrEqual(2)
  })

  test('changes when a picture is turned or mirrored', () => {
    const given = luminanceOf(covers[2]!)
    const { width: side, pixels } = given
    const at = (x: number, y: number): number => pixels[y * side + x]!
    const end = side - 1
    const variants = [
      given,
      picture(side, side, (x, y) => at(y, end - x)),
      picture(side, side, (x, y) => at(end - x, end - y)),
      picture(side, side, (x, y) => at(end - y, x)),
      picture(side, side, (x, y) => at(end - x, y)),
      picture(side, side, (x, y) => at(x, end - y)),
      picture(side, side, (x, y) => at(y, x)),
      picture(side, side, (x, y) => at(end - y, end - x)),
    ].map((variant) => pdq(variant).bits)
    for (const [i, a] of variants.entries())
      for (const b of variants.slice(0, i)) expect(hammingDistance(a, b)).toBeGreaterThan(64)
  })

  test('tells different pictures apart', () => {
    const hashes = covers.map((cover) => pdq(luminanceOf(cover)).bits)
    for (const [i, a] of hashes.entries())
      for (const b of hashes.slice(0, i)) expect(hammingDistance(a, b)).toBeGreaterThan(64)
  })

  test.each(
    degradations.filter(({ name }) => /JPEG, quality 50|WebP|GIF|scaled to (1200|120)|sigma 2/.test(name)),
  )('recognises a copy: $name', async ({ make }) => {
    for (const cover of covers.slice(0, 4)) {
      const copy = pdq(await openImage(await make(cover)))
      expect(hammingDistance(copy.bits, pdq(luminanceOf(cover)).bits)).toBeLessThanOrEqual(31)
    }
  })

  test('counts bits', () => {
    expect([0, 1, 0x80000000, 0xffffffff, -1, 0x10101].map(popcount)).toEqual([0, 1, 1, 32, 32, 3])
    expect(
      hammingDistance(
        NOTHING,
        NOTHING.map(() => 255),
      ),
    ).toBe(HASH_BITS)
  })
})

describe('luminance', () => {
  test('weighs colours as the eye does, and does not look at alpha', () => {
    const bytes = Uint8Array.of(255, 0, 0, 7, 0, 255, 0, 7, 0, 0, 255, 7, 9, 9, 9, 7)
    const { pixels } = luminanceOf({ width: 2, height: 2, channels: 4, bytes })
    expect([...pixels].map(Math.round)).toEqual([76, 150, 29, 9])
    const grey = luminanceOf({ width: 1, height: 2, channels: 2, bytes: Uint8Array.of(3, 255, 4, 255) })
    expect([...grey.pixels]).toEqual([3, 4])
  })

  test('refuses what does not fit its size', () => {
    const bytes = new Uint8Array(11)
    expect(() => luminanceOf({ width: 2, height: 2, channels: 3, bytes })).toThrow(RangeError)
    expect(() => cropped(plain(1), { left: 150, top: 0, width: 51, height: 5 })).toThrow(RangeError)
    expect(() => cropped(plain(1), { left: 0, top: 0, width: 0, height: 5 })).toThrow(RangeError)
  })
})

/** Pictures and hashes that PDQ's authors publish with their programs, laid beside the checkout; not part of it. */
const samples = new URL('../../../shared/samples/pdq/', import.meta.url).pathname
const expected = existsSync(`${samples}expected.tsv`) ? readFileSync(`${samples}expected.tsv`, 'utf8') : ''

describe.skipIf(expected === '')('the reference (skipped where its pictures are not there)', () => {
  test('gives the same hashes but for 10 bits, where the quality is 80 or more', async () => {
    const rows = expected.trim().split('\n').slice(1)
    const distances: string[] = []
    const judged: number[] = []
    for (const row of rows) {
      const [name = '', hex = ''] = row.split('\t')
      const { bits, quality } = pdq(await openImage(readFileSync(samples + name)))
      expect(hashToHex(parseHash(hex)!)).toBe(hex)
      const distance = hammingDistance(bits, parseHash(hex)!)
      distances.push(`${name} ${distance}${quality < 80 ? ` (quality ${quality})` : ''}`)
      if (quality >= 80) judged.push(distance)
    }
    console.info(`Bits that differ from PDQ's reference:\n${distances.join('\n')}`)
    expect(judged.length).toBeGreaterThanOrEqual(20)
    expect(Math.max(...judged)).toBeLessThanOrEqual(10)
  })
})
