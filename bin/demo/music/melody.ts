import { type Chord, semitonesOf } from './harmony.ts'
import type { Random } from './random.ts'
import type { Metre, Style } from './style.ts'

/** A note of a tune inside its bar: when, how long (both in steps), and which scale step. */
export interface TuneNote {
  readonly at: number
  readonly steps: number
  readonly degree: number
}

/** The idea that a tune keeps coming back to; degrees are relative to the bar's anchor. */
export type Motif = readonly TuneNote[]

/** Invents a bar of rhythm and contour: longer notes on accents, small steps with a rare leap. */
export function drawMotif(random: Random, metre: Metre): Motif {
  const notes: TuneNote[] = []
  const density = random.between(0.35, 0.75)
  let degree = random.whole(-1, 2)
  let at = random.chance(0.7) ? 0 : random.pick([1, 2])
  while (at < metre.stepsPerBar) {
    const wanted = random.chance(density) ? random.pick([1, 2, 2, 2, 3]) : random.pick([3, 4, 4, 6])
    const steps = Math.min(wanted, metre.stepsPerBar - at)
    if (!random.chance(0.14)) notes.push({ at, steps, degree })
    degree += random.chance(0.14) ? random.pick([-4, -3, 3, 4]) : random.pick([-2, -1, -1, 0, 1, 1, 2])
    degree = Math.max(-4, Math.min(6, degree))
    at += steps
  }
  return notes
}

/** What may happen to a motif; it stays itself more often than not. */
const shapes = ['plain', 'plain', 'invert', 'thin', 'ornament', 'late', 'end'] as const

/** One hearing of a motif: as it was, turned over, thinned out, ornamented or late by a step. */
function vary(random: Random, motif: Motif, metre: Metre): Motif {
  const first = motif[0]?.degree ?? 0
  switch (random.pick(shapes)) {
    case 'invert':
      return motif.map((note) => ({ ...note, degree: 2 * first - note.degree }))
    case 'thin':
      return motif.filter((note, i) => i === 0 || metre.accents.includes(note.at) || random.chance(0.55))
    case 'ornament':
      return motif.flatMap((note) => {
        if (note.steps < 2 || !random.chance(0.45)) return [note]
        const half = Math.floor(note.steps / 2)
        const neighbour = note.degree + random.pick([-1, 1, 2])
        return [
          { ...note, steps: half },
          { at: note.at + half, steps: note.steps - half, degree: neighbour },
        ]
      })
    case 'late':
      return motif
        .map((note) => ({ ...note, at: note.at + 1 }))
        .filter((note) => note.at + note.steps <= metre.stepsPerBar)
    case 'end':
      return motif.map((note, i) =>
        i > motif.length / 2 ? { ...note, degree: note.degree + random.pick([-2, -1, 1, 3]) } : note,
      )
    case 'plain':
      return motif
  }
}

/** The scale step nearest to `degree` that belongs to the chord, or to the tune's scale when off the accent. */
function settle(style: Style, chord: Chord, degree: number, stressed: boolean): number {
  const allowed = stressed ? chord.steps.map((step) => step % 7) : style.mode.melodySteps
  for (const distance of [0, -1, 1, -2, 2, -3, 3]) {
    if (allowed.includes((((degree + distance) % 7) + 7) % 7)) return degree + distance
  }
  return degree
}

/** A bar of tune over a chord: the motif in one of its shapes, near `anchor`, resting on chord notes. */
export function tuneBar(
  random: Random,
  style: Style,
  motif: Motif,
  chord: Chord,
  anchor: number,
): readonly TuneNote[] {
  const { metre } = style
  const shift = anchor + random.pick([0, 0, 0, 1, -1, 2, -2])
  return vary(random, motif, metre).map((note) => {
    const stressed = metre.accents.includes(note.at) || note.steps >= 4
    return { ...note, degree: settle(style, chord, note.degree + shift, stressed) }
  })
}

/** The bar that closes a phrase: a short run-up to a long note of the chord. */
export function cadenceBar(random: Random, style: Style, chord: Chord, anchor: number): readonly TuneNote[] {
  const { stepsPerBar, stepsPerBeat } = style.metre
  const goal = settle(style, chord, anchor + random.pick([-2, 0, 1]), true)
  const runUp = random.whole(0, 3)
  const runStep = random.pick([1, -1])
  const rest = random.whole(0, stepsPerBeat)
  const notes: TuneNote[] = []
  for (let i = 0; i < runUp; i++) {
    const degree = settle(style, chord, goal + runStep * (runUp - i), false)
    notes.push({ at: i * 2, steps: 2, degree })
  }
  notes.push({ at: runUp * 2, steps: Math.max(2, stepsPerBar - runUp * 2 - rest), degree: goal })
  return notes
}

/** MIDI pitch of a scale step, the tonic being step 0. */
export const pitchOf = (style: Style, tonic: number, degree: number): number =>
  tonic + semitonesOf(style.mode, degree)
