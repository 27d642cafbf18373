import { describe, expect, test } from 'vitest'

import {
  DURATION_MS_MAX,
  ENGINE_VERSION,
  REFERENCE_PEAKS_PER_SPAN,
  SPAN_FRAMES,
  SPAN_UNITS,
  SUSPECT_PEAKS_PER_SPAN,
  BIN_UNITS_PER_BAND,
  bandOfHz,
  framesToMs,
} from '../../services/audio/constants.ts'
import { decodeFingerprint, encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { createPeakListBuilder } from '../../services/audio/peak-list.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { extract, music } from '../support/audio.ts'

/** A fingerprint that no audio has: the same few peaks in every span, as many as it may hold, for so many hours. */
function monotonous(kind: Fingerprint['kind'], hours: number): Fingerprint {
  const perSpan = kind === 'reference' ? REFERENCE_PEAKS_PER_SPAN : SUSPECT_PEAKS_PER_SPAN
  const peaks = createPeakListBuilder()
  const spans = Math.floor((hours * 3_600_000) / framesToMs(SPAN_FRAMES))
  const low = Math.ceil(bandOfHz(120) * BIN_UNITS_PER_BAND)
  for (let span = 0; span < spans; span++) {
    for (let peak = 0; peak < perSpan; peak++)
      peaks.append(
        span * SPAN_UNITS + Math.floor((peak * SPAN_UNITS) / perSpan),
        low + (peak % 7) * 48,
        200,
        100,
      )
  }
  const built = peaks.build()
  const level = kind === 'reference' ? new Uint8Array(built.count) : built.level
  return { kind, engineVersion: ENGINE_VERSION, durationMs: hours * 3_600_000, peaks: { ...built, level } }
}

describe('fingerprints made to do harm', () => {
  test('are read, and half a million equal landmarks neither fill the index nor hold a search up', async () => {
    const reference = decodeFingerprint(encodeFingerprint(monotonous('reference', 23)))
    expect(reference.peaks.count).toBeGreaterThan(500_000)
    const index = createReferenceIndex()
    index.add('hostile', 'me', reference)
    index.add('music', 'me', extract(music(3, 60)).reference)
    // Equal landmarks beyond some dozens of each kind are left out.
    expect(index.stats('me').postings).toBeLessThan(20_000)
    const suspect = monotonous('suspect', 0.02)
    const startedAt = process.cpuUsage()
    const { passages } = await searchIndex(index, suspect, { owner: 'me' })
    expect(process.cpuUsage(startedAt).user / 1e6).toBeLessThan(60)
    expect(passages.every(({ referenceId }) => referenceId === 'hostile')).toBe(true)
  })

  test('do not keep others from being found', async () => {
    const index = createReferenceIndex()
    for (let copy = 0; copy < 20; copy++) index.add(`hostile-${copy}`, 'me', monotonous('reference', 0.1))
    const piece = music(3, 60)
    index.add('music', 'me', extract(piece).reference)
    const { passages } = await searchIndex(index, extract(piece.slice(100_000, 320_000)).suspect, {
      owner: 'me',
    })
    expect(passages[0]).toMatchObject({ referenceId: 'music', change: 'none' })
  })

  test('of a day are searched with progress and end when they are told to', async () => {
    const index = createReferenceIndex()
    index.add('music', 'me', extract(music(3, 60)).reference)
    const suspect = { ...monotonous('suspect', 1), durationMs: DURATION_MS_MAX }
    const stop = new AbortController()
    let told = 0
    const search = searchIndex(index, suspect, {
      owner: 'me',
      signal: stop.signal,
      onProgress: () => {
        told += 1
        if (told === 3) stop.abort(new Error('enough'))
      },
    })
    await expect(search).rejects.toThrow('enough')
    expect(told).toBeLessThan(4_000)
  })
})
