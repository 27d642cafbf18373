import { answerOrders } from '../thread-work.ts'
import { fingerprintFile } from './fingerprint-file.ts'
import { encodeFingerprint } from './fingerprint.ts'
import type { PooledFingerprint } from './pool.ts'

/** What a thread of the pool does. */
export interface FingerprintJob {
  readonly order: {
    readonly path: string
    readonly ffmpegPath: string
    readonly timeoutMs?: number
    readonly durationMaxMs?: number
  }
  readonly answer: PooledFingerprint
}

answerOrders<FingerprintJob>(async ({ path, ...limits }, { signal, onProgress }) => {
  const { reference, suspect, otherMix, sketch, durationMs, truncated } = await fingerprintFile(path, {
    ...limits,
    signal,
    ...(onProgress && { onProgress: (share: number) => onProgress(share, 1) }),
  })
  return {
    reference: encodeFingerprint(reference),
    suspect: encodeFingerprint(suspect),
    ...(otherMix && { otherMix: encodeFingerprint(otherMix) }),
    sketch,
    durationMs,
    truncated,
  }
})
