import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { type Piece, compose, stranger } from '../../bin/demo/compose.ts'
import { STEREO } from '../../bin/demo/disguises.ts'
import { runFfmpeg } from '../../bin/demo/ffmpeg.ts'
import { SAMPLE_RATE } from '../../bin/demo/music/instruments.ts'
import { Random } from '../../bin/demo/music/random.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import type { Query } from './recall.ts'

/** Length of every piece. */
const PIECE_SECONDS = 60
/** Longest stretch that an attack takes of a piece: 20 s played 1.25 times as fast. */
const STRETCH_SECONDS_MAX = 25
/** The stranger that other music is hidden in; its number is far from those that are compared. */
const HOST_NUMBER = 1_001
const HIDDEN_AT_SECONDS = 26
/** Noise is added to music that may touch the ceiling already: 6 dB of room, in a format that clips. */
const NOISE_HEADROOM = 0.5

/** The composer's rate. */
const RATE = SAMPLE_RATE
const RAW = ['-f', 'f32le', '-ar', String(RATE), '-ac', '1']
const LOSSLESS = ['-c:a', 'flac']

/** One way to disguise a copy. Everything is asked of ffmpeg that its releases of 2018 can do already. */
interface Attack {
  readonly name: string
  /** Of the disguised copy; the whole piece when not given. */
  readonly seconds?: number
  /** How much faster than the piece it plays; 1 when not given. */
  readonly rate?: number
  readonly noise?: { readonly colour: 'pink' | 'white'; readonly ratioDb: number }
  /** Whether it lies in the middle of other music. */
  readonly hidden?: boolean
  readonly filter?: string
  readonly extension: string
  /** The end of ffmpeg's arguments. */
  readonly codec: readonly string[]
}

const lossless = { extension: 'flac', codec: LOSSLESS }
const mp3 = { extension: 'mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '128k'] }

const attacks: readonly Attack[] = [
  { name: 'opus75', extension: 'opus', codec: ['-c:a', 'libopus', '-b:a', '75k'] },
  { name: 'ogg160', extension: 'ogg', codec: ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO] },
  { name: 'mp3_64mono', extension: 'mp3', codec: ['-c:a', 'libmp3lame', '-b:a', '64k'] },
  ...[20, 10, 5, 3, 2].map((seconds) => ({ name: `clip${seconds}`, seconds, ...mp3 })),
  ...(['pink', 'white'] as const).flatMap((colour) =>
    [10, 5, 0, -10].map((ratioDb) => ({
      name: `${colour}${ratioDb}`,
      seconds: 10,
      noise: { colour, ratioDb },
      ...lossless,
    })),
  ),
  ...[0.9, 1.04, 1.25].map((rate) => ({
    name: `speed_${rate.toFixed(2)}`,
    seconds: 20,
    rate,
    filter: `asetrate=${Math.round(RATE * rate)},aresample=${RATE}`,
    ...lossless,
  })),
  ...[0.9, 1.1].map((rate) => ({
    name: `tempo_${rate.toFixed(2)}`,
    seconds: 20,
    rate,
    filter: `atempo=${rate}`,
    ...lossless,
  })),
  // Twice each: the slope of a telephone network is steeper than that of one filter.
  {
    name: 'phone',
    seconds: 10,
    filter: 'highpass=300,highpass=300,lowpass=3400,lowpass=3400,aresample=8000',
    ...lossless,
  },
  {
    name: 'lowbit',
    seconds: 10,
    extension: 'mp3',
    codec: ['-ar', '22050', '-c:a', 'libmp3lame', '-b:a', '24k'],
  },
  { name: 'embed8', seconds: 8, hidden: true, ...lossless },
]

/** Both channels of a piece as one. */
const monoOf = ({ channels: [left, right] }: Piece): Float32Array =>
  left.map((value, index) => (value + (right[index] ?? 0)) / 2)

const powerOf = (samples: Float32Array): number =>
  samples.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, samples.length)

/** Octaves of pink noise: the slowest changes every 1.5 s. */
const PINK_ROWS = 16

/**
 * Noise of any power. Pink noise is a sum of white ones, each of which changes half as often as the one before.
 * Source: R. F. Voss and J. Clarke, "1/f noise in music", J. Acoust. Soc. Am. 63, 1978.
 */
function noiseOf(colour: 'pink' | 'white', samples: number, random: Random): Float32Array {
  if (colour === 'white') return Float32Array.from({ length: samples }, () => random.bell(1))
  const rows = Array.from({ length: PINK_ROWS }, () => random.bell(1))
  return Float32Array.from({ length: samples }, (_, index) => {
    // The lowest set bit names the row whose turn it is: row 0 every second sample, row 1 every fourth …
    const row = Math.min(PINK_ROWS - 1, 31 - Math.clz32((index + 1) & -(index + 1)))
    rows[row] = random.bell(1)
    return rows.reduce((sum, value) => sum + value, random.bell(1))
  })
}

