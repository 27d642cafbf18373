import { SAMPLE_RATE, sineOf } from './instruments.ts'
import type { Hit } from './phrase.ts'
import type { Random } from './random.ts'
import type { DrumKit } from './style.ts'

/** A sine that falls from a high start to its pitch: bass drums, toms, hand drums. */
function skin(hz: number, height: number, fallSeconds: number, decaySeconds: number): Float32Array {
  const out = new Float32Array(Math.round(decaySeconds * 5 * SAMPLE_RATE))
  const fall = Math.exp(-1 / (fallSeconds * SAMPLE_RATE))
  const decay = Math.exp(-1 / (decaySeconds * SAMPLE_RATE))
  let [sweep, level, phase] = [height, 1, 0]
  for (let i = 0; i < out.length; i++) {
    phase += (hz * (1 + sweep)) / SAMPLE_RATE
    out[i] = level * sineOf(phase)
    sweep *= fall
    level *= decay
  }
  return out
}

/**
 * Adds decaying noise between two edges to a sound, in place.
 *
 * @param lowHz,highHz edges of the band, made by one-pole filters (6 dB an octave).
 */
function addNoise(
  out: Float32Array,
  random: Random,
  level: number,
  lowHz: number,
  highHz: number,
  decaySeconds: number,
): Float32Array {
  const smoothing = 1 - Math.exp((-2 * Math.PI * highHz) / SAMPLE_RATE)
  const tracking = 1 - Math.exp((-2 * Math.PI * lowHz) / SAMPLE_RATE)
  const decay = Math.exp(-1 / (decaySeconds * SAMPLE_RATE))
  let [smooth, slow, now] = [0, 0, level]
  for (let i = 0; i < out.length && now > 1e-4; i++) {
    smooth += (random.between(-1, 1) - smooth) * smoothing
    slow += (smooth - slow) * tracking
    out[i] = (out[i] ?? 0) + now * (smooth - slow)
    now *= decay
  }
  return out
}

/** The ring of a cymbal: square waves at ratios that no string has. */
function addRing(
  out: Float32Array,
  hz: readonly number[],
  tune: number,
  level: number,
  decaySeconds: number,
): Float32Array {
  const decay = Math.exp(-1 / (decaySeconds * SAMPLE_RATE))
  const steps = hz.map((frequency) => (frequency * tune) / SAMPLE_RATE)
  let now = level / Math.max(1, hz.length)
  for (let i = 0; i < out.length && now > 1e-5; i++) {
    let sum = 0
    for (const step of steps) sum += (i * step) % 1 < 0.5 ? 1 : -1
    out[i] = (out[i] ?? 0) + now * sum
    now *= decay
  }
  return out
}

const silence = (seconds: number): Float32Array => new Float32Array(Math.round(seconds * SAMPLE_RATE))

/** Renders one stroke, mono, at `SAMPLE_RATE`, about ±1 before velocity and mix. */
export function strike(kit: DrumKit, { drum, tune, velocity }: Hit, random: Random): Float32Array {
  const length = kit.decay * random.between(0.9, 1.1)
  switch (drum) {
    case 'kick': {
      const body = skin(kit.kickHz * tune, 2.5 + 2 * velocity, 0.025, 0.12 * length)
      return addNoise(body, random, 0.35, 400, 3000, 0.006)
    }
    case 'snare': {
      const body = skin(kit.snareHz * tune, 0.5, 0.012, 0.05 * length)
      const sound = silence(0.45 * length)
      sound.set(body.subarray(0, sound.length).map((value) => value * 0.6))
      return addNoise(sound, random, 0.9, 700, 3000 + 4000 * velocity, 0.075 * length)
    }
    case 'hat': {
      const sound = addNoise(silence(0.12), random, 0.5, 5000, 10_000, 0.018 * length)
      return addRing(sound, kit.hatHz, tune, 0.16, 0.014 * length)
    }
    case 'openHat': {
      const sound = addNoise(silence(0.7), random, 0.4, 4500, 10_000, 0.14 * length)
      return addRing(sound, kit.hatHz, tune, 0.16, 0.11 * length)
    }
    case 'tom': {
      const body = skin(kit.tomHz * tune * (1 + 0.5 * velocity), 0.7, 0.04, 0.11 * length)
      return addNoise(body, random, 0.3, 500, 4000, 0.012)
    }
    case 'shaker':
      return addNoise(silence(0.14), random, 0.45, 3500, 9000, 0.03 * length)
  }
}
