import { formatIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, exitCode, misused, paint, readArguments, table } from '../terminal.ts'
import { connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { type Known, describeFile } from './describe.ts'
import { failureText, reporting } from './failure.ts'
import { threadsOf } from './local-pool.ts'
import { type RegisterOutcome, registerFiles } from './register-files.ts'
import { type FoundFile, eachOf, findAudio } from './walk.ts'

const usage = `
Usage: earwitness register FILE|FOLDER… [options]

Registers recordings so that copies of them are recognised. Fingerprints are made here, on all cores; only they,
hashes of the covers and the names in the files' tags are sent; audio and pictures never leave. What is registered already is passed over,
so a run that was broken off is simply started again. At the end it prints a line
for each recording: id, tab, file.

  --rights-holder NAME  owner or exclusive licensee; else the account
  --label NAME          label of the releases; else what the tags say
  --artist NAME         artist of files that name none
  --threads N           how many files at once; else one for each core
  --again               also what the journal says is registered already
  --dry-run             only show what would be registered
  --json                print one JSON document instead: [{ file, state, id, warnings }, { file, state, problem }]
${connectionUsage}`

/** Files whose tags are read at once in a dry run: reading waits for the disk, not for the processor. */
const READERS = 8

async function dryRun(
  terminal: Terminal,
  files: readonly FoundFile[],
  known: Known,
  json: boolean,
): Promise<number> {
  const rows: { file: string; recording?: unknown; warnings?: readonly string[]; problem?: string }[] = []
  const cells: string[][] = []
  const progress = createProgress(terminal, 'Reading', { unit: 'files' })
  let done = 0
  await eachOf(files, READERS, async ({ path }, index) => {
    terminal.signal.throwIfAborted()
    try {
      const { recording, warnings } = await describeFile(path, known)
      rows[index] = { file: path, recording, warnings }
      const { title, artists, isrc, release } = recording
      cells[index] = [
        title,
        artists.join(', '),
        isrc ? formatIsrc(isrc) : '',
        release?.title ?? '',
        warnings.join('; '),
      ]
    } catch (error) {
      const problem = failureText(error)
      if (problem === undefined) throw error
      rows[index] = { file: path, problem }
      cells[index] = [path, '', '', '', problem]
    }
    progress.show(++done, files.length)
  })
  progress.end()
  const titles = ['title', 'artists', 'ISRC', 'release', 'remarks'].map((title) => ({ title }))
  terminal.out.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(cells, titles))
  return rows.some(({ problem }) => problem !== undefined) ? exitCode.someFailed : exitCode.done
}

/** Warnings and failures as tables, then one line that sums up. */
function conclude(terminal: Terminal, outcomes: readonly RegisterOutcome[]): void {
  const failed = outcomes.flatMap((outcome) =>
    'problem' in outcome ? [[outcome.file, outcome.problem]] : [],
  )
  const warned = outcomes.flatMap((outcome) =>
    'warnings' in outcome ? outcome.warnings.map((warning) => [outcome.file, warning]) : [],
  )
  // Paths and reasons are told in full, however long: somebody has to act on them.
  const columns = ['file', 'what'].map((title) => ({ title, columnsMax: Infinity }))
  if (warned.length > 0) terminal.err.write(`\nRegistered, with remarks:\n${table(warned, columns)}`)
  if (failed.length > 0)
    terminal.err.write(`\n${paint(terminal, 'red', 'Not registered')}:\n${table(failed, columns)}`)
  const count = (state: string): number => outcomes.filter((outcome) => outcome.state === state).length
  terminal.err.write(
    `${count('registered')} registered, ${count('recognised')} known to the service, ` +
      `${count('passed over')} passed over as done before, ${failed.length} failed\n`,
  )
}

/** `earwitness register`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(
    terminal,
    async () => {
      const given = readArguments(terminal, usage, argv, {
        ...connectionOptions,
        'rights-holder': { type: 'string' },
        label: { type: 'string' },
        artist: { type: 'string' },
        threads: { type: 'string' },
        again: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      })
      if (typeof given === 'number') return given
      const { values, positionals } = given
      if (positionals.length === 0) return misused(terminal, usage, 'Which folder?')
      const known: Known = {
        rightsHolder: values['rights-holder'],
        label: values.label,
        artist: values.artist,
      }
      const threads = threadsOf(values.threads)
      const files = await findAudio(positionals)
      if (values['dry-run']) return dryRun(terminal, files, known, values.json)
      const connection = await connectionOf(terminal, values)
      const outcomes = await registerFiles(terminal, connection, files, {
        known,
        threads,
        again: values.again,
      })
      if (values.json) terminal.out.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
      else {
        for (const outcome of outcomes)
          if ('id' in outcome) terminal.out.write(`${outcome.id}\t${outcome.file}\n`)
      }
      conclude(terminal, outcomes)
      return outcomes.some((outcome) => 'problem' in outcome) ? exitCode.someFailed : exitCode.done
    },
    'What is registered stays; the same command goes on where it stopped',
  )
}
