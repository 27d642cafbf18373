import { type Terminal, exitCode, misused, paint, readArguments } from '../terminal.ts'
import { openClient } from './api-client.ts'
import { connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { endsTheRun, failureText, reporting } from './failure.ts'

const usage = `
Usage: earwitness retry ID… [options]

Sets failed submissions, or what failed in them, back to work where they stopped. Prints the id of each.
${connectionUsage}`

/** `earwitness retry`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, connectionOptions)
    if (typeof given === 'number') return given
    const { values, positionals } = given
    if (positionals.length === 0) return misused(terminal, usage, 'Which submissions?')
    const client = openClient(await connectionOf(terminal, values), terminal.signal)
    let failed = 0
    for (const id of positionals) {
      try {
        terminal.out.write(`${(await client.retry(id)).id}\n`)
      } catch (error) {
        const problem = failureText(error)
        if (terminal.signal.aborted || endsTheRun(error) || problem === undefined) throw error
        failed += 1
        terminal.err.write(`${paint(terminal, 'red', 'not set back')} ${id}: ${problem}\n`)
      }
    }
    return failed > 0 ? exitCode.someFailed : exitCode.done
  })
}
