import { Problem } from '../../core/problem.ts'
import { DURATION_MS_MAX } from '../constants.ts'
import { decodeAudio, probeAudio } from '../decode/decode.ts'
import type { Mix } from '../decode/decode.ts'
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
 * Music that is quieter than this (dBFS) when its channels are added up is listened to once more as their difference: somebody
 * may have inverted one channel of a recording that is the same in both. Mastered music lies 30 dB above.
 */
const QUIET_DBFS = -50
/** By how much the difference must be louder than the sum (dB) to be what is heard. */
const LOUDER_DB = 10

/**
 * Both fingerprints of an audio or video file in one pass, with memory that does not grow with its length; in two, when
 * next to nothing is heard in the first.
 * Keeps the thread busy; `createFingerprintPool` does it in others.
 *
 * @throws {Problem} as `decodeAudio` and `Extractor.finish`.
 */
export async function fingerprintFile(
  path: string,
  options: FingerprintFileOptions,
): Promise<FingerprintedFile> {
  const sum = await heard(path, options, 'sum')
  if (sum.made && sum.made.loudness.meanDbfs > QUIET_DBFS) return sum.made
  const { onProgress: _told, ...quietly } = options
  const difference = await heard(path, quietly, 'difference').catch((problem: unknown): Heard => {
    // A second look must not cost what the first has found.
    if (problem instanceof Problem) return { problem }
    throw problem
  })
  const least = (sum.made?.loudness.meanDbfs ?? QUIET_DBFS) + LOUDER_DB
  if (difference.made && difference.made.loudness.meanDbfs > least) return difference.made
  if (!sum.made) throw sum.problem
  return sum.made
}

/** What is heard in a mix of a file's channels, or why that is nothing. */
type Heard =
  | { readonly made: FingerprintedFile; readonly problem?: never }
  | { readonly made?: never; readonly problem: Problem }

/** Listens to a mix of a file's channels. @throws {Problem} when it cannot be decoded. */
async function heard(path: string, options: FingerprintFileOptions, mix: Mix): Promise<Heard> {
  const { ffmpegPath, signal, onProgress, timeoutMs = TIMEOUT_MS, durationMaxMs = DURATION_MS_MAX } = options
  const ffmpeg = { ffmpegPath, timeoutMs, ...(signal && { signal }) }
  const expectedMs = onProgress ? (await probeAudio(path, ffmpeg)).durationMs : undefined
  const extractor = createExtractor()
  const { durationMs, truncated } = await decodeAudio(path, {
    ...ffmpeg,
    durationMaxMs,
    mix,
    onPcm: (pcm) => extractor.push(pcm),
    ...(onProgress &&
      expectedMs !== undefined &&
      expectedMs > 0 && {
        onProgress: (decodedMs: number) => onProgress(Math.min(1, decodedMs / expectedMs)),
      }),
  })
  try {
    return { made: { ...extractor.finish(), durationMs, truncated } }
  } catch (error) {
    if (error instanceof Problem && error.type === 'audio/indistinct') return { problem: error }
    throw error
  }
}
