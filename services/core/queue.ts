import { setMaxListeners } from 'node:events'

import {
  type BackendFactory,
  DelayedError,
  type IQueueBackend,
  Queue,
  UnrecoverableError,
  Worker,
  createPostgresBackend,
  runMigrations,
} from 'bullmq'
import { Redis } from 'ioredis'
import type { z } from 'zod'

import { openPool } from './db.ts'
import type { Logger } from './log.ts'
import { events } from './metrics.ts'
import { Problem } from './problem.ts'

/** Progress reaches the row at most this often, however often a processor reports. */
const PROGRESS_MS = 1_000
/** Where BullMQ keeps its tables when PostgreSQL is the backend. */
const QUEUE_SCHEMA = 'bullmq'
/** Ended jobs are kept for a look; the rows are the truth. */
const KEEP_ENDED = {
  removeOnComplete: { age: 3600, count: 1000 },
  removeOnFail: { age: 14 * 24 * 3600, count: 5000 },
}

/** A kind of job: its payload is one id and nothing else. */
export interface Job<Payload> {
  readonly name: string
  readonly payload: z.ZodType<Payload>
  readonly key: (payload: Payload) => string
  readonly attemptsMax: number
  readonly backoffMs: number
  readonly concurrency: number
}

/** Where jobs wait: Redis when its address is given, else the service's own PostgreSQL. */
export interface QueueStore {
  readonly redisUrl?: string | undefined
  readonly databaseUrl: string
}

export const backendOf = (store: QueueStore): 'redis' | 'postgresql' =>
  store.redisUrl ? 'redis' : 'postgresql'

/** What a processor is given beside its payload. */
export interface Run {
  readonly log: Logger
  /** The share of the work that is done, 0 … 1. Report at will: it is throttled here. */
  readonly progress: (share: number) => Promise<void>
  /** Fires when the program is asked to stop and will not wait much longer. */
  readonly signal: AbortSignal
}

export interface Queues {
  /** Rings the bell for one job; a job with the same key that waits or runs already swallows it. */
  enqueue<Payload>(job: Job<Payload>, payload: Payload, options?: { delayMs?: number }): Promise<void>
  /** Jobs by state, for `earwitness doctor`, metrics and tests. */
  counts(job: Job<never>): Promise<Record<string, number>>
  close(): Promise<void>
}

/**
 * Each worker keeps a connection to listen on, and another one for moments: with fewer connections than kinds of jobs
 * (jobs.ts) all of them would wait for each other.
 */
const POOL_MAX = 32

interface Connected {
  readonly connection: never
  readonly backend: BackendFactory<IQueueBackend, never> | undefined
  close(): Promise<void>
}

/** One connection (or pool) for all queues of a program; a worker's waits for ever, a producer's does not. */
function connect(store: QueueStore, log: Logger, use: 'producer' | 'worker'): Connected {
  if (store.redisUrl) {
    const redis = new Redis(store.redisUrl, { maxRetriesPerRequest: use === 'producer' ? 1 : null })
    redis.on('error', (error: Error) => log.warn({ err: error }, 'redis is away'))
    return {
      connection: redis as never,
      backend: undefined,
      close: async () => redis.disconnect(),
    }
  }
  const pool = openPool(store.databaseUrl, log, { searchPath: QUEUE_SCHEMA, connectionsMax: POOL_MAX })
  pool.setMaxListeners(0) // Every worker listens: many are no leak.
  return {
    connection: pool as never,
    backend: createPostgresBackend,
    close: () => pool.end(),
  }
}

/** Makes or upgrades BullMQ's own tables; does nothing when jobs wait in Redis. */
export async function migrateQueue(store: QueueStore, log: Logger): Promise<void> {
  if (store.redisUrl) return
  const pool = openPool(store.databaseUrl, log)
  const client = await pool.connect()
  try {
    await runMigrations(client, QUEUE_SCHEMA)
  } finally {
    client.release()
    await pool.end()
  }
}

/** The producers' side. With the store away an enqueue is refused within a second: the sweeper rings later. */
export function openQueues(store: QueueStore, log: Logger): Queues {
  const connected = connect(store, log, 'producer')
  const open = new Map<string, Queue>()
  const queueOf = (name: string): Queue => {
    const known = open.get(name)
    if (known) return known
    const options = {
      connection: connected.connection,
      skipWaitingForReady: true,
      defaultJobOptions: KEEP_ENDED,
    }
    const queue = new Queue(name, options, connected.backend as never)
    queue.on('error', () => {}) // The connection has said it already.
    open.set(name, queue)
    return queue
  }
  return {
    async enqueue(job, payload, { delayMs = 0 } = {}) {
      await queueOf(job.name).add(job.name, job.payload.parse(payload), {
        deduplication: { id: job.key(payload) },
        delay: delayMs,
        attempts: job.attemptsMax,
        backoff: { type: 'exponential', delay: job.backoffMs, jitter: 0.5 },
      })
    },
    counts: (job) => queueOf(job.name).getJobCounts(),
    async close() {
      await Promise.all([...open.values()].map((queue) => queue.close()))
      await connected.close()
    },
  }
}

