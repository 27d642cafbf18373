import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Problem } from '../../services/core/problem.ts'
import { OpeningBudget, type OpeningLimits, openingLimits } from '../../services/openers/budget.ts'
import { openerOf } from '../../services/openers/openers.ts'
import { type Placed, type WalkTools, openDeep, spoolInto } from '../../services/openers/walk.ts'
import { FILE_HEAD_BYTES, type DetectedFile, detectFileKind } from '../../services/submissions/file-kind.ts'
import { makeTar, makeZip } from '../support/archives.ts'
import { type OpeningFolder, openingFolder } from '../support/opening.ts'
import { makeSevenZip } from '../support/packed-archives.ts'

async function detect(path: string): Promise<DetectedFile> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(FILE_HEAD_BYTES)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    return detectFileKind(head.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

let folder: OpeningFolder
let spooled: string
beforeEach(async () => {
  folder = await openingFolder()
  spooled = join(folder.path, 'spooled')
  await mkdir(spooled)
})
afterEach(() => folder.remove())

const tools = (): WalkTools => ({ detect, opener: openerOf, spool: spoolInto(spooled) })

async function* walked(
  bytes: Buffer,
  limits: Partial<OpeningLimits> = {},
  signal = new AbortController().signal,
): AsyncGenerator<Placed> {
  const path = join(folder.path, 'source')
  await writeFile(path, bytes)
  const source = { name: 'sample', path, bytes: bytes.length }
  yield* openDeep(source, new OpeningBudget({ ...openingLimits, ...limits }), tools(), signal)
}

/** Each leaf as `place › name: what is in it, or what is wrong`. */
async function lines(bytes: Buffer, limits?: Partial<OpeningLimits>): Promise<string[]> {
  const told: string[] = []
  for await (const placed of walked(bytes, limits)) {
    const what =
      placed.kind === 'file'
        ? await readFile(placed.path, 'utf8')
        : placed.kind === 'fault'
          ? placed.problem.type
          : ''
    told.push(`${[...placed.place, placed.name].join(' › ')}: ${what}`)
  }
  expect(await spooledFiles()).toEqual([])
  return told
}

const spooledFiles = async (): Promise<readonly string[]> => {
  const files = await folder.files()
  const { readdir } = await import('node:fs/promises')
  return files.includes('spooled') ? readdir(spooled) : []
}

const song = Buffer.from('fLaC song')

test('a tar in a gzip in a zip, and what lies beside it', async () => {
  const tar = makeTar([{ name: 'b.mp3', bytes: song }])
  const zip = makeZip([
    { name: 'album.tar.gz', bytes: gzipSync(tar) },
    { name: 'other.7z', bytes: makeSevenZip([{ name: 'c.mp3', bytes: song }]) },
    { name: 'd.mp3', bytes: song },
  ])
  expect(await lines(zip)).toEqual([
    'sample › album.tar.gz › b.mp3: fLaC song',
    'sample › other.7z › c.mp3: fLaC song',
    'sample › d.mp3: fLaC song',
  ])
})

test('a gzip of a gzip of a gzip', async () => {
  expect(await lines(gzipSync(gzipSync(gzipSync(song))))).toEqual([
    'sample › sample › sample › sample: fLaC song',
  ])
})

test('archives that lie too deep in each other, and not what lies beside them', async () => {
  let deep = makeZip([{ name: 'song', bytes: song }])
  for (let depth = 0; depth < 20; depth++)
    deep = makeZip([
      { name: 'deeper', bytes: deep },
      { name: 'song', bytes: song },
    ])
  const told = await lines(deep)
  expect(told).toContain('sample › deeper › deeper › deeper › deeper: open/too-deep')
  expect(told.filter((line) => line.endsWith('song: fLaC song'))).toHaveLength(4)
})

test('a bomb in an archive leaves the rest alone', async () => {
  const bomb = makeZip([{ name: 'zeros', bytes: Buffer.alloc(40 * 2 ** 20), deflate: true }])
  const zip = makeZip([
    { name: 'bomb.zip', bytes: bomb },
    { name: 'song', bytes: song },
  ])
  expect(await lines(zip)).toEqual(['sample › bomb.zip › zeros: open/too-large', 'sample › song: fLaC song'])
})

test('many small bombs in each other are one large one', async () => {
  const small = makeZip([{ name: 'zeros', bytes: Buffer.alloc(2 ** 20), deflate: true }])
  const zip = makeZip(Array.from({ length: 20 }, (_, index) => ({ name: `${index}.zip`, bytes: small })))
  const told = await lines(zip, { bytesMax: 5 * 2 ** 20 })
  expect(told.at(-1)).toMatch(/zeros: open\/too-large$/)
  expect(told.length).toBeLessThan(10)
})

test('what was found before the budget ends stays', async () => {
  const inner = makeZip(Array.from({ length: 10 }, (_, index) => ({ name: `${index}`, bytes: song })))
  const zip = makeZip([
    { name: 'first', bytes: song },
    { name: 'inner.zip', bytes: inner },
    { name: 'last', bytes: song },
  ])
  const told = await lines(zip, { itemsMax: 6 })
  expect(told[0]).toBe('sample › first: fLaC song')
  expect(told.at(-1)).toBe('sample › inner.zip: open/too-many')
  expect(told).toHaveLength(6)
})

test('a file in which nothing can be opened is its own leaf; an empty archive is a fault', async () => {
  expect(await lines(song)).toEqual(['sample: fLaC song'])
  expect(await lines(makeZip([]))).toEqual(['sample: open/nothing'])
})

test('nothing stays on disk when nobody wants more, when it is aborted, and when whoever reads throws', async () => {
  const zip = makeZip([
    { name: 'inner.zip', bytes: makeZip([{ name: 'song', bytes: song }]) },
    { name: 'last', bytes: song },
  ])
  for await (const _ of walked(zip)) break
  expect(await spooledFiles()).toEqual([])

  const abort = new AbortController()
  const aborted = (async () => {
    for await (const _ of walked(zip, {}, abort.signal)) abort.abort(new Problem('import/stopped', 'stopped'))
  })()
  await expect(aborted).rejects.toThrow('stopped')
  expect(await spooledFiles()).toEqual([])

  const thrown = (async () => {
    for await (const _ of walked(zip)) throw new Error('of the reader')
  })()
  await expect(thrown).rejects.toThrow('of the reader')
  expect(await spooledFiles()).toEqual([])
})
