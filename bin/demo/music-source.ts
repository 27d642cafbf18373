import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import type { NewRecordingInput } from '../../services/catalog/recording.ts'
import { describeFile } from '../client/describe.ts'
import { findAudio } from '../client/walk.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, UsageError } from '../terminal.ts'
import { type Piece, compose, stranger } from './compose.ts'
import type { CatalogueFile } from './disguises.ts'
import { audioSeconds } from './ffmpeg.ts'
import { CATALOGUE_SECONDS_MIN } from './suspects.ts'
import { writeWav } from './wav.ts'

/** A recording of the demo: the file, and what is registered of it. */
export interface DemoTrack extends CatalogueFile {
  readonly recording: NewRecordingInput
}

/** What the demo plays with: recordings to register, and files that nobody registers. */
export interface DemoMusic {
  readonly tracks: readonly DemoTrack[]
  readonly strangers: readonly string[]
}

const PIECES = 8
/** Two: one around the hidden excerpt, one that must not be found. */
const STRANGERS = 2
/** More of somebody's own music would make the demo long without showing more. */
const OWN_FILES_MAX = 20

const Label = z.object({
  title: z.string(),
  artists: z.array(z.string()),
  isrc: z.string(),
  seconds: z.number(),
})
type Label = z.infer<typeof Label>

/** A composed piece from the folder, or composed into it. The label is written last: with it the piece is whole. */
async function kept(folder: string, name: string, make: () => Piece): Promise<Label & { path: string }> {
  const path = join(folder, `${name}.wav`)
  const labelPath = join(folder, `${name}.json`)
  const text = await readFile(labelPath, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined) return { ...Label.parse(JSON.parse(text)), path }
  const piece = make()
  const { title, artists, isrc, seconds } = piece
  const label: Label = { title, artists: [...artists], isrc, seconds }
  await writeWav(`${path}.part`, piece)
  await rename(`${path}.part`, path)
  await writeFile(`${labelPath}.part`, JSON.stringify(label))
  await rename(`${labelPath}.part`, labelPath)
  return { ...label, path }
}

async function composeStrangers(folder: string, onDone: () => void): Promise<readonly string[]> {
  const paths: string[] = []
  for (let number = 1; number <= STRANGERS; number++) {
    paths.push((await kept(folder, `stranger-${number}`, () => stranger(number))).path)
    onDone()
  }
  return paths
}

/** Composes eight pieces and two strangers into a folder, or takes those that are there already. */
export async function composedMusic(terminal: Terminal, folder: string): Promise<DemoMusic> {
  await mkdir(folder, { recursive: true })
  const progress = createProgress(terminal, 'Composing', { unit: 'pieces' })
  const tracks: DemoTrack[] = []
  let done = 0
  const next = (): void => {
    terminal.signal.throwIfAborted()
    progress.show(++done, PIECES + STRANGERS)
  }
  progress.show(0, PIECES + STRANGERS)
  for (let number = 1; number <= PIECES; number++) {
    const piece = await kept(folder, `piece-${number}`, () => compose(number))
    const { title, artists, isrc, seconds, path } = piece
    tracks.push({ title, path, seconds, recording: { title, artists, isrc } })
    next()
  }
  const strangers = await composeStrangers(folder, next)
  progress.end()
  return { tracks, strangers }
}

/**
 * Somebody's own music: all of a folder is registered but the last file, which plays the stranger. With two
 * files both are registered and the stranger is composed.
 *
 * @param composedFolder where composed strangers are kept.
 * @throws {UsageError} for fewer than two files, or one too short to cut excerpts from.
 */
export async function ownMusic(
  terminal: Terminal,
  given: { folder: string; composedFolder: string; ffmpegPath: string },
): Promise<DemoMusic> {
  const files = (await findAudio([given.folder])).slice(0, OWN_FILES_MAX)
  if (files.length < 2)
    throw new UsageError(`${given.folder} holds ${files.length} audio files; two are needed`)
  const last = files.length >= 3 ? files.at(-1) : undefined
  const progress = createProgress(terminal, 'Listening', { unit: 'files' })
  const tracks: DemoTrack[] = []
  for (const { path } of last ? files.slice(0, -1) : files) {
    terminal.signal.throwIfAborted()
    const seconds = await audioSeconds(given.ffmpegPath, path)
    if (seconds < CATALOGUE_SECONDS_MIN)
      throw new UsageError(`${path} lasts ${seconds.toFixed(0)} s; the demo needs ${CATALOGUE_SECONDS_MIN} s`)
    const { recording } = await describeFile(path, { artist: 'Unknown artist' })
    tracks.push({ title: recording.title, path, seconds, recording })
    progress.show(tracks.length, files.length - (last ? 1 : 0))
  }
  progress.end()
  if (last) return { tracks, strangers: [last.path] }
  await mkdir(given.composedFolder, { recursive: true })
  return { tracks, strangers: await composeStrangers(given.composedFolder, () => undefined) }
}

/**
 * The folder within the data folder for everything that a demo with this music makes: other music gets another
 * one, so that what one demo registered is not the stranger of the next.
 */
export function stageFolder({ tracks, strangers }: DemoMusic, dataFolder: string, isOwn: boolean): string {
  if (!isOwn) return join(dataFolder, 'composed')
  const paths = [...tracks.map(({ path }) => path), '', ...strangers]
  const music = createHash('sha256').update(paths.join('\n')).digest('hex').slice(0, 8)
  return join(dataFolder, `own-${music}`)
}
