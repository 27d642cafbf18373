import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Blobs } from '../../services/core/blobs.ts'
import { openBlobs } from '../../services/core/blobs.ts'
import type { Sha256 } from '../../services/core/ids.ts'

const MEBIBYTE = 1024 * 1024
const limits = { bytesMax: MEBIBYTE }

let folder: string
let blobs: Blobs
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-blobs-'))
  blobs = await openBlobs(join(folder, 'made', 'when missing'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

const sha256Of = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256

/** Every file in the store, complete or not, by its path. */
async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('put', () => {
  test('stores the bytes under their SHA-256', async () => {
    const stored = await blobs.put(chunks('hel', '', 'lo'), limits)
    expect(stored).toEqual({ sha256: sha256Of('hello'), bytes: 5 })
    const [path, ...others] = await files()
    expect(others).toEqual([])
    expect(path).toMatch(/\/2c\/f2\/2cf24dba[0-9a-f]{56}$/)
    expect(await readFile(path ?? '', 'utf8')).toBe('hello')
  })

  test('stores the same bytes once, also when they come at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => blobs.put(chunks('same'), limits)))
    expect(new Set(all.map(({ sha256 }) => sha256))).toEqual(new Set([sha256Of('same')]))
    expect(await files()).toHaveLength(1)
  })

  test('stores an empty file', async () => {
    expect(await blobs.put(chunks(), limits)).toEqual({ sha256: sha256Of(''), bytes: 0 })
  })

  test('accepts as many bytes as allowed and not one more', async () => {
    await blobs.put(chunks('12345'), { bytesMax: 5 })
    const attempt = blobs.put(chunks('123', '456'), { bytesMax: 5 })
    await expect(attempt).rejects.toEqual(expect.objectContaining({ type: 'request/too-large' }))
    expect(await files()).toHaveLength(1)
  })

  test('stops reading a source that is too large', async () => {
    let given = 0
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given += 65_536
          yield Buffer.alloc(65_536)
        }
      } finally {
        closed = true
      }
    }
    await expect(blobs.put(endless(), limits)).rejects.toThrow(/larger/)
    expect(given).toBeLessThanOrEqual(MEBIBYTE + 65_536)
    expect(closed).toBe(true)
  })

  test('leaves nothing of a source that breaks off, and passes its error on', async () => {
    const upload = new PassThrough()
    upload.write('the beginning')
    const attempt = blobs.put(upload, limits)
    const expected = expect(attempt).rejects.toThrow('client went away')
    await expect.poll(files).toHaveLength(1)
    upload.destroy(new Error('client went away'))
    await expected
    expect(await files()).toEqual([])
  })

  test('makes files that are not to be written', async () => {
    await blobs.put(chunks('evidence'), limits)
    const [path] = await files()
    expect((await stat(path ?? '')).mode & 0o777 & 0o222).toBe(0)
  })
})

describe('a stored blob', () => {
  let sha256: Sha256
  beforeEach(async () => {
    ;({ sha256 } = await blobs.put(chunks('some bytes'), limits))
  })

  test('is there, with its size and age', async () => {
    expect(await blobs.has(sha256)).toBe(true)
    const found = await blobs.stat(sha256)
    expect(found?.bytes).toBe(10)
    expect(Math.abs(Date.now() - (found?.storedAt.getTime() ?? 0))).toBeLessThan(5_000)
  })

  test('can be read as a stream and as a file', async () => {
    const stream = await blobs.read(sha256)
    expect(Buffer.concat((await stream?.toArray()) ?? []).toString()).toBe('some bytes')
    expect(await readFile((await blobs.path(sha256)) ?? '', 'utf8')).toBe('some bytes')
  })

  test('is found by a store opened later on the same folder', async () => {
    const again = await openBlobs(join(folder, 'made', 'when missing'))
    expect(await again.has(sha256)).toBe(true)
  })

  test('is gone when deleted, once', async () => {
    expect(await blobs.delete(sha256)).toBe(true)
    expect(await blobs.delete(sha256)).toBe(false)
    expect(await files()).toEqual([])
  })

  test('survives the sweep of unfinished files', async () => {
    expect(await blobs.sweepTemp(-1_000)).toBe(0)
    expect(await blobs.has(sha256)).toBe(true)
  })
})

test('what is not there is undefined', async () => {
  const nobody = sha256Of('nobody')
  expect(await blobs.has(nobody)).toBe(false)
  expect(await blobs.stat(nobody)).toBeUndefined()
  expect(await blobs.read(nobody)).toBeUndefined()
  expect(await blobs.path(nobody)).toBeUndefined()
})

test('a hash that is none never becomes a path', async () => {
  const sneaky = '../../../../etc/passwd' as Sha256
  for (const use of ['read', 'delete', 'has', 'stat', 'path'] as const)
    await expect(blobs[use](sneaky)).rejects.toThrow(Error)
})

test('the sweep removes what an interrupted process left, not what is being written', async () => {
  const incoming = join(folder, 'made', 'when missing', 'incoming')
  const left = join(incoming, 'left-over')
  const fresh = join(incoming, 'fresh')
  await writeFile(left, 'half a file')
  await writeFile(fresh, 'half a file')
  const hourAgo = new Date(Date.now() - 3_600_000)
  await utimes(left, hourAgo, hourAgo)
  expect(await blobs.sweepTemp(600_000)).toBe(1)
  expect(await files()).toEqual([fresh])
})
