import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

import { writeAll, writeWhole } from '../../services/audio/index/whole-file.ts'
import { ACCEPTANCE_DEFAULT, ACCEPTANCE_MAX, ACCEPTANCE_MIN } from '../../services/audio/search/decide.ts'
import { createSearchPool } from '../../services/audio/search/search-pool.ts'
import { reporting } from '../client/failure.ts'
import { openLocalPool, threadsOf } from '../client/local-pool.ts'
import { findAudio } from '../client/walk.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, UsageError, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'
import { identifiedJson, identifiedTable, identifiedText, shortPath } from './identified.ts'
import { type Identified, identifyFiles } from './identify-files.ts'
import { openIndexFolder } from './index-folder.ts'
import { openPictures, sketchesFromAudio } from './pictures.ts'
import { readFileList } from './tables.ts'

const usage = `
Usage: earwitness identify --index FOLDER FILE|FOLDER… [options]
       earwitness identify --index FOLDER --queries FILE.tsv --out FILE.tsv [options]

Says which recordings of an index (\`earwitness index\`) files contain, where, and how they were changed.
No server and no database are needed.

  --index FOLDER      the index to compare with
  --json              print one JSON document: [{ file, passages: [{ referenceId, … }] }, { file, problem }]
  --queries FILE.tsv  files from a tab-separated table with a header; columns query_id and path, others are
                      ignored. Paths are relative to the table's folder
  --out FILE.tsv      where a table of what was found goes: a row for each passage, best first, or NONE. What two
                      recordings share is one row, that of the better one; shared_with names the other
  --pictures FOLDER   draw each passage: where it lies, its spectrogram, and the landmarks that agree. NAME-1.svg is
                      the best of a file
  --false-claims N    how many of a million files that hold nothing of the index may be claimed all the same, from
                      ${ACCEPTANCE_MIN} to ${ACCEPTANCE_MAX}; else ${ACCEPTANCE_DEFAULT}. Fewer means that less is found
  --threads N         how many files at once; else one for each core`

/** Compares the files with the index, telling of progress and of files that cannot be examined. */
async function identifyAll(
  terminal: Terminal,
  given: {
    readonly folder: string
    readonly pictures: string | undefined
    readonly threads: number | undefined
    readonly falseClaimsPerMillion: number | undefined
  },
  paths: readonly string[],
): Promise<readonly Identified[]> {
  const { falseClaimsPerMillion } = given
  const { index, pathOf } = await openIndexFolder(given.folder)
  const pool = await openLocalPool(terminal, given.threads)
  const searchPool = createSearchPool({ threads: pool.threads })
  const progress = createProgress(terminal, 'Comparing', { unit: 'files' })
  const say = (path: string, problem: string): void =>
    progress.say(`${paint(terminal, 'red', 'failed')} ${printable(shortPath(path))}: ${problem}`)
  try {
    const { signal } = terminal
    const onFound =
      given.pictures === undefined
        ? undefined
        : await openPictures(given.pictures, paths, sketchesFromAudio(pool, pathOf, signal))
    const how = { index, pool, searchPool, signal, progress, onFound, falseClaimsPerMillion }
    return await identifyFiles(how, paths, say)
  } finally {
    progress.end()
    await Promise.all([pool.close(), searchPool.close()])
  }
}

function acceptanceOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const value = Number(given)
  if (!(value >= ACCEPTANCE_MIN && value <= ACCEPTANCE_MAX))
    throw new UsageError(`--false-claims ${given}: give a number from ${ACCEPTANCE_MIN} to ${ACCEPTANCE_MAX}`)
  return value
}

const exitCodeOf = (found: readonly Identified[]): number =>
  found.some((one) => 'problem' in one) ? exitCode.someFailed : exitCode.done

/** `earwitness identify`. @returns the exit code; that nothing was found is no failure. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, {
      index: { type: 'string' },
      queries: { type: 'string' },
      out: { type: 'string' },
      pictures: { type: 'string' },
      threads: { type: 'string' },
      'false-claims': { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (typeof given === 'number') return given
    const { values, positionals } = given
    const { index: folder, queries, out, pictures } = values
    if (folder === undefined) return misused(terminal, usage, 'Which folder is the index in? Give --index')
    const threads = threadsOf(values.threads)
    const falseClaimsPerMillion = acceptanceOf(values['false-claims'])
    const how = { folder, pictures, threads, falseClaimsPerMillion }
    if (queries === undefined && out === undefined) {
      if (positionals.length === 0) return misused(terminal, usage, 'Which files?')
      const paths = (await findAudio(positionals)).map(({ path }) => path)
      // That nothing was found must not be said where nothing was looked at.
      if (paths.length === 0) throw new UsageError(`${positionals.join(', ')}: there are no audio files`)
      const found = await identifyAll(terminal, how, paths)
      terminal.out.write((values.json ? identifiedJson : identifiedText)(paths, found))
      return exitCodeOf(found)
    }
    if (queries === undefined || out === undefined)
      return misused(terminal, usage, '--queries and --out belong together')
    if (positionals.length > 0 || values.json)
      return misused(terminal, usage, 'With --queries, files are named by the table, and --out is a table')
    const files = await readFileList(queries, 'query_id')
    // Before hours of work, not after: a folder that cannot be made is told at once.
    await mkdir(dirname(out), { recursive: true })
    const paths = files.map(({ path }) => path)
    const found = await identifyAll(terminal, how, paths)
    const ids = files.map(({ id }) => id)
    await writeWhole(out, (file) => writeAll(file, Buffer.from(identifiedTable(ids, found))))
    return exitCodeOf(found)
  })
}
