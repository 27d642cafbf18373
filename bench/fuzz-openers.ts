import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import { openingFolder } from '../test/support/opening.ts'
import { type Figure, atMost, exactly, plain } from './figures.ts'
import { archiveOpeners } from './fuzz/archives.ts'
import { type FuzzedOpener, openDescriptors, openOnce, spoiledFile } from './fuzz/opening.ts'
import { pageSeeds } from './fuzz/pages.ts'
import { trackOpeners } from './fuzz/tracks.ts'
import { type Watchdog, startWatchdog } from './fuzz/watchdog.ts'
import { wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- fuzz-openers [--json] [options]

Gives the openers files that were changed in a few places: nothing crashes, nothing hangs, nothing but a named problem is
thrown, no file or descriptor stays open, and memory does not grow.

  --inputs N   files for each opener; else 10000
  --only NAME  one opener alone, such as zip`

const INPUTS_MAX = 1_000_000
/** The budget breaks an opener off after half of this. */
const LIMIT_MS = 10_000
/** What went wrong is told up to here. */
const TOLD_MAX = 20
/** Files after which memory is looked at for the first time: until then much is loaded and compiled. */
const WARM_FILES = 200
/** What the program may need more at the end; the collector is in no hurry. */
const GROWTH_MB_MAX = 150
/** The first thread takes a dozen; a leak would take one for each file. */
const DESCRIPTORS_MAX = 24

/** Every opener; each family of them has its table. */
const allOpeners = async (env: NodeJS.ProcessEnv): Promise<Readonly<Record<string, FuzzedOpener>>> => ({
  ...archiveOpeners,
  ...Object.fromEntries(
    pageSeeds.map(({ name, opener, seeds }) => [
      name,
      { opener, seeds: seeds().map((seed) => Buffer.from(seed)) },
    ]),
  ),
  ...(await trackOpeners(
    (await findFfmpeg({ FFMPEG_PATH: env['FFMPEG_PATH'], searchPath: env['PATH'] ?? '' })).path,
  )),
})

interface Work {
  readonly terminal: Terminal
  readonly watchdog: Watchdog
  readonly count: number
}

const residentMb = (): number => process.memoryUsage.rss() / 2 ** 20

async function fuzzOpener(
  { terminal, watchdog, count }: Work,
  name: string,
  fuzzed: FuzzedOpener,
): Promise<Figure[]> {
  const progress = createProgress(terminal, `Opening ${name}`, { unit: 'files' })
  const folder = await openingFolder()
  const before = await openDescriptors()
  let warmMb = residentMb()
  let problems = 0
  let found = 0
  let slowestMs = 0
  try {
    for (let number = 0; number < count; number++) {
      terminal.signal.throwIfAborted()
      const began = performance.now()
      const bytes = spoiledFile(fuzzed, number)
      const answer = await watchdog.during(`${name} ${number}`, () => openOnce(folder, fuzzed, bytes))
      slowestMs = Math.max(slowestMs, performance.now() - began)
      found += answer.found
      if (answer.problem !== undefined) {
        problems += 1
        if (problems <= TOLD_MAX) terminal.err.write(`${name} ${number}: ${answer.problem}\n`)
      }
      if (number === WARM_FILES) warmMb = residentMb()
      progress.show(number + 1, count)
    }
  } finally {
    progress.end()
    await folder.remove()
  }
  const after = await openDescriptors()
  return [
    plain(`${name}: files opened`, count, ''),
    plain(`${name}: found in them`, found, ''),
    atMost(`${name}: slowest file`, slowestMs, 'ms', LIMIT_MS),
    exactly(`${name}: problems`, problems, '', 0),
    atMost(`${name}: descriptors more`, Math.max(0, (after ?? 0) - (before ?? 0)), '', DESCRIPTORS_MAX),
    atMost(`${name}: memory more`, Math.max(0, residentMb() - warmMb), 'MB', GROWTH_MB_MAX),
  ]
}

/** `npm run bench -- fuzz-openers`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    inputs: { type: 'string', default: '10000' },
    only: { type: 'string' },
  })
  if (typeof given === 'number') return given
  const count = wholeNumber('inputs', given.values.inputs, { min: 1, max: INPUTS_MAX })
  const { only } = given.values
  const openers = await allOpeners(terminal.env)
  const watchdog = startWatchdog(LIMIT_MS)
  try {
    const figures: Figure[] = []
    for (const [name, fuzzed] of Object.entries(openers))
      if (only === undefined || only === name)
        figures.push(...(await fuzzOpener({ terminal, watchdog, count }, name, fuzzed)))
    return figures
  } finally {
    await watchdog.stop()
  }
}
