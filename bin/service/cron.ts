import { schedule } from 'node-cron'

import { strikeAll } from '../../services/actions/clocks.ts'
import { settleStaleConflicts } from '../../services/catalog/conflict-store.ts'
import { openBlobs } from '../../services/core/blobs.ts'
import { type Config, databaseUrlOf } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import type { CaseId } from '../../services/core/ids.ts'
import type { Logger } from '../../services/core/log.ts'
import { events } from '../../services/core/metrics.ts'
import { openQueues } from '../../services/core/queue.ts'
import { releaseOldCapsules } from '../../services/evidence/store.ts'
import { forgetMails } from '../../services/intake/store.ts'
import { startDueAudits } from '../../services/leaks/audit-store.ts'
import { sweepLeakFolders } from '../../services/leaks/folders.ts'
import { neededOf } from '../../services/leaks/manifest-store.ts'
import { refreshPriorities } from '../../services/matches/priority-store.ts'
import { enqueue, sweep } from '../../services/pipeline.ts'
import { forgetAnswers } from '../../services/recipients/rdap-store.ts'
import { forgetHosts } from '../../services/submissions/politeness-store.ts'
import { pruneBlobs } from '../../services/submissions/prune.ts'
import { forgetExpired } from '../../services/tenants/sign-in.ts'
import { startDueReads } from '../../services/watches/store.ts'
import { type ProgramRun, type Running, programRun } from './program.ts'

/** What happens when; all of it may be missed, late or done twice. */
const times = {
  sweep: '* * * * *',
  prune: '* * * * *',
  forget: '17 * * * *',
  conflicts: '29 * * * *',
  clocks: '* * * * *',
  watches: '* * * * *',
  priorities: '41 * * * *',
  audits: '3 * * * *',
} as const

/** Opens the clock of the service: it rings for rows that stood still and clears away what nobody needs. */
export async function openCron(config: Config, log: Logger): Promise<Running> {
  const databaseUrl = databaseUrlOf(config)
  const db = openDb(databaseUrl, log)
  const queues = openQueues({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  const blobs = await openBlobs(config.blobDir)
  const work = {
    async sweep() {
      const { rows, poisoned } = await sweep(db, queues)
      events.swept(log, rows, poisoned)
    },
    async prune() {
      await db.system(releaseOldCapsules)
      const deleted = await pruneBlobs(db, blobs)
      if (deleted > 0) log.info({ deleted }, 'deleted files that nobody needs any more')
    },
    async forget() {
      await db.system(forgetExpired)
      await db.system(forgetAnswers)
      await db.system(forgetHosts)
      await db.system(forgetMails)
      const folders = await sweepLeakFolders(
        config,
        (ids) => db.system((tx) => neededOf(tx, ids)),
        new Date(),
      )
      if (folders > 0) log.info({ folders }, 'deleted what was read of leaks that were removed')
    },
    async clocks() {
      const { deliveries, rechecks } = await strikeAll(db)
      for (const id of deliveries) await enqueue(queues, 'send', id)
      for (const id of rechecks) await enqueue(queues, 'recheck', id)
    },
    async priorities() {
      let after: CaseId | undefined
      do after = await db.system((tx) => refreshPriorities(tx, after))
      while (after)
    },
    async watches() {
      for (const id of await db.system(startDueReads)) await enqueue(queues, 'watch', id)
    },
    async audits() {
      for (const id of await db.system(startDueAudits)) await enqueue(queues, 'audit', id)
    },
    async conflicts() {
      await db.system(settleStaleConflicts)
    },
  }
  const tasks = Object.entries(times).map(([name, when]) =>
    schedule(
      when,
      () =>
        work[name as keyof typeof work]().catch((error: unknown) =>
          log.error({ err: error, name }, 'will be tried again'),
        ),
      { noOverlap: true, name },
    ),
  )
  // What stood still while the service was down should not wait for the next minute.
  await work.sweep().catch((error: unknown) => log.error({ err: error }, 'will be tried again'))
  return {
    ready: { tasks: tasks.length },
    async close() {
      for (const task of tasks) await task.destroy()
      await Promise.all([queues.close(), db.close()])
    },
  }
}

const usage = `
Usage: earwitness cron

Runs the clock until SIGTERM or Ctrl-C: rings for rows that stood still, deletes files that nobody needs. Needs
DATABASE_URL; one is enough.
Settings come from the environment; .env.example lists them.`

export const run: ProgramRun = programRun('cron', usage, openCron)
