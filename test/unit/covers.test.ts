import sharp from 'sharp'
import { describe, expect, test } from 'vitest'

import { degradations, fileOf } from '../../bench/covers/copies.ts'
import { drawCover } from '../../bench/covers/drawn.ts'
import { randomNumbers } from '../../bench/synthetic.ts'
import { FOUND_MAX, createCoverIndex } from '../../services/artwork/cover-index.ts'
import {
  COVER_VERSION,
  type CoverHashes,
  compareCovers,
  coverHashes,
  decodeCover,
  encodeCover,
  hashToBase64,
  hashToHex,
  parseHash,
} from '../../services/artwork/cover.ts'
import { IMAGE_BYTES_MAX, openImage } from '../../services/artwork/open-image.ts'
import { Problem, type ProblemType } from '../../services/core/problem.ts'

const hashesOf = async (file: Uint8Array): Promise<CoverHashes> => coverHashes(await openImage(file))
const cover = drawCover(1)
const png = await fileOf(cover)
const original = await hashesOf(png)

const plainFile = (width: number, height: number): Promise<Uint8Array> =>
  sharp({ create: { width, height, channels: 3, background: '#c04020' } })
    .png()
    .toBuffer()

const copyOf = async (name: string): Promise<CoverHashes> => {
  const degradation = degradations.find((one) => one.name === name)
  if (!degradation) throw new Error(`There is no degradation ${name}`)
  return hashesOf(await degradation.make(cover))
}

describe('comparing covers', () => {
  test.each([
    ['JPEG, quality 20', ['whole', 'whole']],
    ['white border of 5 %', ['centre', 'whole']],
    ['5 % cut off on each side', ['whole', 'centre']],
    ['in the middle of a wide still', ['centre', 'whole']],
  ])('finds the same picture: %s', async (name, parts) => {
    const comparison = compareCovers(await copyOf(name), original)
    expect(comparison?.relation).toBe('same')
    if (name !== 'JPEG, quality 20') expect(comparison?.parts).toEqual(parts)
    expect(comparison?.distance).toBeLessThanOrEqual(31)
  })

  test('calls one that is written over at most similar, and another one different', async () => {
    const captioned = compareCovers(await copyOf('a line of text over it'), original)
    expect(captioned?.distance).toBeGreaterThan(31)
    expect(captioned?.distance).toBeLessThan(90)
    const stranger = compareCovers(await hashesOf(await fileOf(drawCover(2))), original)
    expect(stranger?.relation).toBe('different')
  })

  test('says nothing of plain colours, not even that they are equal', async () => {
    const plain = await hashesOf(await plainFile(500, 500))
    expect(plain).toMatchObject({ quality: 0, centre: undefined })
    expect(compareCovers(plain, plain)).toBeUndefined()
    expect(compareCovers(plain, original)).toBeUndefined()
    expect(compareCovers(original, { ...original, quality: 49 })).toBeUndefined()
  })
})

describe('forms of hashes', () => {
  test('text goes both ways and nothing else is taken', () => {
    const { whole } = original
    expect(parseHash(hashToHex(whole))).toEqual(whole)
    expect(parseHash(hashToHex(whole).toUpperCase())).toEqual(whole)
    expect(parseHash(hashToBase64(whole))).toEqual(whole)
    expect(hashToBase64(whole)).toBe(Buffer.from(whole).toString('base64'))
    for (const wrong of ['', 'f'.repeat(63), 'f'.repeat(65), 'g'.repeat(64), `${'A'.repeat(42)}B=`, ' '])
      expect(parseHash(wrong)).toBeUndefined()
  })

  test('the stored form goes both ways', () => {
    expect(encodeCover(original)).toHaveLength(66)
    expect(decodeCover(encodeCover(original))).toEqual(original)
    const withoutCentre = { ...original, centre: undefined }
    expect(encodeCover(withoutCentre)).toHaveLength(34)
    expect(decodeCover(encodeCover(withoutCentre))).toEqual(withoutCentre)
    // As the database gives it: in the middle of memory that is used again.
    const memory = Buffer.concat([Buffer.alloc(7), encodeCover(original), Buffer.alloc(9)])
    const read = decodeCover(memory.subarray(7, 73))
    memory.fill(0)
    expect(read).toEqual(original)
  })

  test('other bytes are malformed', () => {
    const good = encodeCover(original)
    const wrong = [
      new Uint8Array(),
      Uint8Array.of(COVER_VERSION),
      Uint8Array.of(COVER_VERSION, 80),
      good.subarray(0, 65),
      Uint8Array.of(...good, 0),
      good.with(0, COVER_VERSION + 1),
      good.with(1, 101),
    ]
    for (const bytes of wrong)
      expect(() => decodeCover(bytes)).toThrow(expect.objectContaining({ type: 'cover/malformed' }))
  })
})

