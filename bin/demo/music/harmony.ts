import type { Random } from './random.ts'

/** Seven steps of a scale in semitones above the tonic, and the steps a tune may rest on. */
export interface Mode {
  readonly name: string
  readonly semitones: readonly number[]
  /** Scale steps (0-based) that the melody uses; five of seven give it a pentatonic flavour. */
  readonly melodySteps: readonly number[]
}

const EVERY_STEP = [0, 1, 2, 3, 4, 5, 6]

/** Modes of several musical worlds; chords are stacked thirds of the same seven steps. */
export const modes: readonly Mode[] = [
  { name: 'ionian', semitones: [0, 2, 4, 5, 7, 9, 11], melodySteps: EVERY_STEP },
  { name: 'ionian, five-step melody', semitones: [0, 2, 4, 5, 7, 9, 11], melodySteps: [0, 1, 2, 4, 5] },
  { name: 'dorian', semitones: [0, 2, 3, 5, 7, 9, 10], melodySteps: EVERY_STEP },
  { name: 'aeolian', semitones: [0, 2, 3, 5, 7, 8, 10], melodySteps: EVERY_STEP },
  { name: 'aeolian, five-step melody', semitones: [0, 2, 3, 5, 7, 8, 10], melodySteps: [0, 2, 3, 4, 6] },
  { name: 'mixolydian', semitones: [0, 2, 4, 5, 7, 9, 10], melodySteps: EVERY_STEP },
  { name: 'lydian', semitones: [0, 2, 4, 6, 7, 9, 11], melodySteps: EVERY_STEP },
  { name: 'harmonic minor', semitones: [0, 2, 3, 5, 7, 8, 11], melodySteps: EVERY_STEP },
  { name: 'miyako-bushi', semitones: [0, 1, 3, 5, 7, 8, 10], melodySteps: [0, 1, 3, 4, 5] },
  { name: 'bhairav', semitones: [0, 1, 4, 5, 7, 8, 11], melodySteps: EVERY_STEP },
]

/** Semitones above the tonic of any scale step; negative steps and steps beyond an octave are welcome. */
export function semitonesOf(mode: Mode, step: number): number {
  const octave = Math.floor(step / 7)
  return 12 * octave + (mode.semitones[step - 7 * octave] ?? 0)
}

/** A chord as scale steps, root first: 0, 2, 4 is the triad on the tonic. */
export interface Chord {
  readonly root: number
  readonly steps: readonly number[]
}

/** Where a chord on each scale step likes to go; repeated entries are likelier. */
const successors: readonly (readonly number[])[] = [
  [3, 3, 4, 5, 5, 1, 2, 6],
  [4, 4, 6, 3],
  [5, 5, 3, 1],
  [4, 4, 0, 1, 5],
  [0, 5, 5, 3],
  [3, 3, 1, 4, 2],
  [0, 2, 4],
]

/**
 * A progression of one chord a bar, as scale steps of the roots.
 *
 * @param first  where it starts; a chorus that does not start at home sounds like a new place.
 * @param lasts  candidates for the final chord: 0 closes, 3, 4 or 6 ask for more.
 */
export function progression(
  random: Random,
  bars: number,
  first: number,
  lasts: readonly number[],
): readonly number[] {
  const roots = [first]
  while (roots.length < bars - 1) roots.push(random.pick(successors[roots.at(-1) ?? 0] ?? [0]))
  const free = lasts.filter((last) => last !== roots.at(-1))
  return [...roots, random.pick(free.length > 0 ? free : lasts)].slice(0, bars)
}

/**
 * One hearing of a progression: now and then a relative takes a chord's place or a colour is added,
 * so that the second verse is not the first one again.
 */
export function realise(random: Random, roots: readonly number[], richness: number): readonly Chord[] {
  return roots.map((root, i) => {
    const inside = i > 0 && i < roots.length - 1
    const moved = inside && random.chance(0.2) ? (root + random.pick([2, 5])) % 7 : root
    const third = random.chance(0.12) ? moved + 3 : moved + 2
    const steps = [moved, third, moved + 4]
    if (random.chance(richness)) steps.push(moved + 6)
    if (random.chance(richness * 0.5)) steps.push(moved + 8)
    return { root: moved, steps }
  })
}

/** The chord's pitches, each in the octave nearest to `centre`, in semitones, rising. */
export function voicing(mode: Mode, tonic: number, chord: Chord, centre: number): readonly number[] {
  return chord.steps
    .map((step) => {
      const pitch = tonic + semitonesOf(mode, step)
      return pitch + 12 * Math.round((centre - pitch) / 12)
    })
    .sort((a, b) => a - b)
}
