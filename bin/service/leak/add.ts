import { z } from 'zod'

import { addOperatorLeak } from '../../../services/actions/operator-leaks.ts'
import { LeakBatches, LeakKind, NewLeak } from '../../../services/leaks/leak.ts'
import { type Terminal, exitCode, misused, readArguments } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'
import { readJson } from './read-json.ts'

const usage = `
Usage: earwitness leak add NAME --kind KIND --lawful-basis WHY [options]

Notes a bulk leak or data set that every account can ask about, as soon as a manifest of it is imported. Prints its id.

  --kind KIND         ${LeakKind.options.join(', ')}
  --lawful-basis WHY  from whom you have its manifests, and why you may hold them; ask counsel first
  --taken DAY         the day that its newest rows are of, e.g. 2025-07-01
  --announced DAY     the day on which it was announced
  --note TEXT
  --batches FILE      the parts in which it is published, as JSON: [{ "number": 1, "name": "Most popular",
                      "popularityFrom": 60, "popularityTo": 100, "publishedOn": "2026-01-15" }]
  --public            let visitors without an account ask by the private check, where PRIVATE_CHECK allows it
${operatorUsage}`

/** `earwitness leak add`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {
    kind: { type: 'string' },
    'lawful-basis': { type: 'string' },
    taken: { type: 'string' },
    announced: { type: 'string' },
    note: { type: 'string' },
    batches: { type: 'string' },
    public: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) return misused(terminal, usage, 'Give one name')
  const leak = NewLeak.safeParse({
    name,
    kind: values.kind,
    lawfulBasis: values['lawful-basis'],
    takenOn: values.taken,
    announcedOn: values.announced,
    note: values.note,
    ...(values.batches !== undefined && { batches: await readJson(values.batches, LeakBatches) }),
  })
  if (!leak.success) return misused(terminal, usage, z.prettifyError(leak.error))
  return asOperator(terminal, async (house) => {
    const id = await addOperatorLeak(house, leak.data, { publicCheck: values.public })
    terminal.out.write(`${id}\n`)
    terminal.err.write(`Noted “${leak.data.name}”. \`earwitness leak import\` reads a manifest of it.\n`)
    return exitCode.done
  })
}
