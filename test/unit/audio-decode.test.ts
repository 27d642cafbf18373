import { chmod, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { SAMPLE_RATE } from '../../services/audio/constants.ts'
import { cutExcerpt, decodeAudio, probeAudio } from '../../services/audio/decode/decode.ts'
import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import { decodeFingerprint, encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { ffmpegPath as foundFfmpeg, music, transcode, writeWav } from '../support/audio.ts'

/** The oldest ffmpeg that is supported, where npm has it, and whatever this machine has. */
const ffmpegs = new Map([['the one found', foundFfmpeg]])
try {
  const shipped = createRequire(import.meta.url).resolve(
    `@ffmpeg-installer/${process.platform}-${process.arch}/ffmpeg`,
  )
  await chmod(shipped, 0o755)
  ffmpegs.set('the one of 2018', shipped)
} catch {
  // Not made for this platform.
}

const SECONDS = 20
let folder: string
const at = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-decode-'))
  await writeWav(at('song.wav'), music(11, SECONDS))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each([...ffmpegs])('with %s', (_, ffmpegPath) => {
  const limits = { ffmpegPath, timeoutMs: 60_000, durationMaxMs: 600_000 }

  async function decode(path: string, more: Partial<Parameters<typeof decodeAudio>[1]> = {}) {
    let samples = 0
    let largest = 0
    const onPcm = (pcm: Float32Array) => {
      samples += pcm.length
      for (const sample of pcm) largest = Math.max(largest, Math.abs(sample))
    }
    return { ...(await decodeAudio(path, { ...limits, onPcm, ...more })), samples, largest }
  }
  const refusal = (type: string) => expect.objectContaining({ type }) as Error

  test.each([
    ['8 bits', 'wav', ['-c:a', 'pcm_u8']],
    ['six channels at 192 kHz', 'wav', ['-ac', '6', '-ar', '192000']],
    ['FLAC', 'flac', []],
    ['MP3', 'mp3', ['-b:a', '64k']],
    ['Vorbis', 'ogg', ['-c:a', 'libvorbis']],
    ['Opus', 'opus', ['-c:a', 'libopus', '-ar', '48000']],
    ['AAC in MP4', 'm4a', ['-c:a', 'aac']],
    ['an unknown name', 'nut.wav', []],
  ])('decodes %s', async (_, extension, args) => {
    const path = await transcode(at('song.wav'), at(`copy.${extension}`), ...args)
    const { durationMs, truncated, samples, largest } = await decode(path)
    expect(Math.abs(durationMs - 1000 * SECONDS)).toBeLessThan(150)
    expect(Math.round((samples * 1000) / SAMPLE_RATE)).toBe(durationMs)
    expect(truncated).toBe(false)
    expect(largest).toBeGreaterThan(0.1)
  })

  test('decodes the audio of a film, and tells what it is', async () => {
    const film = at('film.mp4')
    await transcode(
      at('song.wav'),
      film,
      '-f',
      'lavfi',
      '-i',
      'color=s=64x64:d=5:r=5',
      '-c:v',
      'mpeg4',
      '-c:a',
      'aac',
    )
    expect(await probeAudio(film, limits)).toMatchObject({ hasVideo: true, hasAudio: true, codec: 'aac' })
    expect((await decode(film)).durationMs).toBeGreaterThan(19_000)
  })

  test('tells of a file without video what it is', async () => {
    expect(await probeAudio(at('song.wav'), limits)).toEqual({
      format: 'wav',
      durationMs: 1000 * SECONDS,
      bitRate: 176_000,
      hasAudio: true,
      hasVideo: false,
      codec: 'pcm_s16le',
      sampleRate: SAMPLE_RATE,
      channels: 1,
    })
  })

  test('takes what there is of a truncated Ogg', async () => {
    const path = await transcode(at('song.wav'), at('cut.ogg'), '-c:a', 'libvorbis')
    await truncate(path, Math.floor((await stat(path)).size * 0.6))
    const { durationMs } = await decode(path)
    expect(durationMs).toBeGreaterThan(8_000)
    expect(durationMs).toBeLessThan(14_000)
  })

  test('says when a file is damaged', async () => {
    const path = await transcode(at('song.wav'), at('damaged.flac'))
    const file = await open(path, 'r+')
    await file.write(Buffer.alloc(3_000, 0x55), 0, 3_000, 40_000)
    await file.close()
    expect(await decode(path)).toMatchObject({ truncated: true })
  })

  test('refuses what is no audio', async () => {
    await writeFile(at('empty.mp3'), '')
    await writeFile(at('text.mp3'), 'These are no songs but words.\n'.repeat(40))
    await writeFile(
      at('noise.bin'),
      Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * index) % 251)),
    )
    await expect(decode(at('empty.mp3'))).rejects.toThrow(refusal('file/empty'))
    await expect(decode(at('text.mp3'))).rejects.toThrow(refusal('audio/undecodable'))
    await expect(decode(at('noise.bin'))).rejects.toThrow(refusal('audio/undecodable'))
    await expect(probeAudio(at('text.mp3'), limits)).rejects.toThrow(refusal('audio/undecodable'))
    const message = await decode(at('text.mp3')).catch((error: Error) => error.message)
    expect(message).not.toContain(folder)
  })

  test.each([
    [
      'a playlist',
      'list.m3u8',
      (song: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\n${song}\n#EXT-X-ENDLIST\n`,
    ],
    ['a concatenation', 'list.ffconcat', (song: string) => `ffconcat version 1.0\nfile '${song}'\n`],
  ])('does not follow %s to another file', async (_, name, text) => {
    await writeFile(at(name), text(at('song.wav')))
    await expect(decode(at(name))).rejects.toThrow(refusal('audio/undecodable'))
  })

  test('stops at every limit', async () => {
    await expect(decode(at('song.wav'), { durationMaxMs: 5_000 })).rejects.toThrow(refusal('audio/too-long'))
    await expect(decode(at('song.wav'), { timeoutMs: 1 })).rejects.toThrow(refusal('audio/decoder-limit'))
    const controller = new AbortController()
    const onPcm = () => controller.abort(new Error('enough'))
    await expect(decode(at('song.wav'), { signal: controller.signal, onPcm })).rejects.toThrow('enough')
    await expect(decode(at('song.wav'), { ffmpegPath: '/nowhere/ffmpeg' })).rejects.toThrow(
      refusal('audio/decoder-missing'),
    )
  })

  test('cuts an excerpt to listen to', async () => {
    await cutExcerpt(at('song.wav'), 5_000, 9_000, at('excerpt.mp3'), limits)
    expect(await probeAudio(at('excerpt.mp3'), limits)).toMatchObject({
      format: 'mp3',
      codec: 'mp3',
      channels: 1,
    })
    expect(Math.abs((await decode(at('excerpt.mp3'))).durationMs - 4_000)).toBeLessThan(150)
    await expect(cutExcerpt(at('text.mp3'), 0, 1_000, at('none.mp3'), limits)).rejects.toThrow()
    await expect(readFile(at('none.mp3'))).rejects.toThrow('ENOENT')
    await expect(cutExcerpt(at('song.wav'), 9, 9, at('none.mp3'), limits)).rejects.toThrow(RangeError)
  })
})

