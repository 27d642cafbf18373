import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { SAMPLE_RATE } from '../../services/audio/constants.ts'
import { createExtractor } from '../../services/audio/extract/extract.ts'
import type { Extract } from '../../services/audio/extract/extract.ts'
import { findFfmpeg } from '../../services/core/ffmpeg.ts'

/** The ffmpeg that the tests use. */
export const { path: ffmpegPath } = await findFfmpeg({
  FFMPEG_PATH: process.env['FFMPEG_PATH'],
  searchPath: process.env['PATH'] ?? '',
})

/** Whole numbers by the 'mulberry32' generator: the same music for the same seed, everywhere. @returns 0 … 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A piece of music: chords that change with the bar, a melody, a bass and a drum; different for every seed.
 *
 * @returns mono samples at `SAMPLE_RATE`, within ±1.
 */
export function music(seed: number, seconds: number): Float32Array {
  const random = randomOf(seed)
  const pcm = new Float32Array(Math.round(seconds * SAMPLE_RATE))
  const beatSeconds = 0.35 + 0.3 * random()
  const key = 48 + Math.floor(12 * random())
  const scale = [0, 2, 4, 5, 7, 9, 11]
  const pitch = (degree: number) => key + scale[degree % 7]! + 12 * Math.floor(degree / 7)
  let degree = 7
  for (let beat = 0; beat * beatSeconds < seconds; beat++) {
    const at = beat * beatSeconds
    if (beat % 4 === 0) {
      const root = Math.floor(7 * random())
      for (const third of [0, 2, 4]) addNote(pcm, at, 4 * beatSeconds, pitch(root + third), 0.06, 4)
      addNote(pcm, at, 2 * beatSeconds, pitch(root) - 12, 0.15, 3)
    }
    if (random() < 0.5) addDrum(pcm, at, random)
    for (let part = 0; part < 2; part++) {
      if (random() < 0.3) continue
      degree = Math.max(5, Math.min(18, degree + Math.floor(7 * random()) - 3))
      const late = 0.02 * random()
      addNote(
        pcm,
        at + (part * beatSeconds) / 2 + late,
        beatSeconds * (0.4 + random()),
        pitch(degree),
        0.15,
        6,
      )
    }
  }
  return pcm
}

function addNote(
  pcm: Float32Array,
  at: number,
  seconds: number,
  midi: number,
  level: number,
  partials: number,
): void {
  const hz = 440 * 2 ** ((midi - 69) / 12)
  const from = Math.round(at * SAMPLE_RATE)
  const count = Math.min(pcm.length - from, Math.round(seconds * SAMPLE_RATE))
  for (let partial = 1; partial <= partials && hz * partial < 5_000; partial++) {
    const step = (2 * Math.PI * hz * partial) / SAMPLE_RATE
    for (let index = 0; index < count; index++) {
      const envelope = Math.min(1, index / 60) * Math.exp((-3 * partial * index) / (seconds * SAMPLE_RATE))
      pcm[from + index] = pcm[from + index]! + (level / partial) * envelope * Math.sin(step * index)
    }
  }
}

function addDrum(pcm: Float32Array, at: number, random: () => number): void {
  const from = Math.round(at * SAMPLE_RATE)
  const count = Math.min(pcm.length - from, SAMPLE_RATE / 10)
  for (let index = 0; index < count; index++) {
    pcm[from + index] = pcm[from + index]! + 0.12 * Math.exp(-index / 200) * (2 * random() - 1)
  }
}

/** White noise within ±`level`. */
export function noise(seed: number, seconds: number, level = 0.5): Float32Array {
  const random = randomOf(seed)
  return Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, () => level * (2 * random() - 1))
}

/** A sine of full length. */
export const tone = (hz: number, seconds: number): Float32Array =>
  Float32Array.from(
    { length: Math.round(seconds * SAMPLE_RATE) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE),
  )

/** A stretch of a piece, in seconds. */
export const stretch = (pcm: Float32Array, from: number, to: number): Float32Array =>
  pcm.subarray(Math.round(from * SAMPLE_RATE), Math.round(to * SAMPLE_RATE))

/** Pieces one after the other. */
export function joined(...pieces: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** Both fingerprints of samples. */
export function extract(pcm: Float32Array): Extract {
  const extractor = createExtractor()
  extractor.push(pcm)
  return extractor.finish()
}

/** Writes samples as a mono 16-bit WAV file. */
export async function writeWav(path: string, pcm: Float32Array, rate = SAMPLE_RATE): Promise<void> {
  const bytes = Buffer.alloc(44 + pcm.length * 2)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + pcm.length * 2, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(rate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(pcm.length * 2, 40)
  for (const [index, sample] of pcm.entries()) {
    bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))), 44 + index * 2)
  }
  await writeFile(path, bytes)
}

/** Runs ffmpeg to make a file from a file. */
export async function transcode(from: string, to: string, ...args: readonly string[]): Promise<string> {
  await promisify(execFile)(ffmpegPath, ['-v', 'error', '-nostdin', '-y', '-i', from, ...args, to])
  return to
}
