import { fileInput } from './ffmpeg.ts'
import { Random } from './music/random.ts'

/** A registered recording as the demo knows it. */
export interface CatalogueFile {
  readonly title: string
  readonly path: string
  readonly seconds: number
}

/** What must come out when a suspect is compared with the catalogue; times in milliseconds. */
export interface Expected {
  /** Index into the given catalogue; undefined when nothing must be found. */
  readonly catalogueIndex: number | undefined
  readonly change: 'none' | 'speed'
  /** How much faster than the recording it plays: 1.04 is 4 % faster. */
  readonly speed: number
  /** The passage in the suspect and where in the recording it begins; absent when nothing must be found. */
  readonly suspectFromMs?: number
  readonly suspectToMs?: number
  readonly trackFromMs?: number
}

/** What a disguise is made of. */
export interface Ingredients {
  readonly track: CatalogueFile
  readonly catalogueIndex: number
  /** A stranger's path, by number; there may be fewer files than numbers. */
  readonly stranger: (number: number) => string
  readonly path: string
  readonly run: (args: readonly string[], input?: Uint8Array) => Promise<Buffer>
}

/** Speed of the sped-up suspect: the 4 % by which films run faster on television; a common disguise too. */
export const SPEED = 1.04
/** Length of the excerpt before it is sped up. */
export const SPED_SECONDS = 26
/** Length of the noisy excerpt. */
export const NOISY_SECONDS = 12
/** Power of the music over that of the noise. */
export const NOISE_RATIO_DB = 10
/** Length of the hidden excerpt, and of the other music on both sides of it: a minute altogether. */
export const HIDDEN_SECONDS = 15
const BEFORE_SECONDS = 25
const AFTER_SECONDS = 20
/** A clip of an hour-long mix would take minutes to draw; two are plenty. */
const VIDEO_SECONDS_MAX = 120

/** The rate of what people upload; also what Vorbis needs for 160 kbit/s (it refuses that at 22 kHz). */
const RATE = 44_100

/** No tags: a suspect must be found by its sound. No random serial numbers: the same files every time. */
const PLAIN = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-flags', '+bitexact']
/** Two channels at a common rate, as people's own encoders make them. */
export const STEREO = ['-ar', String(RATE), '-ac', '2']

const cut = (fromSeconds: number, seconds: number): string =>
  `atrim=start=${fromSeconds}:duration=${seconds},asetpts=PTS-STARTPTS`

/** Where to cut, in seconds: at a share of the recording, or earlier if it would end before the excerpt does. */
const excerptFrom = (track: CatalogueFile, share: number, seconds: number): number =>
  Math.round(10 * Math.max(0, Math.min(track.seconds * share, track.seconds - seconds - 1))) / 10

/** The truth about a passage, from seconds. */
function passage(
  { catalogueIndex }: Ingredients,
  suspectFrom: number,
  suspectTo: number,
  trackFrom: number,
  speed = 1,
): Expected {
  return {
    catalogueIndex,
    change: speed === 1 ? 'none' : 'speed',
    speed,
    suspectFromMs: Math.round(1000 * suspectFrom),
    suspectToMs: Math.round(1000 * suspectTo),
    trackFromMs: Math.round(1000 * trackFrom),
  }
}

/** All of a recording in another format, without its tags and pictures. `codec` ends ffmpeg's arguments. */
export async function wholeTrack(ingredients: Ingredients, codec: readonly string[]): Promise<Expected> {
  const { track, path, run } = ingredients
  await run([...fileInput(track.path), '-map', '0:a:0', ...PLAIN, ...codec, `file:${path}`])
  return passage(ingredients, 0, track.seconds, 0)
}

/**
 * Adds noise in place at a given ratio to the sound's own power.
 * The noise is darker than white (one pole at about 1.2 kHz), as that of rooms and streets is.
 */
function addNoise(samples: Float32Array, ratioDb: number, random: Random): void {
  const noise = new Float32Array(samples.length)
  let [soundPower, noisePower, dark] = [0, 0, 0]
  for (let i = 0; i < samples.length; i++) {
    const white = random.bell(1)
    dark += (white - dark) * 0.16
    noise[i] = dark + 0.15 * white
    noisePower += (noise[i] ?? 0) ** 2
    soundPower += (samples[i] ?? 0) ** 2
  }
  const gain = Math.sqrt(soundPower / Math.max(noisePower, 1e-12) / 10 ** (ratioDb / 10))
  for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) + gain * (noise[i] ?? 0)
}

