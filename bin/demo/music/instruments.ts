import type { Random } from './random.ts'
import type { AnalogTimbre, FmTimbre, MorphTimbre, PluckTimbre, Timbre } from './timbre.ts'

/** All sound of the demo is made at this rate: half of a CD, enough for fingerprints, quick to compute. */
export const SAMPLE_RATE = 22_050

const TABLE_LENGTH = 4096
const TABLE_MASK = TABLE_LENGTH - 1
const sine = Float32Array.from({ length: TABLE_LENGTH }, (_, i) => Math.sin((2 * Math.PI * i) / TABLE_LENGTH))

/** Sine of a phase counted in turns; a table, as Math.sin per sample would take most of the time. */
export const sineOf = (turns: number): number => sine[(turns * TABLE_LENGTH) & TABLE_MASK] ?? 0

/** What a player asks of an instrument. */
export interface Sound {
  readonly frequencyHz: number
  /** Until the key is let go; the sound rings on for the instrument's own release. */
  readonly seconds: number
  readonly velocity: number
  readonly random: Random
}

/** Longest note with its release: nobody holds a key longer in this music. */
const NOTE_SECONDS_MAX = 14

const samplesFor = (seconds: number): number =>
  Math.max(64, Math.round(Math.min(NOTE_SECONDS_MAX, seconds) * SAMPLE_RATE))

/** Multiplies a sound with a linear attack and a cosine-like release after `heldSeconds`, in place. */
function envelop(out: Float32Array, attackSeconds: number, heldSeconds: number): Float32Array {
  const attack = Math.max(16, Math.min(out.length / 2, attackSeconds * SAMPLE_RATE))
  const held = Math.max(attack, Math.min(out.length - 16, heldSeconds * SAMPLE_RATE))
  for (let i = 0; i < attack; i++) out[i] = (out[i] ?? 0) * (i / attack)
  const release = out.length - held
  for (let i = Math.floor(held); i < out.length; i++) {
    const left = Math.min(1, (out.length - i) / release)
    out[i] = (out[i] ?? 0) * left * left * (3 - 2 * left)
  }
  return out
}

/**
 * A plucked string: a burst of noise runs round a delay line that damps the high end at every turn.
 *
 * Source: K. Karplus, A. Strong, "Digital Synthesis of Plucked-String and Drum Timbres", 1983; tuning by
 * all-pass after D. Jaffe, J. Smith, "Extensions of the Karplus-Strong Algorithm", 1983.
 */
function pluck(timbre: PluckTimbre, sound: Sound): Float32Array {
  const { frequencyHz, random, velocity } = sound
  const out = new Float32Array(samplesFor(sound.seconds + 0.25))
  const damping = 0.5 - 0.38 * timbre.brightness
  const period = SAMPLE_RATE / frequencyHz - damping
  const length = Math.max(2, Math.floor(period - 0.2))
  const fraction = period - length
  const allpass = (1 - fraction) / (1 + fraction)
  const loss = 10 ** (-3 / (frequencyHz * timbre.decaySeconds * Math.sqrt(220 / frequencyHz)))
  const line = new Float32Array(length)
  const softness = 1 - timbre.brightness * (0.45 + 0.55 * velocity)
  let smooth = 0
  for (let i = 0; i < length; i++) {
    smooth += (random.between(-1, 1) - smooth) * (1 - 0.85 * softness)
    line[i] = smooth
  }
  const comb = Math.round(length * timbre.position)
  const burst = line.slice()
  for (let i = 0; i < length; i++) line[i] = (burst[i] ?? 0) - (burst[(i + comb) % length] ?? 0)
  let at = 0
  let lastIn = 0
  let lastLow = 0
  let lastOut = 0
  for (let i = 0; i < out.length; i++) {
    const now = line[at] ?? 0
    const low = (1 - damping) * now + damping * lastIn
    lastIn = now
    lastOut = allpass * (low - lastOut) + lastLow
    lastLow = low
    line[at] = loss * lastOut
    out[i] = now
    at = at + 1 === length ? 0 : at + 1
  }
  return envelop(out, 0.001, sound.seconds)
}

