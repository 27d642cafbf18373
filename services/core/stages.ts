import { z } from 'zod'

import type { Tx } from './db.ts'
import type { Problem } from './problem.ts'
import { Sql } from './sql.ts'

/**
 * A try is counted before its work begins, so a file that kills the process is counted as well.
 * Above the largest `attemptsMax` of any job (services/jobs.ts asserts it).
 */
export const TRIES_MAX = 8

/** What a failed row keeps of the Problem that ended it. */
export const StoredProblem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
})
export type StoredProblem = z.infer<typeof StoredProblem>

const Unfinished = z.object({ id: z.uuid(), stage: z.string() })

/** From each open stage to those that may follow it; `failed` may always follow. */
export type Transitions = Readonly<Record<string, readonly string[]>>
export type OpenStageOf<T extends Transitions> = keyof T & string

/** The tables whose rows have a stage. */
type StagedTable =
  | 'submission'
  | 'item'
  | 'recording'
  | 'alert'
  | 'catalogue_import'
  | 'rescan'
  | 'recheck'
  | 'host_resolution'
  | 'delivery'
  | 'capsule'
  | 'watch_read'
  | 'leak_manifest'
  | 'exposure_audit'

/** Any table can be a row with a stage; the name is ours, never a user's. */
const tableOf = (name: StagedTable): Sql => new Sql([name], [])

/**
 * The life of a row that names its own next job: claimed, moved on once, failed with a problem,
 * swept, tried again. The one implementation for every table with the columns `stage, stage_since,
 * failed_stage, problem, tries, progress`.
 *
 * @param name  the table.
 * @param next  the transitions that are allowed; anything else does not compile.
 * @param waiting  open stages that have no job of their own, and so are never rung for.
 */
export function stagesOf<const T extends Transitions>(
  name: StagedTable,
  next: T,
  waiting: readonly OpenStageOf<T>[] = [],
) {
  const table = tableOf(name)
  const open = Object.keys(next)
  const withJob = open.filter((stage) => !waiting.includes(stage))
  return {
    open,

    /** Takes the row for the work of one stage and counts the try; false when it is elsewhere by now. */
    async claim(tx: Tx, id: string, stage: OpenStageOf<T>): Promise<boolean> {
      return (await tx.run`update ${table} set tries = tries + 1 where id = ${id} and stage = ${stage}`) === 1
    },

    /** Gives back a try that was interrupted by a stop and not by the work. */
    async release(tx: Tx, id: string, stage: OpenStageOf<T>): Promise<void> {
      await tx.run`update ${table} set tries = greatest(tries - 1, 0) where id = ${id} and stage = ${stage}`
    },

    /** Moves the row on if it still is where the caller believes; of two callers one gets true. */
    async advance<From extends OpenStageOf<T>>(
      tx: Tx,
      id: string,
      from: From,
      to: T[From][number],
    ): Promise<boolean> {
      const written = await tx.run`
        update ${table} set stage = ${to}, stage_since = now(), tries = 0, progress = 0
         where id = ${id} and stage = ${from}`
      return written === 1
    },

    /** Ends the row with a problem, if it still is at the stage whose work failed. */
    async fail(tx: Tx, id: string, stage: OpenStageOf<T>, problem: Problem): Promise<boolean> {
      const written = await tx.run`
        update ${table} set stage = 'failed', failed_stage = stage, stage_since = now(), problem = ${JSON.stringify(problem)}
         where id = ${id} and stage = ${stage}`
      return written === 1
    },

    /** Sets a failed row back to the stage where it failed. */
    async retry(tx: Tx, id: string): Promise<boolean> {
      const written = await tx.run`
        update ${table}
           set stage = failed_stage, failed_stage = null, stage_since = now(), problem = null, tries = 0, progress = 0
         where id = ${id} and stage = 'failed' and failed_stage = any(${open})`
      return written === 1
    },

    /** The share of this stage's work that is done, 0 … 1: what page, API and command line show. */
    async showProgress(tx: Tx, id: string, share: number): Promise<void> {
      const progress = Math.min(1, Math.max(0, share))
      await tx.run`update ${table} set progress = ${progress} where id = ${id} and stage = any(${open})`
    },

    /** The row with its stage while it is open, else nothing. */
    waiting(tx: Tx, id: string): Promise<{ id: string; stage: string }[]> {
      return tx.all(Unfinished)`select id, stage from ${table} where id = ${id} and stage = any(${open})`
    },

    /** Open rows that stood still for a while, oldest first: the sweeper rings for them again. */
    unfinished(tx: Tx, idleS: number, rowsMax: number): Promise<{ id: string; stage: string }[]> {
      return tx.all(Unfinished)`
        select id, stage from ${table}
         where stage = any(${withJob}) and stage_since < now() - make_interval(secs => ${idleS})
         order by stage_since limit ${rowsMax}`
    },

    /** Rows that were tried too often: whatever happened to them, it killed the worker each time. */
    poisoned(tx: Tx): Promise<{ id: string; stage: string }[]> {
      return tx.all(Unfinished)`
        select id, stage from ${table} where stage = any(${open}) and tries >= ${TRIES_MAX} limit 100`
    },
  }
}
