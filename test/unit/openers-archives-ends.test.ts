import { execFile } from 'node:child_process'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Problem } from '../../services/core/problem.ts'
import { OpeningBudget, openingLimits } from '../../services/openers/budget.ts'
import { openBzip2, openGzip, openXz, openZstd } from '../../services/openers/compressed.ts'
import type { Opener } from '../../services/openers/opener.ts'
import { openRar } from '../../services/openers/rar.ts'
import { openSevenZip } from '../../services/openers/seven-zip.ts'
import { tracksOpener } from '../../services/openers/tracks.ts'
import { ffmpegPath } from '../support/audio.ts'
import { type OpeningFolder, openPath, openingFolder } from '../support/opening.ts'
import { makeSevenZip } from '../support/packed-archives.ts'
import { bzip2Bomb } from '../support/packed-samples.ts'

const run = promisify(execFile)
/** Threads end and children are reaped a moment after they were told to. */
const GONE_WITHIN_MS = 5_000

let folder: OpeningFolder
beforeAll(async () => {
  folder = await openingFolder()
})
afterAll(() => folder.remove())

describe('an error of our own is none of the file', () => {
  test.each([
    ['gzip', openGzip],
    ['bzip2', openBzip2],
    ['xz', openXz],
    ['zstd', openZstd],
    ['7z', openSevenZip],
    ['rar', openRar],
  ] as const)('%s: what cannot be read is not called damaged', async (_, opener) => {
    // A folder is opened like a file, and no byte of it can be read.
    const opened = openPath(opener, folder.path, 100).then(
      ({ ended }) => `a problem of the file: ${ended}`,
      String,
    )
    expect(await opened).toMatch(/EISDIR|Something went wrong/)
  })

  test('and the next file is opened all the same', async () => {
    const files = [{ name: 'a.mp3', bytes: Buffer.from('a') }]
    const { found } = await folder.open(openSevenZip, makeSevenZip(files))
    expect(found).toEqual([{ kind: 'file', ...files[0] }])
  })
})

const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length

/** Children of this process by their program, those that have ended and were not asked for included. */
async function children(program: string): Promise<number> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(
    // Processes come and go while they are counted.
    numbers.map((number) => readFile(`/proc/${number}/stat`, 'utf8').catch(() => '')),
  )
  const ours = new RegExp(`^\\d+ \\(${program}\\) \\S ${process.pid} `)
  return stats.filter((line) => ours.test(line)).length
}

/** Opens, and aborts at the first bytes of the first file inside. @returns what was thrown. */
async function abortWithin(opener: Opener, path: string): Promise<unknown> {
  const abort = new AbortController()
  const budget = new OpeningBudget({ ...openingLimits, ratioMax: 10 ** 9 })
  const source = { name: 'sample', path, bytes: (await stat(path)).size }
  try {
    for await (const found of opener(source, budget, abort.signal))
      if (found.kind === 'file')
        for await (const _ of found.read()) abort.abort(new Problem('import/stopped', 'enough'))
    return undefined
  } catch (error) {
    return error
  }
}

describe.skipIf(process.platform !== 'linux')('nothing is left after an abort', () => {
  test.each([
    ['bzip2', openBzip2, () => Buffer.concat([bzip2Bomb, bzip2Bomb])],
    ['7z', openSevenZip, () => makeSevenZip([{ name: 'a', bytes: Buffer.alloc(8 * 2 ** 20) }])],
  ] as const)('%s: no thread, no file', async (name, opener, make) => {
    const path = join(folder.path, name)
    await writeFile(path, make())
    // A thread that has come to its end is kept for the next file; the first abort takes that one.
    await abortWithin(opener, path)
    const before = { threads: await threads(), files: await folder.files() }
    const thrown = await Promise.all([abortWithin(opener, path), abortWithin(opener, path)])
    expect(thrown.map(String)).toEqual(['Problem: enough', 'Problem: enough'])
    await expect.poll(threads, { timeout: GONE_WITHIN_MS }).toBeLessThanOrEqual(before.threads)
    expect(await folder.files()).toEqual(before.files)
  })

  test('tracks: no ffmpeg, no file', async () => {
    const path = join(folder.path, 'long.mka')
    const tracks = '-f lavfi -i sine=440:d=120 -f lavfi -i sine=880:d=120 -map 0 -map 1 -c:a pcm_s16le'
    await run(ffmpegPath, ['-v', 'error', ...tracks.split(' '), path])
    const before = await folder.files()
    expect(String(await abortWithin(tracksOpener(ffmpegPath), path))).toContain('enough')
    await expect.poll(() => children('ffmpeg'), { timeout: GONE_WITHIN_MS }).toBe(0)
    expect(await folder.files()).toEqual(before)
  })

  test('tracks that nobody reads to their end: no ffmpeg', async () => {
    const path = join(folder.path, 'long.mka')
    const source = { name: 'sample', path, bytes: (await stat(path)).size }
    const opened = tracksOpener(ffmpegPath)(source, new OpeningBudget(), new AbortController().signal)
    for await (const found of opened) {
      if (found.kind !== 'file') continue
      for await (const _ of found.read()) {
        expect(await children('ffmpeg')).toBe(1)
        break
      }
      break
    }
    await expect.poll(() => children('ffmpeg'), { timeout: GONE_WITHIN_MS }).toBe(0)
  })
})
