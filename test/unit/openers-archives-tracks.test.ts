import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openerOf } from '../../services/openers/openers.ts'
import { readContainerStreams, tracksOpener } from '../../services/openers/tracks.ts'
import { detectFileKind } from '../../services/submissions/file-kind.ts'
import { ffmpegPath } from '../support/audio.ts'
import { type OpeningFolder, openPath, openingFolder } from '../support/opening.ts'

const run = promisify(execFile)
let folder: OpeningFolder
let dubbed: string
beforeAll(async () => {
  folder = await openingFolder()
  dubbed = join(folder.path, 'dubbed.mp4')
  await ffmpeg(
    ...'-f lavfi -i sine=440:d=2 -f lavfi -i sine=880:d=2 -map 0 -map 1 -c:a aac'.split(' '),
    ...'-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu'.split(' '),
    dubbed,
  )
})
afterAll(() => folder.remove())

const ffmpeg = (...args: string[]): Promise<unknown> => run(ffmpegPath, ['-v', 'error', '-y', ...args])
const open = tracksOpener(ffmpegPath)

/** Checksum of the packets of an audio track: what is copied bit by bit has the same. */
async function packets(path: string, track: number): Promise<string> {
  const { stdout } = await run(ffmpegPath, [
    '-v',
    'error',
    '-i',
    path,
    '-map',
    `0:a:${track}`,
    '-c',
    'copy',
    '-f',
    'streamhash',
    '-',
  ])
  return stdout.replace(/^.*=/, '').trim()
}

describe('a container with two audio tracks', () => {
  test('each is a file, its packets as they were', async () => {
    const { found, ended } = await openPath(open, dubbed, (await stat(dubbed)).size)
    expect(ended).toBeUndefined()
    expect(found.map(({ name }) => name)).toEqual(['audio track 1 (eng)', 'audio track 2 (deu)'])
    for (const [index, { bytes = Buffer.alloc(0) }] of found.entries()) {
      const path = join(folder.path, `track-${index}`)
      await writeFile(path, bytes)
      expect(detectFileKind(bytes).format).toBe('matroska')
      expect(await packets(path, 0)).toBe(await packets(dubbed, index))
    }
  })

  test('comes out the same each time', async () => {
    const size = (await stat(dubbed)).size
    expect(await openPath(open, dubbed, size)).toEqual(await openPath(open, dubbed, size))
  })

  test('cut off it is damaged, or ends sooner', async () => {
    const bytes = await readFile(dubbed)
    const { found } = await folder.open(open, bytes.subarray(0, bytes.length / 2))
    expect(found.every(({ problem }) => problem === undefined || problem === 'open/damaged')).toBe(true)
  })
})

test('in a container with one track nothing is found', async () => {
  const path = join(folder.path, 'single.mp4')
  await ffmpeg('-f', 'lavfi', '-i', 'sine=440:d=1', '-c:a', 'aac', path)
  expect(await openPath(open, path, (await stat(path)).size)).toEqual({ found: [], ended: undefined })
})

test('streams are read in the words of old and new versions', () => {
  const report = [
    '  Stream #0:0(und): Video: h264 (High), yuv420p, 640x360',
    '  Stream #0:1[0x2](deu): Audio: aac (LC), 44100 Hz, stereo',
    '    Stream #0:2(und): Audio: mp3, 44100 Hz, stereo',
    '  Stream #0:3[0x0]: Video: mjpeg, yuvj444p, 600x600 (attached pic)',
  ].join('\n')
  expect(readContainerStreams(report)).toEqual({
    audioTracks: [{ language: 'deu' }, { language: undefined }],
    coverStream: 3,
  })
})

test('without ffmpeg a container is left as it is', () => {
  const mp4 = detectFileKind(Buffer.from('\0\0\0\x20ftypisom'))
  expect(openerOf(mp4)).toBeUndefined()
  expect(openerOf(mp4, { ffmpegPath })).toBeDefined()
})
