import { reporting } from '../bin/client/failure.ts'
import { type Terminal, exitCode, processTerminal } from '../bin/terminal.ts'
import { type Bench, allHold, figureTable } from './figures.ts'

interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ readonly run: Bench }>
}

/** Every bench has a file; it is read when it is asked for. */
const benches: Readonly<Record<string, Entry>> = {
  api: {
    summary: 'requests a second and their 99th percentile, beside a bare Express server',
    load: () => import('./api.ts'),
  },
  accuracy: {
    summary: 'copies found and strangers left alone, by how they were disguised',
    load: () => import('./accuracy.ts'),
  },
  artwork: {
    summary: 'covers recognised by how they were degraded, and how fast they are hashed and looked up',
    load: () => import('./artwork.ts'),
  },
  calibration: {
    summary: 'how often false matches come, beside the probability that they are given',
    load: () => import('./calibration.ts'),
  },
  confidence: {
    summary: 'what matches are said to be sure of beside what came true, and the fit of its weights',
    load: () => import('./confidence.ts'),
  },
  engine: {
    summary: 'speed of extraction and search, beside bare decoding and fpcalc',
    load: () => import('./engine.ts'),
  },
  'fuzz-imports': {
    summary: 'spoiled catalogues: no crash, no hang, and just what an import says in the tables',
    load: () => import('./fuzz-imports.ts'),
  },
  'fuzz-openers': {
    summary: 'spoiled archives, pages and lists: no crash, no hang, nothing left behind',
    load: () => import('./fuzz-openers.ts'),
  },
  import: {
    summary: 'rows of a table into the catalogue, beside bare COPY',
    load: () => import('./import.ts'),
  },
  index: {
    summary: 'what the index weighs, and how fast it is built, searched and added to',
    load: () => import('./index.ts'),
  },
  intake: {
    summary: 'pages and files a second through the whole service, and that a crash loses and doubles nothing',
    load: () => import('./intake.ts'),
  },
  'intake-bytes': {
    summary: 'bytes and seconds until the verdict when parts of a file are read, beside reading everything',
    load: () => import('./intake-bytes.ts'),
  },
  leaks: {
    summary: 'leaks of invented rows: index, passing a catalogue, reading, and the audit against the truth',
    load: () => import('./leaks.ts'),
  },
  metadata: {
    summary: 'how well and how fast spoiled names are recognised, beside splitting lines',
    load: () => import('./metadata.ts'),
  },
  pipeline: {
    summary: 'files a minute and CPU time through the whole service, beside bare decoding',
    load: () => import('./pipeline.ts'),
  },
}

function usage(): string {
  const width = Math.max(...Object.keys(benches).map((name) => name.length))
  const rows = Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: npm run bench -- NAME [--json] [OPTION…]

${rows.join('\n')}

\`npm run bench -- NAME --help\` tells a bench's options. With --json one JSON object goes to standard
output (\`npm run --silent\` keeps npm's own lines away from it). Status 0 means that every target holds.
`
}

/**
 * Runs one bench.
 *
 * @returns the exit status: 0 when all targets hold, 1 when one does not or the bench failed, 2 called
 *   wrongly, 130 interrupted.
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h') {
    terminal[name === undefined ? 'err' : 'out'].write(usage())
    return name === undefined ? exitCode.usage : exitCode.done
  }
  const entry = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (!entry) {
    terminal.err.write(`There is no bench ${name}\n\n${usage()}`)
    return exitCode.usage
  }
  return reporting(terminal, async () => {
    const { run } = await entry.load()
    const figures = await run(
      rest.filter((argument) => argument !== '--json'),
      terminal,
    )
    if (typeof figures === 'number') return figures
    const asJson = rest.includes('--json')
    terminal.out.write(asJson ? `${JSON.stringify({ bench: name, figures })}\n` : figureTable(figures))
    return allHold(figures) ? exitCode.done : exitCode.someFailed
  })
}
