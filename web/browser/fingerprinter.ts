import { UndecodableFile, decodeFile } from './decode.ts'
import type { FingerprintNews } from './fingerprint-thread.ts'

/** What the service gets of a file: never the file. */
export interface LocalFingerprint {
  readonly fingerprint: Uint8Array
  readonly sketch: Uint8Array
  readonly durationMs: number
}

/** The thread could not be loaded, or ended: nothing more can be fingerprinted with it. */
export class BrokenThread extends Error {}

/** Fingerprints files in a thread of their own, one at a time. */
export interface Fingerprinter {
  /** @throws {UndecodableFile} with what is wrong with the file; {BrokenThread} as soon as the thread is. */
  fingerprint(file: Blob, onProgress: (share: number) => void): Promise<LocalFingerprint>
  close(): void
}

/** Decoding is told to be half of the work. */
const DECODING_SHARE = 0.5

/** @param threadUrl address of the bundle of fingerprint-thread.ts. */
export function createFingerprinter(threadUrl: string): Fingerprinter {
  const thread = new Worker(threadUrl, { type: 'module' })
  // Listened to from the beginning: a thread that cannot be loaded says so once, perhaps before the first file is decoded.
  const broken = new Promise<never>((_, reject) => {
    thread.addEventListener('error', () => reject(new BrokenThread('the page broke: reload it')))
  })
  broken.catch(() => undefined)

  const extracted = (
    samples: Float32Array<ArrayBuffer>,
    onProgress: (share: number) => void,
  ): Promise<LocalFingerprint> =>
    new Promise((resolve, reject) => {
      thread.onmessage = ({ data }: MessageEvent<FingerprintNews>) => {
        if (data.kind === 'progress') onProgress(data.share)
        else if (data.kind === 'problem') reject(new UndecodableFile(data.text))
        else resolve(data)
      }
      thread.postMessage({ samples }, [samples.buffer])
    })

  return {
    async fingerprint(file, onProgress) {
      const samples = await Promise.race([decodeFile(file), broken])
      onProgress(DECODING_SHARE)
      const work = extracted(samples, (share) => onProgress(DECODING_SHARE + (1 - DECODING_SHARE) * share))
      return Promise.race([work, broken])
    },
    close: () => thread.terminate(),
  }
}