/** Frequency modulation. Source: J. Chowning, "The Synthesis of Complex Audio Spectra …", JAES 1973. */
function fm(timbre: FmTimbre, sound: Sound): Float32Array {
  const { frequencyHz, velocity, random } = sound
  const out = new Float32Array(samplesFor(sound.seconds + 0.2))
  const carrierStep = frequencyHz / SAMPLE_RATE
  // A modulator above half the rate would fold back as noise.
  const modulatorStep = Math.min(0.45, carrierStep * timbre.ratio * (1 + random.bell(0.0008)))
  const strikeStep = Math.min(0.45, carrierStep * timbre.strikeRatio)
  const fall = Math.exp(-1 / (timbre.decaySeconds * SAMPLE_RATE))
  const indexFall = Math.exp(-2.2 / (timbre.decaySeconds * SAMPLE_RATE))
  const strikeFall = Math.exp(-1 / (0.06 * SAMPLE_RATE))
  // High notes get less depth: their side bands would leave the audible range.
  let index = (timbre.index * (0.35 + 0.9 * velocity) * Math.min(1, 600 / frequencyHz + 0.25)) / (2 * Math.PI)
  let level = 1
  let strike = 0.18 * velocity
  let modulatorPhase = random.unit()
  let carrierPhase = 0
  let strikePhase = 0
  for (let i = 0; i < out.length; i++) {
    carrierPhase += carrierStep
    modulatorPhase += modulatorStep
    strikePhase += strikeStep
    out[i] = level * sineOf(carrierPhase + index * sineOf(modulatorPhase)) + strike * sineOf(strikePhase)
    level *= fall
    index *= indexFall
    strike *= strikeFall
  }
  return envelop(out, 0.002, sound.seconds)
}

/** Rounds the jump of a saw wave over two samples. Source: V. Välimäki, A. Huovilainen, "polyBLEP", 2007. */
function blep(phase: number, step: number): number {
  if (phase < step) {
    const t = phase / step
    return t + t - t * t - 1
  }
  if (phase > 1 - step) {
    const t = (phase - 1) / step
    return t * t + t + t + 1
  }
  return 0
}

const sawOf = (phase: number, step: number): number => 2 * phase - 1 - blep(phase, step)

/** How often the filter and the vibrato are recomputed, in samples. */
const CONTROL_SAMPLES = 32

/** Subtractive synthesis; the filter is the trapezoidal state-variable one (A. Simper, 2011). */
function analog(timbre: AnalogTimbre, sound: Sound): Float32Array {
  const { frequencyHz, velocity, random } = sound
  const out = new Float32Array(samplesFor(sound.seconds + timbre.releaseSeconds))
  const damping = 2 - 1.8 * timbre.resonance
  const cents = timbre.vibratoCents * random.between(0.7, 1.3)
  const drift = random.bell(2.5)
  const vibratoPhase = random.unit()
  let phase = random.unit()
  let [step, g, a1, a2, band, low] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < out.length; i++) {
    if (i % CONTROL_SAMPLES === 0) {
      const seconds = i / SAMPLE_RATE
      const onset = Math.min(1, Math.max(0, (seconds - 0.18) * 3))
      const bend = drift + onset * cents * sineOf(vibratoPhase + seconds * timbre.vibratoHz)
      step = (frequencyHz * 2 ** (bend / 1200)) / SAMPLE_RATE
      const opening = timbre.cutoff + timbre.sweep * velocity * Math.exp(-seconds * 3.5)
      const cutoffHz = Math.min(0.42 * SAMPLE_RATE, Math.max(120, frequencyHz * opening))
      g = Math.tan((Math.PI * cutoffHz) / SAMPLE_RATE)
      a1 = 1 / (1 + g * (g + damping))
      a2 = g * a1
    }
    phase += step
    if (phase >= 1) phase -= 1
    const shifted = phase + timbre.pulseWidth >= 1 ? phase + timbre.pulseWidth - 1 : phase + timbre.pulseWidth
    const saw = sawOf(phase, step)
    const input = saw - timbre.pulse * sawOf(shifted, step)
    const high = input - low
    const nextBand = a1 * band + a2 * high
    const nextLow = low + g * nextBand
    band = 2 * nextBand - band
    low = 2 * nextLow - low
    out[i] = nextLow
  }
  return envelop(out, timbre.attackSeconds, sound.seconds)
}

