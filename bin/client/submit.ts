import { stat } from 'node:fs/promises'
import { basename } from 'node:path'

import { createProgress } from '../progress.ts'
import { type Terminal, UsageError, exitCode, misused, paint, readArguments } from '../terminal.ts'
import { type Client, openClient } from './api-client.ts'
import { connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { endsTheRun, failureText, reporting } from './failure.ts'
import { findingsTable } from './findings.ts'
import { submitListFile } from './submit-list.ts'
import type { SubmissionView } from './views.ts'
import { watch } from './watch.ts'

const usage = `
Usage: earwitness submit URL|FILE… [options]
       earwitness submit --list FILE [options]

Hands in suspects to be compared with the catalogue. Prints the id of each on standard output.

  --list FILE      hand in the addresses in a file instead: one in a line, a table with a column url, or JSON
  --wait           follow the work to its end and print what was found
  --note TEXT      where it was seen, or why it is suspect
  --json           print one JSON document instead of ids and table
${connectionUsage}`

/** One thing that was handed in, or why it was not. */
export type Submitted = { readonly given: string; readonly id: string } | Refused
interface Refused {
  readonly given: string
  readonly problem: string
}

const isAddress = (given: string): boolean => /^(?:https?:\/\/|magnet:\?)/i.test(given)

/** Files must be there before the first is sent: a misspelt name should not cost half an upload. */
async function checkFiles(given: readonly string[]): Promise<void> {
  for (const path of given.filter((one) => !isAddress(one))) {
    const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
    })
    if (!facts.isFile()) throw new UsageError(`${path} is not a file; hand in files one by one`)
  }
}

async function submitOne(
  terminal: Terminal,
  client: Client,
  given: string,
  note: string | undefined,
): Promise<string> {
  if (isAddress(given)) return (await client.submitUrl(given, note)).id
  const progress = createProgress(terminal, `Sending ${basename(given)}`)
  const { id } = await client.submitFile(given, { fileName: basename(given), note }, (bytes, bytesTotal) =>
    progress.show(bytes, bytesTotal),
  )
  if (terminal.isTty) progress.end()
  return id
}

/** Whether all there was to examine in a submission was examined. */
export const isExamined = ({ stage, items }: SubmissionView): boolean =>
  stage === 'done' && items.every((item) => item.stage === 'done')

/**
 * Hands in addresses and files, one after another. What is refused does not keep the others.
 *
 * @throws what ends the whole run: a service that is away or does not know the key.
 */
export async function submitAll(
  terminal: Terminal,
  client: Client,
  given: readonly string[],
  options: { note?: string | undefined; onId: (id: string) => void },
): Promise<readonly Submitted[]> {
  const submitted: Submitted[] = []
  for (const one of given) {
    try {
      const id = await submitOne(terminal, client, one, options.note)
      options.onId(id)
      submitted.push({ given: one, id })
    } catch (error) {
      const problem = failureText(error)
      if (terminal.signal.aborted || endsTheRun(error) || problem === undefined) throw error
      terminal.err.write(`${paint(terminal, 'red', 'not taken')} ${one}: ${problem}\n`)
      submitted.push({ given: one, problem })
    }
  }
  return submitted
}

/** `earwitness submit`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const read = readArguments(terminal, usage, argv, {
      ...connectionOptions,
      wait: { type: 'boolean', default: false },
      note: { type: 'string' },
      list: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (typeof read === 'number') return read
    const { values, positionals } = read
    if (values.list !== undefined && positionals.length > 0)
      return misused(terminal, usage, 'A list is handed in by itself')
    if (values.list === undefined && positionals.length === 0)
      return misused(terminal, usage, 'Which address or file?')
    await checkFiles(positionals)
    const client = openClient(await connectionOf(terminal, values), terminal.signal)
    if (values.list !== undefined) return submitListFile(terminal, client, values.list, values)
    const submitted = await submitAll(terminal, client, positionals, {
      note: values.note,
      onId: (id) => values.json || terminal.out.write(`${id}\n`),
    })
    const ids = submitted.flatMap((one) => ('id' in one ? [one.id] : []))
    const refused = submitted.filter((one): one is Refused => 'problem' in one)
    const ended = values.wait && ids.length > 0 ? await watch(terminal, client, ids) : []
    if (values.json) {
      const answers = values.wait ? [...ended, ...refused] : submitted
      terminal.out.write(`${JSON.stringify(answers, undefined, 2)}\n`)
    } else if (ended.length > 0) terminal.err.write(`\n${findingsTable(ended)}`)
    const allWell = refused.length === 0 && ended.every(isExamined)
    return allWell ? exitCode.done : exitCode.someFailed
  })
}
