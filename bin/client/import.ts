import { stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { createProgress } from '../progress.ts'
import { type Terminal, UsageError, exitCode, misused, paint, readArguments, table } from '../terminal.ts'
import { type Client, openClient } from './api-client.ts'
import { connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { endsTheRun, failureText, reporting } from './failure.ts'
import type { ImportErrorView, ImportView } from './views.ts'

const usage = `
Usage: earwitness import FILE… [options]

Takes catalogues in: tables (CSV, TSV), DDEX ERN messages (XML), MusicBrainz-style JSON. The service finds out which it
is, reads it row by row and says what is wrong with which. A row that is wrong keeps no other from being taken in; the
same file once more changes nothing. Prints the id of each import on standard output.

  --dry-run         check everything and keep nothing
  --date-order ORD  of a table: dmy or mdy, which number of 05/06/2020 is the month; else found out
  --separator CHAR  of a table: , ; | or tab; else found out
  --encoding NAME   of a table: e.g. windows-1252; else found out
  --errors OUT.csv  write what was wrong with the rows into a table: row, column, code, message
  --json            print one JSON document instead: [{ file, …, errorRows }]
${connectionUsage}`

/** Between two looks at an import. */
const LOOK_MS = 500
/** Rows with errors that are shown; the others are in the table of --errors. */
const SHOWN_MAX = 20

/** One file and what became of it, or why it was not taken. */
type Imported =
  | { readonly file: string; readonly ended: ImportView; readonly errors: readonly ImportErrorView[] }
  | { readonly file: string; readonly problem: string }

async function checkFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
    })
    if (!facts.isFile()) throw new UsageError(`${path} is not a file; a folder of audio is for \`register\``)
  }
}

/** Sends a file and follows its import to the end. */
async function importOne(
  terminal: Terminal,
  client: Client,
  path: string,
  given: { query: Readonly<Record<string, string>>; onId: (id: string) => void },
): Promise<ImportView> {
  const name = basename(path)
  const sending = createProgress(terminal, `Sending ${name}`)
  const started = await client.startImport(path, { ...given.query, fileName: name }, (bytes, bytesTotal) =>
    sending.show(bytes, bytesTotal),
  )
  if (terminal.isTty) sending.end()
  given.onId(started.id)
  const reading = createProgress(terminal, `Taking in ${name}`)
  for (let seen = started; ; seen = await client.import(started.id)) {
    const hasEnded = seen.stage !== 'import'
    reading.show(hasEnded ? 1 : seen.progress, 1, `${seen.rows} rows, ${seen.errors} with errors`)
    if (hasEnded) {
      if (terminal.isTty) reading.end()
      return seen
    }
    await sleep(LOOK_MS, undefined, { signal: terminal.signal })
  }
}

const countColumns = ['rows', 'created', 'updated', 'unchanged', 'purged', 'errors', 'warnings'] as const

/** What became of the files, for people. */
function conclude(terminal: Terminal, all: readonly Imported[]): void {
  const ended = all.filter((one) => 'ended' in one)
  if (ended.length > 0) {
    const rows = ended.map(({ file, ended }) => [
      basename(file),
      ...countColumns.map((name) => String(ended[name])),
    ])
    const columns = countColumns.map((title) => ({ title, align: 'right' as const }))
    terminal.err.write(`\n${table(rows, [{ title: 'file' }, ...columns])}`)
  }
  for (const { file, ended: view, errors } of ended) {
    const name = basename(file)
    if (view.facts?.test)
      terminal.err.write(`${name} is a test message: it was checked and nothing was kept\n`)
    else if (view.dryRun) terminal.err.write(`${name}: nothing was kept, this was a dry run\n`)
    if (view.sameAs) terminal.err.write(`${name}: this message was taken in before, as ${view.sameAs}\n`)
    if (view.problem) terminal.err.write(`${paint(terminal, 'red', `${name}: ${view.problem.detail}`)}\n`)
    const bad = errors.filter(({ severity }) => severity === 'error').slice(0, SHOWN_MAX)
    if (bad.length === 0) continue
    const cells = bad.map(({ row, column, code, message }) => [String(row), column, code, message])
    const columns = [{ title: 'row', align: 'right' as const }, { title: 'column' }, { title: 'code' }]
    terminal.err.write(
      `\n${paint(terminal, 'red', `Not taken in of ${name}`)}:\n` +
        table(cells, [...columns, { title: 'what', columnsMax: Infinity }]),
    )
    if (view.errors > bad.length) terminal.err.write('and more; --errors OUT.csv writes them all\n')
  }
}

/** Writes what was wrong with the rows of all files into one table. */
async function writeErrors(client: Client, path: string, all: readonly Imported[]): Promise<void> {
  let text = ''
  for (const one of all) {
    if (!('ended' in one)) continue
    const lines = (await client.importErrorTable(one.ended.id)).toString()
    // One line of headings is enough for all.
    text += text === '' ? lines : lines.slice(lines.indexOf('\n') + 1)
  }
  await writeFile(path, text)
}

const isWhole = (one: Imported): boolean =>
  'ended' in one && one.ended.stage === 'done' && one.ended.errors === 0

/** `earwitness import`. @returns the exit code: 0 when every row of every file was taken in. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(
    terminal,
    async () => {
      const given = readArguments(terminal, usage, argv, {
        ...connectionOptions,
        'dry-run': { type: 'boolean', default: false },
        'date-order': { type: 'string' },
        separator: { type: 'string' },
        encoding: { type: 'string' },
        errors: { type: 'string' },
        json: { type: 'boolean', default: false },
      })
      if (typeof given === 'number') return given
      const { values, positionals } = given
      if (positionals.length === 0) return misused(terminal, usage, 'Which file?')
      await checkFiles(positionals)
      const client = openClient(await connectionOf(terminal, values), terminal.signal)
      const query = {
        ...(values['dry-run'] && { dryRun: 'true' }),
        ...(values['date-order'] && { dateOrder: values['date-order'] }),
        ...(values.separator && { separator: values.separator.replace(/^(tab|\\t)$/, '\t') }),
        ...(values.encoding && { encoding: values.encoding }),
      }
      const onId = (id: string) => values.json || terminal.out.write(`${id}\n`)
      const all: Imported[] = []
      for (const file of positionals) {
        try {
          const ended = await importOne(terminal, client, file, { query, onId })
          all.push({ file, ended, errors: ended.errors > 0 ? await client.importErrors(ended.id) : [] })
        } catch (error) {
          const problem = failureText(error)
          if (terminal.signal.aborted || endsTheRun(error) || problem === undefined) throw error
          terminal.err.write(`${paint(terminal, 'red', 'not taken')} ${file}: ${problem}\n`)
          all.push({ file, problem })
        }
      }
      if (values.errors !== undefined) await writeErrors(client, values.errors, all)
      if (values.json) terminal.out.write(`${JSON.stringify(all.map(told), undefined, 2)}\n`)
      else conclude(terminal, all)
      return all.every(isWhole) ? exitCode.done : exitCode.someFailed
    },
    'What was sent is taken in by the service all the same; POST /v1/imports/ID/cancel stops it',
  )
}

const told = (one: Imported) =>
  'ended' in one
    ? { file: one.file, ...one.ended, errorRows: one.errors }
    : { file: one.file, problem: one.problem }
