import { SAMPLE_RATE } from '../../services/audio/constants.ts'
import { createExtractor } from '../../services/audio/extract/extract.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { Problem } from '../../services/core/problem.ts'

/** What the page sends: the samples of one file, at the engine's rate. */
export interface FingerprintOrder {
  readonly samples: Float32Array<ArrayBuffer>
}

/** What it hears: some progress, then one answer or what was wrong. */
export type FingerprintNews =
  | { readonly kind: 'progress'; readonly share: number }
  | {
      readonly kind: 'done'
      readonly fingerprint: Uint8Array
      readonly sketch: Uint8Array
      readonly durationMs: number
    }
  | { readonly kind: 'problem'; readonly text: string }

/** Extraction is told of in pieces of ten seconds. */
const PIECE_SAMPLES = 10 * SAMPLE_RATE

const tell = (news: FingerprintNews): void => {
  postMessage(news)
}

/** The same extraction as in the service, with the very same modules. */
function fingerprint({ samples }: FingerprintOrder): FingerprintNews {
  const extractor = createExtractor()
  for (let from = 0; from < samples.length; from += PIECE_SAMPLES) {
    extractor.push(samples.subarray(from, from + PIECE_SAMPLES))
    tell({ kind: 'progress', share: Math.min(1, (from + PIECE_SAMPLES) / samples.length) })
  }
  const { reference, sketch } = extractor.finish()
  return { kind: 'done', fingerprint: encodeFingerprint(reference), sketch, durationMs: reference.durationMs }
}

addEventListener('message', ({ data }: MessageEvent<FingerprintOrder>) => {
  try {
    tell(fingerprint(data))
  } catch (error) {
    tell({ kind: 'problem', text: error instanceof Problem ? error.message : String(error) })
  }
})
