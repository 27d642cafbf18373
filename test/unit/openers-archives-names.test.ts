import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openRar } from '../../services/openers/rar.ts'
import { openSevenZip } from '../../services/openers/seven-zip.ts'
import { type OpeningFolder, openingFolder } from '../support/opening.ts'
import { type RarPacked, makeRar4, makeRar5, makeSevenZip } from '../support/packed-archives.ts'

const run = promisify(execFile)

let folder: OpeningFolder
beforeAll(async () => {
  folder = await openingFolder()
})
afterAll(() => folder.remove())

const names = ['Übermut 曲.mp3', '日本.txt', '日木.txt', '🎵 – naïve.flac', 'plain.mp3', 'Ж']
const withNames = (extra: Partial<RarPacked> = {}): readonly RarPacked[] =>
  names.map((name, index) => ({ name, bytes: Buffer.from(`file ${index}`), ...extra }))

describe('names in any letters', () => {
  test.each([
    ['7z', openSevenZip, () => makeSevenZip(withNames())],
    ['7z, header packed', openSevenZip, () => makeSevenZip(withNames(), { packedHeader: true })],
    ['rar 4, names in UTF-8', openRar, () => makeRar4(withNames())],
    ['rar 4, names packed', openRar, () => makeRar4(withNames({ unicode: true }))],
    ['rar 5', openRar, () => makeRar5(withNames())],
  ] as const)('%s', async (_, opener, make) => {
    const { found, ended } = await folder.open(opener, make())
    expect(ended).toBeUndefined()
    expect(found.map(({ name, bytes }) => [name, String(bytes)])).toEqual(
      names.map((name, index) => [name, `file ${index}`]),
    )
  })

  test.each([
    ['rar 4', { unicode: false }],
    ['rar 4, names packed', { unicode: true }],
  ])('%s: files of the same name are each told with what they hold', async (_, packed) => {
    const files = ['ä', 'ä', '_', '_', 'ä'].map((name, index) => ({
      name,
      bytes: Buffer.from(`file ${index}`),
      ...packed,
    }))
    const { found } = await folder.open(openRar, makeRar4(files))
    expect(found.map(({ name, bytes }) => `${name}: ${String(bytes)}`)).toEqual([
      'ä: file 0',
      'ä (2): file 1',
      '_: file 2',
      '_ (2): file 3',
      'ä (3): file 4',
    ])
  })
})

describe('an encrypted file between others is told by its name, and the others are had', () => {
  const files = [
    { name: 'a.mp3', bytes: Buffer.from('a') },
    { name: 'ß.mp3', bytes: Buffer.from('secret'), encrypted: true },
    { name: 'empty.mp3', encrypted: true },
    { name: 'c.mp3', bytes: Buffer.from('c') },
  ]
  test.each([
    ['rar 4', makeRar4],
    ['rar 5', makeRar5],
  ])('%s', async (_, make) => {
    const { found, ended } = await folder.open(openRar, make(files))
    expect(ended).toBeUndefined()
    expect(found).toEqual([
      { kind: 'file', name: 'a.mp3', bytes: Buffer.from('a') },
      { kind: 'fault', name: 'ß.mp3', problem: 'open/encrypted' },
      { kind: 'fault', name: 'empty.mp3', problem: 'open/encrypted' },
      { kind: 'file', name: 'c.mp3', bytes: Buffer.from('c') },
    ])
  })
})

const isThere = async (program: string, ...args: string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  )
const has7z = await isThere('7z', 'i')
const hasBsdtar = await isThere('bsdtar', '--version')
if (!has7z) console.warn('7z is not on PATH: archives as it packs them are not tested')
if (!hasBsdtar) console.warn('bsdtar is not on PATH: archives as it packs them are not tested')

/** Files that are long enough to be worth packing, in an archive that another program makes of them. */
async function packedBy(program: string, args: readonly string[]): Promise<Buffer> {
  const place = await mkdtemp(join(tmpdir(), 'earwitness-packing-'))
  try {
    for (const name of names) await writeFile(join(place, name), name.repeat(2_000))
    await run(program, [...args, 'packed.7z', ...names], { cwd: place })
    return await readFile(join(place, 'packed.7z'))
  } finally {
    await rm(place, { recursive: true })
  }
}

/** What is found, in the order of the names: programs put files into an order of their own. */
async function sortedFinds(bytes: Buffer): Promise<readonly string[]> {
  const { found, ended } = await folder.open(openSevenZip, bytes)
  const told = found.map((one) => `${one.name}: ${one.problem ?? String(one.bytes)}`)
  return [...told, ...(ended === undefined ? [] : [ended])].toSorted()
}
const whole = names.map((name) => `${name}: ${name.repeat(2_000)}`).toSorted()

describe.skipIf(!has7z)('as 7z packs it', () => {
  test.each([
    'a -ms=on',
    'a -ms=off',
    'a -mhc=off',
    'a -m0=lzma',
    'a -m0=bzip2',
    'a -m0=ppmd',
    'a -m0=deflate',
    'a -mf=bcj2 -m0=copy',
  ])('%s', async (args) => {
    expect(await sortedFinds(await packedBy('7z', args.split(' ')))).toEqual(whole)
  })

  test('encrypted, and with its names', async () => {
    const encrypted = names.map((name) => `${name}: open/encrypted`).toSorted()
    expect(await sortedFinds(await packedBy('7z', ['a', '-psample']))).toEqual(encrypted)
    expect(await sortedFinds(await packedBy('7z', ['a', '-psample', '-mhe=on']))).toEqual(['open/encrypted'])
  })
})

test.skipIf(!hasBsdtar)('as bsdtar packs it', async () => {
  expect(await sortedFinds(await packedBy('bsdtar', ['--format=7zip', '-cf']))).toEqual(whole)
})
