import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import type { FoundStream } from '../../services/openers/opener.ts'
import { fingerprintParts } from '../../services/reading/fingerprint-parts.ts'
import { readStream } from '../../services/reading/read-stream.ts'
import { heardOf } from '../../services/submissions/parts-read.ts'
import { transcode } from '../support/audio.ts'
import { type Reading, SECONDS, honest, openReading, unhelpful } from '../support/reading.ts'

const { signal } = new AbortController()

let reading: Reading
beforeAll(async () => {
  reading = await openReading(['last.m4a'])
}, 60_000)
afterAll(() => reading.close())

describe('a stream', () => {
  let stream: FoundStream
  beforeAll(async () => {
    const source = join(reading.folder, 'last.m4a')
    await transcode(
      source,
      join(reading.folder, 'list.m3u8'),
      '-c',
      'copy',
      '-f',
      'hls',
      '-hls_time',
      '4',
      '-hls_list_size',
      '0',
      '-hls_segment_type',
      'fmp4',
      '-hls_fmp4_init_filename',
      'init.mp4',
    )
    const list = await readFile(join(reading.folder, 'list.m3u8'), 'utf8')
    const segments = [...list.matchAll(/#EXTINF:([\d.]+),\n(\S+)/g)].map(([, seconds, name]) => ({
      name: name!,
      durationMs: Number(seconds) * 1000,
    }))
    for (const name of ['init.mp4', ...segments.map((each) => each.name)])
      reading.files.set(name, await readFile(join(reading.folder, name)))
    stream = {
      kind: 'stream',
      name: 'sample',
      init: { url: reading.url('init.mp4') },
      segments: segments.map(({ name, durationMs }) => ({ url: reading.url(name), durationMs })),
    }
  })

  test('is read in parts and recognised by them', async () => {
    const before = reading.requests.length
    const { read: parts, sha256, capture } = await readStream(reading.tools, stream, { whole: false, signal })
    if (!parts) throw new Error('all of it was read')
    expect(reading.requests.length - before).toBeLessThan(stream.segments.length / 2)
    expect(capture.read?.answers).toHaveLength(reading.requests.length - before - 1)
    const made = await fingerprintParts(reading.pool, (await reading.blobs.path(sha256))!, parts, { signal })
    const { passages } = await searchIndex(reading.index, decodeFingerprint(made!.suspect), { owner: 'us' })
    for (const { fromMs, toMs } of heardOf(parts)) {
      const there = passages.find((each) => each.suspectFromMs < toMs && each.suspectToMs > fromMs)
      expect(Math.abs((there?.referenceFromMs ?? NaN) - there!.suspectFromMs)).toBeLessThan(500)
    }
  })

  test('is read whole as one file', async () => {
    const { read: parts, sha256 } = await readStream(reading.tools, stream, { whole: true, signal })
    expect(parts).toBeNull()
    const { durationMs } = await reading.pool.fingerprint((await reading.blobs.path(sha256))!)
    expect(Math.abs(durationMs - SECONDS * 1000)).toBeLessThan(500)
  })

  test('in one file is cut out of it, also when the host sends all of it', async () => {
    reading.files.set('one.bin', Buffer.from('init-first-second-'))
    const url = reading.url('one.bin')
    const inOne: FoundStream = {
      kind: 'stream',
      name: 'sample',
      segments: [
        { url, range: { from: 5, to: 9 }, durationMs: 1000 },
        { url, range: { from: 11, to: 16 }, durationMs: 1000 },
      ],
    }
    for (const how of [honest, unhelpful['gives no parts']!]) {
      reading.answering.set('one.bin', how)
      const { sha256 } = await readStream(reading.tools, inOne, { whole: true, signal })
      expect(await readFile((await reading.blobs.path(sha256))!, 'utf8')).toBe('firstsecond')
    }
  })
})
