import { operatorLeakOf, setOperatorPublicCheck } from '../../../services/actions/operator-leaks.ts'
import { type Terminal, exitCode, misused, readArguments } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'

const usage = `
Usage: earwitness leak publish LEAK [--off]

Lets visitors without an account ask about a leak by the private check, which tells nobody what they ask for; with
--off members only. PRIVATE_CHECK=public has to be set as well.
${operatorUsage}`

/** `earwitness leak publish`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, { off: { type: 'boolean', default: false } })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const [named, ...more] = positionals
  if (named === undefined || more.length > 0) return misused(terminal, usage, 'Give one leak')
  return asOperator(terminal, async (house) => {
    const { id, name } = await operatorLeakOf(house, named)
    await setOperatorPublicCheck(house, id, !values.off)
    terminal.err.write(
      values.off ? `Only members can ask about “${name}”.\n` : `Visitors can ask about “${name}”.\n`,
    )
    return exitCode.done
  })
}
