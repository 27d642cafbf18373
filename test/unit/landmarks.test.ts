import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { BIN_UNITS_PER_BAND, TIME_UNITS_PER_FRAME } from '../../services/audio/constants.ts'
import {
  INTERVAL_BANDS_MAX,
  LENGTH_BITS,
  LENGTH_FRAMES_MAX,
  LENGTH_FRAMES_MIN,
  RATIO_STEPS,
  SECOND_FRAMES_MIN,
  THIRD_AFTER_SECOND_FRAMES_MIN,
  bucketOf,
  landmarksOf,
  lengthInBands,
} from '../../services/audio/index/landmarks.ts'
import { type PeakList, createPeakListBuilder } from '../../services/audio/peak-list.ts'
import { extract, music } from '../support/audio.ts'

/** Landmarks as they are defined, in frames and bands, without a thought for time. */
function plainLandmarks({ count, time, bin, radius }: PeakList) {
  const frames = (from: number, to: number) => (time[to]! - time[from]!) / TIME_UNITS_PER_FRAME
  const bands = (from: number, to: number) => (bin[to]! - bin[from]!) / BIN_UNITS_PER_BAND
  const landmarks: { bucket: number; order: number; frame: number }[] = []
  for (let anchor = 0; anchor < count; anchor++) {
    const partners: number[] = []
    for (let other = anchor + 1; other < count; other++) {
      const after = frames(anchor, other)
      const isNear = after >= SECOND_FRAMES_MIN && after <= LENGTH_FRAMES_MAX
      if (isNear && Math.abs(bands(anchor, other)) <= INTERVAL_BANDS_MAX) partners.push(other)
    }
    let best: { second: number; third: number; score: number } | undefined
    for (const second of partners) {
      for (const third of partners) {
        if (third <= second || frames(second, third) < THIRD_AFTER_SECOND_FRAMES_MIN) continue
        if (frames(anchor, third) < LENGTH_FRAMES_MIN) continue
        const [a, b] = [radius[second]!, radius[third]!]
        const score = 100 * Math.min(a, b) + a + b
        if (!best || score > best.score) best = { second, third, score }
      }
    }
    if (!best) continue
    const length = Math.round(lengthInBands(frames(anchor, best.third)))
    const ratio = Math.floor((RATIO_STEPS * frames(anchor, best.second)) / frames(anchor, best.third))
    landmarks.push({
      bucket: bucketOf(
        Math.round(bands(anchor, best.second)),
        Math.round(bands(anchor, best.third)),
        Math.min(RATIO_STEPS - 1, ratio),
      ),
      order: ((Math.round(bin[anchor]! / BIN_UNITS_PER_BAND) + length) << LENGTH_BITS) | length,
      frame: Math.round(time[anchor]! / TIME_UNITS_PER_FRAME),
    })
  }
  return landmarks
}

function landmarksAsRows(peaks: PeakList) {
  const { count, bucket, order, frame } = landmarksOf(peaks)
  return Array.from({ length: count }, (_, index) => ({
    bucket: bucket[index]!,
    order: order[index]!,
    frame: frame[index]!,
  }))
}

test('the landmarks of music, sparse and dense, are those of the plain definition', () => {
  const { reference, suspect } = extract(music(11, 12))
  for (const { peaks } of [reference, suspect]) {
    const expected = plainLandmarks(peaks)
    expect(expected.length).toBeGreaterThan(40)
    expect(landmarksAsRows(peaks)).toEqual(expected)
  }
})

test('the landmarks of any peaks are those of the plain definition', () => {
  const Peak = fc.record({
    after: fc.oneof(fc.nat(8), fc.nat(300), fc.constantFrom(16, 47, 48, 143, 144, 720, 721)),
    bin: fc.nat(234 * BIN_UNITS_PER_BAND),
    radius: fc.oneof(fc.nat(3), fc.nat(248)),
  })
  fc.assert(
    fc.property(fc.array(Peak, { maxLength: 120 }), (list) => {
      const peaks = createPeakListBuilder()
      let time = 0
      for (const { after, bin, radius } of list) peaks.append((time += after), bin, radius, 0)
      expect(landmarksAsRows(peaks.build())).toEqual(plainLandmarks(peaks.build()))
    }),
    { numRuns: 200 },
  )
})
