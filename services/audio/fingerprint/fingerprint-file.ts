import { Problem } from '../../core/problem.ts'
import { DURATION_MS_MAX, INVERTED_DB } from '../constants.ts'
import { decodeAudio, probeAudio } from '../decode/decode.ts'
import type { Mix } from '../decode/decode.ts'
import { createExtractor } from '../extract/extract.ts'
import type { Extract } from '../extract/extract.ts'
import { encodeFingerprint } from './fingerprint.ts'
import type { Fingerprint } from './fingerprint.ts'

export interface FingerprintFileOptions {
  readonly ffmpegPath: string
  /** For decoding and extraction together, of both mixes; half an hour when not given. */
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
  /**
   * The suspect as it is heard when the channels are mixed the other way: where somebody may have inverted one of them, music
   * that is not found in one mix is in the other.
   */
  readonly otherMix?: Fingerprint
}

/** A day of audio takes some minutes; a decoder that needs longer hangs. */
const TIMEOUT_MS = 30 * 60_000

/**
 * From here on (dB, difference of the channels above their sum) one channel may have been inverted, and both mixes are listened
 * to. Of forty recordings that nobody had touched, three lay above, the highest at 0.4.
 */
const DOUBTFUL_DB = -1

/**
 * Both fingerprints of an audio or video file in one pass, with memory that does not grow with its length; in two, when
 * one of its channels may have been inverted.
 * Keeps the thread busy; `createFingerprintPool` does it in others.
 *
 * @throws {Problem} as `decodeAudio` and `Extractor.finish`.
 */
export async function fingerprintFile(
  path: string,
  options: FingerprintFileOptions,
): Promise<FingerprintedFile> {
  const began = performance.now()
  const sum = await heard(path, options, 'sum')
  if (sum.differenceDb < DOUBTFUL_DB) return madeOf(sum)
  const { onProgress: _told, timeoutMs = TIMEOUT_MS, ...quietly } = options
  const leftMs = Math.max(1, timeoutMs - (performance.now() - began))
  const difference = await heard(path, { ...quietly, timeoutMs: leftMs }, 'difference').catch(
    (problem: unknown): Heard => {
      // A second look must not cost what the first has found.
      if (problem instanceof Problem) return { problem, differenceDb: 0 }
      throw problem
    },
  )
  if (!difference.made) return madeOf(sum)
  if (!sum.made) return difference.made
  if (isSame(sum.made.suspect, difference.made.suspect)) return sum.made
  if (sum.differenceDb < INVERTED_DB) return { ...sum.made, otherMix: difference.made.suspect }
  return { ...difference.made, otherMix: sum.made.suspect }
}

/** Whether two mixes sound alike, as those of a file do that has sound in one channel only. */
const isSame = (one: Fingerprint, other: Fingerprint): boolean =>
  Buffer.compare(encodeFingerprint(one), encodeFingerprint(other)) === 0

/** What was heard. @throws {Problem} why that is nothing. */
function madeOf({ made, problem }: Heard): FingerprintedFile {
  if (!made) throw problem
  return made
}

/** What is heard in a mix of a file's channels, or why that is nothing. */
type Heard = { readonly differenceDb: number } & (
  | { readonly made: FingerprintedFile; readonly problem?: never }
  | { readonly made?: never; readonly problem: Problem }
)

/** Listens to a mix of a file's channels. @throws {Problem} when it cannot be decoded. */
async function heard(path: string, options: FingerprintFileOptions, mix: Mix): Promise<Heard> {
  const { ffmpegPath, signal, onProgress, timeoutMs = TIMEOUT_MS, durationMaxMs = DURATION_MS_MAX } = options
  const ffmpeg = { ffmpegPath, timeoutMs, ...(signal && { signal }) }
  const expectedMs = onProgress ? (await probeAudio(path, ffmpeg)).durationMs : undefined
  const extractor = createExtractor()
  const { durationMs, truncated, differenceDb } = await decodeAudio(path, {
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
    return { made: { ...extractor.finish(), durationMs, truncated }, differenceDb }
  } catch (error) {
    if (error instanceof Problem && error.type === 'audio/indistinct') return { problem: error, differenceDb }
    throw error
  }
}
