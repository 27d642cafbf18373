import { SAMPLE_RATE } from './instruments.ts'
import type { Random } from './random.ts'
import type { Style } from './style.ts'

/** Highest sample of a finished piece: lossy codecs overshoot, so a little room is left below 1. */
export const PEAK = 0.89

/** Room noise of a recording, as an amplitude: nothing in the world is digitally silent. */
const NOISE_LEVEL = 0.0006

const FADE_IN_SECONDS = 0.02
const FADE_OUT_SECONDS = 2.5

/** The desk: sounds are laid on two channels and, in part, sent to echo and reverberation. */
export class Mix {
  readonly #left: Float32Array
  readonly #right: Float32Array
  readonly #sendLeft: Float32Array
  readonly #sendRight: Float32Array

  constructor(seconds: number) {
    const length = Math.round(seconds * SAMPLE_RATE)
    this.#left = new Float32Array(length)
    this.#right = new Float32Array(length)
    this.#sendLeft = new Float32Array(length)
    this.#sendRight = new Float32Array(length)
  }

  /**
   * Lays a mono sound on the tape; what lies beyond its end is cut.
   *
   * @param pan −1 left … 1 right, at equal power.
   * @param wet share sent to the effects, 0 … 1.
   */
  add(sound: Float32Array, startSeconds: number, gain: number, pan: number, wet: number): void {
    const start = Math.max(0, Math.round(startSeconds * SAMPLE_RATE))
    const end = Math.min(this.#left.length, start + sound.length)
    const angle = ((Math.max(-1, Math.min(1, pan)) + 1) * Math.PI) / 4
    const [gainLeft, gainRight] = [gain * Math.cos(angle), gain * Math.sin(angle)]
    for (let i = start, from = 0; i < end; i++, from++) {
      const sample = sound[from] ?? 0
      this.#left[i] = (this.#left[i] ?? 0) + gainLeft * sample
      this.#right[i] = (this.#right[i] ?? 0) + gainRight * sample
      this.#sendLeft[i] = (this.#sendLeft[i] ?? 0) + wet * gainLeft * sample
      this.#sendRight[i] = (this.#sendRight[i] ?? 0) + wet * gainRight * sample
    }
  }

  /** Adds the effects, levels and fades; the result is two channels of at most `PEAK`. */
  finish(style: Style, random: Random): readonly [Float32Array, Float32Array] {
    const echoSeconds =
      Math.min(1.2, (style.metre.stepsPerBeat * 15) / style.tempoBpm) * random.pick([0.75, 1, 0.5])
    echo(this.#sendLeft, this.#sendRight, echoSeconds, random.between(0.15, 0.4))
    reverberate(this.#sendLeft, this.#left, style, 1)
    reverberate(this.#sendRight, this.#right, style, 1.037)
    for (const channel of [this.#left, this.#right]) {
      for (let i = 0; i < channel.length; i++)
        channel[i] = (channel[i] ?? 0) + random.between(-NOISE_LEVEL, NOISE_LEVEL)
    }
    level(this.#left, this.#right)
    return [this.#left, this.#right]
  }
}

/** Echo that jumps from side to side, in place. */
function echo(left: Float32Array, right: Float32Array, seconds: number, feedback: number): void {
  const delay = Math.max(1, Math.round(seconds * SAMPLE_RATE))
  for (let i = delay; i < left.length; i++) {
    const [before, beside] = [left[i - delay] ?? 0, right[i - delay] ?? 0]
    left[i] = (left[i] ?? 0) + feedback * beside
    right[i] = (right[i] ?? 0) + feedback * before
  }
}

/** Delays of a room's walls in seconds, chosen without common divisors so that no pitch stands out. */
const COMB_SECONDS = [0.0253, 0.0271, 0.0307, 0.0353]
const ALLPASS_SECONDS = [0.0051, 0.0127]

/**
 * Adds the reverberation of `send` to `out`.
 *
 * @param width stretches the room a little, so that left and right are not alike.
 * Source: M. Schroeder, "Natural Sounding Artificial Reverberation", JAES 1962; damped combs after J. Moorer, 1979.
 */
function reverberate(send: Float32Array, out: Float32Array, style: Style, width: number): void {
  const wet = new Float32Array(send.length)
  const feedback = 0.68 + 0.22 * style.roomSize
  for (const seconds of COMB_SECONDS) {
    const line = new Float32Array(Math.round(seconds * width * (0.8 + 0.5 * style.roomSize) * SAMPLE_RATE))
    let [at, dull] = [0, 0]
    for (let i = 0; i < send.length; i++) {
      const back = line[at] ?? 0
      dull += (back - dull) * 0.6
      line[at] = (send[i] ?? 0) + feedback * dull
      wet[i] = (wet[i] ?? 0) + 0.25 * back
      at = at + 1 === line.length ? 0 : at + 1
    }
  }
  for (const seconds of ALLPASS_SECONDS) {
    const line = new Float32Array(Math.round(seconds * width * SAMPLE_RATE))
    let at = 0
    for (let i = 0; i < wet.length; i++) {
      const back = line[at] ?? 0
      const input = (wet[i] ?? 0) + 0.5 * back
      line[at] = input
      wet[i] = back - 0.5 * input
      at = at + 1 === line.length ? 0 : at + 1
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + style.roomLevel * 2 * (wet[i] ?? 0)
}

/** Target loudness before saturation, root mean square: loud as records are, without a limiter's pumping. */
const RMS_TARGET = 0.2

/** Levels both channels alike, rounds off peaks, fades the ends, and scales the highest sample to `PEAK`. */
function level(left: Float32Array, right: Float32Array): void {
  let power = 0
  for (let i = 0; i < left.length; i++) power += (left[i] ?? 0) ** 2 + (right[i] ?? 0) ** 2
  const drive = RMS_TARGET / Math.sqrt(power / (2 * left.length) + 1e-12)
  const fadeIn = FADE_IN_SECONDS * SAMPLE_RATE
  const fadeOut = Math.min(left.length / 2, FADE_OUT_SECONDS * SAMPLE_RATE)
  let highest = 1e-9
  for (const channel of [left, right]) {
    for (let i = 0; i < channel.length; i++) {
      const x = drive * (channel[i] ?? 0)
      const fade = Math.min(1, i / fadeIn, (channel.length - 1 - i) / fadeOut)
      // x / √(1 + x²) bends like a tape: straight for quiet sounds, never above 1.
      const y = (fade * x) / Math.sqrt(1 + x * x)
      channel[i] = y
      highest = Math.max(highest, Math.abs(y))
    }
  }
  const scale = PEAK / highest
  for (const channel of [left, right]) {
    for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] ?? 0) * scale
  }
}