/** An excerpt with noise added by code, because ffmpeg's own cannot be set in relation to the music. */
export async function noisy(ingredients: Ingredients): Promise<Expected> {
  const { track, path, run } = ingredients
  const from = excerptFrom(track, 0.3, NOISY_SECONDS)
  const raw = ['-f', 'f32le', '-ar', String(RATE), '-ac', '1']
  const bytes = await run([
    ...fileInput(track.path),
    '-map',
    '0:a:0',
    '-af',
    cut(from, NOISY_SECONDS),
    ...raw,
    'pipe:1',
  ])
  // A copy of its own, because a Buffer may begin at an odd address.
  const samples = new Float32Array(Uint8Array.from(bytes).buffer, 0, Math.floor(bytes.length / 4))
  addNoise(samples, NOISE_RATIO_DB, new Random(`noise for ${track.title}`))
  // 4 dB lower: the noise is added to music that may already touch the ceiling.
  const encode = ['-af', 'volume=-4dB', ...PLAIN, '-c:a', 'aac', '-b:a', '128k', `file:${path}`]
  await run([...raw, '-i', 'pipe:0', ...encode], new Uint8Array(samples.buffer))
  return passage(ingredients, 0, NOISY_SECONDS, from)
}

/** An excerpt played faster, pitch and all, as on a turntable. */
export async function spedUp(ingredients: Ingredients): Promise<Expected> {
  const { track, path, run } = ingredients
  const from = excerptFrom(track, 0.2, SPED_SECONDS)
  const faster = `aresample=${RATE},asetrate=${Math.round(RATE * SPEED)},aresample=${RATE}`
  const filter = ['-map', '0:a:0', '-af', `${cut(from, SPED_SECONDS)},${faster}`]
  const codec = ['-c:a', 'libmp3lame', '-b:a', '128k', ...STEREO]
  await run([...fileInput(track.path), ...filter, ...PLAIN, ...codec, `file:${path}`])
  return passage(ingredients, 0, SPED_SECONDS / SPEED, from, SPEED)
}

/** An excerpt between two stretches of other music. */
export async function hidden(ingredients: Ingredients): Promise<Expected> {
  const { track, path, run, stranger } = ingredients
  const from = excerptFrom(track, 0.55, HIDDEN_SECONDS)
  const alike = `aresample=${RATE},aformat=sample_fmts=fltp:channel_layouts=stereo`
  const filter = [
    `[0:a:0]${cut(0, BEFORE_SECONDS)},${alike}[before]`,
    `[1:a:0]${cut(from, HIDDEN_SECONDS)},${alike}[theirs]`,
    `[2:a:0]${cut(BEFORE_SECONDS, AFTER_SECONDS)},${alike}[after]`,
    '[before][theirs][after]concat=n=3:v=0:a=1[out]',
  ].join(';')
  // Looped, so that a short stranger still fills its minute.
  const other = ['-stream_loop', '-1', ...fileInput(stranger(0))]
  const inputs = [...other, ...fileInput(track.path), ...other]
  const codec = ['-c:a', 'libmp3lame', '-b:a', '160k', ...STEREO]
  await run([...inputs, '-filter_complex', filter, '-map', '[out]', ...PLAIN, ...codec, `file:${path}`])
  return passage(ingredients, BEFORE_SECONDS, BEFORE_SECONDS + HIDDEN_SECONDS, from)
}

/** A test picture with the recording as its sound. */
export async function video(ingredients: Ingredients): Promise<Expected> {
  const { track, path, run } = ingredients
  const seconds = Math.min(VIDEO_SECONDS_MAX, track.seconds)
  // MPEG-4 part 2 rather than H.264: every build of ffmpeg has its encoder.
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=12:duration=${seconds}`]
  const codec = [
    '-c:v',
    'mpeg4',
    '-q:v',
    '8',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    ...STEREO,
  ]
  const streams = ['-map', '0:v:0', '-map', '1:a:0', '-t', String(seconds)]
  await run([...picture, ...fileInput(track.path), ...streams, ...PLAIN, ...codec, `file:${path}`])
  return passage(ingredients, 0, seconds, 0)
}

/** Music of somebody else. */
export async function neverRegistered({ path, run, stranger }: Ingredients): Promise<Expected> {
  const codec = ['-c:a', 'libmp3lame', '-b:a', '192k', ...STEREO]
  await run([...fileInput(stranger(1)), '-map', '0:a:0', ...PLAIN, ...codec, `file:${path}`])
  return { catalogueIndex: undefined, change: 'none', speed: 1 }
}
