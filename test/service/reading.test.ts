import { readFile } from 'node:fs/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { fingerprintParts } from '../../services/reading/fingerprint-parts.ts'
import type { Stretch } from '../../services/reading/layouts/layout.ts'
import { lookFor } from '../../services/reading/layouts/look.ts'
import { readAddress } from '../../services/reading/read-address.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../../services/submissions/file-kind.ts'
import { bytesRead, heardOf } from '../../services/submissions/parts-read.ts'
import { randomOf } from '../support/audio.ts'
import { problem } from '../support/fetching.ts'
import { type Reading, SECONDS, formats, openReading, unhelpful } from '../support/reading.ts'

const { signal } = new AbortController()

let reading: Reading
beforeAll(async () => {
  reading = await openReading(Object.keys(formats))
  for (const [name, how] of Object.entries(unhelpful)) {
    reading.files.set(`${name}.mp3`, fileOf('cbr.mp3'))
    reading.answering.set(`${name}.mp3`, how)
  }
}, 180_000)
afterAll(() => reading.close())

/** What the host offers under a name. */
const fileOf = (name: string): Buffer => reading.files.get(name)!

const read = (name: string, whole = false) => readAddress(reading.tools, reading.url(name), { whole, signal })

describe.each(Object.entries(formats))('%s', (name, { exact }) => {
  test('is recognised by its parts, and each lies where it says', async () => {
    const { read: parts, sha256, bytes, capture, detected } = await read(name)
    if (!parts) throw new Error('all of it was read')
    const size = fileOf(name).length
    expect(parts.totalBytes).toBe(size)
    expect(Math.abs((parts.durationMs ?? 0) - SECONDS * 1000)).toBeLessThan(exact ? 60 : 2_500)
    expect(detected.kind).toBe('audio')
    expect(bytes).toBe(bytesRead(parts))
    expect(bytes / size).toBeLessThan(0.3)
    const stored = await readFile((await reading.blobs.path(sha256))!)
    const pieces = parts.parts.map(({ from, to }) => fileOf(name).subarray(from, to + 1))
    expect(stored.equals(Buffer.concat(pieces))).toBe(true)
    expect(capture).toMatchObject({ status: 200, sha256, bytes, bodyHeld: false, read: { totalBytes: size } })
    expect(capture.read?.answers.length).toBeGreaterThanOrEqual(2)

    const made = await fingerprintParts(reading.pool, (await reading.blobs.path(sha256))!, parts, { signal })
    const { passages } = await searchIndex(reading.index, decodeFingerprint(made!.suspect), { owner: 'us' })
    for (const { fromMs, toMs } of heardOf(parts)) {
      const there = passages.find((each) => each.suspectFromMs < toMs && each.suspectToMs > fromMs)
      expect(there?.referenceId, `from ${fromMs} to ${toMs} ms`).toBe('piece')
      expect(Math.abs(there!.referenceFromMs - there!.suspectFromMs)).toBeLessThan(exact ? 120 : 1_500)
    }
    expect(heardOf(parts)).toHaveLength(3)
  })
})

describe('reading', () => {
  test('of everything is done when that is wanted, and is one request', async () => {
    const before = reading.requests.length
    const all = await read('cbr.mp3', true)
    expect(all).toMatchObject({ read: null, bytes: fileOf('cbr.mp3').length, capture: { read: null } })
    expect(reading.requests.slice(before)).toEqual([{ path: 'cbr.mp3', range: undefined }])
  })

  test.each(Object.keys(unhelpful))('a host that %s is read whole', async (name) => {
    const all = await read(`${name}.mp3`)
    expect(all).toMatchObject({ read: null, bytes: fileOf('cbr.mp3').length })
  })

  test('what is sent whole instead of a part is not asked for again', async () => {
    const before = reading.requests.length
    await read('says it gives parts and does not.mp3')
    expect(reading.requests.length - before).toBe(2)
  })

  test('asks for the same places on one day, and for others at another address', async () => {
    const places = async (name: string) => (await read(name)).read?.parts.map(({ from }) => from)
    reading.files.set('copy.mp3', fileOf('cbr.mp3'))
    expect(await places('cbr.mp3')).toEqual(await places('cbr.mp3'))
    expect(await places('copy.mp3')).not.toEqual(await places('cbr.mp3'))
  })

  test('keeps pages as evidence, with all that was asked and answered', async () => {
    reading.files.set('page.html', Buffer.from('<!doctype html><title>Sample</title><p>Nothing here'))
    const page = await read('page.html')
    expect(page).toMatchObject({ detected: { kind: 'html' }, read: null })
    expect(page.capture).toMatchObject({
      bodyHeld: true,
      request: { method: 'GET', target: '/page.html', headers: { 'user-agent': 'Earwitness test' } },
      names: { '127.0.0.1': ['127.0.0.1'] },
    })
    expect(page.capture.clockOffsetMs).toBeTypeOf('number')
    expect(page.capture).not.toHaveProperty('pictureSha256')
  })

  test('of what is not there fails as a fetch does', async () => {
    await expect(read('absent')).rejects.toEqual(problem('fetch/refused'))
  })

  test('ends with the reason of an abort', async () => {
    const reason = new Error('stop')
    const aborted = readAddress(reading.tools, reading.url('cbr.mp3'), {
      whole: false,
      signal: AbortSignal.abort(reason),
    })
    await expect(aborted).rejects.toBe(reason)
  })
})

describe('a file that somebody spoiled', () => {
  /** Looks and cuts as reading does, with the bytes that are asked for. */
  function handle(file: Buffer): void {
    const look = lookFor(detectFileKind(file.subarray(0, FILE_HEAD_BYTES)).format)
    if (!look) return
    const stretches: Stretch[] = [{ from: 0, bytes: file.subarray(0, FILE_HEAD_BYTES) }]
    for (let looks = 0; looks < 24; looks++) {
      const seen = look(stretches, file.length)
      if (!seen) return
      if ('layout' in seen) {
        const { layout } = seen
        for (const ms of [0, layout.durationMs / 3, layout.durationMs])
          for (const stretch of [
            stretches[0]!,
            { from: layout.byteAt(ms), bytes: file.subarray(layout.byteAt(ms)) },
          ])
            layout.cut(stretch)
        return
      }
      const { needs } = seen
      if ('beginning' in needs) stretches[0] = { from: 0, bytes: file.subarray(0, needs.beginning) }
      else stretches.push({ from: needs.from, bytes: file.subarray(needs.from, needs.to + 1) })
    }
  }

  test.each(Object.keys(formats))('as %s is looked at without harm', (name) => {
    const random = randomOf(7)
    // A second of it: what spoils a minute spoils that; of MP4 the whole, as its contents may be at the end.
    const whole = fileOf(name)
    const file = name.endsWith('m4a') ? whole : whole.subarray(0, 200_000)
    const places = name === 'last.m4a' ? file.lastIndexOf('moov') : 0
    for (let round = 0; round < 200; round++) {
      const spoiled = Buffer.from(
        file.subarray(0, round % 10 === 0 ? Math.floor(file.length * random()) : file.length),
      )
      for (let hit = 0; hit < 1 + 8 * random(); hit++) {
        const at = places + Math.floor(random() * 4_000)
        if (at < spoiled.length) spoiled[at] = random() < 0.5 ? 255 : Math.floor(256 * random())
      }
      expect(() => handle(spoiled)).not.toThrow()
    }
  })
})
