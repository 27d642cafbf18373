import { z } from 'zod'

import { operatorLeakOf, setOperatorBatches } from '../../../services/actions/operator-leaks.ts'
import { type LeakBatch, LeakBatches } from '../../../services/leaks/leak.ts'
import { type Terminal, UsageError, exitCode, misused, readArguments, table } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'
import { readJson } from './read-json.ts'

const usage = `
Usage: earwitness leak batches LEAK [FILE] [--published NUMBER=DAY]…

Shows the parts in which a leak is published, or replaces them by those of FILE, as JSON, or says when one was
published. When that changes what is known of recordings, every account is audited anew, and told where it got worse.

  --published NUMBER=DAY  part NUMBER was published on DAY, e.g. 2=2026-02-01; an empty DAY: not yet
${operatorUsage}`

/** The parts with the days that were given. @throws {UsageError}. */
function withDays(batches: readonly LeakBatch[], given: readonly string[]): LeakBatch[] {
  const days = given.map((text) => {
    const [, number, day] = /^(\d)=(.*)$/.exec(text) ?? []
    if (!batches.some((batch) => String(batch.number) === number))
      throw new UsageError(`--published ${text}: give NUMBER=DAY of one of the leak's parts`)
    return { number: Number(number), publishedOn: day === '' ? null : day }
  })
  const read = LeakBatches.safeParse(
    batches.map((batch) => ({ ...batch, ...days.find(({ number }) => number === batch.number) })),
  )
  if (!read.success) throw new UsageError(z.prettifyError(read.error))
  return read.data
}

const shown = (batches: readonly LeakBatch[]): string =>
  table(
    batches.map(({ number, name, popularityFrom, popularityTo, publishedOn }) => [
      String(number),
      name,
      popularityFrom === null ? '' : `${popularityFrom} to ${popularityTo}`,
      publishedOn ?? 'not yet',
    ]),
    [{ title: 'part', align: 'right' }, { title: 'name' }, { title: 'popularity' }, { title: 'published' }],
  )

/** `earwitness leak batches`. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {
    published: { type: 'string', multiple: true, default: [] },
  })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const [named, path, ...more] = positionals
  if (named === undefined || more.length > 0)
    return misused(terminal, usage, 'Give one leak, and at most one file')
  const replaced = path === undefined ? undefined : await readJson(path, LeakBatches)
  return asOperator(terminal, async (house) => {
    const leak = await operatorLeakOf(house, named)
    const batches = withDays(replaced ?? leak.batches, values.published)
    if (replaced || values.published.length > 0) {
      const { audits } = await setOperatorBatches(house, leak.id, batches)
      terminal.err.write(
        audits === 1 ? 'One account is audited anew.\n' : `${audits} accounts are audited anew.\n`,
      )
    }
    terminal.out.write(shown(batches))
    return exitCode.done
  })
}
