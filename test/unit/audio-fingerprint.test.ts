import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { crc32 } from '../../services/audio/fingerprint/crc32.ts'
import {
  decodeFingerprint,
  encodeFingerprint,
  fingerprintFromText,
  fingerprintToText,
} from '../../services/audio/fingerprint/fingerprint.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { landmarksOf } from '../../services/audio/index/landmarks.ts'
import { createPeakListBuilder, thinPeaks } from '../../services/audio/peak-list.ts'
import { Problem } from '../../services/core/problem.ts'
import { extract, music } from '../support/audio.ts'

const { reference, suspect } = extract(music(2, 12))

type Row = readonly [time: number, bin: number, radius: number, level: number]

function fingerprintOf(kind: Fingerprint['kind'], durationMs: number, rows: readonly Row[]): Fingerprint {
  const peaks = createPeakListBuilder()
  for (const row of rows) peaks.append(...row)
  return { kind, engineVersion: ENGINE_VERSION, durationMs, peaks: peaks.build() }
}

/** Replaces bytes and puts the checksum right again, as an attacker would. */
function forged(bytes: Uint8Array, change: (bytes: Uint8Array, view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const view = new DataView(copy.buffer)
  change(copy, view)
  view.setUint32(copy.length - 4, crc32(copy.subarray(0, -4)), true)
  return copy
}

const refused = (bytes: Uint8Array, type = 'fingerprint/malformed') =>
  expect(() => decodeFingerprint(bytes)).toThrow(expect.objectContaining({ type }))

describe('a fingerprint', () => {
  test('comes back from its bytes and from its text as it was', () => {
    for (const fingerprint of [reference, suspect]) {
      expect(decodeFingerprint(encodeFingerprint(fingerprint))).toEqual(fingerprint)
      expect(fingerprintFromText(fingerprintToText(fingerprint))).toEqual(fingerprint)
    }
  })

  test('comes back whatever its peaks', () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 80_000 }),
      fc.integer({ min: 0, max: 3_744 }),
      fc.nat(248),
      fc.nat(255),
    )
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 70 }), (rows) => {
        const distinct = [...new Map(rows.map((row) => [`${row[0]}/${row[1]}`, row])).values()]
        distinct.sort((a, b) => a[0] - b[0] || a[1] - b[1])
        const fingerprint = fingerprintOf('suspect', 120_000, distinct)
        expect(decodeFingerprint(encodeFingerprint(fingerprint))).toEqual(fingerprint)
      }),
    )
  })

  test('is small: below 35 bytes a second for a reference', () => {
    expect(encodeFingerprint(reference).length).toBeLessThan(35 * 12)
  })

  test('gives the same landmarks wherever they are made', () => {
    expect(landmarksOf(decodeFingerprint(encodeFingerprint(reference)).peaks)).toEqual(
      landmarksOf(reference.peaks),
    )
  })

  test('is refused with any byte changed or missing', () => {
    const bytes = encodeFingerprint(reference)
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = damaged[at]! ^ 0x10
      expect(() => decodeFingerprint(damaged)).toThrow(Problem)
      refused(bytes.subarray(0, at))
    }
  })

  test('is refused when it is of another version', () => {
    refused(
      forged(encodeFingerprint(reference), (bytes) => (bytes[4] = ENGINE_VERSION + 1)),
      'fingerprint/version',
    )
  })

  test('is refused when it is a million equal landmarks', () => {
    const rows = Array.from({ length: 200_000 }, (_, index): Row => [index % 3, 900, 248, 0])
    refused(encodeFingerprint(fingerprintOf('reference', 60_000, rows)))
    const spread = Array.from({ length: 1_000_000 }, (_, index): Row => [index, 900, 248, 0])
    refused(encodeFingerprint(fingerprintOf('reference', 86_400_000, spread)))
  })

  test.each([
    ['a duration of two days', (_: Uint8Array, view: DataView) => view.setUint32(8, 172_800_000, true)],
    ['a duration shorter than its peaks', (_: Uint8Array, view: DataView) => view.setUint32(8, 3_000, true)],
    ['no duration', (_: Uint8Array, view: DataView) => view.setUint32(8, 0, true)],
    ['more peaks than bytes', (_: Uint8Array, view: DataView) => view.setUint32(12, 2 ** 32 - 1, true)],
    [
      'one peak more',
      (_: Uint8Array, view: DataView) => view.setUint32(12, view.getUint32(12, true) + 1, true),
    ],
    [
      'one peak less',
      (_: Uint8Array, view: DataView) => view.setUint32(12, view.getUint32(12, true) - 1, true),
    ],
    ['an unknown kind', (bytes: Uint8Array) => (bytes[5] = 2)],
    ['the other kind', (bytes: Uint8Array) => (bytes[5] = 1)],
    ['another beginning', (bytes: Uint8Array) => (bytes[0] = 0)],
    ['something in the reserved bytes', (bytes: Uint8Array) => (bytes[6] = 1)],
  ])('is refused when it has %s', (_, change) => {
    refused(forged(encodeFingerprint(reference), change))
  })

  test.each([
    ['a bin beyond the highest', [[10, 3_745, 9, 0]]],
    ['a radius beyond the largest', [[10, 900, 249, 0]]],
    [
      'two equal peaks',
      [
        [10, 900, 9, 0],
        [10, 900, 9, 0],
      ],
    ],
    [
      'peaks of one time out of order',
      [
        [10, 900, 9, 0],
        [10, 800, 9, 0],
      ],
    ],
    ['no peaks', []],
  ] satisfies [string, Row[]][])('is refused when it has %s', (_, rows) => {
    refused(encodeFingerprint(fingerprintOf('suspect', 60_000, rows)))
  })

  test('is refused when a reference has a peak outside its range', () => {
    refused(encodeFingerprint(fingerprintOf('reference', 60_000, [[10, 3_700, 9, 0]])))
  })

  test('is refused or read, but never anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (random, at) => {
        const bytes = forged(encodeFingerprint(suspect), (bytes) =>
          bytes.set(random.subarray(0, bytes.length - 4 - at), at),
        )
        try {
          expect(encodeFingerprint(decodeFingerprint(bytes))).toEqual(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Problem)
        }
      }),
    )
  })

  test.each(['', 'EWFP', 'a b c d', '====', 'ÄÖÜß'])('is not made from the text %j', (text) => {
    expect(() => fingerprintFromText(text)).toThrow(Problem)
  })
})

describe('thinning', () => {
  test('keeps the most important of each span and is its own fixed point', () => {
    const half = thinPeaks(suspect.peaks, 20)
    expect(half.count).toBeGreaterThan(0.2 * suspect.peaks.count)
    expect(half.count).toBeLessThan(0.6 * suspect.peaks.count)
    expect(thinPeaks(half, 20)).toEqual(half)
    const weakestKept = Math.min(...thinPeaks(suspect.peaks, 1).radius)
    expect(weakestKept).toBeGreaterThan(Math.min(...suspect.peaks.radius))
  })
})
