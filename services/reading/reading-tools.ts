import type { Blobs } from '../core/blobs.ts'
import type { Config } from '../core/config.ts'
import type { Sha256 } from '../core/ids.ts'
import type { Logger } from '../core/log.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'
import type { NewCapture } from '../submissions/captures.ts'
import type { DetectedFile } from '../submissions/file-kind.ts'
import type { PartsRead } from '../submissions/parts-read.ts'

/** What reading needs of the workers' tools. */
export interface ReadingTools {
  readonly blobs: Blobs
  readonly safeFetch: SafeFetch
  readonly config: Pick<Config, 'FETCH_BYTES_MAX' | 'CHROMIUM_PATH'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** How to read. */
export interface Wanted {
  /** Everything, because parts were not enough. */
  readonly whole: boolean
  readonly signal: AbortSignal
  readonly onProgress?: ((share: number) => void) | undefined
}

/** What was read at an address. It is in the blob store. */
export interface ReadAddress {
  readonly sha256: Sha256
  /** That were read and are stored. */
  readonly bytes: number
  readonly fileName: string | undefined
  readonly detected: DetectedFile
  readonly capture: NewCapture
  /** Null when all was read. */
  readonly read: PartsRead | null
}
