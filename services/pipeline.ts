import * as alerts from './alerts/store.ts'
import * as imports from './catalog/import/store.ts'
import * as rescans from './catalog/rescans.ts'
import * as recordings from './catalog/store.ts'
import type { Db, Tx } from './core/db.ts'
import { DeliveryId, ItemId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import type { Queues, Wiring } from './core/queue.ts'
import * as capsules from './evidence/store.ts'
import { type JobName, type OneRow, jobs } from './jobs.ts'
import * as rechecks from './matches/recheck-store.ts'
import * as deliveries from './notices/delivery-store.ts'
import * as resolutions from './recipients/resolution-store.ts'
import * as submissions from './submissions/store.ts'

/** A row that has not moved for this long is rung for again; a job that does still exist swallows it. */
const IDLE_S = 60
/** Rows of one kind per sweep: a lost queue of any size is refilled within minutes. */
const SWEEP_MAX = 500

/** The tables whose rows name their next job. */
const kinds = {
  submission: submissions.stages,
  item: submissions.itemStages,
  recording: recordings.stages,
  alert: alerts.stages,
  import: imports.stages,
  rescan: rescans.stages,
  resolution: resolutions.stages,
  delivery: deliveries.stages,
  recheck: rechecks.stages,
  capsule: capsules.stages,
} as const
export type RowKind = keyof typeof kinds

/** Which table a job works on. */
const rowOf = {
  fetch: 'submission',
  unpack: 'submission',
  fingerprint: 'item',
  match: 'item',
  index: 'recording',
  import: 'import',
  rescan: 'rescan',
  resolve: 'resolution',
  notify: 'alert',
  send: 'delivery',
  recheck: 'recheck',
  capsule: 'capsule',
} as const satisfies Record<JobName, RowKind>

const isJob = (stage: string): stage is JobName => stage in jobs

/** Rings for one row: enqueues the job that its stage names, if it names one. */
export async function enqueue(
  queues: Queues,
  stage: string,
  id: string,
  options: { delayMs?: number } = {},
): Promise<void> {
  // The map's jobs differ only in the brand of the id, which the payload's schema checks again.
  if (isJob(stage)) await queues.enqueue(jobs[stage] as never, { id } as never, options)
}

/** Ends a row with a problem; an item with what that means for its submission, a message for its notice. */
async function fail(tx: Tx, kind: RowKind, id: string, stage: string, problem: Problem): Promise<void> {
  if (kind === 'item') await submissions.failItem(tx, ItemId.parse(id), stage as never, problem)
  else if (kind === 'delivery') await deliveries.failDelivery(tx, DeliveryId.parse(id), problem)
  else await kinds[kind].fail(tx, id, stage as never, problem)
}

/** Enqueues whatever the row asks for next, and an unpacked submission's items. Workers do not know their successors; the rows do. */
async function enqueueNext(db: Db, queues: Queues, ended: JobName, id: string): Promise<void> {
  const kind = rowOf[ended]
  const waiting = await db.system((tx) => kinds[kind].waiting(tx, id))
  // A row that its own job left where it was is not due yet, or another worker has it: the sweeper looks again.
  for (const { stage } of waiting) if (stage !== ended) await enqueue(queues, stage, id)
  if (kind !== 'submission') return
  const items = await db.system((tx) => submissions.waitingItems(tx, id))
  for (const { stage, id: itemId } of items) await enqueue(queues, stage, itemId)
}

/** How a job is tied to its row: where progress, the end and the failure go. */
export function wiringOf<Id extends string>(db: Db, queues: Queues, job: JobName): Wiring<OneRow<Id>> {
  const kind = rowOf[job]
  return {
    progress: ({ id }, share) => db.system((tx) => kinds[kind].showProgress(tx, id, share)),
    dead: ({ id }, problem) => db.system((tx) => fail(tx, kind, id, job, problem)),
    interrupted: ({ id }) => db.system((tx) => kinds[kind].release(tx, id, job as never)),
    ended: ({ id }) => enqueueNext(db, queues, job, id),
  }
}

/**
 * Rings again for every row that has stood still, and gives up those that were tried too often.
 * PostgreSQL decides what is left to do; the queue may be lost, emptied or late.
 */
export async function sweep(db: Db, queues: Queues): Promise<{ rows: number; poisoned: number }> {
  const swept = { rows: 0, poisoned: 0 }
  for (const kind of Object.keys(kinds) as RowKind[]) {
    const given = new Problem(
      'job/poison',
      'Every try ended without an answer, as if the work itself ended the program',
    )
    const poisoned = await db.system((tx) => kinds[kind].poisoned(tx))
    for (const { id, stage } of poisoned) await db.system((tx) => fail(tx, kind, id, stage, given))
    const rows = await db.system((tx) => kinds[kind].unfinished(tx, IDLE_S, SWEEP_MAX))
    for (const { id, stage } of rows) await enqueue(queues, stage, id)
    swept.rows += rows.filter(({ stage }) => isJob(stage)).length
    swept.poisoned += poisoned.length
  }
  return swept
}
