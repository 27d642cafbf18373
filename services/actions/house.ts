import type { Blobs } from '../core/blobs.ts'
import type { Config } from '../core/config.ts'
import type { Db } from '../core/db.ts'
import type { Logger } from '../core/log.ts'
import type { NetworkTable } from '../core/network-table.ts'
import type { Queues } from '../core/queue.ts'
import type { Secrets } from '../core/secrets.ts'
import { enqueue } from '../pipeline.ts'

/** What an action needs of the program that offers it. */
export interface House {
  readonly config: Config
  readonly db: Db
  readonly queues: Queues
  readonly blobs: Blobs
  readonly secrets: Secrets
  readonly log: Logger
  /** Where the operator has a table of networks. */
  readonly networks?: NetworkTable | undefined
}

/**
 * Rings for a row after the commit. With the queue away the row stays as it is and the sweeper
 * finds it a little later, so the answer to the caller is the same.
 */
export async function ring(house: House, stage: string, id: string): Promise<void> {
  await enqueue(house.queues, stage, id).catch((error: unknown) =>
    house.log.warn({ err: error, stage, id }, 'the queue is away; left to the sweeper'),
  )
}
