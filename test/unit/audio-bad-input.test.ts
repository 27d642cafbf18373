import { chmod, mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { FRAMES_PER_SECOND, SAMPLE_RATE, SPAN_FRAMES } from '../../services/audio/constants.ts'
import { decodeAudio } from '../../services/audio/decode/decode.ts'
import { createExtractor } from '../../services/audio/extract/extract.ts'
import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import type { PeakList } from '../../services/audio/peak-list.ts'
import {
  extract,
  ffmpegPath,
  joined,
  music,
  noise,
  stretch,
  tone,
  transcode,
  writeWav,
} from '../support/audio.ts'

/**
 * Share of a reference's peaks that a copy's suspect fingerprint has at the same place: within 2 frames (23 ms)
 * and a third of a band (11 cents).
 */
function shareFound(reference: PeakList, copy: PeakList): number {
  let found = 0
  for (let index = 0; index < reference.count; index++) {
    const near = copy.time.findIndex(
      (time, other) =>
        Math.abs(time - reference.time[index]!) <= 16 &&
        Math.abs(copy.bin[other]! - reference.bin[index]!) <= 5,
    )
    if (near >= 0) found++
  }
  return found / reference.count
}

const SECONDS = 24
const piece = music(31, SECONDS)
const reference = extract(piece).reference.peaks
const tone660 = tone(660, 8)
const hiss = noise(8, SECONDS, 0.02)
const problem = (type: string): Error => expect.objectContaining({ type }) as Error

describe('samples that are damaged, and still the recording', () => {
  const damaged: readonly (readonly [string, Float32Array, number])[] = [
    ['inverted phase', piece.map((sample) => -sample), 1],
    ['a constant on top', piece.map((sample) => sample + 0.5), 0.98],
    ['a swell below hearing', piece.map((x, at) => x + 0.4 * Math.sin(at / SAMPLE_RATE)), 0.98],
    [
      'clipping at a quarter of the height',
      piece.map((sample) => Math.max(-0.12, Math.min(0.12, sample))),
      0.65,
    ],
    ['eight bits', piece.map((sample) => Math.round(sample * 127) / 127), 0.8],
    ['a hundredth of its level', piece.map((sample) => sample / 100), 0.9],
    ['faint noise', piece.map((sample, at) => sample + hiss[at]!), 0.8],
    ['NaN and infinity strewn in', piece.map((x, at) => [Number.NaN, -Infinity][at % 5_001] ?? x), 0.9],
    ['gaps of silence', piece.map((x, at) => (at % (3 * SAMPLE_RATE) < SAMPLE_RATE / 4 ? 0 : x)), 0.8],
  ]

  test.each(damaged)('%s', (_, pcm, least) => {
    expect(shareFound(reference, extract(pcm).suspect.peaks)).toBeGreaterThanOrEqual(least)
  })
})

describe('what there is nothing to recognise by', () => {
  const silence = new Float32Array(4 * SAMPLE_RATE)
  test.each([
    ['two tones', tone(440, 8).map((sample, at) => (sample + tone660[at]!) / 2)],
    ['a tone that stops', joined(tone(440, 4), silence)],
    ['one click', joined(silence, Float32Array.of(0.9), silence)],
    [
      'the smallest alternation',
      Float32Array.from({ length: 8 * SAMPLE_RATE }, (_, at) => (at % 2) / 32_768),
    ],
  ])('%s', (_, pcm) => {
    expect(() => extract(pcm)).toThrow(problem('audio/indistinct'))
  })
})

test('white noise has a fingerprint of its own, which other noise does not share', () => {
  const [one, other] = [extract(noise(1, 12)), extract(noise(2, 12))]
  expect(shareFound(one.reference.peaks, one.suspect.peaks)).toBe(1)
  expect(shareFound(one.reference.peaks, other.suspect.peaks)).toBeLessThan(0.4)
})

/**
 * Two hours stand for ten: what was kept of every hour would show in the second as well. Held as samples they
 * would be 318 MB; the peaks of an hour take 1.4 MB, and lists that grow take twice that for a while.
 */
test('memory does not grow with the length', () => {
  const hours = 2
  const extractor = createExtractor()
  const started = { mb: 0 }
  for (let pushed = 0; pushed < hours * 3_600; pushed += SECONDS) {
    extractor.push(piece)
    if (pushed === 25 * SECONDS) started.mb = process.memoryUsage.rss() / 1e6
  }
  expect(process.memoryUsage.rss() / 1e6 - started.mb).toBeLessThan(80)
  const { suspect, reference } = extractor.finish()
  expect(suspect.durationMs).toBe(hours * 3_600_000)
  const spans = Math.ceil((hours * 3_600 * FRAMES_PER_SECOND) / SPAN_FRAMES)
  expect(reference.peaks.count).toBeGreaterThan(spans * 12)
  expect(reference.peaks.count).toBeLessThanOrEqual(spans * 14)
})

describe('files', () => {
  let folder: string
  const at = (name: string) => join(folder, name)
  const limits = { ffmpegPath, timeoutMs: 60_000 }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'earwitness-bad-input-'))
    await writeWav(at('piece.wav'), piece)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each([
    ['eight bits', 'wav', ['-c:a', 'pcm_u8'], 0.8],
    ['six channels at 192 kHz', 'wav', ['-ac', '6', '-ar', '192000'], 0.9],
    ['the right channel silent', 'flac', ['-af', 'pan=stereo|c0=c0|c1=0*c0'], 0.9],
    ['one channel inverted, so that their sum is silent', 'flac', ['-af', 'pan=stereo|c0=c0|c1=-1*c0'], 0.9],
    ['the first half second missing', 'flac', ['-af', 'adelay=500,atrim=0.5'], 0.9],
    ['24 kbit/s', 'mp3', ['-b:a', '24k', '-ar', '22050'], 0.75],
  ])('%s', async (name, extension, args, least) => {
    const path = await transcode(at('piece.wav'), at(`${name.replaceAll(/\W/g, '-')}.${extension}`), ...args)
    const { suspect, durationMs } = await fingerprintFile(path, limits)
    expect(Math.abs(durationMs - 1_000 * SECONDS)).toBeLessThan(200)
    expect(shareFound(reference, suspect.peaks)).toBeGreaterThanOrEqual(least)
  })

  /** The piece with one channel inverted, and noise of a height that differs between them. */
  async function inverted(height: number): Promise<string> {
    const differing = `[in]aformat=channel_layouts=mono[a];anoisesrc=d=${SECONDS}:a=${height}:r=${SAMPLE_RATE}[b]`
    const filters = `${differing};[a][b]amerge,pan=stereo|c0=c0+c1|c1=-1*c0+c1[out]`
    return transcode(at('piece.wav'), at(`inverted-${height}.flac`), '-af', filters)
  }

  test.each([
    ['faint, so that it is clear', 0.05, 'suspect'],
    ['loud, so that it is not', 0.2, 'otherMix'],
  ] as const)('one channel inverted, what differs between them is %s', async (_, height, heardIn) => {
    const made = await fingerprintFile(await inverted(height), limits)
    const other = heardIn === 'suspect' ? 'otherMix' : 'suspect'
    expect(shareFound(reference, made[heardIn]!.peaks)).toBeGreaterThan(0.9)
    expect(shareFound(reference, made[other]!.peaks)).toBeLessThan(0.5)
  })

  test('one channel silent, so that both mixes are one', async () => {
    const path = await transcode(at('piece.wav'), at('left.flac'), '-af', 'pan=stereo|c0=c0|c1=0*c0')
    expect((await fingerprintFile(path, limits)).otherMix).toBeUndefined()
  })

  test('ordinary stereo is listened to once', async () => {
    const path = await transcode(at('piece.wav'), at('stereo.flac'), '-af', 'pan=stereo|c0=c0|c1=0.5*c0')
    expect((await fingerprintFile(path, limits)).otherMix).toBeUndefined()
  })

  test('what is left of a truncated stream is found in the recording', async () => {
    const path = await transcode(at('piece.wav'), at('cut.opus'), '-c:a', 'libopus', '-ar', '48000')
    await truncate(path, Math.floor((await stat(path)).size / 2))
    const { reference: part, durationMs } = await fingerprintFile(path, limits)
    expect(durationMs).toBeGreaterThan(8_000)
    expect(durationMs).toBeLessThan(16_000)
    expect(shareFound(part.peaks, extract(piece).suspect.peaks)).toBeGreaterThan(0.75)
  })

  test('a file with a hole in it is fingerprinted around the hole, and it is said', async () => {
    const path = await transcode(at('piece.wav'), at('hole.flac'))
    const file = await open(path, 'r+')
    await file.write(Buffer.alloc(20_000, 0xaa), 0, 20_000, Math.floor((await stat(path)).size / 2))
    await file.close()
    const { suspect, truncated } = await fingerprintFile(path, limits)
    expect(truncated).toBe(true)
    expect(suspect.peaks.count).toBeGreaterThan(200)
  })

  test('a fifth of a second is refused', async () => {
    await writeWav(at('short.wav'), stretch(piece, 3, 3.2))
    await expect(fingerprintFile(at('short.wav'), limits)).rejects.toThrow(problem('audio/too-short'))
  })

  /** Stands in for ffmpeg: it takes the arguments and does something else. */
  async function standIn(name: string, script: string): Promise<string> {
    await writeFile(at(name), `#!/bin/sh\n${script}\n`)
    await chmod(at(name), 0o755)
    return at(name)
  }

  test('what was heard is kept when a second look at the channels fails', async () => {
    const path = await inverted(0.2)
    const script = `case "$*" in *pan=mono*) touch "$0.tried"; exit 1;; esac; exec ${ffmpegPath} "$@"`
    const decoder = { ...limits, ffmpegPath: await standIn('one-look.sh', script) }
    const { suspect, otherMix } = await fingerprintFile(path, decoder)
    await stat(at('one-look.sh.tried'))
    expect(otherMix).toBeUndefined()
    expect(suspect).toEqual((await fingerprintFile(path, limits)).suspect)
  })

  test('a second look at the channels has the time that the first left', async () => {
    const slow = {
      ffmpegPath: await standIn('slow.sh', `sleep 1.5; exec ${ffmpegPath} "$@"`),
      timeoutMs: 2_800,
    }
    expect((await fingerprintFile(await inverted(0.2), slow)).otherMix).toBeUndefined()
  })

  test.each([
    ['says nothing', 'exec sleep 60'],
    ['stops in the middle', 'head -c 100000 /dev/zero; exec sleep 60'],
  ])('a decoder that %s is ended when its time is over', async (name, script) => {
    const decoder = { ffmpegPath: await standIn(`${name.replaceAll(' ', '-')}.sh`, script), timeoutMs: 400 }
    const startedAt = performance.now()
    await expect(fingerprintFile(at('piece.wav'), decoder)).rejects.toThrow(problem('audio/decoder-limit'))
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })

  test('a decoder that never ends is stopped at the longest audio that is wanted', async () => {
    const endless = { ...limits, ffmpegPath: await standIn('endless.sh', 'exec cat /dev/zero') }
    const options = { ...endless, durationMaxMs: 60_000, onPcm: () => undefined }
    await expect(decodeAudio(at('piece.wav'), options)).rejects.toThrow(problem('audio/too-long'))
  })

  test('half a sample at the end of the stream is left out', async () => {
    const odd = { ...limits, ffmpegPath: await standIn('odd.sh', "printf '\\001\\000\\377\\377\\007'") }
    const heard: number[] = []
    await decodeAudio(at('piece.wav'), {
      ...odd,
      durationMaxMs: 60_000,
      onPcm: (pcm) => heard.push(...pcm),
    })
    expect(heard).toEqual([1 / 32_768, -1 / 32_768])
  })
})
