import type { FingerprintPool } from '../services/audio/fingerprint/pool.ts'
import type { SearchPool } from '../services/audio/search/search-pool.ts'
import type { LiveIndex } from '../services/catalog/live-index.ts'
import type { Blobs } from '../services/core/blobs.ts'
import type { Config } from '../services/core/config.ts'
import type { Db } from '../services/core/db.ts'
import type { Mailer } from '../services/core/mail.ts'
import type { Queues } from '../services/core/queue.ts'
import type { SafeFetch } from '../services/core/safe-fetch.ts'
import type { Secrets } from '../services/core/secrets.ts'
import type { OpenLeaks } from '../services/leaks/open-leaks.ts'
import type { TorrentReader } from '../services/reading/torrent-plugin.ts'

/** What the workers work with; made once by the program (bin/service/worker.ts). */
export interface Tools {
  readonly config: Config
  readonly db: Db
  readonly queues: Queues
  readonly blobs: Blobs
  readonly secrets: Secrets
  readonly safeFetch: SafeFetch
  readonly pool: FingerprintPool
  readonly searchPool: SearchPool
  readonly catalogue: LiveIndex
  readonly leaks: OpenLeaks
  readonly mailer: Mailer
  /** As `findFfmpeg` found it. */
  readonly ffmpegPath: string
  /** Where the operator turned the plug-in on. */
  readonly torrents?: TorrentReader | undefined
}