/** How one kind of job is tied to its rows; wired once per program (services/pipeline.ts). */
export interface Wiring<Payload> {
  /** Shows the share of the work that is done. */
  progress(payload: Payload, share: number): Promise<void>
  /** No attempt is left: the row says why. */
  dead(payload: Payload, problem: Problem): Promise<void>
  /** The program was asked to stop in the middle: the try does not count, and the sweeper rings again. */
  interrupted(payload: Payload): Promise<void>
  /** It is not the job's turn: the try does not count, and the same job comes back after this time. */
  putOff(payload: Payload, waitMs: number): Promise<void>
  /** The work is written: enqueue what the row asks for next. May fail; the sweeper makes up for it. */
  ended(payload: Payload): Promise<void>
}

/** Runs the processor of one taken job; its verdict is the Problem's, not the message's. */
async function runOnce<Payload>(
  job: Job<Payload>,
  process: (payload: Payload, run: Run) => Promise<void>,
  wiring: Wiring<Payload>,
  taken: { data: unknown; attemptsMade: number; id?: string | undefined },
  given: { log: Logger; signal: AbortSignal; putOff: (waitMs: number) => Promise<void> },
): Promise<void> {
  const payload = job.payload.parse(taken.data)
  const log = given.log.child({ job: job.name, key: job.key(payload), attempt: taken.attemptsMade + 1 })
  const startedAt = performance.now()
  let shownAt = startedAt
  const progress = async (share: number): Promise<void> => {
    if (share < 1 && performance.now() - shownAt < PROGRESS_MS) return
    shownAt = performance.now()
    await wiring.progress(payload, share)
  }
  const seconds = () => (performance.now() - startedAt) / 1000
  try {
    await process(payload, { log, progress, signal: given.signal })
  } catch (error) {
    if (given.signal.aborted) {
      await wiring.interrupted(payload)
      throw error
    }
    const problem = Problem.from(error)
    if (problem.type === 'fetch/later') {
      const waitMs = problem.waitMs ?? job.backoffMs
      await wiring.putOff(payload, waitMs)
      await given.putOff(waitMs)
      events.jobPutOff(log, job.name, seconds(), problem)
      throw new DelayedError(problem.message)
    }
    const last = !problem.retry || taken.attemptsMade + 1 >= job.attemptsMax
    events.jobFailed(log, job.name, seconds(), problem, last)
    if (last) await wiring.dead(payload, problem)
    throw problem.retry ? problem : new UnrecoverableError(problem.message)
  }
  events.jobEnded(log, job.name, seconds())
  // The work is done and written; if the next step cannot be enqueued now, the sweeper will.
  await wiring.ended(payload).catch((error: unknown) => log.warn({ err: error }, 'left to the sweeper'))
}

export interface Crew {
  /** Starts a worker for one kind of job. */
  add<Payload>(
    job: Job<Payload>,
    process: (payload: Payload, run: Run) => Promise<void>,
    wiring: Wiring<Payload>,
  ): void
  /** Lets running jobs end (they hear the signal), then closes the connections. */
  close(): Promise<void>
}

/** The workers' side: one shared connection, a worker per kind of job. */
export function openCrew(store: QueueStore, log: Logger): Crew {
  const connected = connect(store, log, 'worker')
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // Every job at work listens: many are no leak.
  const workers: Worker[] = []
  return {
    add(job, process, wiring) {
      const worker = new Worker(
        job.name,
        (taken, token) => {
          // The same job once more and not a new one, which would be dropped while this one is at work.
          const putOff = (waitMs: number) => taken.moveToDelayed(Date.now() + waitMs, token)
          return runOnce(job, process, wiring, taken, { log, signal: stopping.signal, putOff })
        },
        { connection: connected.connection, concurrency: job.concurrency },
        connected.backend as never,
      )
      worker.on('error', (error) => log.warn({ err: error }, 'a worker lost its queue'))
      workers.push(worker)
    },
    async close() {
      stopping.abort()
      await Promise.all(workers.map((worker) => worker.close()))
      await connected.close()
    },
  }
}
