import { writeLines } from '../bin/demo/leak/line-file.ts'
import { createProgress } from '../bin/progress.ts'
import { type Terminal, UsageError, readArguments } from '../bin/terminal.ts'
import type { Figure } from './figures.ts'
import { auditFigures } from './leaks/audit-figures.ts'
import { inventDump, inventRecordings } from './leaks/generator.ts'
import { indexFigures } from './leaks/index-figures.ts'
import { endingOf, manifestEndings, writeManifest } from './leaks/manifest-files.ts'
import { KEYS_MAX } from './leaks/packed-keys.ts'
import { passFigures } from './leaks/pass-figures.ts'
import { readingFigures } from './leaks/reading-figures.ts'
import { scanFigures } from './leaks/scan-figures.ts'
import { DUMP_ROWS } from './leaks/sizes.ts'
import { inFolder, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- leaks [--json] [options]

Builds and asks indexes of invented leaks, lets invented manifests pass a catalogue, reads them in every format, and
holds an audit against the truth. Every name is invented. No network, no database.

  --only PARTS       of index, pass, scan, reading, audit: some, with commas between them; else all
  --records LIST     sizes of the index; else 1000000,10000000. 186000000 take 3 GB of memory and 5 GB of the temporary folder
  --rows COUNT       rows that pass the catalogue; else 1000000
  --catalogue COUNT  codes in that catalogue; else 1000000
  --scanned COUNT    rows of the manifest that is scanned as \`earwitness leak scan\` does; else 200000
  --recordings COUNT recordings of the catalogue that it is held against, by names too; else 100000
  --audited COUNT    rows of the leak that is read as the service does, and audited; else 200000
  --write FILE       write an invented manifest and stop, with the catalogue and the truth beside it; by the end of its
                     name: ${manifestEndings.join(' ')}. With --rows from 1 to 256000000, --seed
  --seed NUMBER      of what is written; else 1`

const parts = ['index', 'pass', 'scan', 'reading', 'audit'] as const
type Part = (typeof parts)[number]

const RECORDS_DEFAULT = '1000000,10000000'
const CATALOGUE_MAX = 20_000_000
/** Rows that are read in each format. */
const READ_ROWS = 50_000
/** Recordings that a written manifest is made for, at most. */
const WRITTEN_CATALOGUE = 100_000

interface Options {
  readonly parts: readonly Part[]
  readonly sizes: readonly number[]
  readonly rows: number
  readonly catalogueSize: number
  readonly scanned: number
  readonly recordings: number
  readonly audited: number
}

function partsOf(list: string | undefined): readonly Part[] {
  const named = list?.split(',') ?? parts
  const unknown = named.find((name) => !parts.some((part) => part === name))
  if (unknown !== undefined) throw new UsageError(`--only ${unknown}: there are ${parts.join(', ')}`)
  return parts.filter((part) => named.includes(part))
}

type OnProgress = (share: number) => void

interface Step {
  readonly part: Part
  readonly label: string
  readonly run: (onProgress: OnProgress) => Figure[] | Promise<Figure[]>
}

/** What there is to measure, in this order: the index first, while the process has had little memory. */
function stepsOf(options: Options, folder: string, signal: AbortSignal): Step[] {
  const { sizes, rows, catalogueSize, scanned, recordings, audited } = options
  return [
    ...sizes.map((count): Step => ({
      part: 'index',
      label: `Index of ${count}`,
      run: (onProgress) => indexFigures(folder, count, { signal, onProgress }),
    })),
    {
      part: 'pass',
      label: 'Passing a catalogue',
      run: (onProgress) => passFigures({ rows, catalogueSize }, onProgress),
    },
    {
      part: 'scan',
      label: 'Scanning manifests',
      run: (onProgress) => scanFigures(folder, { rows: scanned, recordings }, { signal, onProgress }),
    },
    {
      part: 'reading',
      label: 'Reading',
      run: (onProgress) => readingFigures(folder, READ_ROWS, onProgress),
    },
    {
      part: 'audit',
      label: 'Gathering and auditing',
      run: (onProgress) => auditFigures(folder, audited, { signal, onProgress }),
    },
  ]
}

async function measure(terminal: Terminal, options: Options, folder: string): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { part, label, run } of stepsOf(options, folder, terminal.signal)) {
    if (!options.parts.includes(part)) continue
    terminal.signal.throwIfAborted()
    const progress = createProgress(terminal, label, { unit: '%' })
    figures.push(...(await run((share) => progress.show(Math.round(100 * share), 100))))
    progress.end()
  }
  return figures
}

/** Writes a manifest, the catalogue that it was made for, and which row is of which of its recordings. */
async function write(terminal: Terminal, path: string, rows: number, seed: number): Promise<number> {
  const catalogue = [...inventRecordings(seed, Math.min(WRITTEN_CATALOGUE, rows))]
  const truth: string[] = []
  const progress = createProgress(terminal, 'Writing', { unit: 'rows' })
  function* tracks() {
    let row = 0
    for (const { kind, of, hasAudio, track } of inventDump({ seed, rows, catalogue })) {
      row += 1
      if (of !== undefined) truth.push(JSON.stringify({ row, kind, recording: of, hasAudio }))
      if (row % 10_000 === 0) {
        terminal.signal.throwIfAborted()
        progress.show(row, rows)
      }
      yield track
    }
  }
  try {
    await writeManifest(path, tracks())
  } finally {
    progress.end()
  }
  await writeLines(`${path}.truth.jsonl`, truth)
  await writeLines(
    `${path}.catalogue.jsonl`,
    catalogue.map((recording) => JSON.stringify(recording)),
  )
  return 0
}

/** `npm run bench -- leaks`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    only: { type: 'string' },
    records: { type: 'string', default: RECORDS_DEFAULT },
    rows: { type: 'string', default: '1000000' },
    catalogue: { type: 'string', default: '1000000' },
    scanned: { type: 'string', default: '200000' },
    recordings: { type: 'string', default: '100000' },
    audited: { type: 'string', default: '200000' },
    write: { type: 'string' },
    seed: { type: 'string', default: '1' },
  })
  if (typeof given === 'number') return given
  const { only, records, rows: rowsGiven, catalogue, audited, write: path, seed } = given.values
  const rows = wholeNumber('rows', rowsGiven, { min: 1, max: DUMP_ROWS })
  if (path !== undefined) {
    if (endingOf(path) === undefined)
      throw new UsageError(`--write ${path}: its name ends with none of ${manifestEndings.join(' ')}`)
    return write(terminal, path, rows, wholeNumber('seed', seed, { min: 0, max: 2 ** 31 }))
  }
  const options: Options = {
    parts: partsOf(only),
    sizes: records.split(',').map((size) => wholeNumber('records', size, { min: 100_000, max: KEYS_MAX })),
    rows,
    catalogueSize: wholeNumber('catalogue', catalogue, { min: 1_000, max: CATALOGUE_MAX }),
    scanned: wholeNumber('scanned', given.values.scanned, { min: 10_000, max: DUMP_ROWS }),
    recordings: wholeNumber('recordings', given.values.recordings, { min: 1_000, max: CATALOGUE_MAX }),
    audited: wholeNumber('audited', audited, { min: 10_000, max: DUMP_ROWS }),
  }
  return inFolder((folder) => measure(terminal, options, folder))
}
