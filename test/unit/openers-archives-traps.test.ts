import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openBzip2, openGzip, openZstd } from '../../services/openers/compressed.ts'
import { openRar } from '../../services/openers/rar.ts'
import { openSevenZip } from '../../services/openers/seven-zip.ts'
import { openTar } from '../../services/openers/tar.ts'
import { openZip } from '../../services/openers/zip.ts'
import { makeCrowdedZip, makeOverlappingZip, makeTar, makeZip } from '../support/archives.ts'
import { type OpeningFolder, openingFolder } from '../support/opening.ts'
import { makeRar4, makeRar5, makeSevenZip } from '../support/packed-archives.ts'
import { bzip2Bomb, zstdBomb } from '../support/packed-samples.ts'

let folder: OpeningFolder
beforeAll(async () => {
  folder = await openingFolder()
})
afterAll(() => folder.remove())

const text = (words: string): Buffer => Buffer.from(words)
const zeros = Buffer.alloc(40 * 2 ** 20)

describe('bombs', () => {
  test.each([
    ['zip', openZip, () => makeZip([{ name: 'a', bytes: zeros, deflate: true }])],
    ['gzip', openGzip, () => gzipSync(zeros)],
    ['bzip2', openBzip2, () => bzip2Bomb],
    ['zstd', openZstd, () => zstdBomb(2 ** 33)],
  ] as const)('%s that unpacks to too many times its size is broken off', async (_, opener, make) => {
    const { found, ended } = await folder.open(opener, make())
    expect(found[0]?.problem ?? ended).toBe('open/too-large')
    expect(found[0]?.bytes?.length ?? 0).toBeLessThan(60 * 2 ** 20)
  })

  test('files that lie over each other are told once', async () => {
    const { found } = await folder.open(openZip, makeOverlappingZip(50, Buffer.alloc(10_000, 1)))
    expect(found).toHaveLength(50)
    expect(found.filter(({ problem }) => problem === undefined)).toHaveLength(1)
    expect(found.at(-1)?.problem).toBe('open/damaged')
  })

  test('one file that is named again and again is told once', async () => {
    const files = [
      { name: 'a', bytes: text('a') },
      { name: 'b', sameAs: 0 },
    ]
    expect((await folder.open(openZip, makeZip(files))).found.map(({ problem }) => problem)).toEqual([
      undefined,
      'open/damaged',
    ])
  })

  test('a million files end at the limit, and soon', async () => {
    const { found, ended } = await folder.open(openZip, makeCrowdedZip(1_000_000))
    expect(found).toHaveLength(5_000)
    expect(ended).toBe('open/too-many')
  }, 20_000)

  test('what takes longer than allowed is broken off', async () => {
    const { found, ended } = await folder.open(openZstd, zstdBomb(2 ** 33), {
      limits: { timeoutMs: 300, ratioMax: 10 ** 9 },
    })
    expect(found[0]?.problem ?? ended).toBe('open/too-slow')
  })
})

describe('what holds no bytes of its own', () => {
  test('links in a zip are faults, folders nothing', async () => {
    const files = [
      { name: 'a', bytes: text('/etc/passwd'), mode: 0o120777 },
      { name: 'folder/', mode: 0o040755 },
    ]
    expect((await folder.open(openZip, makeZip(files))).found).toEqual([
      { kind: 'fault', name: 'a', problem: 'open/unsupported' },
    ])
  })

  test('links, devices and pipes in a tar are faults, folders nothing', async () => {
    const files = ['1', '2', '3', '4', '5', '6', '0'].map((type) => ({
      name: type,
      type,
      linkName: '/etc/passwd',
    }))
    const { found } = await folder.open(openTar, makeTar(files))
    expect(found.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      '1 fault',
      '2 fault',
      '3 fault',
      '4 fault',
      '6 fault',
      '0 file',
    ])
  })
})

describe('encryption is told, and no more', () => {
  const files = [
    { name: 'a.mp3', bytes: text('secret'), encrypted: true },
    { name: 'b.mp3', bytes: text('open') },
  ]

  test('zip', async () => {
    const { found } = await folder.open(openZip, makeZip(files))
    expect(found.map(({ problem }) => problem)).toEqual(['open/encrypted', undefined])
  })

  test.each([
    ['7z', openSevenZip, makeSevenZip(files, { encrypted: true })],
    ['rar 4', openRar, makeRar4(files)],
    ['rar 5', openRar, makeRar5(files)],
  ])('%s', async (_, opener, bytes) => {
    const { found, ended } = await folder.open(opener, bytes)
    const problems = [ended, ...found.map(({ problem }) => problem)]
    expect(problems).toContain('open/encrypted')
    expect(found.some(({ bytes: held }) => String(held).includes('secret'))).toBe(false)
  })
})

describe('lies', () => {
  test.each([
    ['a length', { unpackedBytes: 3 }],
    ['a checksum', { crc: 1 }],
    ['a method', { method: 99 }],
  ])('%s in a zip', async (_, lie) => {
    const files = [
      { name: 'a', bytes: text('truth'), deflate: true, ...lie },
      { name: 'b', bytes: text('b') },
    ]
    const { found } = await folder.open(openZip, makeZip(files))
    expect(found[0]?.problem).toMatch(/damaged|unsupported/)
    expect(found[1]?.problem).toBeUndefined()
  })

  test.each([
    ['negative', Buffer.alloc(12, 255)],
    ['of eleven bytes', Buffer.concat([Buffer.of(128), Buffer.alloc(11, 255)])],
    ['in words', text('twelve bytes')],
    ['longer than the file', text('77777777777\0')],
  ])('a length in a tar that is %s', async (_, size) => {
    const { found, ended } = await folder.open(openTar, makeTar([{ name: 'a', bytes: text('a'), size }]))
    expect(ended).toBe('open/damaged')
    expect(found.every(({ problem }) => problem === 'open/damaged')).toBe(true)
  })

  test.each([
    ['7z', openSevenZip, makeSevenZip([{ name: 'a', bytes: text('a') }], { unpackedBytes: 2 ** 40 })],
    ['rar 4', openRar, makeRar4([{ name: 'a', bytes: text('a'), unpackedBytes: 2 ** 31 }])],
    ['rar 5', openRar, makeRar5([{ name: 'a', bytes: text('a'), unpackedBytes: 2 ** 31 }])],
  ])('a length in a %s', async (_, opener, bytes) => {
    const { found, ended } = await folder.open(opener, bytes)
    expect(ended ?? found[0]?.problem).toMatch(/^open\/(?:damaged|too-large)$/)
  })
})

describe('names', () => {
  test.each([
    ['UTF-8', { name: 'Übermut – 曲.mp3' }, 'Übermut – 曲.mp3'],
    ['UTF-8 that nobody flagged', { name: 'Übermut.mp3', utf8: false }, 'Übermut.mp3'],
    ['code page 437', { name: Buffer.from('9a6265722e6d7033', 'hex'), utf8: false }, 'Über.mp3'],
    ['control characters', { name: 'a\u0000b\u202e3pm.exe' }, 'ab3pm.exe'],
    ['nothing', { name: '' }, 'unnamed'],
  ])('%s in a zip', async (_, file, name) => {
    const { found } = await folder.open(openZip, makeZip([{ ...file, bytes: text('x') }]))
    expect(found[0]?.name).toBe(name)
  })
})
