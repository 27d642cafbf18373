import { z } from 'zod'

import type { Db, Tx } from '../../services/core/db.ts'

/**
 * Where an action is broken off. `stop`: the process ends before a statement, and what it had begun is rolled back;
 * `kill`: the server ends the connection; `lost`: all is written, and nobody hears of it.
 */
export interface Crash {
  /** The statement of the action before which it happens, counted over all of its transactions. */
  readonly at: number
  readonly how: 'stop' | 'kill' | 'lost'
}

/** A database on which one action breaks off, once. */
export interface CrashingDb extends Db {
  /** Whether it has happened. */
  readonly struck: () => boolean
}

const Backend = z.object({ pid: z.number() })

/** @param kill ends the connection of a server process, from another connection. */
export function crashingDb(db: Db, { at, how }: Crash, kill: (pid: number) => Promise<unknown>): CrashingDb {
  let statements = 0
  let struck = false

  async function before(tx: Tx): Promise<void> {
    statements += 1
    if (struck || how === 'lost' || statements !== at) return
    struck = true
    if (how === 'stop') throw new Error('crash')
    const { pid } = await tx.one(Backend)`select pg_backend_pid() as pid`
    await kill(pid)
  }

  const breaking = (tx: Tx): Tx => ({
    all:
      (schema) =>
      async (...given) => {
        await before(tx)
        return tx.all(schema)(...given)
      },
    maybe:
      (schema) =>
      async (...given) => {
        await before(tx)
        return tx.maybe(schema)(...given)
      },
    one:
      (schema) =>
      async (...given) => {
        await before(tx)
        return tx.one(schema)(...given)
      },
    async run(...given) {
      await before(tx)
      return tx.run(...given)
    },
    copy: (...given) => tx.copy(...given),
  })

  /** The commit is a step as well: at the end of a transaction, before it. */
  const work =
    <T>(given: (tx: Tx) => Promise<T>) =>
    async (tx: Tx): Promise<T> => {
      const done = await given(breaking(tx))
      await before(tx)
      return done
    }

  function lose<T>(done: T): T {
    if (how === 'lost' && !struck) {
      struck = true
      throw new Error('crash')
    }
    return done
  }

  return {
    ...db,
    tenant: async (tenant, given) => lose(await db.tenant(tenant, work(given))),
    system: async (given) => lose(await db.system(work(given))),
    struck: () => struck,
  }
}
