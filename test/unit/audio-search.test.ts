import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { extract, ffmpegPath, joined, music, noise, stretch, transcode, writeWav } from '../support/audio.ts'

const SECONDS = 60
const pieces = Array.from({ length: 8 }, (_, seed) => music(seed, SECONDS))
const index = createReferenceIndex()
for (const [number, piece] of pieces.entries()) index.add(`r${number}`, 'label', extract(piece).reference)

const search = (pcm: Float32Array, owner = 'label') => searchIndex(index, extract(pcm).suspect, { owner })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-search-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Samples through ffmpeg and back into a search. */
async function searchAfter(pcm: Float32Array, extension: string, ...args: string[]) {
  const wav = join(folder, 'in.wav')
  await writeWav(wav, pcm)
  const attacked = await transcode(wav, join(folder, `out.${extension}`), ...args)
  const { suspect } = await fingerprintFile(attacked, { ffmpegPath })
  return searchIndex(index, suspect, { owner: 'label' })
}

describe('a search finds', () => {
  test.each([
    ['opus', 'opus', ['-c:a', 'libopus', '-ar', '48000', '-b:a', '32k']],
    ['vorbis', 'ogg', ['-c:a', 'libvorbis', '-q:a', '1']],
    ['mp3', 'mp3', ['-c:a', 'libmp3lame', '-b:a', '48k']],
  ])('a whole file coded as %s, in one passage that covers it', async (_, extension, args) => {
    const { passages, compared } = await searchAfter(pieces[2]!, extension, ...args)
    expect(passages).toHaveLength(1)
    const [passage] = passages
    expect(passage).toMatchObject({ referenceId: 'r2', change: 'none' })
    expect(passage!.suspectFromMs).toBeLessThan(2_000)
    expect(passage!.suspectToMs).toBeGreaterThan(1000 * SECONDS - 3_000)
    expect(passage!.suspectFromMs - passage!.referenceFromMs).toBeLessThan(60)
    expect(passage!.speed).toBeCloseTo(1, 3)
    expect(passage!.falseMatchProbability).toBe(1e-6)
    expect(compared).toEqual({ recordings: 8, hours: expect.closeTo((8 * SECONDS) / 3600, 6) as number })
  })

  test('what only the other mix of the channels has', async () => {
    const nothing = extract(noise(1, 20)).suspect
    const otherMix = extract(stretch(pieces[2]!, 9, 29)).suspect
    const told: number[] = []
    const { passages } = await searchIndex(index, nothing, {
      owner: 'label',
      otherMix,
      onProgress: (done, total) => void told.push(done / total),
    })
    expect(passages.map(({ referenceId }) => referenceId)).toEqual(['r2'])
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
  })

  test('what one mix of the channels nearly gave, also when the other was looked at after it', async () => {
    const nearly = extract(stretch(pieces[2]!, 9, 19)).suspect
    const otherMix = extract(noise(1, 10)).suspect
    const { passages, strongestRejected } = await searchIndex(index, nearly, {
      owner: 'label',
      otherMix,
      falseClaimsPerMillion: 1e-300,
    })
    expect(passages).toEqual([])
    expect(strongestRejected).toMatchObject({ referenceId: 'r2', change: 'none' })
  })

  test('twelve noisy seconds', async () => {
    const hiss = noise(9, 12, 0.05)
    const { passages } = await search(stretch(pieces[5]!, 21, 33).map((sample, at) => sample + hiss[at]!))
    expect(passages).toHaveLength(1)
    expect(passages[0]).toMatchObject({ referenceId: 'r5', change: 'none' })
    const shiftMs = passages[0]!.referenceFromMs - passages[0]!.suspectFromMs
    expect(Math.abs(shiftMs - 21_000)).toBeLessThan(60)
    expect(passages[0]!.landmarksMatched).toBeLessThanOrEqual(passages[0]!.landmarksExpected)
    expect(passages[0]!.points.filter(({ matched }) => matched).length).toBeGreaterThan(20)
  })

  test.each([
    ['4 % faster', 1.04],
    ['12 % slower', 0.88],
    ['25 % faster', 1.25],
  ])('a copy played %s', async (_, factor) => {
    const { passages } = await searchAfter(
      stretch(pieces[4]!, 10, 35),
      'wav',
      '-af',
      `asetrate=${Math.round(11_025 * factor)},aresample=11025`,
    )
    expect(passages[0]).toMatchObject({ referenceId: 'r4', change: 'speed' })
    expect(passages[0]!.speed).toBeCloseTo(factor, 2)
    expect(passages[0]!.pitch).toBeCloseTo(factor, 2)
  })

  test('a copy whose tempo alone was changed', async () => {
    const { passages } = await searchAfter(stretch(pieces[1]!, 10, 35), 'wav', '-af', 'atempo=0.9')
    expect(passages[0]).toMatchObject({ referenceId: 'r1', change: 'tempo' })
    expect(passages[0]!.speed).toBeCloseTo(0.9, 2)
    expect(passages[0]!.pitch).toBeCloseTo(1, 2)
  })

  test('twelve seconds inside a minute of other music', async () => {
    const other = music(501, 48)
    const { passages } = await search(
      joined(stretch(other, 0, 27), stretch(pieces[6]!, 30, 42), stretch(other, 27, 48)),
    )
    expect(passages.map(({ referenceId }) => referenceId)).toEqual(['r6'])
    expect(Math.abs(passages[0]!.suspectFromMs - 27_000)).toBeLessThan(2_000)
    expect(Math.abs(passages[0]!.suspectToMs - 39_000)).toBeLessThan(2_000)
  })

  test('each of several recordings in one file', async () => {
    const parts = [3, 0, 7].map((number) => stretch(pieces[number]!, 15, 40))
    const { passages } = await search(joined(...parts))
    const inOrder = passages.toSorted((a, b) => a.suspectFromMs - b.suspectFromMs)
    expect(inOrder.map(({ referenceId }) => referenceId)).toEqual(['r3', 'r0', 'r7'])
    for (const [place, passage] of inOrder.entries()) {
      expect(Math.abs(passage.suspectFromMs - 25_000 * place)).toBeLessThan(2_500)
      expect(Math.abs(passage.suspectToMs - 25_000 * (place + 1))).toBeLessThan(2_500)
    }
  })
})

