import { join } from 'node:path'

import { createProgress } from '../bin/progress.ts'
import { startPostgres } from '../bin/service/postgres.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { ImportKind } from '../services/catalog/import/import.ts'
import { openDb } from '../services/core/db.ts'
import { openLog } from '../services/core/log.ts'
import { migrate } from '../services/core/migrate.ts'
import { createTenant } from '../services/tenants/store.ts'
import { type Figure, atMost, exactly, plain } from './figures.ts'
import { type FuzzedPlace, takeInOnce } from './fuzz/catalogue.ts'
import { spoiled } from './fuzz/documents.ts'
import { readOnce } from './fuzz/readers.ts'
import { type Watchdog, startWatchdog } from './fuzz/watchdog.ts'
import { inFolder, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- fuzz-imports [--json] [options]

Gives the readers of catalogues files that were changed in a few places, and takes some of them into a real catalogue:
nothing crashes, nothing hangs, and what an import says it did is what the tables hold.

  --inputs N   files for each reader; else 10000
  --runs N     files of each kind that are taken into a catalogue, every tenth broken off in the middle; else 300`

const INPUTS_MAX = 1_000_000
/** Files of some kilobytes take milliseconds; a busy machine may stop for a while. */
const LIMIT_MS = 10_000
/** Every so many files that are taken in break off in the middle. */
const BROKEN_EVERY = 10
/** What went wrong is told up to here. */
const TOLD_MAX = 20

/** What went wrong, each told at once with how to see it again. */
class Problems {
  readonly #terminal: Terminal
  count = 0

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  add(name: string, problem: string): void {
    this.count += 1
    if (this.count <= TOLD_MAX) this.#terminal.err.write(`${name}: ${problem}\n`)
  }
}

interface Work {
  readonly terminal: Terminal
  readonly watchdog: Watchdog
  readonly count: number
}

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const began = performance.now()
  const answer = await work()
  return { answer, ms: performance.now() - began }
}

async function fuzzReader({ terminal, watchdog, count }: Work, kind: ImportKind): Promise<Figure[]> {
  const progress = createProgress(terminal, `Reading ${kind}`, { unit: 'files' })
  const problems = new Problems(terminal)
  let slowestMs = 0
  let recordings = 0
  let refusals = 0
  for (let number = 0; number < count; number++) {
    terminal.signal.throwIfAborted()
    const name = `${kind} ${number}`
    const bytes = spoiled(kind, number)
    const { answer, ms } = await timed(() => watchdog.during(name, () => readOnce(kind, bytes)))
    slowestMs = Math.max(slowestMs, ms)
    recordings += answer.recordings
    refusals += answer.refusals
    if (answer.problem) problems.add(name, answer.problem)
    progress.show(number + 1, count)
  }
  progress.end()
  return [
    plain(`${kind}: files read`, count, ''),
    plain(`${kind}: recordings in them`, recordings, ''),
    plain(`${kind}: rows or files refused`, refusals, ''),
    atMost(`${kind}: slowest file`, slowestMs, 'ms', LIMIT_MS),
    exactly(`${kind}: problems`, problems.count, '', 0),
  ]
}

async function fuzzCatalogue(
  { terminal, watchdog, count }: Work,
  place: FuzzedPlace,
  kind: ImportKind,
): Promise<Figure[]> {
  const progress = createProgress(terminal, `Taking in ${kind}`, { unit: 'files' })
  const problems = new Problems(terminal)
  let slowestMs = 0
  for (let number = 0; number < count; number++) {
    terminal.signal.throwIfAborted()
    const name = `${kind} ${number}, taken in`
    const breaksOff = number % BROKEN_EVERY === BROKEN_EVERY - 1
    const bytes = spoiled(kind, number)
    const { answer, ms } = await timed(() =>
      watchdog.during(name, () => takeInOnce(place, kind, bytes, breaksOff)),
    )
    slowestMs = Math.max(slowestMs, ms)
    for (const problem of answer) problems.add(name, problem)
    progress.show(number + 1, count)
  }
  progress.end()
  return [
    plain(`${kind}: files taken in`, count, ''),
    atMost(`${kind}: slowest import`, slowestMs, 'ms', LIMIT_MS),
    exactly(`${kind}: problems of imports`, problems.count, '', 0),
  ]
}

/** Does some work with a catalogue in a database of its own. */
async function inDatabase<T>(terminal: Terminal, work: (place: FuzzedPlace) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const log = openLog('bench', 'silent')
    const server = await startPostgres(join(folder, 'postgres'), terminal.env, { durable: false })
    try {
      await migrate(server.url, log)
      const db = openDb(server.url, log)
      try {
        const { id } = await db.system((tx) => createTenant(tx, 'Sample Records'))
        return await work({ db, log, tenantId: id })
      } finally {
        await db.close()
      }
    } finally {
      await server.stop()
    }
  })
}

/** `npm run bench -- fuzz-imports`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    inputs: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '300' },
  })
  if (typeof given === 'number') return given
  const inputs = wholeNumber('inputs', given.values.inputs, { min: 0, max: INPUTS_MAX })
  const runs = wholeNumber('runs', given.values.runs, { min: 0, max: INPUTS_MAX })
  const watchdog = startWatchdog(LIMIT_MS)
  try {
    const figures: Figure[] = []
    for (const kind of ImportKind.options)
      figures.push(...(await fuzzReader({ terminal, watchdog, count: inputs }, kind)))
    if (runs === 0) return figures
    return await inDatabase(terminal, async (place) => {
      for (const kind of ImportKind.options)
        figures.push(...(await fuzzCatalogue({ terminal, watchdog, count: runs }, place, kind)))
      return figures
    })
  } finally {
    await watchdog.stop()
  }
}
