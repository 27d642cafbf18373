import { z } from 'zod'

import type { Db } from '../../services/core/db.ts'

const Tally = z.object({
  /** Submissions of a batch that have ended, and those of them that ended well. */
  ended: z.number(),
  done: z.number(),
  items: z.number(),
  itemsDone: z.number(),
  /** Addresses with two submissions, submissions with two captures of their address, and places with two items. */
  doubles: z.number(),
  /** Types of the problems that any of them ended with. */
  problems: z.array(z.string()),
})
export type Tally = z.infer<typeof Tally>

/** Counts what became of a batch. */
export const tallyOf = (db: Db, batchId: string): Promise<Tally> =>
  db.system(
    (tx) => tx.one(Tally)`
      with handed as (select id, url, stage, problem from submission where batch_id = ${batchId}),
           seen as (select i.submission_id, i.place, i.name, i.stage, i.problem from item i join handed h on h.id = i.submission_id)
      select (select count(*) from handed where stage in ('done', 'failed')) as ended,
             (select count(*) from handed where stage = 'done') as done,
             (select count(*) from seen) as items,
             (select count(*) from seen where stage = 'done') as items_done,
             (select count(*) from handed) - (select count(distinct url) from handed)
               + (select count(*) from seen) - (select count(*) from (select distinct submission_id, place, name from seen) d)
               + (select count(*) - count(distinct c.submission_id) from capture c join handed h on h.id = c.submission_id)
               as doubles,
             array(select distinct problem ->> 'type' from (select problem from handed union all select problem from seen) p
                    where problem is not null) as problems`,
  )

const Backend = z.object({ pid: z.number() })

/**
 * Kills one process of the database, whereupon it cuts all connections, throws away its memory and reads its log: what it
 * does after a power cut.
 */
export async function crashDatabase(db: Db): Promise<void> {
  const { pid } = await db.system((tx) => tx.one(Backend)`select pg_backend_pid() as pid`)
  process.kill(pid, 'SIGKILL')
}
