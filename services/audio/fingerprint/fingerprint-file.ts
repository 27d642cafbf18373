import { DURATION_MS_MAX } from '../constants.ts'
import { decodeAudio, probeAudio } from '../decode/decode.ts'
import { createExtractor } from '../extract/extract.ts'
import type { Extract } from '../extract/extract.ts'

export interface FingerprintFileOptions {
  readonly ffmpegPath: string
  /** For decoding and extraction together; half an hour when not given. */
  readonly timeoutMs?: number
  /** Longer audio is refused; a day when not given, which is also the most. */
  readonly durationMaxMs?: number
  readonly signal?: AbortSignal
  /** Called now and then with the share that is done, 0 … 1, when the file tells its length. */
  readonly onProgress?: (share: number) => void
}

export interface FingerprintedFile extends Extract {
  readonly durationMs: number
  /** The file is damaged; these are the fingerprints of what could be decoded. */
  readonly truncated: boolean
}

/** A day of audio takes some minutes; a decoder that needs longer hangs. */
const TIMEOUT_MS = 30 * 60_000

/**
 * Both fingerprints of an audio or video file in one pass, with memory that does not grow with its length.
 * Keeps the thread busy; `createFingerprintPool` does it in others.
 *
 * @throws {Problem} as `decodeAudio` and `Extractor.finish`.
 */
export async function fingerprintFile(
  path: string,
  options: FingerprintFileOptions,
): Promise<FingerprintedFile> {
  const { ffmpegPath, signal, onProgress, timeoutMs = TIMEOUT_MS, durationMaxMs = DURATION_MS_MAX } = options
  const ffmpeg = { ffmpegPath, timeoutMs, ...(signal && { signal }) }
  const expectedMs = onProgress ? (await probeAudio(path, ffmpeg)).durationMs : undefined
  const extractor = createExtractor()
  const { durationMs, truncated } = await decodeAudio(path, {
    ...ffmpeg,
    durationMaxMs,
    onPcm: (pcm) => extractor.push(pcm),
    ...(onProgress &&
      expectedMs !== undefined &&
      expectedMs > 0 && {
        onProgress: (decodedMs: number) => onProgress(Math.min(1, decodedMs / expectedMs)),
      }),
  })
  return { ...extractor.finish(), durationMs, truncated }
}
