import { parseArgs } from 'node:util'

import { databaseUrlOf, readConfig } from '../../services/core/config.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate } from '../../services/core/migrate.ts'
import { migrateQueue } from '../../services/core/queue.ts'
import type { Terminal } from '../terminal.ts'

const usage = `Usage: earwitness migrate

Applies what is missing to the database that DATABASE_URL names, and makes the queue's tables there
unless REDIS_URL is set. Run it before starting a newer version; running it twice does no harm.
`

export async function run(argv: string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    terminal.out.write(usage)
    return 0
  }
  const config = readConfig(terminal.env)
  const databaseUrl = databaseUrlOf(config)
  const log = openLog('migrate', 'warn')
  const applied = await migrate(databaseUrl, log)
  await migrateQueue({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  terminal.out.write(
    applied.length === 0 ? 'Nothing to do.\n' : `${applied.map((name) => `applied ${name}`).join('\n')}\n`,
  )
  return 0
}
