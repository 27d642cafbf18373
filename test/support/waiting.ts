import { setTimeout as sleep } from 'node:timers/promises'

import type { Tx } from '../../services/core/db.ts'

/** Ends when another transaction waits for what this one has locked. @throws {Error} when none does for seconds. */
export async function untilSomebodyWaits(tx: Tx): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const waiting = await tx.run`
      select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`
    if (waiting > 0) return
    await sleep(10)
  }
  throw new Error('nobody waits')
}
