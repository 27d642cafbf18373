import { readFile } from 'node:fs/promises'

import { writeAll, writeWhole } from '../../services/audio/index/whole-file.ts'
import { ManifestMapping } from '../../services/leaks/manifest/fields.ts'
import { Findings } from '../../services/leaks/scan/findings.ts'
import { scanManifest } from '../../services/leaks/scan/scan.ts'
import { reporting } from '../client/failure.ts'
import { threadsOf } from '../client/local-pool.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, UsageError, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'
import { type ReadCatalogue, readCatalogue } from './scan-catalogue.ts'
import { type Scanned, scanCsv, scanJson, scanTable, tellScan } from './scan-report.ts'

const usage = `
Usage: earwitness leak scan --catalogue CATALOGUE.csv MANIFEST… [options]

Says which recordings of a catalogue are in a manifest: JSON lines, a table, SQLite, Parquet or a list of files, plain or
packed. The manifest passes the catalogue once, on all cores; nothing of it is kept. No server and no database are
needed.

  --catalogue FILE  a table of recordings, as \`earwitness import\` takes it
  --names           look for rows without a usable ISRC by title, artists, release and length
  --mapping FILE    which columns of the manifest are what, as JSON: { "isrc": "code", "title": ["name", "track.name"] }
  --threads N       how many threads; else one for each core. With --names each needs some 600 bytes a recording
  --csv             print a table: a line for each recording that was found
  --json            print one JSON document: { files, summary, findings }
  --out FILE        write the table or the document into a file instead

The exit status is 0 when no recording is in it, 3 when at least one is, 1 when a file could not be read to its end,
2 when it was called wrongly.`

async function mappingOf(path: string | undefined): Promise<ManifestMapping> {
  if (path === undefined) return {}
  try {
    return ManifestMapping.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new UsageError(
      `${path} is no mapping of fields: ${error instanceof Error ? error.message : 'not JSON'}`,
    )
  }
}

/** Says which rows of the catalogue are not looked for. */
function tellErrors(terminal: Terminal, { errors, errorCount }: ReadCatalogue): void {
  const say = (text: string): boolean => terminal.err.write(`${paint(terminal, 'yellow', printable(text))}\n`)
  for (const { row, message } of errors) say(`catalogue, line ${row}: ${message}`)
  if (errorCount > errors.length) say(`and ${errorCount - errors.length} more lines of the catalogue`)
}

/** Scans with a bar. */
async function scan(
  terminal: Terminal,
  files: readonly string[],
  given: {
    readonly catalogue: ReadCatalogue
    readonly names: boolean
    readonly threads: number | undefined
    readonly mapping: ManifestMapping
  },
): Promise<Scanned> {
  const { signal } = terminal
  const { names, threads, mapping } = given
  const catalogue = given.catalogue.recordings
  const findings = new Findings()
  const progress = createProgress(terminal, 'Scanning')
  const result = await scanManifest(files, catalogue, {
    names,
    mapping,
    signal,
    ...(threads !== undefined && { threads }),
    onHit: (hit) => findings.add(hit),
    onProgress({ rows, share, seconds }) {
      const rate = seconds > 0 ? `, ${Math.round(rows / seconds).toLocaleString('en')}/s` : ''
      progress.show(share, 1, `${rows.toLocaleString('en')} rows${rate}, ${findings.size} found`)
    },
  })
  if (terminal.isTty) progress.end()
  return { files, catalogue, findings: findings.sorted(), result }
}

/** `earwitness leak scan`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, {
      catalogue: { type: 'string' },
      names: { type: 'boolean', default: false },
      mapping: { type: 'string' },
      threads: { type: 'string' },
      csv: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
    })
    if (typeof given === 'number') return given
    const { values, positionals: files } = given
    if (values.catalogue === undefined) return misused(terminal, usage, 'Which catalogue? Give --catalogue')
    if (files.length === 0) return misused(terminal, usage, 'Which manifest?')
    if (values.csv && values.json) return misused(terminal, usage, 'Give --csv or --json')
    const threads = threadsOf(values.threads)
    const mapping = await mappingOf(values.mapping)
    const catalogue = await readCatalogue(values.catalogue, terminal.signal)
    tellErrors(terminal, catalogue)
    const scanned = await scan(terminal, files, { catalogue, names: values.names, threads, mapping })
    const isTable = values.csv || (values.out !== undefined && !values.json)
    const text = values.json ? scanJson(scanned) : isTable ? scanCsv(scanned) : scanTable(scanned)
    if (values.out === undefined) terminal.out.write(text)
    else await writeWhole(values.out, (file) => writeAll(file, Buffer.from(text)))
    tellScan(terminal, scanned)
    if (scanned.result.broken.length > 0) return exitCode.someFailed
    return scanned.findings.length > 0 ? exitCode.found : exitCode.done
  })
}