function withNoise(
  samples: Float32Array,
  { colour, ratioDb }: NonNullable<Attack['noise']>,
  random: Random,
): Float32Array {
  const noise = noiseOf(colour, samples.length, random)
  const gain = Math.sqrt(powerOf(samples) / powerOf(noise) / 10 ** (ratioDb / 10))
  return samples.map((value, index) => NOISE_HEADROOM * (value + gain * (noise[index] ?? 0)))
}

/** Puts a stretch into other music, as loud as that is. */
function hiddenIn(host: Float32Array, stretch: Float32Array): Float32Array {
  const gain = Math.sqrt(powerOf(host) / Math.max(1e-12, powerOf(stretch)))
  const hidden = Float32Array.from(host)
  hidden.set(
    stretch.map((value) => gain * value),
    HIDDEN_AT_SECONDS * RATE,
  )
  return hidden
}

/** A set laid out in a folder. */
export interface MadeSet {
  readonly references: readonly { readonly id: string; readonly path: string }[]
  readonly queries: readonly Query[]
}

export interface SetOptions {
  readonly ffmpegPath: string
  readonly folder: string
  readonly pieces: number
  readonly strangers: number
  /** Called before each piece with how many are done; throw to stop. */
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Makes a set by code: references, disguised copies of each, and disguised strangers. Always the same but for
 * what other releases of ffmpeg do otherwise. The same stretch of a piece serves all attacks.
 */
export async function makeSet(options: SetOptions): Promise<MadeSet> {
  const { folder, pieces, strangers, onProgress } = options
  await mkdir(folder, { recursive: true })
  const host = monoOf(stranger(HOST_NUMBER, { seconds: PIECE_SECONDS }))
  const references: { id: string; path: string }[] = []
  const queries: Query[] = []
  for (let number = 1; number <= pieces + strangers; number++) {
    onProgress(number - 1, pieces + strangers)
    const isReference = number <= pieces
    const id = isReference ? `piece-${number}` : `stranger-${number - pieces}`
    const piece = (isReference ? compose : stranger)(isReference ? number : number - pieces, {
      seconds: PIECE_SECONDS,
    })
    if (isReference) {
      const path = join(folder, `${id}.wav`)
      await writeWav(path, piece)
      references.push({ id, path })
    }
    const samples = monoOf(piece)
    const random = new Random(`accuracy ${id}`)
    const fromSeconds = random.between(0, samples.length / RATE - STRETCH_SECONDS_MAX)
    for (const attack of attacks)
      queries.push(
        await disguise(options, attack, {
          id,
          samples,
          fromSeconds,
          host,
          isReference,
          random: random.fork(attack.name),
        }),
      )
  }
  onProgress(pieces + strangers, pieces + strangers)
  return { references, queries }
}

/** A piece about to be attacked. */
interface Victim {
  readonly id: string
  readonly samples: Float32Array
  readonly fromSeconds: number
  readonly host: Float32Array
  readonly isReference: boolean
  readonly random: Random
}

async function disguise({ ffmpegPath, folder }: SetOptions, attack: Attack, victim: Victim): Promise<Query> {
  const { name, seconds, rate = 1, noise, hidden = false, filter, extension, codec } = attack
  const { id, samples, host, isReference, random } = victim
  const from = seconds === undefined ? 0 : Math.round(victim.fromSeconds * RATE)
  const to = seconds === undefined ? samples.length : from + Math.round(seconds * rate * RATE)
  const stretch = samples.slice(from, to)
  const disturbed = noise ? withNoise(stretch, noise, random) : stretch
  const all = hidden ? hiddenIn(host, disturbed) : disturbed
  const queryId = `${name}-${id}`
  const path = join(folder, `${queryId}.${extension}`)
  const filters = filter === undefined ? [] : ['-af', filter]
  const args = [...RAW, '-i', 'pipe:0', ...filters, ...codec, `file:${path}`]
  await runFfmpeg({ ffmpegPath, what: queryId, args, input: new Uint8Array(all.buffer) })
  return {
    id: queryId,
    path,
    attack: name,
    sourceId: id,
    isCopy: isReference,
    referenceFromMs: (1000 * from) / RATE,
    queryFromMs: hidden ? 1000 * HIDDEN_AT_SECONDS : 0,
    rate,
  }
}
