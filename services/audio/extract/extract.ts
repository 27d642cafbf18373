import { Problem } from '../../core/problem.ts'
import {
  BIN_UNITS_PER_SEMITONE,
  LEVEL_UNITS,
  DURATION_MS_MAX,
  DURATION_MS_MIN,
  ENGINE_VERSION,
  HOP_SAMPLES,
  SAMPLE_RATE,
} from '../constants.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { landmarksOf } from '../index/landmarks.ts'
import type { PeakList } from '../peak-list.ts'
import { extractionKernel } from './kernel/kernel.ts'
import type { ExtractionKernel } from './kernel/kernel.ts'
import { BLOCK_FRAMES, BLOCK_SAMPLES, BLOCK_STEP_SAMPLES, GUARD_SAMPLES, ROW_CELLS } from './kernel/layout.ts'
import { createPeakPicker } from './peaks.ts'
import { encodeSketch } from './sketch-bytes.ts'
import { createSketcher } from './sketch.ts'
import { floorOf } from './spectrum.ts'
import { createThinner } from './thinning.ts'

/** Both fingerprints of one piece of audio, a picture of it, and how loud it is. */
export interface Extract {
  readonly reference: Fingerprint
  readonly suspect: Fingerprint
  /** A coarse spectrogram for people to look at, encoded (sketch-bytes.ts); nothing is recognised by it. */
  readonly sketch: Uint8Array
  readonly loudness: Loudness
}

/** In dB relative to full scale; −Infinity for digital silence. */
export interface Loudness {
  /** Root mean square over the whole length. */
  readonly meanDbfs: number
  /** Largest single sample. */
  readonly peakDbfs: number
}

/** Takes audio as it comes and gives its fingerprints at the end. */
export interface Extractor {
  /**
   * @param pcm mono samples at `SAMPLE_RATE`, −1 … 1, any number of them. Not kept, not changed.
   *   What is not a number counts as 0, what exceeds ±4 as ±4.
   */
  push(pcm: Float32Array): void
  /**
   * @throws {Problem} `audio/too-short` below a second, `audio/too-long` beyond a day, `audio/indistinct`
   *   when there is nothing to recognise it by: silence, a steady tone.
   */
  finish(): Extract
}

/**
 * How fast the estimate of the mean power falls when the music gets quiet: 1 dB per block (4.5 s). The floor
 * below which nothing is distinguished follows it; taken from the whole file it would need the whole file.
 */
const POWER_DECAY_PER_BLOCK = 0.794

/** Fewer landmarks than this cannot tell one recording from another, whatever the score. */
const LANDMARKS_MIN = 4
/** Peaks that all lie in less than three semitones are a tone, not music. */
const SEMITONES_MIN = 3

/**
 * Makes an extractor. Its memory does not grow with the length but for the peaks it keeps (47 a second),
 * and its result does not depend on how the audio was cut into pieces.
 *
 * @param kernel the one of this thread; another to compare them.
 */