describe('the index of covers', () => {
  const random = randomNumbers(3)
  const chance = (): Uint8Array => Uint8Array.from({ length: 32 }, () => random() * 256)
  const invented = (): CoverHashes => ({
    whole: chance(),
    centre: random() < 0.3 ? undefined : chance(),
    quality: 100,
  })
  const flipped = (hash: Uint8Array, bits: number): Uint8Array => {
    const copy = hash.slice()
    for (let bit = 0; bit < bits; bit++) copy[bit >> 3]! ^= 1 << (bit & 7)
    return copy
  }

  test('finds what comparing with each cover finds', () => {
    const index = createCoverIndex()
    const all = Array.from({ length: 2_500 }, (_, number) => ({ id: `c${number}`, cover: invented() }))
    for (const { id, cover } of all) expect(index.add(id, cover)).toBe(true)
    for (let round = 0; round < 20; round++) {
      const wanted = invented()
      const within = 100
      const compared = all
        .map(({ id, cover }) => ({ id, distance: compareCovers(wanted, cover)!.distance }))
        .filter(({ distance }) => distance <= within)
        .toSorted((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
        .slice(0, FOUND_MAX)
      expect(index.nearest(wanted, within)).toEqual(compared)
    }
  })

  test('finds copies up to 31 bits away, and no farther', () => {
    const index = createCoverIndex()
    const known = invented()
    index.add('known', known)
    const at = (bits: number): CoverHashes => ({ ...invented(), whole: flipped(known.whole, bits) })
    expect(index.nearest(at(31))).toEqual([{ id: 'known', distance: 31 }])
    expect(index.nearest(at(32))).toEqual([])
    expect(index.nearest(at(32), 40)).toEqual([{ id: 'known', distance: 32 }])
  })

  test('takes hashes that are windows of larger memory', () => {
    const index = createCoverIndex()
    const { whole, quality } = invented()
    const memory = Buffer.concat([Buffer.alloc(3), whole, Buffer.alloc(5)])
    index.add('one', { whole: memory.subarray(3, 35), centre: undefined, quality })
    expect(index.nearest({ whole, centre: undefined, quality })).toEqual([{ id: 'one', distance: 0 }])
  })

  test('replaces, removes, and leaves plain covers out', () => {
    const index = createCoverIndex()
    const [a, b, c] = [invented(), invented(), invented()]
    index.add('one', a)
    index.add('two', b)
    index.add('one', c)
    expect(index.size).toBe(2)
    expect(index.nearest(a)).toEqual([])
    expect(index.nearest(c)).toEqual([{ id: 'one', distance: 0 }])
    expect(index.remove('one')).toBe(true)
    expect(index.remove('one')).toBe(false)
    expect(index.nearest(b)).toEqual([{ id: 'two', distance: 0 }])
    expect(index.add('plain', { ...a, quality: 49 })).toBe(false)
    expect(index.nearest({ ...b, quality: 49 })).toEqual([])
    // A cover that has become plain is no longer found as what it was.
    expect(index.add('two', { ...b, quality: 0 })).toBe(false)
    expect(index.remove('two')).toBe(false)
    expect(index.size).toBe(0)
  })
})

/** A PNG whose header declares other sides than its pixels have; the checksum is made right. */
async function pngDeclaring(width: number, height: number): Promise<Uint8Array> {
  const { crc32 } = await import('node:zlib')
  const file = Buffer.from(await plainFile(8, 8))
  file.writeUInt32BE(width, 16)
  file.writeUInt32BE(height, 20)
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29)
  return file
}

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')

describe('opening images', () => {
  test('shows them upright, in black where they are transparent, and shrunk', async () => {
    const wide = sharp(await fileOf(cover, 900)).resize(1800, 900, { fit: 'fill' })
    const onItsSide = await wide.rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const { width, height, aspect } = await openImage(onItsSide)
    expect({ width, height, aspect }).toEqual({ width: 640, height: 640, aspect: 2 })
    const clear = sharp({ create: { width: 9, height: 7, channels: 4, background: '#ffffff00' } })
    const opened = await openImage(await clear.png().toBuffer())
    expect(opened).toMatchObject({ width: 9, height: 7, pixels: new Float32Array(63) })
  })

  test.each(['b-w', 'rgb16', 'cmyk'])('reads the colours of %s', async (space) => {
    const given = sharp(png).toColourspace(space)
    const file = await (space === 'cmyk' ? given.jpeg() : given.png()).toBuffer()
    expect(compareCovers(await hashesOf(file), original)?.relation).toBe('same')
  })

  test('takes the first frame of an animation', async () => {
    const frames = [png, await fileOf(drawCover(2))]
    const file = await sharp(frames, { join: { animated: true } })
      .gif({ effort: 1 })
      .toBuffer()
    expect(compareCovers(await hashesOf(file), original)?.relation).toBe('same')
  })

  const hostile: readonly (readonly [string, ProblemType, () => Promise<Uint8Array> | Uint8Array])[] = [
    ['nothing', 'image/unreadable', () => new Uint8Array()],
    ['one byte', 'image/unreadable', () => Uint8Array.of(0xff)],
    ['noise', 'image/unreadable', () => Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 251)],
    [
      'a JPEG that is noise',
      'image/unreadable',
      () => Uint8Array.from({ length: 5_000 }, (_, i) => [255, 216, 255][i] ?? i % 251),
    ],
    ['a drawing in SVG', 'image/unreadable', () => svg],
    ['a PDF', 'image/unreadable', () => Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n')],
    [
      'a TIFF',
      'image/unreadable',
      () =>
        sharp(cover.bytes, { raw: { width: 480, height: 480, channels: 3 } })
          .tiff()
          .toBuffer(),
    ],
    ['a PNG cut short', 'image/unreadable', () => png.subarray(0, png.length * 0.8)],
    ['a JPEG cut short', 'image/unreadable', async () => (await fileOf(cover, 900)).subarray(0, 20_000)],
    [
      'a PNG with one byte changed',
      'image/unreadable',
      () => png.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte)),
    ],
    ['a PNG that declares 60,000 × 60,000 pixels', 'image/too-large', () => pngDeclaring(60_000, 60_000)],
    ['a PNG that declares more than it has', 'image/unreadable', () => pngDeclaring(6_000, 6_000)],
    ['a PNG without width', 'image/unreadable', () => pngDeclaring(0, 6)],
    ['a real bomb of 49 million pixels', 'image/too-large', () => plainFile(7_000, 7_000)],
    ['too many bytes', 'image/too-large', () => Buffer.concat([png, new Uint8Array(IMAGE_BYTES_MAX)])],
  ]
  test.each(hostile)('refuses %s', { timeout: 10_000 }, async (_, type, make) => {
    await expect(openImage(await make())).rejects.toMatchObject({ name: 'Problem', type })
  })

  test('ends a JPEG that is scanned again and again', { timeout: 10_000 }, async () => {
    const file = await sharp(png).resize(3_000, 3_000).jpeg({ progressive: true }).toBuffer()
    const scan = file.subarray(file.lastIndexOf(Buffer.of(0xff, 0xda)), -2)
    const again = Buffer.concat([file.subarray(0, -2), ...Array.from({ length: 300 }, () => scan)])
    await expect(openImage(again)).rejects.toMatchObject({ type: 'image/unreadable' })
  })

  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
    'opens or refuses %s files with changed bytes, and does nothing else',
    { timeout: 20_000 },
    async (format) => {
      const file = await sharp(png).resize(64, 64).toFormat(format, { effort: 1 }).toBuffer()
      const random = randomNumbers(format.length)
      for (let round = 0; round < 60; round++) {
        const changed = Uint8Array.from(file)
        // The first bytes stay: without them nothing would be opened at all.
        for (let change = 0; change <= round % 4; change++)
          changed[16 + Math.floor(random() * (file.length - 16))] = random() * 256
        const result = await openImage(changed).catch((error: unknown) => error)
        expect(result).toSatisfy((one) => one instanceof Problem || 'pixels' in (one as object))
      }
    },
  )

  test('has the decoders switched off that nobody wants', async () => {
    await expect(sharp(svg).metadata()).rejects.toThrow('unsupported image format')
  })
})
