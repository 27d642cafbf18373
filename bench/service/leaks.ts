import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { compose, stranger } from '../../bin/demo/compose.ts'
import { type Expected, STEREO, wholeTrack } from '../../bin/demo/disguises.ts'
import { runFfmpeg } from '../../bin/demo/ffmpeg.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { SAMPLE_RATE } from '../../services/audio/constants.ts'
import { createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import type { NewRecordingInput } from '../../services/catalog/recording.ts'
import { endedChildrenSeconds } from '../processes.ts'

const run = promisify(execFile)

/** Length of every piece: short enough to make many, long enough that starting ffmpeg is not most of the work. */
const PIECE_SECONDS = 75
/** Every fourth piece is registered by nobody, so that finding nothing is measured and judged as well. */
const STRANGER_EVERY = 4

interface Encoding {
  readonly extension: string
  /** The end of ffmpeg's arguments. */
  readonly codec: readonly string[]
}

/** How leaked files are encoded, in turn: what people share, at the rates they share it. */
const encodings: readonly Encoding[] = [
  { extension: 'mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '128k', ...STEREO] },
  { extension: 'm4a', codec: ['-c:a', 'aac', '-b:a', '128k', ...STEREO] },
  { extension: 'opus', codec: ['-c:a', 'libopus', '-b:a', '75k', '-ac', '2'] },
  { extension: 'ogg', codec: ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO] },
  { extension: 'flac', codec: ['-c:a', 'flac', ...STEREO] },
]

/** Encodings for files that are handed in beside the measured ones: the same bytes twice are decoded once. */
const besides: readonly Encoding[] = ['192k', '256k'].map((bitRate) => ({
  extension: 'mp3',
  codec: ['-c:a', 'libmp3lame', '-b:a', bitRate, ...STEREO],
}))

/** A file to hand in, with the truth about it. */
export interface Leak {
  readonly path: string
  readonly name: string
  readonly expected: Expected
}

/** A recording to register, with its reference fingerprint. */
export interface Original {
  readonly recording: NewRecordingInput
  readonly fingerprint: Uint8Array
}

export interface Leaks {
  readonly originals: readonly Original[]
  /** As many as were asked for. */
  readonly leaks: readonly Leak[]
  /** A few for warming the service up, and as many to be handed in one by one. */
  readonly warming: readonly Leak[]
  readonly alone: readonly Leak[]
  readonly audioHours: number
}

/** Files besides the measured ones, of each kind. */
const BESIDES_MAX = 5

export interface LeakOptions {
  readonly ffmpegPath: string
  readonly folder: string
  /** How many leaks; every one has other bytes. */
  readonly files: number
  /** Called before each piece, with the share done; throw to stop. */
  readonly onProgress: (share: number) => void
}

/** One piece in all the encodings that are wanted of it. Its WAV file is removed: twelve megabytes each add up. */
async function leaksOf(
  { ffmpegPath, folder }: LeakOptions,
  piece: { number: number; catalogueIndex: number | undefined; wav: string },
  wanted: readonly Encoding[],
): Promise<Leak[]> {
  const { number, catalogueIndex, wav } = piece
  const made: Leak[] = []
  for (const [index, { extension, codec }] of wanted.entries()) {
    const name = `piece-${number}-${index}.${extension}`
    const path = join(folder, name)
    const found = await wholeTrack(
      {
        track: { title: name, path: wav, seconds: PIECE_SECONDS },
        catalogueIndex: catalogueIndex ?? 0,
        path,
        stranger: () => wav,
        run: (args) => runFfmpeg({ ffmpegPath, what: name, args }),
      },
      codec,
    )
    const nothing: Expected = { catalogueIndex: undefined, change: 'none', speed: 1 }
    made.push({ path, name, expected: catalogueIndex === undefined ? nothing : found })
  }
  await rm(wav)
  return made
}

/** Composes music, fingerprints what is to be registered, and encodes all of it as leaks in mixed formats. */
export async function makeLeaks(options: LeakOptions): Promise<Leaks> {
  const { ffmpegPath, folder, files, onProgress } = options
  const pool = createFingerprintPool({ threads: 1, ffmpegPath })
  const originals: Original[] = []
  const leaks: Leak[] = []
  const [warming, alone]: [Leak[], Leak[]] = [[], []]
  try {
    for (let number = 1; leaks.length < files; number++) {
      onProgress(leaks.length / files)
      const isStranger = number % STRANGER_EVERY === 0
      const piece = (isStranger ? stranger : compose)(number, { seconds: PIECE_SECONDS })
      const wav = join(folder, `piece-${number}.wav`)
      await writeWav(wav, piece)
      const catalogueIndex = isStranger ? undefined : originals.length
      if (!isStranger) {
        const { title, artists, isrc } = piece
        const { reference } = await pool.fingerprint(wav)
        originals.push({ recording: { title, artists: [...artists], isrc }, fingerprint: reference })
      }
      const extra = number <= BESIDES_MAX ? besides : []
      const wanted = [...extra, ...encodings.slice(0, files - leaks.length)]
      const made = await leaksOf(options, { number, catalogueIndex, wav }, wanted)
      warming.push(...made.slice(0, extra.length / 2))
      alone.push(...made.slice(extra.length / 2, extra.length))
      leaks.push(...made.slice(extra.length))
    }
  } finally {
    await pool.close()
  }
  return { originals, leaks, warming, alone, audioHours: (leaks.length * PIECE_SECONDS) / 3600 }
}

/** What the service's decoding asks of ffmpeg, and nothing of its limits: the least that examining a file can cost. */
const decodeArguments = (path: string): string[] => [
  ...'-nostdin -v error -y -protocol_whitelist file,pipe -threads 1 -i'.split(' '),
  `file:${path}`,
  ...`-map 0:a:0 -vn -sn -dn -ac 1 -ar ${SAMPLE_RATE} -f s16le /dev/null`.split(' '),
]

/** Decodes files with ffmpeg alone, as many at once as there are cores. @returns CPU seconds. */
export async function decodeBare(ffmpegPath: string, leaks: readonly Leak[]): Promise<number> {
  const before = await endedChildrenSeconds()
  const waiting = [...leaks]
  const decodeSome = async (): Promise<void> => {
    for (let leak = waiting.pop(); leak; leak = waiting.pop())
      await run(ffmpegPath, decodeArguments(leak.path))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, decodeSome))
  return (await endedChildrenSeconds()) - before
}
