import { describe, expect, test } from 'vitest'

import { SAMPLE_RATE, SPAN_UNITS } from '../../services/audio/constants.ts'
import { createExtractor } from '../../services/audio/extract/extract.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { joined, extract, music, noise, randomOf, stretch, tone } from '../support/audio.ts'

const bytesOf = (pcm: Float32Array) => {
  const { reference, suspect } = extract(pcm)
  return [encodeFingerprint(reference), encodeFingerprint(suspect)]
}

describe('an extractor', () => {
  const piece = music(1, 25)

  test('gives the same to the byte, however the audio is cut', () => {
    const whole = bytesOf(piece)
    for (const size of [1_000, 65_536, 49_153]) {
      const extractor = createExtractor()
      for (let at = 0; at < piece.length; at += size) extractor.push(piece.subarray(at, at + size))
      const { reference, suspect, loudness } = extractor.finish()
      expect([encodeFingerprint(reference), encodeFingerprint(suspect)]).toEqual(whole)
      expect(loudness).toEqual(extract(piece).loudness)
    }
    const random = randomOf(5)
    const extractor = createExtractor()
    for (let at = 0; at < piece.length;) {
      const size = Math.floor(3 * random() ** 8 * SAMPLE_RATE)
      extractor.push(piece.subarray(at, at + size))
      at += size
    }
    expect(encodeFingerprint(extractor.finish().suspect)).toEqual(whole[1])
  })

  test('keeps at most 14 and 80 peaks in two seconds, in order, and close to that in music', () => {
    const { reference, suspect } = extract(piece)
    for (const [{ peaks }, most] of [
      [reference, 14],
      [suspect, 80],
    ] as const) {
      const perSpan = new Map<number, number>()
      for (const [index, time] of peaks.time.entries()) {
        const span = Math.floor(time / SPAN_UNITS)
        perSpan.set(span, (perSpan.get(span) ?? 0) + 1)
        if (index > 0) expect(time).toBeGreaterThanOrEqual(peaks.time[index - 1]!)
      }
      expect(Math.max(...perSpan.values())).toBeLessThanOrEqual(most)
      expect(Math.max(...perSpan.values())).toBeGreaterThan(0.6 * most)
    }
    expect(reference.peaks.count / 25).toBeGreaterThan(6)
  })

  test('finds most peaks at the same place when the music is 20 dB quieter', () => {
    const [loud, quiet] = [extract(piece).reference.peaks, extract(piece.map((x) => x / 10)).reference.peaks]
    const places = new Set(Array.from(quiet.time, (time, index) => `${time}/${quiet.bin[index]}`))
    const same = Array.from(loud.time).filter((time, index) => places.has(`${time}/${loud.bin[index]}`))
    expect(same.length / loud.count).toBeGreaterThan(0.9)
  })

  test('tells how loud it is', () => {
    const { loudness } = extract(joined(piece, noise(3, 1, 0.999)))
    expect(loudness.peakDbfs).toBeGreaterThan(-0.1)
    expect(loudness.meanDbfs).toBeLessThan(-5)
    expect(loudness.meanDbfs).toBeGreaterThan(-40)
  })

  test('takes what is no number for silence and what is too large for a limit', () => {
    const damaged = Float32Array.from(piece)
    damaged.set([Number.NaN, Infinity, -Infinity, 1e30], 20_000)
    const { suspect } = extract(damaged)
    expect(suspect.peaks.count).toBeGreaterThan(400)
    const repaired = Float32Array.from(piece)
    repaired.set([0, 0, 0, 4], 20_000)
    expect(encodeFingerprint(suspect)).toEqual(encodeFingerprint(extract(repaired).suspect))
  })

  test.each([
    ['silence', new Float32Array(5 * SAMPLE_RATE)],
    ['a constant', new Float32Array(5 * SAMPLE_RATE).fill(0.4)],
    ['16-bit rounding noise', noise(4, 5, 1 / 65_536)],
    ['a tone', tone(440, 5)],
    ['only NaN', new Float32Array(5 * SAMPLE_RATE).fill(Number.NaN)],
  ])('finds nothing to go by in %s', (_, pcm) => {
    expect(() => extract(pcm)).toThrow(expect.objectContaining({ type: 'audio/indistinct' }))
  })

  test('needs a second of audio, and is content with it', () => {
    expect(() => extract(new Float32Array(0))).toThrow(expect.objectContaining({ type: 'audio/too-short' }))
    expect(() => extract(stretch(piece, 3, 3.99))).toThrow(
      expect.objectContaining({ type: 'audio/too-short' }),
    )
    expect(extract(stretch(piece, 3, 5)).reference.durationMs).toBe(2000)
  })
})
