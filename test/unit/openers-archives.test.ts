import { crc32, gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openBzip2, openGzip, openXz, openZstd } from '../../services/openers/compressed.ts'
import type { Opener } from '../../services/openers/opener.ts'
import { openRar } from '../../services/openers/rar.ts'
import { openSevenZip } from '../../services/openers/seven-zip.ts'
import { openTar } from '../../services/openers/tar.ts'
import { openZip } from '../../services/openers/zip.ts'
import { type Packed, u32 } from '../support/archive-bytes.ts'
import { makeTar, makeZip } from '../support/archives.ts'
import { type OpeningFolder, openingFolder } from '../support/opening.ts'
import { makeRar4, makeRar5, makeSevenZip } from '../support/packed-archives.ts'
import { packedSamples, packedText } from '../support/packed-samples.ts'

let folder: OpeningFolder
beforeAll(async () => {
  folder = await openingFolder()
})
afterAll(() => folder.remove())

const text = (words: string): Buffer => Buffer.from(words)
/** Larger than what a thread hands over at one go. */
const large = Buffer.alloc(300_000, 'a sample of some length, ')

const archives: readonly (readonly [string, Opener, (files: readonly Packed[]) => Buffer])[] = [
  ['zip, stored', openZip, makeZip],
  ['zip, deflated', openZip, (files) => makeZip(files.map((file) => ({ ...file, deflate: true })))],
  ['zip64', openZip, (files) => makeZip(files.map((file) => ({ ...file, zip64: true })))],
  ['tar', openTar, makeTar],
  ['tar.gz', openGzip, (files) => gzipSync(makeTar(files))],
  ['7z', openSevenZip, makeSevenZip],
  ['7z, header packed', openSevenZip, (files) => makeSevenZip(files, { packedHeader: true })],
  ['rar 4', openRar, makeRar4],
  ['rar 5', openRar, makeRar5],
]

describe.each(archives)('%s', (_, opener, make) => {
  const files = [
    { name: 'album/01 - First.mp3', bytes: text('first') },
    { name: 'album/empty.txt' },
    { name: 'album/02 - Second.mp3', bytes: large },
    { name: 'cover.jpg', bytes: text('cover') },
  ]

  test('the files in it are told in their order, with what they hold', async () => {
    const { found, ended } = await folder.open(opener, make(files))
    expect(ended).toBeUndefined()
    expect(found.map(({ name, bytes, problem }) => [name, String(bytes), problem])).toEqual(
      files.map(({ name, bytes = '' }) => [name, String(bytes), undefined]),
    )
  })

  test('what is not read is passed over', async () => {
    const reads = (name: string): boolean => name === 'cover.jpg'
    const { found } = await folder.open(opener, make(files), { reads })
    expect(found.at(-1)).toEqual({ kind: 'file', name: 'cover.jpg', bytes: text('cover') })
    expect(found).toHaveLength(4)
  })

  test('names lead nowhere, are of bounded length and never alike', async () => {
    const names = ['../../etc/passwd', '/abs.mp3', 'a.mp3', 'a.mp3', `${'x'.repeat(1_500)}.mp3`]
    const { found } = await folder.open(opener, make(names.map((name) => ({ name, bytes: text('x') }))))
    expect(found.slice(0, 4).map(({ name }) => name)).toEqual(['etc/passwd', 'abs.mp3', 'a.mp3', 'a.mp3 (2)'])
    expect(found[4]?.name).toMatch(/^x{50,}\.mp3$/)
    expect(found[4]?.name.length).toBeLessThanOrEqual(500)
  })

  test('no more things than the budget has are told', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `${index}`, bytes: text('x') }))
    const { found, ended } = await folder.open(opener, make(many), { limits: { itemsMax: 30 } })
    expect(found).toHaveLength(30)
    expect(ended).toBe('open/too-many')
  })

  test('no more bytes than the budget has are unpacked', async () => {
    const { found, ended } = await folder.open(opener, make(files), { limits: { bytesMax: 200_000 } })
    expect([ended, ...found.map(({ problem }) => problem)]).toContain('open/too-large')
  })

  test('cut off anywhere it is damaged, and nothing worse', async () => {
    const whole = make([...files.slice(0, 2), ...files.slice(3)])
    for (let bytes = 1; bytes < whole.length; bytes += 97) {
      const { found, ended } = await folder.open(opener, whole.subarray(0, bytes))
      const problems = [ended, ...found.map(({ problem }) => problem)].filter((type) => type !== undefined)
      expect(
        problems.every((type) => /damaged|unsupported/.test(type)),
        `${bytes}: ${problems.join()}`,
      ).toBe(true)
      expect(found.length > 0 || ended !== undefined, `${bytes}: it looks as if it held nothing`).toBe(true)
    }
  }, 60_000)
})

describe.each([
  ['gzip', openGzip, gzipSync(packedText)],
  [
    'gzip, two members',
    openGzip,
    Buffer.concat([gzipSync(packedText.slice(0, 99)), gzipSync(packedText.slice(99))]),
  ],
  ['bzip2', openBzip2, packedSamples.bzip2],
  ['xz', openXz, packedSamples.xz],
  ['zstd', openZstd, packedSamples.zstd],
] as const)('%s', (_, opener, packed) => {
  test('the one file in it is told by the name without the ending', async () => {
    const name = 'song.wav.gz'
    expect(await folder.open(opener, packed, { name })).toEqual({
      found: [{ kind: 'file', name: 'song.wav', bytes: text(packedText) }],
      ended: undefined,
    })
  })

  test('cut off anywhere it is damaged', async () => {
    for (let bytes = 1; bytes < packed.length; bytes += 9) {
      const { found, ended } = await folder.open(opener, packed.subarray(0, bytes))
      expect(ended ?? found[0]?.problem ?? 'whole', `${bytes}`).toMatch(/damaged|whole/)
      if (found[0] && !found[0].problem) expect(packedText).toContain(String(found[0].bytes))
    }
  })
})

test('a 7z that holds nothing is whole', async () => {
  const place = Buffer.alloc(20)
  const bytes = Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), u32(crc32(place)), place])
  expect(await folder.open(openSevenZip, bytes)).toEqual({ found: [], ended: undefined })
})

test.each([
  ['bzip2', openBzip2, packedSamples.bzip2],
  ['zstd', openZstd, packedSamples.zstd],
] as const)('%s streams behind each other are one file', async (_, opener, packed) => {
  const { found } = await folder.open(opener, Buffer.concat([packed, packed]))
  expect(String(found[0]?.bytes)).toBe(packedText + packedText)
})
