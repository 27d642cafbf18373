import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { createProgress } from '../progress.ts'
import { type Terminal, UsageError, exitCode, paint, table } from '../terminal.ts'
import type { Client } from './api-client.ts'
import type { BatchView } from './views.ts'

/** Between two looks at a batch, which takes minutes to days. */
const LOOK_MS = 2_000
/** Lines that are no addresses and are named; the table of results has them all. */
const REFUSED_SHOWN_MAX = 20

/** Follows a batch until all of it has ended. */
async function watchBatch(terminal: Terminal, client: Client, started: BatchView): Promise<BatchView> {
  const progress = createProgress(terminal, 'Examining', { unit: 'addresses' })
  for (let seen = started; ; seen = await client.batch(started.id)) {
    const { found, failed } = seen.counts
    progress.show(seen.ended, seen.total, `${found} with finds, ${failed} failed`)
    if (seen.ended >= seen.total) {
      progress.end()
      return seen
    }
    await sleep(LOOK_MS, undefined, { signal: terminal.signal })
  }
}

/** Says what of a list was not taken. */
function tellRefused(terminal: Terminal, { refused, duplicates, given, total }: BatchView): void {
  if (duplicates > 0)
    terminal.err.write(`${duplicates} of ${given} were there twice, or are being examined already\n`)
  if (refused.length === 0) return
  const rows = refused.slice(0, REFUSED_SHOWN_MAX).map(({ line, text, why }) => [String(line), text, why])
  const columns = [{ title: 'line', align: 'right' as const }, { title: 'text' }, { title: 'why' }]
  terminal.err.write(`${paint(terminal, 'red', 'Not taken')}:\n${table(rows, columns)}`)
  const left = given - duplicates - total - rows.length
  if (left > 0) terminal.err.write(`and ${left} more\n`)
}

/**
 * Hands in a list of addresses from a file, and follows it to its end when that is wanted.
 *
 * @returns the exit code: 0 when every line was an address, and nothing failed as far as it was followed.
 * @throws {UsageError} when there is no such file; what the client throws.
 */
export async function submitListFile(
  terminal: Terminal,
  client: Client,
  path: string,
  options: { note?: string | undefined; wait: boolean; json: boolean },
): Promise<number> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  if (!facts.isFile()) throw new UsageError(`${path} is not a file`)
  const started = await client.submitList(path, { name: basename(path), note: options.note })
  if (!options.json) {
    terminal.out.write(`${started.id}\n`)
    tellRefused(terminal, started)
  }
  const seen = options.wait ? await watchBatch(terminal, client, started) : started
  if (options.json) terminal.out.write(`${JSON.stringify(seen, undefined, 2)}\n`)
  else if (options.wait) {
    const { found, nothing, failed } = seen.counts
    terminal.err.write(`${found} with finds, ${nothing} without, ${failed} failed\n`)
  }
  return seen.refused.length === 0 && seen.counts.failed === 0 ? exitCode.done : exitCode.someFailed
}
