import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { access, mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { compose, stranger } from '../../bin/demo/compose.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { findFfmpeg } from '../../services/core/ffmpeg.ts'

const run = promisify(execFile)

/** Composed once for all tests of a run and of later runs; the number changes when the composer does. */
const folder = join(tmpdir(), 'earwitness-test-music-1')

/** The ffmpeg that the tests use, as the programs find it. */
export const ffmpegPath = async (): Promise<string> => {
  const found = await findFfmpeg({
    FFMPEG_PATH: process.env['FFMPEG_PATH'],
    searchPath: process.env['PATH'] ?? '',
  })
  return found.path
}

/** Makes a file once; other test processes that make it at the same time do no harm. */
async function once(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(folder, name)
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return path
  await mkdir(folder, { recursive: true })
  const fresh = join(folder, `${process.pid}-${name}`)
  await make(fresh)
  await rename(fresh, path)
  return path
}

/** A piece of the tests' catalogue as a WAV file: 60 s, another for each number. */
export const piece = (number: number): Promise<string> =>
  once(`piece-${number}.wav`, (path) => writeWav(path, compose(number, { seconds: 60 })))

/** A piece that is never registered. */
export const unknownPiece = (): Promise<string> =>
  once('stranger.wav', (path) => writeWav(path, stranger(1, { seconds: 60 })))

/** A disguised copy, made by ffmpeg: `disguised(1, 'half.ogg', ['-ss', '20', '-t', '15'])`. */
export async function disguised(number: number, name: string, args: readonly string[]): Promise<string> {
  const source = await piece(number)
  const program = await ffmpegPath()
  return once(`${number}-${name}`, async (path) => {
    await run(program, ['-v', 'error', '-y', '-i', source, ...args, path])
  })
}

/** A file's bytes as an upload brings them. */
export const upload = (path: string): AsyncIterable<Uint8Array> => createReadStream(path)
