import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { findAudio } from '../bin/client/walk.ts'
import { type Piece, compose } from '../bin/demo/compose.ts'
import { STEREO } from '../bin/demo/disguises.ts'
import { runFfmpeg } from '../bin/demo/ffmpeg.ts'
import { writeWav } from '../bin/demo/wav.ts'
import { readTable, pathBeside } from '../bin/engine/tables.ts'
import { createProgress } from '../bin/progress.ts'
import { type Terminal, UsageError, readArguments } from '../bin/terminal.ts'
import { readConfig } from '../services/core/config.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import { extractionFigures } from './engine/extraction.ts'
import { fileFigures } from './engine/files.ts'
import { searchFigures } from './engine/search.ts'
import type { Figure } from './figures.ts'
import { inFolder, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- engine [--json] [options]

Measures in CPU time, one thread: decoding with ffmpeg alone, decoding and fingerprinting, fpcalc on the same
files when it is on PATH, the extraction without decoding and its parts, and searches in a label's catalogue.

  --files PATH   real music instead of composed: a folder, or a table with a column path (refs.tsv)
  --most N       take no more than N of those files, evenly spread; else 20
  --rounds N     measure so many times and give the best and the median; else 5`

const FILES_MAX = 1_000
const ROUNDS_MAX = 100

/** Composed pieces: so many, each of this length, in each of the formats. */
const PIECES = 3
const PIECE_SECONDS = 75
/** What leaks come in, and what most uploads are. */
const formats: readonly (readonly [string, readonly string[]])[] = [
  ['ogg', ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO]],
  ['opus', ['-c:a', 'libopus', '-b:a', '75k']],
  ['mp3', ['-c:a', 'libmp3lame', '-b:a', '192k', ...STEREO]],
]

/** What every section of the bench works with. */
export interface EngineMaterial {
  readonly terminal: Terminal
  readonly ffmpegPath: string
  readonly files: readonly string[]
  readonly rounds: number
}

/** In this order: the first must not find the memory of the others. Each prints what it likes and gives figures. */
const sections: readonly ((material: EngineMaterial) => Promise<readonly Figure[]>)[] = [
  fileFigures,
  extractionFigures,
  searchFigures,
]

/** Composes pieces and encodes each in every format. */
async function composedFiles(terminal: Terminal, ffmpegPath: string, folder: string): Promise<string[]> {
  const progress = createProgress(terminal, 'Composing', { unit: 'files' })
  const files: string[] = []
  for (let number = 1; number <= PIECES; number++) {
    terminal.signal.throwIfAborted()
    const piece: Piece = compose(number, { seconds: PIECE_SECONDS })
    const wav = join(folder, `piece-${number}.wav`)
    await writeWav(wav, piece)
    for (const [extension, codec] of formats) {
      const path = join(folder, `piece-${number}.${extension}`)
      await runFfmpeg({ ffmpegPath, what: path, args: ['-i', wav, ...codec, `file:${path}`] })
      files.push(path)
      progress.show(files.length, PIECES * formats.length)
    }
  }
  progress.end()
  return files
}

/** The audio files of a folder or a table, evenly thinned to `most`. @throws {UsageError} when there are none. */
async function givenFiles(path: string, most: number): Promise<string[]> {
  const facts = await stat(path).catch(() => undefined)
  const all = facts?.isDirectory()
    ? (await findAudio([path])).map((file) => file.path)
    : (await readTable(path, ['path'])).map(({ cells }) => pathBeside(path, cells['path'] ?? ''))
  if (all.length === 0) throw new UsageError(`${path}: there are no audio files`)
  const taken = Math.min(most, all.length)
  return Array.from({ length: taken }, (_, index) => all[Math.floor((index * all.length) / taken)] ?? '')
}

/** `npm run bench -- engine`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    files: { type: 'string' },
    most: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
  })
  if (typeof given === 'number') return given
  const most = wholeNumber('most', given.values.most, { min: 1, max: FILES_MAX })
  const rounds = wholeNumber('rounds', given.values.rounds, { min: 1, max: ROUNDS_MAX })
  const { path: ffmpegPath } = await findFfmpeg(readConfig(terminal.env))
  return inFolder(async (folder) => {
    const files =
      given.values.files === undefined
        ? await composedFiles(terminal, ffmpegPath, folder)
        : await givenFiles(given.values.files, most)
    const figures: Figure[] = []
    for (const section of sections) {
      figures.push(...(await section({ terminal, ffmpegPath, files, rounds })))
    }
    return figures
  })
}
