import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compose, demoCatalogue, type Piece, stranger } from '../../bin/demo/compose.ts'
import type { CatalogueFile } from '../../bin/demo/disguises.ts'
import { audioSeconds } from '../../bin/demo/ffmpeg.ts'
import { makeSuspects } from '../../bin/demo/suspects.ts'
import { wavChunks, writeWav } from '../../bin/demo/wav.ts'

const sha256 = (piece: Piece): string => {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of piece.channels) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.digest('hex')
}

/** Centres of the bands of `spectraOf`: 24 semitone-and-a-half steps from 130 Hz, four of them an octave. */
const CENTRES_HZ = Array.from({ length: 24 }, (_, i) => 130 * 2 ** (i / 4))

/** Strength at one frequency. Source: G. Goertzel, "An Algorithm for the Evaluation of …", 1958. */
function strengthAt(samples: Float32Array, turnsPerSample: number): number {
  const turn = 2 * Math.cos(2 * Math.PI * turnsPerSample)
  let [before, last] = [0, 0]
  for (const sample of samples) [before, last] = [last, sample + turn * last - before]
  return Math.sqrt(Math.max(0, last * last + before * before - turn * last * before))
}

/** What each half second sounds like: strengths of 24 bands as a vector of length 1. */
function spectraOf({ channels, sampleRate }: Piece): readonly (readonly number[])[] {
  const block = sampleRate / 2
  return Array.from({ length: Math.floor(channels[0].length / block) }, (_, i) => {
    const samples = channels[0].subarray(i * block, (i + 1) * block)
    const strengths = CENTRES_HZ.map((hz) => strengthAt(samples, hz / sampleRate))
    const norm = Math.hypot(...strengths)
    return strengths.map((strength) => strength / norm)
  })
}

const likeness = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

describe('a piece of music made by code', () => {
  const pieces = Array.from({ length: 6 }, (_, i) => compose(i + 1, { seconds: 20 }))

  test('is the same for the same seed and length, sample by sample', () => {
    expect(sha256(compose(1, { seconds: 20 }))).toBe(sha256(compose(1, { seconds: 20 })))
    expect(sha256(compose('a name', { seconds: 8 }))).toBe(sha256(compose('a name', { seconds: 8 })))
  })

  test('lasts a minute or more unless told otherwise, in stereo at 22 050 Hz', () => {
    const piece = compose(1)
    expect(piece.seconds).toBe(75)
    expect(piece.sampleRate).toBe(22_050)
    expect(piece.channels.map((channel) => channel.length)).toEqual([75 * 22_050, 75 * 22_050])
    expect(compose(2, { seconds: 12.5 }).seconds).toBe(12.5)
  })

  test.each([0, 4.9, 1801, Number.NaN])('of %d s is refused', (seconds) => {
    expect(() => compose(1, { seconds })).toThrow(RangeError)
  })

  test('neither clips nor breaks, uses its room, and differs left from right', () => {
    for (const { channels } of pieces) {
      const highest = Math.max(
        ...channels.map((channel) => channel.reduce((max, x) => Math.max(max, Math.abs(x)), 0)),
      )
      expect(channels.every((channel) => channel.every(Number.isFinite))).toBe(true)
      expect(highest).toBeGreaterThan(0.8)
      expect(highest).toBeLessThan(0.9)
      expect(channels[0].some((x, i) => Math.abs(x - (channels[1][i] ?? 0)) > 0.05)).toBe(true)
    }
  })

  test('keeps moving: no half second is silent, and none sounds exactly like another', () => {
    for (const piece of pieces) {
      const block = piece.sampleRate / 2
      // Without the last three seconds, which fade out.
      for (let at = 0; at < piece.channels[0].length - 6 * block; at += block) {
        const power = piece.channels[0].subarray(at, at + block).reduce((sum, x) => sum + x * x, 0) / block
        expect(10 * Math.log10(power)).toBeGreaterThan(-50)
      }
      const spectra = spectraOf(piece).slice(0, -6)
      let [sum, highest, pairs] = [0, 0, 0]
      spectra.forEach((a, i) => {
        for (const b of spectra.slice(i + 1)) {
          const alike = likeness(a, b)
          sum += alike
          highest = Math.max(highest, alike)
          pairs++
        }
      })
      expect(sum / pairs).toBeLessThan(0.8)
      expect(highest).toBeLessThan(0.9995)
    }
  })

  test('shares no sound with another: at no shift do two pieces have even one equal half second', () => {
    const all = pieces.map((piece) => spectraOf(piece).slice(0, -6))
    const highest = all.flatMap((spectra, i) =>
      all.slice(i + 1).flatMap((others) => spectra.flatMap((a) => others.map((b) => likeness(a, b)))),
    )
    expect(highest.reduce((max, x) => Math.max(max, x), 0)).toBeLessThan(0.9995)
  })

  test('carries sample names only: titles in several scripts and well-formed codes, each its own', () => {
    const labels = Array.from({ length: 8 }, (_, i) => compose(i + 1, { seconds: 5 }))
    const strangers = [1, 2].map((number) => stranger(number, { seconds: 5 }))
    const all = [...labels, ...strangers]
    expect(new Set(all.map(({ isrc }) => isrc)).size).toBe(10)
    expect(new Set(all.map(({ title }) => title)).size).toBe(10)
    for (const { isrc, artists } of all) {
      expect(isrc).toMatch(/^AA6Q7\d{7}$/)
      expect(artists.length).toBeGreaterThan(0)
    }
    expect(all.some(({ title }) => /\p{Script=Devanagari}/u.test(title))).toBe(true)
    expect(all.some(({ title }) => /\p{Script=Hiragana}|\p{Script=Katakana}/u.test(title))).toBe(true)
  })

  test('of the catalogue is made when it is asked for', () => {
    const catalogue = demoCatalogue(1_000_000, { seconds: 5 })
    const first = catalogue.next().value
    expect(first?.title).toBe('Sample Piece 1 – Morning')
    expect([...demoCatalogue(2, { seconds: 5 })].map(({ isrc }) => isrc)).toEqual([
      'AA6Q72600001',
      'AA6Q72600002',
    ])
  })
})