describe('a search does not find', () => {
  test('anything in music it does not know', async () => {
    for (const seed of [601, 602, 603]) {
      const { passages } = await search(music(seed, 40))
      expect(passages).toEqual([])
    }
  })

  test('anything in noise', async () => {
    const { passages } = await search(noise(1, 20))
    expect(passages).toEqual([])
  })

  test("another owner's recordings, whoever asks", async () => {
    const both = createReferenceIndex()
    both.add('mine', 'me', extract(pieces[0]!).reference)
    both.add('theirs', 'them', extract(pieces[1]!).reference)
    const { suspect } = extract(stretch(pieces[1]!, 5, 30))
    expect(await searchIndex(both, suspect, { owner: 'me' })).toMatchObject({
      passages: [],
      compared: { recordings: 1 },
    })
    expect((await searchIndex(both, suspect, { owner: 'them' })).passages).toHaveLength(1)
    expect(await searchIndex(both, suspect, { owner: 'nobody' })).toMatchObject({
      passages: [],
      compared: { recordings: 0, hours: 0 },
    })
  })

  test('what was removed; and finds what was registered a moment ago', async () => {
    const live = createReferenceIndex()
    const { suspect } = extract(stretch(pieces[0]!, 5, 20))
    const ids = async () =>
      (await searchIndex(live, suspect, { owner: 'me' })).passages.map(({ referenceId }) => referenceId)
    expect(await ids()).toEqual([])
    live.add('new', 'me', extract(pieces[0]!).reference)
    live.add('other', 'me', extract(pieces[1]!).reference)
    expect(await ids()).toEqual(['new'])
    live.add('new', 'me', extract(pieces[2]!).reference)
    expect(await ids()).toEqual([])
  })
})

describe('a search', () => {
  const { suspect } = extract(music(700, 60))

  test('leaves the event loop free and reports its progress', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const told: number[] = []
    const options = {
      owner: 'label',
      yieldEveryMs: 5,
      onProgress: (done: number, total: number) => void told.push(done / total),
    }
    await searchIndex(index, suspect, options)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
  })

  test('stops when it is told to', async () => {
    const controller = new AbortController()
    const running = searchIndex(index, suspect, {
      owner: 'label',
      signal: controller.signal,
      yieldEveryMs: 1,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
  })

  test('gives the same answer twice, with its reasons', async () => {
    const [one, two] = [await search(stretch(pieces[3]!, 9, 19)), await search(stretch(pieces[3]!, 9, 19))]
    expect(one).toEqual(two)
    const { score, threshold, bits, points } = one.passages[0]!
    expect(score).toBeGreaterThan(threshold)
    expect(bits).toBeGreaterThanOrEqual(score)
    expect(points.length).toBeLessThanOrEqual(400)
    expect(points.map(({ suspectMs }) => suspectMs)).toEqual(
      points.map(({ suspectMs }) => suspectMs).toSorted((a, b) => a - b),
    )
  })
})
