import type { OperatorHouse } from '../../../services/actions/operator-leaks.ts'
import { databaseUrlOf, readConfig } from '../../../services/core/config.ts'
import { openDb } from '../../../services/core/db.ts'
import { openLog } from '../../../services/core/log.ts'
import { openQueues } from '../../../services/core/queue.ts'
import type { Terminal } from '../../terminal.ts'
import { runningHere } from '../doctor.ts'

/** The part of a command's usage that says where it works. */
export const operatorUsage = `
Run it on the machine of the service: it works on the database that DATABASE_URL names, or on that of the
\`earwitness start\` that runs here. What it does is the operator's: every account sees it.`

/** Does something as the operator of the service on this machine. @returns the exit code of the work. */
export async function asOperator(
  terminal: Terminal,
  work: (house: OperatorHouse) => Promise<number>,
): Promise<number> {
  const config = readConfig(terminal.env)
  const databaseUrl = config.DATABASE_URL ?? (await runningHere(config))?.databaseUrl ?? databaseUrlOf(config)
  const log = openLog('leak', 'silent')
  const db = openDb(databaseUrl, log)
  const queues = openQueues({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  try {
    return await work({ db, queues })
  } finally {
    await queues.close()
    await db.close()
  }
}
