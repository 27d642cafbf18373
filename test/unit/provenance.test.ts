import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { audioHashOf } from '../../services/provenance/audio-hash.ts'
import type { FileFacts } from '../../services/provenance/clue.ts'
import { streamingDumpClues } from '../../services/provenance/streaming-dump.ts'
import { music, transcode, writeWav } from '../support/audio.ts'
import { mutate } from '../support/mutate.ts'

let folder: string
let wav: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-provenance-'))
  wav = join(folder, 'piece.wav')
  await writeWav(wav, music(7, 6), 44_100)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Other names and a comment of 70,000 characters, which moves every page border behind it. */
const otherTags = ['-metadata', 'title=Another', '-metadata', `comment=${'x'.repeat(70_000)}`]

describe('the hash of the audio alone', () => {
  test.for([
    ['ogg-vorbis', 'ogg', ['-c:a', 'libvorbis', '-b:a', '96k']],
    ['ogg-opus', 'opus', ['-c:a', 'libopus', '-b:a', '75k']],
    ['ogg-flac', 'oga', ['-c:a', 'flac']],
    ['mp3', 'mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']],
    ['flac', 'flac', []],
    ['m4a', 'm4a', ['-c:a', 'aac']],
    ['wav', 'wav', []],
  ] as const)('of %s stays when the file is tagged anew', async ([format, ending, codec]) => {
    const made = await transcode(wav, join(folder, `a.${ending}`), ...codec)
    const tagged = await transcode(made, join(folder, `b.${ending}`), '-c', 'copy', ...otherTags)
    const hash = await audioHashOf(made, format)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect((await readFile(made)).equals(await readFile(tagged))).toBe(false)
    expect(await audioHashOf(tagged, format)).toBe(hash)

    const other = join(folder, 'other.wav')
    await writeWav(other, music(8, 6), 44_100)
    expect(await audioHashOf(await transcode(other, join(folder, `c.${ending}`), ...codec), format)).not.toBe(
      hash,
    )
  })

  test('of formats that are not known, and of files that are none, is not there', async () => {
    const nothing = join(folder, 'nothing')
    for (const bytes of ['', 'OggS', 'x'.repeat(100_000), 'OggS'.repeat(50_000)]) {
      await writeFile(nothing, bytes)
      expect(await audioHashOf(nothing, 'ogg-vorbis')).toBeUndefined()
      expect(await audioHashOf(nothing, 'webm')).toBeUndefined()
    }
  })

  test('of damaged files ends', async () => {
    const made = await transcode(wav, join(folder, 'd.m4a'), '-c:a', 'aac')
    const path = join(folder, 'damaged')
    const bytes = await readFile(made)
    for (let seed = 1; seed <= 60; seed++) {
      await writeFile(path, mutate(bytes, seed))
      for (const format of ['m4a', 'wav', 'flac', 'mp3', 'ogg-opus'])
        expect((await audioHashOf(path, format)) ?? '0'.repeat(64)).toHaveLength(64)
    }
  })
})

describe('clues of the streaming dump', () => {
  const facts = (more: Partial<FileFacts> & { tag?: Record<string, string> } = {}): FileFacts => ({
    format: 'ogg-vorbis',
    bitRate: 160_000,
    names: ['song.ogg'],
    tags: new Map(Object.entries(more.tag ?? {}).map(([name, value]) => [name, [value]])),
    ...more,
  })
  const kinds = (given: FileFacts) => streamingDumpClues(given).map(({ kind }) => kind)

  test('are its codings, tags and names', () => {
    expect(kinds(facts())).toEqual(['codec'])
    expect(kinds(facts({ format: 'ogg-opus', bitRate: 74_000 }))).toEqual(['codec'])
    const gain = { REPLAYGAIN_ALBUM_PEAK: '-7.50', REPLAYGAIN_ALBUM_GAIN: '-7.50 dB' }
    expect(kinds(facts({ tag: gain }))).toEqual(['codec', 'tags'])
    expect(kinds(facts({ tag: { ISRC: 'AA6Q72000047', UPC: '4006381333931' } }))).toEqual([
      'codec',
      'identifiers',
    ])
    expect(kinds(facts({ names: ['x.zip', 'track-popularity-12/S/Sa/The Samples/01 a.ogg'] }))).toEqual([
      'codec',
      'name',
    ])
    expect(kinds(facts({ names: ['0123456789ABCDEFabcdef.ogg'] }))).toEqual(['codec', 'name'])
  })

  test('are none where only the coding speaks, and it speaks against it', () => {
    expect(streamingDumpClues(facts({ format: 'mp3', bitRate: 320_000 }))).toEqual([])
    expect(streamingDumpClues(facts({ bitRate: 320_000 }))).toEqual([])
    expect(streamingDumpClues(facts({ bitRate: undefined }))).toEqual([])
  })

  test('of a file that was encoded again say so', () => {
    const tag = { REPLAYGAIN_ALBUM_PEAK: '-7.5', REPLAYGAIN_ALBUM_GAIN: '-7.5 dB' }
    const [coding, gain] = streamingDumpClues(facts({ format: 'mp3', tag }))
    expect(coding?.likelihoodRatio).toBeLessThan(1)
    expect(gain?.likelihoodRatio).toBeGreaterThan(100)
  })

  test('do not take an honest album gain for the fault', () => {
    const tag = { REPLAYGAIN_ALBUM_PEAK: '0.988', REPLAYGAIN_ALBUM_GAIN: '-7.50 dB' }
    expect(kinds(facts({ tag }))).toEqual(['codec'])
  })
})
