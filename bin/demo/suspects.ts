import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { Problem } from '../../services/core/problem.ts'
import {
  type CatalogueFile,
  type Expected,
  hidden,
  HIDDEN_SECONDS,
  type Ingredients,
  neverRegistered,
  NOISE_RATIO_DB,
  noisy,
  NOISY_SECONDS,
  SPED_SECONDS,
  spedUp,
  SPEED,
  STEREO,
  video,
  wholeTrack,
} from './disguises.ts'
import { runFfmpeg } from './ffmpeg.ts'

/** A file as somebody might have put it on the net, with the truth about it. */
export interface Suspect {
  /** Short and unique; also the file's name without its ending. */
  readonly name: string
  readonly path: string
  readonly description: string
  readonly expected: Expected
  /** Whether the demo hands it in as a file or has it fetched from an address. */
  readonly deliver: 'file' | 'url'
}

export interface SuspectOptions {
  readonly ffmpegPath: string
  /** At least one; suspects take the recordings in turn. Any format, 30 s or longer. */
  readonly catalogue: readonly CatalogueFile[]
  /** Files with music that is in no catalogue; at least one, 20 s or longer. */
  readonly strangers: readonly string[]
  /** Where the suspects are written; made when missing, files of the same name are replaced. */
  readonly folder: string
  /** Told after each suspect. */
  readonly onProgress?: (done: number, total: number, name: string) => void
}

/** Shortest recording from which every kind of excerpt can be cut. */
export const CATALOGUE_SECONDS_MIN = 30

/** How one suspect is made. */
interface Recipe {
  readonly name: string
  readonly extension: string
  readonly description: (title: string) => string
  readonly deliver: Suspect['deliver']
  readonly make: (ingredients: Ingredients) => Promise<Expected>
}

/** The suspects in the order in which they are made; recording 1 goes to the first, 2 to the second … */
const recipes: readonly Recipe[] = [
  {
    name: 'whole-opus',
    extension: 'opus',
    description: (title) => `All of “${title}”, as Opus at 75 kbit/s`,
    deliver: 'url',
    make: (ingredients) => wholeTrack(ingredients, ['-c:a', 'libopus', '-b:a', '75k', '-ac', '2']),
  },
  {
    name: 'whole-vorbis',
    extension: 'ogg',
    description: (title) => `All of “${title}”, as Ogg Vorbis at 160 kbit/s`,
    deliver: 'file',
    make: (ingredients) => wholeTrack(ingredients, ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO]),
  },
  {
    name: 'noisy-excerpt',
    extension: 'm4a',
    description: (title) => `${NOISY_SECONDS} s of “${title}” with noise ${NOISE_RATIO_DB} dB below it`,
    deliver: 'file',
    make: noisy,
  },
  {
    name: 'sped-up-excerpt',
    extension: 'mp3',
    description: (title) =>
      `${SPED_SECONDS} s of “${title}”, played ${Math.round(100 * (SPEED - 1))} % faster`,
    deliver: 'file',
    make: spedUp,
  },
  {
    name: 'hidden-excerpt',
    extension: 'mp3',
    description: (title) => `${HIDDEN_SECONDS} s of “${title}” inside a minute of other music`,
    deliver: 'file',
    make: hidden,
  },
  {
    name: 'video',
    extension: 'mp4',
    description: (title) => `A video with “${title}” as its sound`,
    deliver: 'file',
    make: video,
  },
  {
    name: 'never-registered',
    extension: 'mp3',
    description: () => 'Music that nobody registered: must not be found',
    deliver: 'file',
    make: neverRegistered,
  },
]

function check({ catalogue, strangers }: SuspectOptions): void {
  if (catalogue.length === 0) throw new Problem('request/invalid', 'The catalogue is empty')
  if (strangers.length === 0) throw new Problem('request/invalid', 'A file with other music is needed')
  const short = catalogue.find((track) => !(track.seconds >= CATALOGUE_SECONDS_MIN))
  if (short !== undefined) {
    throw new Problem('audio/too-short', `${short.path} is shorter than ${CATALOGUE_SECONDS_MIN} s`)
  }
}

/**
 * Makes the demo's suspects from a catalogue: whole copies in other formats, a noisy, a sped-up and a hidden
 * excerpt, a video, and one piece that must not be found. One after another, a few seconds altogether.
 *
 * @returns the suspects in the order of the table above, each with what a comparison must find.
 * @throws {Problem} request/invalid for an empty list, audio/too-short for a recording under 30 s, and
 *   what `runFfmpeg` throws, naming the suspect.
 */
export async function makeSuspects(options: SuspectOptions): Promise<readonly Suspect[]> {
  check(options)
  const { ffmpegPath, catalogue, strangers, folder, onProgress } = options
  await mkdir(folder, { recursive: true })
  const suspects: Suspect[] = []
  for (const [index, { name, extension, description, deliver, make }] of recipes.entries()) {
    const catalogueIndex = index % catalogue.length
    const path = join(folder, `${name}.${extension}`)
    const track = catalogue[catalogueIndex]
    if (track === undefined) throw new Error(`no track ${catalogueIndex}`)
    const expected = await make({
      track,
      catalogueIndex,
      path,
      stranger: (number) => strangers[number % strangers.length] ?? '',
      run: (args, input) =>
        runFfmpeg({ ffmpegPath, what: `suspect ${name}`, args, ...(input !== undefined && { input }) }),
    })
    suspects.push({ name, path, description: description(track.title), expected, deliver })
    onProgress?.(index + 1, recipes.length, name)
  }
  return suspects
}
