import type { Random } from './random.ts'

/** The places in the band; a piece fills some of them. */
export type Voice = 'lead' | 'counter' | 'chords' | 'arpeggio' | 'pad' | 'bass'

/** A plucked string. */
export interface PluckTimbre {
  readonly kind: 'pluck'
  /** 0 felt … 1 steel. */
  readonly brightness: number
  /** Time to fall by 60 dB at 220 Hz, seconds. */
  readonly decaySeconds: number
  /** Where along the string it is plucked, 0 … 0.5. */
  readonly position: number
}

/** Two-operator frequency modulation: electric pianos at whole ratios, bells at others. */
export interface FmTimbre {
  readonly kind: 'fm'
  readonly ratio: number
  /** Depth of modulation at full velocity, radians. */
  readonly index: number
  readonly decaySeconds: number
  /** Frequency of the short strike on top, as a multiple of the note. */
  readonly strikeRatio: number
}

/** A saw or pulse wave through a resonant low-pass filter. */
export interface AnalogTimbre {
  readonly kind: 'analog'
  /** 0 is a saw, 1 a pulse; between is a mixture. */
  readonly pulse: number
  readonly pulseWidth: number
  /** Filter edge as a multiple of the note's frequency, at rest and at the height of its envelope. */
  readonly cutoff: number
  readonly sweep: number
  readonly resonance: number
  readonly attackSeconds: number
  readonly releaseSeconds: number
  readonly vibratoHz: number
  readonly vibratoCents: number
}

/** Two spectra of harmonics that melt into each other while the note lasts: reeds, choirs, organs, pads. */
export interface MorphTimbre {
  readonly kind: 'morph'
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly morphHz: number
  readonly detuneCents: number
  readonly attackSeconds: number
  readonly releaseSeconds: number
}

export type Timbre = PluckTimbre | FmTimbre | AnalogTimbre | MorphTimbre

/** Strengths of harmonics 1, 2, 3 …: a falling slope with random bumps, some with few even harmonics. */
function drawHarmonics(random: Random, slope: number): readonly number[] {
  const evenLevel = random.chance(0.4) ? random.between(0.05, 0.4) : 1
  return Array.from(
    { length: 24 },
    (_, i) => (i + 1) ** -slope * random.between(0.15, 1) * (i % 2 === 1 ? evenLevel : 1),
  )
}

const pluck = (random: Random): PluckTimbre => ({
  kind: 'pluck',
  brightness: random.between(0.25, 0.95),
  decaySeconds: random.between(1.2, 4.5),
  position: random.between(0.08, 0.45),
})

const fm = (random: Random): FmTimbre => ({
  kind: 'fm',
  ratio: random.pick([1, 1, 2, 3, 1.41, 3.5, 0.5, 2.76]),
  index: random.between(0.8, 3.2),
  decaySeconds: random.between(0.7, 2.8),
  strikeRatio: random.between(5, 14),
})

const analog = (random: Random, soft: boolean): AnalogTimbre => ({
  kind: 'analog',
  pulse: random.pick([0, 1, random.unit()]),
  pulseWidth: random.between(0.2, 0.5),
  cutoff: soft ? random.between(1.2, 3) : random.between(2, 6),
  sweep: soft ? random.between(1, 4) : random.between(2, 10),
  resonance: random.between(0.1, 0.75),
  attackSeconds: random.between(0.008, soft ? 0.03 : 0.07),
  releaseSeconds: random.between(0.06, 0.22),
  vibratoHz: random.between(4.3, 6.6),
  vibratoCents: soft ? 3 : random.between(8, 34),
})

const morph = (random: Random, slow: boolean): MorphTimbre => ({
  kind: 'morph',
  from: drawHarmonics(random, random.between(0.9, 1.5)),
  to: drawHarmonics(random, random.between(1.4, 2.6)),
  morphHz: random.between(0.07, slow ? 0.5 : 1.5),
  detuneCents: random.between(3, 14),
  attackSeconds: slow ? random.between(0.15, 0.6) : random.between(0.015, 0.08),
  releaseSeconds: slow ? random.between(0.3, 0.9) : random.between(0.08, 0.25),
})

/** Draws an instrument that suits the voice: pads sound long, basses are not bells. */
export function drawTimbre(random: Random, voice: Voice): Timbre {
  const kinds: Readonly<Record<Voice, readonly Timbre['kind'][]>> = {
    lead: ['analog', 'analog', 'morph', 'fm', 'pluck'],
    counter: ['morph', 'fm', 'pluck', 'analog'],
    chords: ['fm', 'fm', 'pluck', 'pluck', 'morph'],
    arpeggio: ['pluck', 'fm', 'analog'],
    pad: ['morph'],
    bass: ['analog', 'analog', 'pluck', 'morph'],
  }
  switch (random.pick(kinds[voice])) {
    case 'pluck':
      return pluck(random)
    case 'fm':
      return fm(random)
    case 'analog':
      return analog(random, voice === 'bass')
    case 'morph':
      return morph(random, voice === 'pad')
  }
}