test('a WAV file holds the samples rounded to 16 bit behind a header that says so', () => {
  const channels = [new Float32Array(40_000), new Float32Array(40_000)] as const
  channels[0].set([0.5, -1, 3])
  channels[1].set([-0.5, 1], 39_998)
  const wav = Buffer.concat([...wavChunks({ ...compose(1, { seconds: 5 }), channels })])
  expect(wav.length).toBe(44 + 160_000)
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8)
  expect([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([2, 22_050, 16])
  expect([0, 4, 8].map((at) => wav.readInt16LE(44 + at))).toEqual([16_384, -32_767, 32_767])
  expect([6, 2].map((at) => wav.readInt16LE(wav.length - at))).toEqual([-16_383, 32_767])
})

const builds = [
  '/usr/bin/ffmpeg',
  fileURLToPath(new URL('../../node_modules/@ffmpeg-installer/linux-x64/ffmpeg', import.meta.url)),
].filter(existsSync)

describe.skipIf(builds.length === 0)('suspects (skipped where there is no ffmpeg)', () => {
  let folder: string
  let catalogue: CatalogueFile[]
  let other: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'earwitness-suspects-'))
    catalogue = []
    for (const [index, piece] of [...demoCatalogue(2, { seconds: 31 })].entries()) {
      // Names that ffmpeg would take for an option or a protocol, were they not guarded.
      const path = join(folder, `-i:${index} स.wav`)
      await writeWav(path, piece)
      catalogue.push({ title: piece.title, path, seconds: piece.seconds })
    }
    other = join(folder, 'other.wav')
    await writeWav(other, stranger(1, { seconds: 20 }))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(builds)('are made with %s, as long as they say, and tell the truth', async (ffmpegPath) => {
    const steps: string[] = []
    const suspects = await makeSuspects({
      ffmpegPath,
      catalogue,
      strangers: [other],
      folder: join(folder, 'suspects'),
      onProgress: (done, total, name) => steps.push(`${done}/${total} ${name}`),
    })
    const seconds = Object.fromEntries(
      await Promise.all(
        suspects.map(async ({ name, path }) => [name, await audioSeconds(ffmpegPath, path)] as const),
      ),
    )
    const lengths = {
      'whole-opus': 31,
      'whole-vorbis': 31,
      'noisy-excerpt': 12,
      'sped-up-excerpt': 25,
      'hidden-excerpt': 60,
      video: 31,
      'never-registered': 20,
    }
    expect(Object.keys(seconds)).toEqual(Object.keys(lengths))
    for (const [name, length] of Object.entries(lengths)) {
      expect(Math.abs((seconds[name] ?? 0) - length), name).toBeLessThan(0.1)
    }
    expect(steps.at(-1)).toBe('7/7 never-registered')
    expect(suspects.filter(({ deliver }) => deliver === 'url').map(({ name }) => name)).toEqual([
      'whole-opus',
    ])
    const expected = Object.fromEntries(suspects.map((suspect) => [suspect.name, suspect.expected]))
    expect(expected['hidden-excerpt']).toMatchObject({
      catalogueIndex: 0,
      suspectFromMs: 25_000,
      suspectToMs: 40_000,
      trackFromMs: 15_000,
    })
    expect(expected['sped-up-excerpt']).toMatchObject({ change: 'speed', speed: 1.04, trackFromMs: 4000 })
    expect(expected['never-registered']).toEqual({ catalogueIndex: undefined, change: 'none', speed: 1 })
    // No suspect gives itself away by a tag.
    for (const { path } of suspects) {
      expect((await readFile(path)).includes(catalogue[0]?.title ?? ''), path).toBe(false)
    }
  })

  test('say which one failed and why when ffmpeg cannot read a recording', async () => {
    const path = join(folder, 'broken.mp3')
    await writeFile(path, 'this is not sound')
    const made = makeSuspects({
      ffmpegPath: builds[0] ?? '',
      catalogue: [{ title: 'Broken', path, seconds: 60 }],
      strangers: [other],
      folder: join(folder, 'none'),
    })
    await expect(made).rejects.toMatchObject({
      type: 'audio/undecodable',
      message: expect.stringMatching(/^suspect whole-opus: .*Invalid/) as string,
    })
  })

  test('are refused for recordings under 30 s, empty lists and a missing ffmpeg', async () => {
    const [track] = catalogue
    if (track === undefined) throw new Error('no catalogue')
    const options = { ffmpegPath: '/no/such/ffmpeg', catalogue: [track], strangers: [other], folder }
    const short = { ...options, catalogue: [{ ...track, seconds: 29 }] }
    await expect(makeSuspects(short)).rejects.toMatchObject({ type: 'audio/too-short' })
    await expect(makeSuspects({ ...options, catalogue: [] })).rejects.toMatchObject({
      type: 'request/invalid',
    })
    await expect(makeSuspects({ ...options, strangers: [] })).rejects.toMatchObject({
      type: 'request/invalid',
    })
    await expect(makeSuspects(options)).rejects.toMatchObject({ type: 'audio/decoder-missing' })
  })
})
