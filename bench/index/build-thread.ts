import { readFileSync } from 'node:fs'

import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { buildSegment } from '../../services/audio/index/segment-build.ts'
import type { Segment } from '../../services/audio/index/segment.ts'
import type { PeakList } from '../../services/audio/peak-list.ts'
import { answerOrders } from '../../services/audio/thread-work.ts'
import { randomNumbers, syntheticFingerprint } from '../synthetic.ts'

/** Invents recordings and makes them into one segment. */
export interface BuildJob {
  readonly order: {
    readonly sources: readonly PeakList[]
    readonly recordings: number
    readonly durationMs: number
    readonly seed: number
    /** How many of the fingerprints are given back, to make suspects of: the first ones. */
    readonly kept: number
  }
  readonly answer: {
    readonly segment: Segment
    readonly kept: readonly Fingerprint[]
    /** CPU time that inventing took, which no real index needs; undefined where the system does not tell. */
    readonly inventingMs: number | undefined
  }
}

/** CPU milliseconds of this thread alone. Linux tells; its first number there is nanoseconds on a processor. */
function threadCpuMs(): number | undefined {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return undefined
  }
}

answerOrders<BuildJob>(async ({ sources, recordings, durationMs, seed, kept }) => {
  const random = randomNumbers(seed)
  const before = threadCpuMs()
  const fingerprints = Array.from({ length: recordings }, () =>
    syntheticFingerprint(sources, durationMs, random),
  )
  const after = threadCpuMs()
  const inventingMs = before === undefined || after === undefined ? undefined : after - before
  // Numbers are given when the index takes the segment over.
  const segment = buildSegment(fingerprints.map((fingerprint) => ({ number: 0, fingerprint })))
  return { segment, kept: fingerprints.slice(0, kept), inventingMs }
})
