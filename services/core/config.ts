import { join, resolve } from 'node:path'

import { z } from 'zod'

/** Text that is there but empty means 'not set', as shells and compose files write it. */
const unset = (value: unknown): unknown => (value === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(unset, schema.optional())
const positive = (value: number) => z.preprocess(unset, z.coerce.number().int().positive().default(value))
const orNone = (value: number) => z.preprocess(unset, z.coerce.number().int().min(0).default(value))
const yes = z.preprocess(
  unset,
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
)

/** Everything the environment may say, with its unit in the name. `.env.example` lists the same names. */
export const Environment = z.object({
  DATA_DIR: z.preprocess(unset, z.string().default('./var')).describe('where data live'),
  DATABASE_URL: optional(z.url({ protocol: /^postgres(ql)?$/ })).describe(
    'PostgreSQL 13 or newer; unset: embedded',
  ),
  REDIS_URL: optional(z.url({ protocol: /^rediss?$/ })).describe(
    'Redis or Valkey for the queue; unset: the queue lives in PostgreSQL',
  ),
  HTTP_HOST: z.preprocess(unset, z.string().default('127.0.0.1')).describe('address to listen on'),
  HTTP_PORT: z
    .preprocess(unset, z.coerce.number().int().min(0).max(65_535).default(8080))
    .describe('port of the API and the dashboard'),
  PUBLIC_URL: optional(z.url({ protocol: /^https?$/ })).describe(
    'address that people and mails use; unset: http://HTTP_HOST:HTTP_PORT',
  ),
  TRUST_PROXY: yes.describe('true behind a reverse proxy that sets X-Forwarded-For'),
  METRICS_TOKEN: optional(z.string().min(16)).describe(
    'bearer token for /metrics; unset: only from this machine',
  ),
  SMTP_URL: optional(z.url({ protocol: /^smtps?$/ })).describe(
    'mail server; unset: the built-in mail catcher',
  ),
  MAIL_CATCHER_DIR: optional(z.string()).describe(
    'folder of the built-in mail catcher, shown as an inbox; set by `earwitness start`',
  ),
  MAIL_FROM: z
    .preprocess(unset, z.string().default('Earwitness <alerts@earwitness.localhost>'))
    .describe('sender of alert mails'),
  SECRETS_KEY: optional(z.base64().length(44)).describe(
    'key that seals stored secrets, 32 bytes in base64; unset: a file in DATA_DIR',
  ),
  REPLY_DOMAIN: z
    .preprocess(unset, z.string().default('replies.earwitness.localhost'))
    .describe('domain of the addresses to which answers to notices and handed-in mails go'),
  MAIL_IN_PORT: optional(z.coerce.number().int().min(1).max(65_535)).describe(
    'port on which answers to notices and handed-in mails arrive by SMTP; unset: none is opened',
  ),
  TIME_STAMP_URL: optional(z.url({ protocol: /^https?$/ })).describe(
    'time stamp authority (RFC 3161) for evidence; unset: capsules have no time stamp',
  ),
  RDAP_BOOTSTRAP_URL: z
    .preprocess(unset, z.url({ protocol: /^https?$/ }).default('https://data.iana.org/rdap'))
    .describe('where the registries of RDAP servers are (RFC 9224)'),
  NETWORK_DB: optional(z.string()).describe(
    'MMDB files that tell networks and countries of addresses, comma list; unset: what registries said',
  ),
  ALERT_MERGE_S: positive(120).describe('seconds in which several matches become one alert mail'),
  FFMPEG_PATH: optional(z.string()).describe('ffmpeg program; unset: PATH, then the one shipped with npm'),
  CHROMIUM_PATH: optional(z.string()).describe(
    'Chromium program that takes pictures of pages as evidence; unset: none are taken',
  ),
  FETCH_BYTES_MAX: positive(500_000_000).describe('largest file that is fetched or uploaded, in bytes'),
  FETCH_TIMEOUT_MS: positive(300_000).describe('longest time one fetch may take'),
  FETCH_IDLE_TIMEOUT_MS: positive(20_000).describe('longest silence of a host while it is fetched from'),
  FETCH_ALLOW_ADDRESSES: optional(z.string()).describe(
    'comma list of host:port that may be fetched although not public, for trials',
  ),
  HOST_VISITS_MAX: positive(4).describe('visits of one host at the same time, by all workers together'),
  HOST_DELAY_MS: orNone(1_000).describe(
    'time between two visits of one host that nobody waits for: batches, watches, looks again',
  ),
  HOST_VISITS_PER_DAY: positive(5_000).describe('such visits of one host in a day'),
  TORRENT_PLUGIN: z
    .preprocess(unset, z.enum(['on', 'off']).default('off'))
    .describe('on: parts of what torrents hold are fetched from their peers; off: torrents are only listed'),
  MANIFEST_BYTES_MAX: positive(20_000_000_000).describe("largest upload of a leak's manifest, in bytes"),
  PRIVATE_CHECK: z
    .preprocess(unset, z.enum(['public', 'off']).default('off'))
    .describe(
      'public: visitors without an account may ask whether ISRCs are in a leak, by the private check',
    ),
  AUDIO_DURATION_MAX_S: positive(36_000).describe('longest audio that is examined, in seconds'),
  FINGERPRINT_THREADS: optional(z.coerce.number().int().positive().max(64)).describe(
    'threads that decode and fingerprint; unset: one per core',
  ),
  SEARCH_THREADS: optional(z.coerce.number().int().positive().max(64)).describe(
    'threads that compare suspects with the catalogue; unset: one per core',
  ),
  LOG_LEVEL: z
    .preprocess(unset, z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'))
    .describe('least severity that is logged'),
})

export type Config = Readonly<z.infer<typeof Environment>> & {
  readonly publicUrl: string
  readonly blobDir: string
  readonly indexDir: string
  /** Where programs are looked for: the environment's PATH. */
  readonly searchPath: string
}

/**
 * Reads the configuration once, at the top of a program in `bin/`.
 * Nothing else in the code base may touch `process.env`.
 *
 * @throws {Error} listing every wrong variable at once, so that one start shows them all.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const read = Environment.safeParse(env)
  if (!read.success) throw new Error(`Bad configuration\n${z.prettifyError(read.error)}`)
  const dataDir = resolve(read.data.DATA_DIR)
  return Object.freeze({
    ...read.data,
    DATA_DIR: dataDir,
    publicUrl: (read.data.PUBLIC_URL ?? `http://${read.data.HTTP_HOST}:${read.data.HTTP_PORT}`).replace(
      /\/$/,
      '',
    ),
    blobDir: join(dataDir, 'blobs'),
    indexDir: join(dataDir, 'index'),
    searchPath: env['PATH'] ?? '',
  })
}

/** The database's address, for programs that cannot do without. @throws {Error} saying what to set. */
export function databaseUrlOf(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL
  throw new Error(
    'DATABASE_URL is not set. `npm start` brings its own PostgreSQL; a single program needs the address.',
  )
}