export function createExtractor(kernel: ExtractionKernel = extractionKernel()): Extractor {
  const thinner = createThinner(kernel)
  const picker = createPeakPicker(kernel, (time, bin, level) => thinner.add(time, bin, level))
  const sketcher = createSketcher()
  const block = new Float32Array(BLOCK_SAMPLES)
  let filled = GUARD_SAMPLES
  // Where in the block the samples begin that were not there in the block before.
  let fresh = GUARD_SAMPLES
  let samples = 0
  let framesDone = 0
  let power = 0
  let squares = 0
  let largest = 0

  const analyse = (frames: number, last: boolean) => {
    kernel.samples.set(block)
    const known = kernel.measure(0, fresh)
    const added = kernel.measure(fresh, BLOCK_SAMPLES)
    squares += added.squares
    largest = Math.max(largest, added.largest)
    // The mean square without the constant part, which is no sound.
    const mean = (known.sum + added.sum) / BLOCK_SAMPLES
    const variance = (known.squares + added.squares) / BLOCK_SAMPLES - mean * mean
    power = Math.max(variance, power * POWER_DECAY_PER_BLOCK)
    const floor = floorOf(power)
    const row = picker.open()
    kernel.analyse(row, floor)
    sketcher.add(kernel.cells, row * ROW_CELLS, ROW_CELLS, frames)
    picker.advance(frames, floor, last)
    thinner.settle(picker.examined - 1)
    framesDone += frames
    block.copyWithin(0, BLOCK_STEP_SAMPLES)
    filled = fresh = BLOCK_SAMPLES - BLOCK_STEP_SAMPLES
  }

  return {
    push(pcm) {
      for (let from = 0; from < pcm.length;) {
        const to = Math.min(pcm.length, from + BLOCK_SAMPLES - filled)
        block.set(pcm.subarray(from, to), filled)
        filled += to - from
        from = to
        if (filled === BLOCK_SAMPLES) analyse(BLOCK_FRAMES, false)
      }
      samples += pcm.length
    },
    finish() {
      const durationMs = Math.round((samples * 1000) / SAMPLE_RATE)
      if (durationMs < DURATION_MS_MIN) throw tooShort(durationMs)
      if (durationMs > DURATION_MS_MAX) throw tooLong(durationMs)
      const frames = Math.ceil(samples / HOP_SAMPLES)
      for (let left = frames - framesDone; left > 0; left -= BLOCK_FRAMES) {
        block.fill(0, filled)
        analyse(Math.min(left, BLOCK_FRAMES), left <= BLOCK_FRAMES)
      }
      const { reference, suspect } = thinner.finish()
      const meanDbfs = 10 * Math.log10(squares / samples)
      requireStructure(reference)
      requireAudible(suspect, meanDbfs)
      return {
        reference: { kind: 'reference', engineVersion: ENGINE_VERSION, durationMs, peaks: reference },
        suspect: { kind: 'suspect', engineVersion: ENGINE_VERSION, durationMs, peaks: suspect },
        sketch: encodeSketch(sketcher.finish()),
        loudness: { meanDbfs, peakDbfs: 20 * Math.log10(largest) },
      }
    },
  }
}

/** Level of a steady tone whose mean power is 0 dBFS, in dB of the spectrogram; measured, and the same within 3 dB at every pitch. */
const TONE_LEVEL_DB = 110

/** Peaks further below such a tone of the same power are what a codec leaves around a sound, not the sound. */
const AUDIBLE_DB = 50

/** A tone in MP3 or Opus has hundreds of peaks, all of them noise of the codec: those that could be heard must differ in pitch. */
function requireAudible(peaks: PeakList, meanDbfs: number): void {
  const least = ((TONE_LEVEL_DB + meanDbfs - AUDIBLE_DB) * LEVEL_UNITS) / (10 * Math.log10(2))
  const semitones = new Set<number>()
  for (let i = 0; i < peaks.count; i++) {
    if ((peaks.level[i] ?? 0) >= least)
      semitones.add(Math.round((peaks.bin[i] ?? 0) / BIN_UNITS_PER_SEMITONE))
  }
  if (semitones.size < SEMITONES_MIN)
    throw new Problem('audio/indistinct', `It has no more than ${semitones.size} pitches that can be heard`)
}

function requireStructure(peaks: PeakList): void {
  if (peaks.count === 0) {
    throw new Problem('audio/indistinct', 'Nothing stands out in it: silence, or a steady sound')
  }
  const semitones = new Set<number>()
  for (const bin of peaks.bin) semitones.add(Math.round(bin / BIN_UNITS_PER_SEMITONE))
  if (semitones.size < SEMITONES_MIN) {
    throw new Problem('audio/indistinct', `It has no more than ${semitones.size} different pitches`)
  }
  const landmarks = landmarksOf(peaks).count
  if (landmarks < LANDMARKS_MIN) {
    throw new Problem('audio/indistinct', `It has ${landmarks} landmarks, ${LANDMARKS_MIN} are needed`)
  }
}

const tooShort = (durationMs: number) =>
  new Problem('audio/too-short', `It lasts ${durationMs} ms, at least ${DURATION_MS_MIN} are needed`)

const tooLong = (durationMs: number) =>
  new Problem('audio/too-long', `It lasts ${durationMs} ms, at most ${DURATION_MS_MAX} are examined`)
