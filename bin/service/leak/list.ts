import { operatorLeaks } from '../../../services/actions/operator-leaks.ts'
import { type Terminal, exitCode, misused, readArguments, table } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'
import { readingLine } from './watch-manifest.ts'

const usage = `
Usage: earwitness leak list [--json]

The operator's leaks, newest first, with their manifests and how far each was read.
${operatorUsage}`

/** `earwitness leak list`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, { json: { type: 'boolean', default: false } })
  if (typeof given === 'number') return given
  if (given.positionals.length > 0) return misused(terminal, usage, 'It takes no names')
  return asOperator(terminal, async (house) => {
    const listed = await operatorLeaks(house)
    if (given.values.json) {
      terminal.out.write(
        `${JSON.stringify(
          listed.map(({ leak, manifests }) => ({ ...leak, manifests })),
          undefined,
          2,
        )}\n`,
      )
      return exitCode.done
    }
    terminal.out.write(
      table(
        listed.map(({ leak }) => [
          leak.id,
          leak.name,
          leak.kind,
          leak.rows.toLocaleString('en'),
          leak.publicCheck ? 'visitors' : 'members',
        ]),
        [
          { title: 'id' },
          { title: 'name' },
          { title: 'kind' },
          { title: 'rows', align: 'right' },
          { title: 'who may ask' },
        ],
      ),
    )
    for (const { manifests } of listed)
      for (const manifest of manifests.filter(({ stage }) => stage !== 'done'))
        terminal.out.write(
          `${manifest.stage === 'failed' ? 'failed' : 'reading'}  ${readingLine(manifest)}\n`,
        )
    return exitCode.done
  })
}