/** One cycle of a wave from its harmonics, leaving out those that would fold back above half the rate. */
function cycleOf(harmonics: readonly number[], frequencyHz: number): Float32Array {
  const kept = Math.max(1, Math.min(harmonics.length, Math.floor((0.46 * SAMPLE_RATE) / frequencyHz)))
  const cycle = new Float32Array(TABLE_LENGTH)
  let power = 0
  for (let h = 1; h <= kept; h++) {
    const strength = harmonics[h - 1] ?? 0
    power += strength * strength
    for (let i = 0; i < TABLE_LENGTH; i++) {
      cycle[i] = (cycle[i] ?? 0) + strength * (sine[(i * h) & TABLE_MASK] ?? 0)
    }
  }
  const scale = 0.6 / Math.sqrt(power)
  return cycle.map((value) => value * scale)
}

const cycles = new WeakMap<MorphTimbre, Map<number, readonly [Float32Array, Float32Array]>>()

/** Both cycles of a timbre for a pitch, kept for each half octave while the timbre lives. */
function cyclesFor(timbre: MorphTimbre, frequencyHz: number): readonly [Float32Array, Float32Array] {
  const bucket = Math.ceil(2 * Math.log2(frequencyHz))
  const known = cycles.get(timbre) ?? new Map<number, readonly [Float32Array, Float32Array]>()
  cycles.set(timbre, known)
  const highest = 2 ** (bucket / 2)
  const pair = known.get(bucket) ?? [cycleOf(timbre.from, highest), cycleOf(timbre.to, highest)]
  known.set(bucket, pair)
  return pair
}

/** Two slightly detuned readers of a wave that slowly turns from one spectrum into another. */
function morph(timbre: MorphTimbre, sound: Sound): Float32Array {
  const { frequencyHz, random } = sound
  const out = new Float32Array(samplesFor(sound.seconds + timbre.releaseSeconds))
  const [from, to] = cyclesFor(timbre, frequencyHz)
  const step = (frequencyHz / SAMPLE_RATE) * TABLE_LENGTH
  const detune = 2 ** ((timbre.detuneCents * random.between(0.6, 1.4)) / 2400)
  let [first, second] = [random.unit() * TABLE_LENGTH, random.unit() * TABLE_LENGTH]
  let turn = random.unit()
  let blend = 0
  for (let i = 0; i < out.length; i++) {
    if (i % CONTROL_SAMPLES === 0) {
      turn += (timbre.morphHz * CONTROL_SAMPLES) / SAMPLE_RATE
      blend = 0.5 + 0.5 * sineOf(turn)
    }
    first += step * detune
    second += step / detune
    const [a, b] = [first & TABLE_MASK, second & TABLE_MASK]
    const bright = (from[a] ?? 0) + (from[b] ?? 0)
    const dark = (to[a] ?? 0) + (to[b] ?? 0)
    out[i] = 0.5 * (dark + (bright - dark) * blend)
  }
  return envelop(out, timbre.attackSeconds, sound.seconds)
}

function play(timbre: Timbre, sound: Sound): Float32Array {
  switch (timbre.kind) {
    case 'pluck':
      return pluck(timbre, sound)
    case 'fm':
      return fm(timbre, sound)
    case 'analog':
      return analog(timbre, sound)
    case 'morph':
      return morph(timbre, sound)
  }
}

/** Loudness of every note before velocity and mix (root mean square), measured over its first moments. */
const NOTE_RMS = 0.25
const LISTEN_SECONDS = 0.3
/** A felt string may be quiet; it is not raised without end, or its noise would come along. */
const GAIN_MAX = 12

/**
 * Renders one note, mono, at `SAMPLE_RATE`; ends in silence.
 *
 * Strings, bells and filtered waves differ by 20 dB and more, from note to note too; all are brought to one
 * loudness here, so that the mix can be written down in numbers without listening.
 */
export function render(timbre: Timbre, sound: Sound): Float32Array {
  const out = play(timbre, sound)
  const heard = Math.min(out.length, Math.round(Math.min(LISTEN_SECONDS, sound.seconds) * SAMPLE_RATE))
  let power = 0
  for (let i = 0; i < heard; i++) power += (out[i] ?? 0) ** 2
  const gain = Math.min(GAIN_MAX, NOTE_RMS / Math.sqrt(power / heard + 1e-12))
  for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) * gain
  return out
}
