import { resetFactorsOf } from '../../services/actions/factor-reset.ts'
import { databaseUrlOf, readConfig } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import { openLog } from '../../services/core/log.ts'
import { type Terminal, misused, readArguments } from '../terminal.ts'
import { runningHere } from './doctor.ts'

const usage = `
Usage: earwitness reset-second-factor EMAIL

Takes the authenticator app and all passkeys of one member who lost the device, so that they can set up
others under Settings › Security. For an account whose only owner this is; elsewhere another owner does
it under Settings › Members. Run it on the machine of the service: it works on the database that
DATABASE_URL names, or on that of the \`earwitness start\` that runs here. The audit log notes it.`

/** What was taken, as a person says it; undefined of nothing. */
function takenInWords({ totp, passkeys }: { totp: boolean; passkeys: number }): string | undefined {
  const parts = [
    ...(totp ? ['the authenticator app'] : []),
    ...(passkeys > 0 ? [`${passkeys} passkey${passkeys === 1 ? '' : 's'}`] : []),
  ]
  return parts.length > 0 ? parts.join(' and ') : undefined
}

export async function run(argv: string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {})
  if (typeof given === 'number') return given
  const [email, ...more] = given.positionals
  if (email === undefined || more.length > 0)
    return misused(terminal, usage, 'Name one member by the mail address')
  const config = readConfig(terminal.env)
  const databaseUrl = config.DATABASE_URL ?? (await runningHere(config))?.databaseUrl ?? databaseUrlOf(config)
  const db = openDb(databaseUrl, openLog('reset-second-factor', 'warn'))
  try {
    const { member, ...had } = await resetFactorsOf(db, email)
    const who = `${member.name} <${member.email}>`
    const taken = takenInWords(had)
    terminal.out.write(
      taken === undefined
        ? `${who} has no second factor: nothing was changed.\n`
        : `Took ${taken} of ${who}. They set up others under Settings › Security.\n`,
    )
  } finally {
    await db.close()
  }
  return 0
}
