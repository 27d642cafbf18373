import * as alerts from './alerts/store.ts'
import * as imports from './catalog/import/store.ts'
import * as rescans from './catalog/rescans.ts'
import * as recordings from './catalog/store.ts'
import type { Db, Tx } from './core/db.ts'
import { DeliveryId, ItemId, WatchReadId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import type { Queues, Wiring } from './core/queue.ts'
import { dispatch } from './dispatch.ts'
import * as capsules from './evidence/store.ts'
import { type JobName, type OneRow, jobs } from './jobs.ts'
import * as audits from './leaks/audit-store.ts'
import * as manifests from './leaks/manifest-store.ts'
import * as rechecks from './matches/recheck-store.ts'
import * as deliveries from './notices/delivery-store.ts'
import * as resolutions from './recipients/resolution-store.ts'
import * as items from './submissions/item-store.ts'
import * as submissions from './submissions/store.ts'
import { backInLine, tenantWithRoom } from './submissions/turns-store.ts'
import { failRead } from './watch-reads.ts'
import * as watches from './watches/store.ts'

/** A row that has not moved for this long is rung for again; a job that does still exist swallows it. */
const IDLE_S = 60
/** Rows of one kind per sweep: a lost queue of any size is refilled within minutes. */
const SWEEP_MAX = 500

/** Who has to wait longer for a host gives its place to others; the sweeper looks once a minute. */
const LONG_MS = 60_000

/** The tables whose rows name their next job. */
const kinds = {
  submission: submissions.stages,
  item: items.itemStages,
  recording: recordings.stages,
  alert: alerts.stages,
  import: imports.stages,
  rescan: rescans.stages,
  resolution: resolutions.stages,
  delivery: deliveries.stages,
  recheck: rechecks.stages,
  capsule: capsules.stages,
  watch_read: watches.stages,
  leak_manifest: manifests.stages,
  exposure_audit: audits.stages,
} as const
export type RowKind = keyof typeof kinds

/** Which table a job works on. */
const rowOf = {
  fetch: 'submission',
  unpack: 'submission',
  follow: 'item',
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
  watch: 'watch_read',
  manifest: 'leak_manifest',
  audit: 'exposure_audit',
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
  if (kind === 'item') await items.failItem(tx, ItemId.parse(id), stage as never, problem)
  else if (kind === 'delivery') await deliveries.failDelivery(tx, DeliveryId.parse(id), problem)
  else if (kind === 'watch_read') await failRead(tx, WatchReadId.parse(id), problem)
  else await kinds[kind].fail(tx, id, stage as never, problem)
}

/** Enqueues whatever the row asks for next, and the items that were found in it. Workers do not know their successors; the rows do. */
async function enqueueNext(db: Db, queues: Queues, ended: JobName, id: string): Promise<void> {
  const kind = rowOf[ended]
  const waiting = await db.system((tx) => kinds[kind].waiting(tx, id))
  // A row that its own job left where it was is not due yet, or another worker has it: the sweeper looks again.
  for (const { stage } of waiting) if (stage !== ended) await enqueue(queues, stage, id)
  if (kind !== 'submission' && ended !== 'follow') return
  const inside = kind === 'submission' ? { submissionId: id } : { parentId: id }
  const found = await db.system((tx) => items.waitingItems(tx, inside))
  for (const { stage, id: itemId } of found) await enqueue(queues, stage, itemId)
}

/** When a submission that was handed in by the list has ended, its account's next one begins. */
async function passTurn(db: Db, queues: Queues, kind: RowKind, id: string): Promise<void> {
  if (kind !== 'submission' && kind !== 'item') return
  const tenantId = await db.system((tx) => tenantWithRoom(tx, id))
  if (tenantId) await dispatch(db, (next) => enqueue(queues, 'fetch', next), tenantId)
}

/** How a job is tied to its row: where progress, the end and the failure go. */
export function wiringOf<Id extends string>(db: Db, queues: Queues, job: JobName): Wiring<OneRow<Id>> {
  const kind = rowOf[job]
  return {
    progress: ({ id }, share) => db.system((tx) => kinds[kind].showProgress(tx, id, share)),
    dead: async ({ id }, problem) => {
      await db.system((tx) => fail(tx, kind, id, job, problem))
      // What was found before it failed goes on at once, and parts of a file without the rest.
      await enqueueNext(db, queues, job, id)
      await passTurn(db, queues, kind, id)
    },
    interrupted: ({ id }) => db.system((tx) => kinds[kind].release(tx, id, job as never)),
    putOff: async ({ id }, waitMs) => {
      await db.system((tx) => kinds[kind].release(tx, id, job as never))
      if (job !== 'fetch' || waitMs < LONG_MS) return
      const tenantId = await db.system((tx) => backInLine(tx, id, waitMs))
      if (tenantId) await dispatch(db, (next) => enqueue(queues, 'fetch', next), tenantId)
    },
    ended: async ({ id }) => {
      await enqueueNext(db, queues, job, id)
      await passTurn(db, queues, kind, id)
    },
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
  await dispatch(db, (id) => enqueue(queues, 'fetch', id))
  return swept
}
