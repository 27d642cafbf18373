import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  FOLDER_OWNER,
  type MadeReference,
  editIndexFolder,
  indexFile,
  openIndexFolder,
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

const fingerprints = [1, 2, 3, 4].map((seed) => encodeFingerprint(extract(music(seed, SECONDS)).reference))

const reference = (seed: number, id = `ref-${seed}`): MadeReference => ({
  id,
  path: `/music/été ${seed}.flac`,
  bytes: 5_000_000_000 + seed,
  modifiedMs: 1_700_000_000_123,
  fingerprint: fingerprints[seed - 1]!,
})

/** Makes changes in a folder and saves them. */
async function change(
  where: string,
  { add = [], remove = [] }: { add?: readonly MadeReference[]; remove?: readonly string[] },
): Promise<readonly string[]> {
  const edited = await editIndexFolder(where)
  edited.addAll(add)
  for (const id of remove) edited.remove(id)
  await edited.save()
  await edited.close()
  return edited.troubles
}

async function referencesIn(where: string): Promise<readonly unknown[]> {
  const edited = await editIndexFolder(where)
  await edited.close()
  return [...edited.references.values()]
}

const facts = ({ fingerprint: _fingerprint, ...rest }: MadeReference) => rest

const segmentFiles = async () => (await readdir(folder)).filter((name) => name.endsWith('.ewsg'))

describe('an index folder', () => {
  test('gives back what was written, and can be searched', async () => {
    const references = [reference(2), reference(1, '夏 1')]
    const where = join(folder, 'new', 'folder')
    await change(where, { add: references })
    expect(await referencesIn(where)).toEqual(references.map(facts))

    const { index } = await openIndexFolder(where)
    expect(index.size).toBe(2)
    const { suspect } = extract(stretch(music(1, SECONDS), 4, 16))
    const { passages } = await searchIndex(index, suspect, { owner: FOLDER_OWNER })
    expect(passages.map(({ referenceId }) => referenceId)).toEqual(['夏 1'])
  })

  test('keeps up with what is added, replaced and removed, and leaves no file behind', async () => {
    await change(folder, { add: [reference(1), reference(2), reference(3)] })
    await change(folder, { add: [reference(4, 'ref-2')], remove: ['ref-1'] })
    expect(await referencesIn(folder)).toEqual([facts(reference(3)), facts(reference(4, 'ref-2'))])
    const { index } = await openIndexFolder(folder)
    const { suspect } = extract(stretch(music(2, SECONDS), 4, 16))
    expect((await searchIndex(index, suspect, { owner: FOLDER_OWNER })).passages).toEqual([])

    const before = await readFile(indexFile(folder))
    await change(folder, {})
    expect(await readFile(indexFile(folder))).toEqual(before)

    await change(folder, { remove: ['ref-2', 'ref-3'] })
    expect(await readdir(folder)).toEqual(['index.json'])
    await expect(openIndexFolder(folder)).rejects.toThrow('holds no recording')
  })

  test('is not there before it is made, and says so', async () => {
    await expect(openIndexFolder(folder)).rejects.toThrow(`${folder} holds no index`)
    await writeFile(join(folder, 'references.ewix'), 'EWIX')
    await expect(openIndexFolder(folder)).rejects.toMatchObject({ type: 'fingerprint/version' })
  })

  test('with a damaged segment is not searched, says which, and is mended by making what it held', async () => {
    // So many that one more is not merged with them.
    const many = Array.from({ length: 20 }, (_, number) => reference(1 + (number % 3), `ref-${100 + number}`))
    await change(folder, { add: many })
    await change(folder, { add: [reference(4)] })
    const files = await segmentFiles()
    expect(files).toHaveLength(2)
    const sizes = await Promise.all(files.map(async (name) => (await readFile(join(folder, name))).length))
    const larger = join(folder, files[sizes[0]! > sizes[1]! ? 0 : 1]!)
    await truncate(larger, 300)
    await expect(openIndexFolder(folder)).rejects.toMatchObject({
      type: 'index/damaged',
      message: expect.stringContaining(`${larger}: `),
    })
    await expect(openIndexFolder(folder)).rejects.toThrow('`earwitness index` makes it again')
    expect(await referencesIn(folder)).toEqual([facts(reference(4))])
    expect(await change(folder, { add: [reference(1)] })).toEqual([expect.stringContaining(larger)])
    expect((await openIndexFolder(folder)).index.size).toBe(2)

    await rm(join(folder, (await segmentFiles())[0]!))
    await expect(openIndexFolder(folder)).rejects.toThrow('is missing')
  })

  test('with a damaged manifest is not searched, and is made again', async () => {
    await change(folder, { add: [reference(1)] })
    const text = await readFile(indexFile(folder), 'utf8')
    for (const damaged of [text.slice(0, -1), text.replace('"gone":[]', '"gone":[0]'), '', '{}', '[]']) {
      await writeFile(indexFile(folder), damaged)
      await expect(openIndexFolder(folder)).rejects.toMatchObject({ type: 'index/damaged' })
    }
    expect(await change(folder, { add: [reference(2)] })).toEqual([
      expect.stringContaining(indexFile(folder)),
    ])
    expect(await referencesIn(folder)).toEqual([facts(reference(2))])
  })

  test('of another engine version is not searched, and is made again', async () => {
    await change(folder, { add: [reference(1)] })
    const { index } = JSON.parse(await readFile(indexFile(folder), 'utf8')) as { index: object }
    const other = { ...index, engineVersion: 99 }
    await writeFile(
      indexFile(folder),
      JSON.stringify({ checksum: crc32(JSON.stringify(other)), index: other }),
    )
    await expect(openIndexFolder(folder)).rejects.toMatchObject({ type: 'fingerprint/version' })
    expect(await change(folder, {})).toEqual([expect.stringContaining('engine version 99')])
  })

  test('can be saved by two at once: the later one wins, and all of it is there', async () => {
    await change(folder, { add: [reference(1), reference(2)] })
    const both = await Promise.all([editIndexFolder(folder), editIndexFolder(folder)])
    both[0].addAll([reference(3)])
    both[1].addAll([reference(4)])
    for (let round = 0; round < 3; round++) {
      await Promise.all(both.map((one) => one.save()))
      const { index } = await openIndexFolder(folder)
      expect(index.size).toBe(3)
      expect([index.has('ref-3'), index.has('ref-4')].filter(Boolean)).toHaveLength(1)
    }
    await both[0].save()
    expect((await openIndexFolder(folder)).index.has('ref-3')).toBe(true)
    await Promise.all(both.map((one) => one.close()))
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
