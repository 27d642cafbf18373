import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  FOLDER_OWNER,
  type KeptReference,
  indexFile,
  openIndexFolder,
  packIndex,
  readIndexFolder,
  unpackIndex,
  writeIndexFolder,
} from '../../bin/engine/index-folder.ts'
import { readFileList } from '../../bin/engine/tables.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { extract, music, stretch } from '../support/audio.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-index-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const SECONDS = 20

const reference = (seed: number, id = `ref-${seed}`): KeptReference => ({
  id,
  path: `/music/été ${seed}.flac`,
  bytes: 5_000_000_000 + seed,
  modifiedMs: 1_700_000_000_123,
  fingerprint: encodeFingerprint(extract(music(seed, SECONDS)).reference),
})

/** The same references, with fingerprints that compare by their bytes. */
const plain = (references: readonly KeptReference[]) =>
  references.map((one) => ({ ...one, fingerprint: Buffer.from(one.fingerprint).toString('hex') }))

describe('an index folder', () => {
  test('gives back what was written, in its order, and can be searched', async () => {
    const references = [reference(2), reference(1, '夏 1')]
    await writeIndexFolder(join(folder, 'new', 'folder'), references)
    const kept = await readIndexFolder(join(folder, 'new', 'folder'))
    expect(plain(kept?.references ?? [])).toEqual(plain(references))
    expect(await readdir(join(folder, 'new', 'folder'))).toEqual(['references.ewix'])

    const index = await openIndexFolder(join(folder, 'new', 'folder'))
    expect(index.size).toBe(2)
    const { suspect } = extract(stretch(music(1, SECONDS), 4, 16))
    const { passages } = await searchIndex(index, suspect, { owner: FOLDER_OWNER })
    expect(passages.map(({ referenceId }) => referenceId)).toEqual(['夏 1'])
  })

  test('is replaced as a whole', async () => {
    await writeIndexFolder(folder, [reference(1), reference(2)])
    await writeIndexFolder(folder, [reference(3)])
    expect((await readIndexFolder(folder))?.references.map(({ id }) => id)).toEqual(['ref-3'])
  })

  test('is not there before it is made, and says so', async () => {
    expect(await readIndexFolder(folder)).toBeUndefined()
    await expect(openIndexFolder(folder)).rejects.toThrow(`${folder} holds no index`)
    await writeIndexFolder(folder, [])
    await expect(openIndexFolder(folder)).rejects.toThrow('holds no recording')
  })

  test('with any byte changed or missing is refused by name', async () => {
    const packed = Buffer.from(packIndex([reference(1)]))
    const places = [0, 4, 8, 12, 16, 20, packed.length >> 1, packed.length - 33, packed.length - 1]
    for (const place of places) {
      const damaged = Buffer.from(packed)
      damaged[place] = (damaged[place] ?? 0) ^ 1
      expect(() => unpackIndex(damaged, 'the file'), `byte ${place}`).toThrow('the file cannot be used')
    }
    for (const length of [0, 3, 15, 47, 48, packed.length >> 1, packed.length - 1])
      expect(() => unpackIndex(packed.subarray(0, length), 'the file'), `${length} bytes`).toThrow(
        'the file cannot be used',
      )
  })

  test('that was half-written is refused with the name of its file', async () => {
    await writeIndexFolder(folder, [reference(1)])
    await truncate(indexFile(folder), 300)
    await expect(openIndexFolder(folder)).rejects.toThrow(`${indexFile(folder)} cannot be used`)
  })

  test('of another engine version is read, but not searched', async () => {
    const packed = Buffer.from(packIndex([reference(1)]))
    packed.writeUInt32LE(99, 8)
    createHash('sha256')
      .update(packed.subarray(0, -32))
      .digest()
      .copy(packed, packed.length - 32)
    await writeFile(indexFile(folder), packed)
    expect((await readIndexFolder(folder))?.engineVersion).toBe(99)
    await expect(openIndexFolder(folder)).rejects.toMatchObject({ type: 'fingerprint/version' })
  })

  test('keeps to its limit', () => {
    // One entry shared by all: a gigabyte is asked for and refused before it is allocated.
    const large = { ...reference(1), fingerprint: new Uint8Array(16 * 1024 * 1024) }
    expect(() => packIndex(Array.from({ length: 65 }, () => large))).toThrow('more than 1073741824 bytes')
  })
})

describe('a table of files', () => {
  const listed = async (text: string) => {
    const table = join(folder, 'refs.tsv')
    await writeFile(table, text)
    return readFileList(table, 'ref_id')
  }

  test('may have its columns in any order; paths begin at its folder', async () => {
    const files = await listed(
      '\uFEFFtitle\tpath\tref_id\r\nA\t@SET@audio/a b.mp3\t1\r\n\r\nB\t@SET@/b.mp3\t2\r\nC\t../c.mp3\t3\r\nD\t/d.mp3\t4\r\n',
    )
    expect(files).toEqual([
      { id: '1', path: join(folder, 'audio/a b.mp3'), line: 2 },
      { id: '2', path: join(folder, 'b.mp3'), line: 4 },
      { id: '3', path: join(folder, '../c.mp3'), line: 5 },
      { id: '4', path: '/d.mp3', line: 6 },
    ])
  })

  test.each([
    ['ref_id\tfile\n1\ta.mp3\n', 'does not name path'],
    ['ref_id\tpath\n1\ta.mp3\n2\tb.mp3\n1\tc.mp3\n', 'ref_id 1 is there twice, on lines 2 and 4'],
    ['ref_id\tpath\nNONE\ta.mp3\n', 'line 2: "NONE" cannot be a ref_id'],
    ['ref_id\tpath\n\ta.mp3\n', 'line 2: "" cannot be a ref_id'],
    ['ref_id\tpath\n1\n', 'line 2: the path is missing'],
  ])('%j is refused', async (text, message) => {
    await expect(listed(text)).rejects.toThrow(message)
  })
})
