import { availableParallelism } from 'node:os'

import { openMailInbox } from '../../services/actions/mail-inbox.ts'
import { createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { createSearchPool } from '../../services/audio/search/search-pool.ts'
import { createLiveIndex } from '../../services/catalog/live-index.ts'
import { createAddressPolicy } from '../../services/core/addresses.ts'
import { openBlobs } from '../../services/core/blobs.ts'
import { type Config, databaseUrlOf } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import { ffmpegWarning, findFfmpeg } from '../../services/core/ffmpeg.ts'
import type { Logger } from '../../services/core/log.ts'
import { openMailer } from '../../services/core/mail.ts'
import { backendOf, openCrew, openQueues } from '../../services/core/queue.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { openSecrets } from '../../services/core/secrets.ts'
import { serviceVersion } from '../../services/core/version.ts'
import { jobs } from '../../services/jobs.ts'
import { OpenLeaks } from '../../services/leaks/open-leaks.ts'
import { wiringOf } from '../../services/pipeline.ts'
import { loadTorrentPlugin } from '../../services/reading/torrent-plugin.ts'
import { audit } from '../../workers/audit.ts'
import { capsule } from '../../workers/capsule.ts'
import { fetch } from '../../workers/fetch.ts'
import { fingerprint } from '../../workers/fingerprint.ts'
import { follow } from '../../workers/follow.ts'
import { importCatalogue } from '../../workers/import.ts'
import { index } from '../../workers/index.ts'
import { manifest } from '../../workers/manifest.ts'
import { match } from '../../workers/match.ts'
import { notify } from '../../workers/notify.ts'
import { recheck } from '../../workers/recheck.ts'
import { rescan } from '../../workers/rescan.ts'
import { resolve } from '../../workers/resolve.ts'
import { send } from '../../workers/send.ts'
import type { Tools } from '../../workers/tools.ts'
import { unpack } from '../../workers/unpack.ts'
import { watch } from '../../workers/watch.ts'
import { type ProgramRun, type Running, programRun } from './program.ts'

/** As browsers: enough for link shorteners and log-in hops, too few for a trap. */
const REDIRECTS_MAX = 10
/** Decoding runs hundreds of times faster than the music plays; a file that needs this long per hour of it is hostile. */
const DECODE_TIMEOUT_MS = 30 * 60_000

/** What the workers work with, and how it is put away. */
async function openTools(config: Config, log: Logger): Promise<Tools & { close(): Promise<void> }> {
  const databaseUrl = databaseUrlOf(config)
  const ffmpeg = await findFfmpeg(config)
  const warning = ffmpegWarning(ffmpeg, new Date())
  if (warning) log.warn({ ffmpeg }, warning)
  const db = openDb(databaseUrl, log)
  const queues = openQueues({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  const pool = createFingerprintPool({
    threads: config.FINGERPRINT_THREADS ?? availableParallelism(),
    ffmpegPath: ffmpeg.path,
    durationMaxMs: config.AUDIO_DURATION_MAX_S * 1000,
    timeoutMs: DECODE_TIMEOUT_MS,
  })
  const searchPool = createSearchPool({ threads: config.SEARCH_THREADS ?? availableParallelism() })
  const catalogue = createLiveIndex(db, log, { folder: config.indexDir })
  const leaks = new OpenLeaks(config)
  const mailer = openMailer(config.SMTP_URL ?? 'smtp://127.0.0.1:25')
  const allowAddresses = (config.FETCH_ALLOW_ADDRESSES ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
  const safeFetch = createSafeFetch({
    bytesMax: config.FETCH_BYTES_MAX,
    timeoutMs: config.FETCH_TIMEOUT_MS,
    idleTimeoutMs: config.FETCH_IDLE_TIMEOUT_MS,
    redirectsMax: REDIRECTS_MAX,
    userAgent: `Earwitness/${serviceVersion} (content protection; ${config.publicUrl})`,
    allowAddresses,
  })
  return {
    config,
    db,
    queues,
    blobs: await openBlobs(config.blobDir),
    secrets: openSecrets(config),
    safeFetch,
    pool,
    searchPool,
    catalogue,
    leaks,
    mailer,
    ffmpegPath: ffmpeg.path,
    torrents: await loadTorrentPlugin(config.TORRENT_PLUGIN, {
      safeFetch,
      policy: createAddressPolicy(allowAddresses),
    }),
    async close() {
      mailer.close()
      await catalogue.close()
      await leaks.close()
      await Promise.all([pool.close(), searchPool.close()])
      await Promise.all([queues.close(), db.close()])
    },
  }
}

/** Opens the workers of every kind of job. The index is read from the database before the first match. */
export async function openWorkers(config: Config, log: Logger): Promise<Running> {
  const tools = await openTools(config, log)
  const store = { databaseUrl: databaseUrlOf(config), redisUrl: config.REDIS_URL }
  await tools.catalogue.catchUp((done, total) => log.info({ done, total }, 'reading the catalogue'))
  const crew = openCrew(store, log)
  const { db, queues } = tools
  crew.add(jobs.fetch, fetch(tools), wiringOf(db, queues, 'fetch'))
  crew.add(jobs.unpack, unpack(tools), wiringOf(db, queues, 'unpack'))
  crew.add(jobs.follow, follow(tools), wiringOf(db, queues, 'follow'))
  crew.add(jobs.fingerprint, fingerprint(tools), wiringOf(db, queues, 'fingerprint'))
  crew.add(jobs.match, match(tools), wiringOf(db, queues, 'match'))
  crew.add(jobs.index, index(tools), wiringOf(db, queues, 'index'))
  crew.add(jobs.import, importCatalogue(tools), wiringOf(db, queues, 'import'))
  crew.add(jobs.rescan, rescan(tools), wiringOf(db, queues, 'rescan'))
  crew.add(jobs.resolve, resolve(tools), wiringOf(db, queues, 'resolve'))
  crew.add(jobs.recheck, recheck(tools), wiringOf(db, queues, 'recheck'))
  crew.add(jobs.watch, watch(tools), wiringOf(db, queues, 'watch'))
  crew.add(jobs.notify, notify(tools), wiringOf(db, queues, 'notify'))
  crew.add(jobs.manifest, manifest(tools), wiringOf(db, queues, 'manifest'))
  crew.add(jobs.audit, audit(tools), wiringOf(db, queues, 'audit'))
  crew.add(jobs.capsule, capsule(tools), wiringOf(db, queues, 'capsule'))
  crew.add(jobs.send, send(tools), wiringOf(db, queues, 'send'))
  const { MAIL_IN_PORT: port, HTTP_HOST: host } = config
  const inbox = port === undefined ? undefined : await openMailInbox({ ...tools, log }, { host, port })
  return {
    ready: { queue: backendOf(store), recordings: tools.catalogue.index.size, mailInPort: inbox?.port },
    async close() {
      await inbox?.close()
      await crew.close()
      await tools.close()
    },
  }
}

const usage = `
Usage: earwitness worker

Runs the workers of every kind of job until SIGTERM or Ctrl-C. Needs DATABASE_URL, SMTP_URL and ffmpeg; start as
many as you like.
Settings come from the environment; .env.example lists them.`

export const run: ProgramRun = programRun('worker', usage, openWorkers)
