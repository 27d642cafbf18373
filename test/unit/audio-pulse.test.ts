import { describe, expect, test } from 'vitest'

import { FRAMES_PER_SECOND } from '../../services/audio/constants.ts'
import type { PeakView } from '../../services/audio/search/peak-view.ts'
import { pulseBeats } from '../../services/audio/search/pulse.ts'

const viewOf = (...places: readonly (readonly [time: number, bin: number])[]): PeakView => ({
  count: places.length,
  time: Float64Array.from(places, ([time]) => time),
  bin: Float64Array.from(places, ([, bin]) => bin),
  frames: 10_000,
})

const beatsOf = (view: PeakView, from = 0, to = view.count): number[] => [...pulseBeats(view, from, to)]

describe('the beats of a pulse', () => {
  test('are the same note in equal steps, from the third on', () => {
    expect(beatsOf(viewOf([0, 50], [10, 50.2], [20, 49.9], [31, 50], [41, 50]))).toEqual([0, 0, 1, 1, 1])
  })

  test('are told when other notes sound between them, in a pulse of their own', () => {
    const places = [0, 10, 20, 30].flatMap((time) => [[time, 50] as const, [time + 4, 120] as const])
    expect(beatsOf(viewOf(...places))).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  test('are not the notes of a melody or of an uneven rhythm, nor those that come slower than each second', () => {
    expect(beatsOf(viewOf([0, 50], [10, 53], [20, 50], [30, 56], [40, 53]))).toEqual([0, 0, 0, 0, 0])
    expect(beatsOf(viewOf([0, 50], [10, 50], [24, 50], [31, 50]))).toEqual([0, 0, 0, 0])
    const slow = FRAMES_PER_SECOND + 1
    expect(beatsOf(viewOf([0, 50], [slow, 50], [2 * slow, 50]))).toEqual([0, 0, 0])
  })

  test('are known by what comes before a stretch, too', () => {
    const view = viewOf([0, 50], [10, 50], [20, 50], [30, 50])
    expect(beatsOf(view, 2, 4)).toEqual([1, 1])
    expect(beatsOf(view, 4, 4)).toEqual([])
  })
})
