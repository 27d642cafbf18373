import type { Chord } from './harmony.ts'
import type { Random } from './random.ts'
import type { Style } from './style.ts'
import type { Voice } from './timbre.ts'

/** One note of one player. */
export interface Note {
  readonly voice: Voice
  readonly startSeconds: number
  readonly seconds: number
  /** MIDI, with a fraction. */
  readonly pitch: number
  /** 0 … 1. */
  readonly velocity: number
}

export type Drum = 'kick' | 'snare' | 'hat' | 'openHat' | 'tom' | 'shaker'

/** One stroke on a drum. */
export interface Hit {
  readonly drum: Drum
  readonly startSeconds: number
  /** 0 … 1. */
  readonly velocity: number
  /** Multiplies the drum's own pitch; hands never strike the same spot twice. */
  readonly tune: number
}

export type SectionKind = 'intro' | 'verse' | 'chorus' | 'bridge' | 'outro'

/** One phrase and all that its players need to know. */
export interface Phrase {
  readonly kind: SectionKind
  readonly style: Style
  readonly random: Random
  /** 0 quiet … 1 everything at once. */
  readonly energy: number
  /** MIDI pitch of the tonic in this phrase; a late chorus may be lifted. */
  readonly tonic: number
  /** One chord a bar. */
  readonly chords: readonly Chord[]
  /** Start of a step in this phrase, in seconds of the piece; bar 0 is the phrase's first. */
  readonly timeOf: (bar: number, step: number) => number
}
