import { render, SAMPLE_RATE } from './music/instruments.ts'
import { Mix } from './music/mix.ts'
import { strike } from './music/percussion.ts'
import { Random } from './music/random.ts'
import { writeScore } from './music/score.ts'
import { drawStyle, type Style } from './music/style.ts'

/** A recording made by code: sound, and the data a label would register with it. */
export interface Piece {
  readonly title: string
  readonly artists: readonly string[]
  /** Well-formed (ISO 3901) under the prefix AA6Q7 of IFPI's own made-up examples: nobody holds it. */
  readonly isrc: string
  readonly seconds: number
  readonly sampleRate: number
  /** Left and right, −1 … 1, `seconds · sampleRate` samples each. */
  readonly channels: readonly [Float32Array, Float32Array]
}

export interface ComposeOptions {
  /** Length of the piece; 75 when not given. */
  readonly seconds?: number
}

const SECONDS_DEFAULT = 75
/** Shorter is no music; half an hour takes 800 MB while it is mixed. */
const SECONDS_MIN = 5
const SECONDS_MAX = 1800

/** Titles in several scripts, because catalogues have them and software likes to break them. */
const titles: readonly ((number: number) => string)[] = [
  (n) => `Sample Piece ${n} – Morning`,
  (n) => `सुबह की धुन – नमूना ${n}`,
  (n) => `朝のサンプル ${n}`,
  (n) => `Sample Piece ${n} – Harbour`,
  (n) => `Échantillon ${n} – Été à la mer`,
  (n) => `Sample Piece ${n} – Night Train`,
  (n) => `عيّنة ${n} – ضوء القمر`,
  (n) => `Sample Piece ${n} – Seven Bridges`,
]
const bands: readonly (readonly string[])[] = [
  ['The Samples'],
  ['The Samples', 'Demo Ensemble'],
  ['नमूना मंडली'],
]

/** Designations of an ISRC year: five digits. */
const DESIGNATIONS = 100_000

/** Title, artists and ISRC: whole numbers keep their number, everything else gets one from its letters. */
function label(seed: number | string): Pick<Piece, 'title' | 'artists' | 'isrc'> {
  const numbered = typeof seed === 'number' && Number.isInteger(seed) && seed >= 1 && seed < DESIGNATIONS
  const number = numbered ? seed : new Random(`label ${seed}`).whole(1, DESIGNATIONS - 1)
  // Another year for seeds that are no number, so that they cannot share an ISRC with one that is.
  const year = numbered ? '26' : '25'
  const title = titles[(number - 1) % titles.length] ?? ((n: number) => `Sample Piece ${n}`)
  return {
    title: numbered ? title(number) : `Sample Piece “${seed}”`,
    artists: bands[(number - 1) % bands.length] ?? ['The Samples'],
    isrc: `AA6Q7${year}${String(number).padStart(5, '0')}`,
  }
}

/** Frequency of a MIDI pitch, A4 = 69 = 440 Hz. */
const hertzOf = (pitch: number): number => 440 * 2 ** ((pitch - 69) / 12)

function perform(random: Random, style: Style, seconds: number): Mix {
  const mix = new Mix(seconds)
  const score = writeScore(random.fork('score'), style, seconds)
  const players = random.fork('players')
  for (const note of score.notes) {
    const part = style.parts[note.voice]
    if (part === undefined) continue
    const velocity = Math.max(0.1, Math.min(1, note.velocity))
    const sound = render(part.timbre, {
      // Three cents: as well as a good player hits it.
      frequencyHz: hertzOf(note.pitch + players.bell(0.03)),
      seconds: Math.max(0.06, note.seconds),
      velocity,
      random: players,
    })
    mix.add(sound, note.startSeconds, part.gain * velocity, part.pan + players.bell(0.04), part.wet)
  }
  for (const hit of score.hits) {
    const pan = hit.drum === 'kick' || hit.drum === 'snare' ? 0 : players.bell(0.3)
    const wet = hit.drum === 'kick' ? 0.02 : 0.12
    mix.add(strike(style.kit, hit, players), hit.startSeconds, style.kit.gain * hit.velocity, pan, wet)
  }
  return mix
}

/**
 * Composes, plays and mixes a piece. The same seed and length give the same samples on every machine;
 * other seeds give other music: tempo, key, mode, metre, form, tune, instruments, room.
 *
 * A piece never repeats itself exactly: players are loose, sections are varied, noise is drawn anew.
 * About half a second of CPU for 75 s of sound.
 *
 * @throws {RangeError} when `seconds` is not between 5 and 1800.
 */
export function compose(seed: number | string, options: ComposeOptions = {}): Piece {
  const seconds = options.seconds ?? SECONDS_DEFAULT
  if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) throw new RangeError(`compose: ${seconds} s`)
  const random = new Random(`piece ${seed}`)
  const style = drawStyle(random.fork('style'))
  const channels = perform(random, style, seconds).finish(style, random.fork('desk'))
  return { ...label(seed), seconds: channels[0].length / SAMPLE_RATE, sampleRate: SAMPLE_RATE, channels }
}

/** The demo's catalogue, made one by one as it is asked for: a piece takes 13 MB. */
export function* demoCatalogue(count = 8, options: ComposeOptions = {}): Generator<Piece, void, undefined> {
  for (let number = 1; number <= count; number++) yield compose(number, options)
}

/** Music that is in no catalogue, for everything that must not be found. */
export const stranger = (number = 1, options: ComposeOptions = {}): Piece =>
  compose(`Stranger ${number}`, options)
