import { UndecodableFile, decodeFile } from './decode.ts'
import type { FingerprintNews } from './fingerprint-thread.ts'

/** What the service gets of a file: never the file. */
export interface LocalFingerprint {
  readonly fingerprint: Uint8Array
  readonly sketch: Uint8Array
  readonly durationMs: number
}

/** Fingerprints files in a thread of their own, one at a time. */
export interface Fingerprinter {
  /** @throws {UndecodableFile} with what is wrong with the file. */
  fingerprint(file: Blob, onProgress: (share: number) => void): Promise<LocalFingerprint>
  close(): void
}

/** Decoding is told to be half of the work. */
const DECODING_SHARE = 0.5

/** @param threadUrl address of the bundle of fingerprint-thread.ts. */
export function createFingerprinter(threadUrl: string): Fingerprinter {
  const thread = new Worker(threadUrl, { type: 'module' })
  return {
    async fingerprint(file, onProgress) {
      const samples = await decodeFile(file)
      onProgress(DECODING_SHARE)
      return new Promise((resolve, reject) => {
        thread.addEventListener(
          'error',
          () => reject(new UndecodableFile('the fingerprinting thread broke')),
          {
            once: true,
          },
        )
        thread.onmessage = ({ data }: MessageEvent<FingerprintNews>) => {
          if (data.kind === 'progress') onProgress(DECODING_SHARE + (1 - DECODING_SHARE) * data.share)
          else if (data.kind === 'problem') reject(new UndecodableFile(data.text))
          else resolve(data)
        }
        thread.postMessage({ samples }, [samples.buffer])
      })
    },
    close: () => thread.terminate(),
  }
}
