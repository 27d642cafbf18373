import { type Mode, modes } from './harmony.ts'
import type { Random } from './random.ts'
import { drawTimbre, type Timbre, type Voice } from './timbre.ts'

/** A bar as sixteenth steps: where it is stressed, where the off-beat drum falls, and how long a beat is. */
export interface Metre {
  readonly name: string
  readonly stepsPerBar: number
  readonly stepsPerBeat: number
  readonly accents: readonly number[]
  readonly backbeats: readonly number[]
}

const fourFour: Metre = {
  name: '4/4',
  stepsPerBar: 16,
  stepsPerBeat: 4,
  accents: [0, 8],
  backbeats: [4, 12],
}

/** Repeated entries are likelier, as they are in the world. */
const metres: readonly Metre[] = [
  fourFour,
  fourFour,
  fourFour,
  { name: '3/4', stepsPerBar: 12, stepsPerBeat: 4, accents: [0], backbeats: [4, 8] },
  { name: '6/8', stepsPerBar: 12, stepsPerBeat: 2, accents: [0, 6], backbeats: [6] },
  { name: '5/4', stepsPerBar: 20, stepsPerBeat: 4, accents: [0, 12], backbeats: [8, 16] },
  { name: '7/8', stepsPerBar: 14, stepsPerBeat: 2, accents: [0, 4, 8], backbeats: [4, 12] },
]

/** One player: what it sounds like and where it stands. */
export interface Part {
  readonly timbre: Timbre
  readonly gain: number
  /** −1 is left, 1 is right. */
  readonly pan: number
  /** Share that goes to echo and reverberation, 0 … 1. */
  readonly wet: number
}

/** The sound of the drums; every hit still varies around it. */
export interface DrumKit {
  readonly kind: 'kit' | 'hands' | 'none'
  readonly gain: number
  readonly kickHz: number
  readonly snareHz: number
  readonly hatHz: readonly number[]
  readonly tomHz: number
  readonly decay: number
}

/** All that makes one piece different from the next, before a single note is written. */
export interface Style {
  readonly metre: Metre
  readonly tempoBpm: number
  /** Delay of every second step, as a share of the step. */
  readonly swing: number
  /** Standard deviation of the players' timing, seconds. */
  readonly looseness: number
  readonly mode: Mode
  /** MIDI pitch of the tonic near middle C, with a fraction: no two bands tune alike. */
  readonly tonic: number
  /** How often chords carry sevenths and ninths, 0 … 1. */
  readonly richness: number
  readonly phraseBars: number
  readonly chordPattern: 'held' | 'pulse' | 'offbeat' | 'strum'
  readonly bassPattern: 'held' | 'pulse' | 'fifths' | 'walking'
  readonly parts: Readonly<Partial<Record<Voice, Part>>>
  readonly kit: DrumKit
  /** Reverberation: size 0 … 1 and level 0 … 1. */
  readonly roomSize: number
  readonly roomLevel: number
}

function drawParts(random: Random): Style['parts'] {
  const part = (voice: Voice, gain: number, wet: number, spread: number): Part => ({
    timbre: drawTimbre(random.fork(voice), voice),
    gain: gain * random.between(0.8, 1.2),
    pan: random.between(-spread, spread),
    wet: wet * random.between(0.6, 1.4),
  })
  const pad = random.chance(0.7)
  return {
    lead: part('lead', 0.85, 0.3, 0.25),
    chords: part('chords', 0.36, 0.25, 0.6),
    ...(random.chance(0.92) && { bass: part('bass', 0.5, 0.04, 0.1) }),
    ...(pad && { pad: part('pad', 0.2, 0.45, 0.4) }),
    // Without a pad there is an arpeggio, so that no band is too thin to fill its bars.
    ...((!pad || random.chance(0.5)) && { arpeggio: part('arpeggio', 0.5, 0.4, 0.8) }),
    ...(random.chance(0.6) && { counter: part('counter', 0.5, 0.35, 0.7) }),
  }
}

function drawKit(random: Random): DrumKit {
  return {
    kind: random.pick(['kit', 'kit', 'kit', 'hands', 'none']),
    gain: random.between(0.6, 1),
    kickHz: random.between(38, 62),
    snareHz: random.between(150, 260),
    hatHz: Array.from({ length: 5 }, () => random.between(2300, 8200)),
    tomHz: random.between(80, 190),
    decay: random.between(0.7, 1.5),
  }
}

/** Draws a style; every choice that a listener would name (tempo, key, mode, metre, sounds) is open. */
export function drawStyle(random: Random): Style {
  const metre = random.pick(metres)
  return {
    metre,
    tempoBpm: random.between(64, 138),
    swing: random.chance(0.4) ? random.between(0.1, 0.36) : random.between(0, 0.05),
    looseness: random.between(0.004, 0.012),
    mode: random.pick(modes),
    tonic: random.whole(55, 66) + random.between(-0.35, 0.35),
    richness: random.between(0.1, 0.7),
    phraseBars: random.pick([4, 4, 4, 3, 5, 6]),
    chordPattern: random.pick(['held', 'pulse', 'offbeat', 'strum']),
    bassPattern: random.pick(['held', 'pulse', 'fifths', 'walking']),
    parts: drawParts(random.fork('parts')),
    kit: drawKit(random.fork('kit')),
    roomSize: random.between(0.2, 0.95),
    roomLevel: random.between(0.3, 0.8),
  }
}
