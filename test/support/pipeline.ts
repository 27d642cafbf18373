import { join } from 'node:path'

import { inject } from 'vitest'

import { openWorkers } from '../../bin/service/worker.ts'
import type { House } from '../../services/actions/house.ts'
import { type Config, readConfig } from '../../services/core/config.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { openLog } from '../../services/core/log.ts'
import { type MailCatcher, startMailCatcher } from '../../services/core/mail-catcher.ts'
import { type QueueStore, openQueues } from '../../services/core/queue.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { Submission } from '../../services/submissions/submission.ts'
import type { World } from './world.ts'

/** How long a test waits for work that takes seconds. */
const PATIENCE_MS = 75_000

/** The workers at work on a world, with a mail server that keeps what it is given. */
export interface Pipeline {
  /** The world's house with the queue that the workers listen to. */
  readonly house: House
  readonly config: Config
  readonly mailFolder: string
  readonly catcher: MailCatcher
  close(): Promise<void>
}

/** Each test on Redis has a database of its own there, as those on PostgreSQL have. */
export const redisUrl = (): string | undefined => {
  const url = inject('redisUrl')
  return url && `${url}/${Number(process.env['VITEST_POOL_ID'] ?? '1') % 60}`
}

/** The queue backends that this machine has. */
export const backends = (): ('postgresql' | 'redis')[] =>
  inject('redisUrl') ? ['postgresql', 'redis'] : ['postgresql']

/** Starts the workers on a world's database, with the queue in PostgreSQL or in Redis. */
export async function startPipeline(
  world: World,
  options: { backend?: 'postgresql' | 'redis'; env?: Record<string, string> } = {},
): Promise<Pipeline> {
  const mailFolder = join(world.folder, 'mail')
  const catcher = await startMailCatcher(mailFolder)
  const redis = options.backend === 'redis' ? redisUrl() : undefined
  const config = readConfig({
    PATH: process.env['PATH'],
    FFMPEG_PATH: process.env['FFMPEG_PATH'],
    DATA_DIR: world.folder,
    DATABASE_URL: world.databaseUrl,
    SMTP_URL: catcher.url,
    ALERT_MERGE_S: '1',
    HOST_DELAY_MS: '0',
    ...(redis && { REDIS_URL: redis }),
    ...options.env,
  })
  const log = openLog('test', process.env['TEST_LOG'] ?? 'silent')
  const store: QueueStore = { databaseUrl: world.databaseUrl, redisUrl: redis }
  const workers = await openWorkers(config, log)
  const queues = openQueues(store, log)
  return {
    house: { ...world.house, config, queues },
    config,
    mailFolder,
    catcher,
    async close() {
      await workers.close()
      await queues.close()
      await catcher.close()
    },
  }
}

/** Asks until the answer is given, or fails the test when its patience ends. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Waits until a submission has ended, well or badly. */
export const ended = (world: Pick<World, 'house'>, id: SubmissionId): Promise<Submission> =>
  until(`submission ${id} to end`, async () => {
    const found = await world.house.db.system((tx) => submissions.find(tx, id))
    return found && ['done', 'failed'].includes(found.stage) ? found : undefined
  })
