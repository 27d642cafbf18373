import { operatorLeakOf, removeOperatorLeak } from '../../../services/actions/operator-leaks.ts'
import { type Terminal, exitCode, misused, readArguments } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'

const usage = `
Usage: earwitness leak remove LEAK --yes

Removes a leak with its manifests: nobody can ask about it any more, and its index is deleted. Audits that were made,
letters, and the files that were imported stay where they are.
${operatorUsage}`

/** `earwitness leak remove`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, { yes: { type: 'boolean', default: false } })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const [named, ...more] = positionals
  if (named === undefined || more.length > 0) return misused(terminal, usage, 'Give one leak')
  if (!values.yes) return misused(terminal, usage, 'This cannot be undone: say --yes')
  return asOperator(terminal, async (house) => {
    const { id, name } = await operatorLeakOf(house, named)
    await removeOperatorLeak(house, id)
    terminal.err.write(`Removed “${name}”.\n`)
    return exitCode.done
  })
}