describe('a pool', () => {
  test('gives what the same thread would give, with its progress, and leaves the event loop free', async () => {
    const long = at('long.wav')
    await writeWav(long, music(12, 240))
    const pool = createFingerprintPool({ threads: 2, ffmpegPath: foundFfmpeg })
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const shares: number[] = []
    const [one, two] = await Promise.all([
      pool.fingerprint(at('song.wav')),
      pool.fingerprint(long, { onProgress: (share) => shares.push(share) }),
    ])
    clearInterval(timer)
    await pool.close()
    const here = await fingerprintFile(at('song.wav'), { ffmpegPath: foundFfmpeg })
    expect(one.reference).toEqual(encodeFingerprint(here.reference))
    expect(one.suspect).toEqual(encodeFingerprint(here.suspect))
    expect(one).toMatchObject({ durationMs: 1000 * SECONDS, truncated: false })
    expect(decodeFingerprint(two.suspect)).toMatchObject({ kind: 'suspect', durationMs: 240_000 })
    expect(turns).toBeGreaterThan(20)
    expect(shares.every((share) => share > 0 && share <= 1)).toBe(true)
  })

  test('passes problems on, can be told to stop, and goes on afterwards', async () => {
    const pool = createFingerprintPool({ threads: 1, ffmpegPath: foundFfmpeg })
    await writeFile(at('words.mp3'), 'no music')
    const failing = pool.fingerprint(at('words.mp3'))
    const stopped = pool.fingerprint(at('song.wav'), { signal: AbortSignal.timeout(1) })
    const waiting = pool.fingerprint(at('song.wav'))
    const outcomes = await Promise.allSettled([failing, stopped, waiting])
    expect(outcomes).toMatchObject([
      { reason: { name: 'Problem', type: 'audio/undecodable' } },
      { reason: { name: 'TimeoutError' } },
      { value: { durationMs: 1000 * SECONDS } },
    ])
    const late = pool.fingerprint(at('song.wav'))
    const [outcome] = await Promise.allSettled([late, pool.close()])
    expect(outcome.status).toBe('rejected')
    await expect(pool.fingerprint(at('song.wav'))).rejects.toThrow('closed')
  })
})
