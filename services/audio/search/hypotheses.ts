import { BANDS_PER_OCTAVE } from '../constants.ts'

/** What may have been done to a copy. */
export type Change = 'none' | 'speed' | 'pitch' | 'tempo'

/** One way a copy may have been changed: how far its bands are raised, and by how much its time is scaled. */
export interface Hypothesis {
  readonly change: Change
  /** Suspect band − reference band. */
  readonly raise: number
  /** Reference time = scale × suspect time. */
  readonly scale: number
}

/** Greatest changes looked for, in bands (1/36 octave): speed 0.6 … 1.41, pitch ± 6 semitones, tempo 0.69 … 1.44. */
export const SPEED_LOWEST = -27
export const SPEED_HIGHEST = 18
export const PITCH_MOST = 18
export const TEMPO_MOST = 19
/** Tempo is voted on in steps of so many bands (8 %). */
const TEMPO_STEP = 4
const TEMPO_STEPS = Math.round(TEMPO_MOST / TEMPO_STEP)

const scaleOf = (bands: number): number => 2 ** (bands / BANDS_PER_OCTAVE)
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** All hypotheses; neighbours in the list of the same change are neighbours in fact. */
export const hypotheses: readonly Hypothesis[] = [
  { change: 'none', raise: 0, scale: 1 },
  ...range(SPEED_LOWEST, SPEED_HIGHEST).map((raise): Hypothesis => ({
    change: 'speed',
    raise,
    scale: scaleOf(raise),
  })),
  ...range(-PITCH_MOST, PITCH_MOST).map((raise): Hypothesis => ({ change: 'pitch', raise, scale: 1 })),
  ...range(-TEMPO_STEPS, TEMPO_STEPS).map((step): Hypothesis => ({
    change: 'tempo',
    raise: 0,
    scale: scaleOf(step * TEMPO_STEP),
  })),
]

const FIRST_SPEED = 1
const FIRST_PITCH = FIRST_SPEED + SPEED_HIGHEST - SPEED_LOWEST + 1
const FIRST_TEMPO = FIRST_PITCH + 2 * PITCH_MOST + 1

/** Numbers of the hypotheses that a raise (bands) or a stretch (bands of log time) stands for. */
export const unchanged = 0
export const speedOf = (raise: number): number => FIRST_SPEED + raise - SPEED_LOWEST
export const pitchOf = (raise: number): number => FIRST_PITCH + raise + PITCH_MOST
export const tempoOf = (stretch: number): number =>
  FIRST_TEMPO + Math.round(stretch / TEMPO_STEP) + TEMPO_STEPS
