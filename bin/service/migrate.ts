import { renewAddressKeys } from '../../services/address-keys.ts'
import { databaseUrlOf, readConfig } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate } from '../../services/core/migrate.ts'
import { migrateQueue } from '../../services/core/queue.ts'
import { type Terminal, readArguments } from '../terminal.ts'

const usage = `
Usage: earwitness migrate

Applies what is missing to the database that DATABASE_URL names, and makes the queue's tables there
unless REDIS_URL is set. Run it before starting a newer version; running it twice does no harm.`

export async function run(argv: string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {})
  if (typeof given === 'number') return given
  const config = readConfig(terminal.env)
  const databaseUrl = databaseUrlOf(config)
  const log = openLog('migrate', 'warn')
  const applied = await migrate(databaseUrl, log)
  await migrateQueue({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  const db = openDb(databaseUrl, log)
  try {
    await renewAddressKeys(db)
  } finally {
    await db.close()
  }
  terminal.out.write(
    applied.length === 0 ? 'Nothing to do.\n' : `${applied.map((name) => `applied ${name}`).join('\n')}\n`,
  )
  return 0
}
