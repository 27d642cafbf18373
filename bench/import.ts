import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { Random } from '../bin/demo/music/random.ts'
import { createProgress } from '../bin/progress.ts'
import { startPostgres } from '../bin/service/postgres.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import type { CatalogueImport } from '../services/catalog/import/import.ts'
import { openReading } from '../services/catalog/import/readers.ts'
import { runImport } from '../services/catalog/import/run.ts'
import * as imports from '../services/catalog/import/store.ts'
import { type Db, openDb, openPool } from '../services/core/db.ts'
import { Sha256 } from '../services/core/ids.ts'
import { openLog } from '../services/core/log.ts'
import { migrate } from '../services/core/migrate.ts'
import { sql } from '../services/core/sql.ts'
import { createTenant } from '../services/tenants/store.ts'
import type { Tenant } from '../services/tenants/tenant.ts'
import { RECORDINGS_MAX, vocabulary } from './catalogue.ts'
import { type Figure, atLeast, atMost, exactly, plain } from './figures.ts'
import { cpuMs } from './machine.ts'
import { cpuSecondsOf, ownChildrenLike, tellsProcesses } from './processes.ts'
import { inFolder, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- import [--json] [options]

Writes a table of recordings as a distributor would, takes it into an empty catalogue and then once more, when all is
known; beside it PostgreSQL takes the same lines by bare COPY into a table without indexes.

  --rows N   rows of the table; else 100000`

const ROWS_MIN = 50_000
/** Rows of a second of CPU time, in Node and in PostgreSQL each: the two run on cores of their own. */
const ROWS_PER_CPU_SECOND_MIN = 20_000
/** Memory is looked at after these rows and at the end: between the two it may hardly grow. */
const FIRST_LOOK_ROWS = 50_000
/** Sixteen bytes a row, by which repeated rows are found, in a table that doubles; and garbage. */
const MEMORY_GROWTH_MB_MAX = 200
/** Tracks of a release. */
const RELEASE_ROWS = 10

/** The check digit of a GTIN: see services/metadata/identifiers/identifiers.ts. */
function upcOf(number: number): string {
  const digits = `0360${String(number).padStart(7, '0')}`
  const sum = Array.from(digits, Number).reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 3 : 1), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

/** Writes the table: a dozen columns as distributors have them. */
async function writeTable(path: string, rows: number): Promise<void> {
  const random = new Random('import')
  const words = vocabulary()
  const some = (count: number): string => Array.from({ length: count }, () => random.pick(words)).join(' ')
  const file = createWriteStream(path)
  file.write('Title,Artist,ISRC,Duration,Album,UPC,Label,Release Date,P Line,Genre,Language,Territories\n')
  let release = ''
  let text = ''
  for (let number = 0; number < rows; number++) {
    if (number % RELEASE_ROWS === 0) {
      const upc = upcOf(number / RELEASE_ROWS)
      release = `${some(2)},${upc},Sample Records,2026-01-15,2026 Sample Records,Pop,hi,Worldwide`
    }
    const isrc = `AA6Q7${20 + Math.floor(number / 100_000)}${String(number % 100_000).padStart(5, '0')}`
    const length = `${random.whole(2, 4)}:${String(random.whole(0, 59)).padStart(2, '0')}`
    text += `${some(random.whole(2, 3))},${some(2)},${isrc},${length},${release}\n`
    if (text.length < 65_536) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(text)
  await once(file, 'finish')
}

/** What work took: seconds by the clock, and of CPU time in both programs. */
interface Cost {
  readonly wallSeconds: number
  readonly nodeSeconds: number
  readonly postgresSeconds: number
}

/** Measures work in this process and in PostgreSQL, to which `postgres` leads. */
async function costOf(
  postgres: { postgresql: number } | undefined,
  work: () => Promise<void>,
): Promise<Cost> {
  const seconds = async () => (postgres ? (await cpuSecondsOf(postgres)).postgresql : Number.NaN)
  const before = { clock: performance.now(), node: cpuMs(), postgres: await seconds() }
  await work()
  return {
    wallSeconds: (performance.now() - before.clock) / 1000,
    nodeSeconds: (cpuMs() - before.node) / 1000,
    postgresSeconds: (await seconds()) - before.postgres,
  }
}

interface Place {
  readonly db: Db
  readonly tenant: Tenant
  readonly path: string
  readonly postgres: { postgresql: number } | undefined
  readonly terminal: Terminal
}

/** Notes the file as the API does. The blob itself is not asked for here. */
const announce = async ({ db, tenant, path }: Place): Promise<CatalogueImport> => {
  const { size } = await stat(path)
  return db.tenant(tenant.id, (tx) =>
    imports.add(tx, tenant.id, {
      kind: 'csv',
      fileName: 'catalogue.csv',
      sha256: Sha256.parse('0'.repeat(64)),
      bytes: size,
      options: {},
      dryRun: false,
      by: 'system',
    }),
  )
}

/** Takes the table in as the job does. @returns what it cost, what became of the rows, and MB resident early and late. */
async function takeIn(place: Place, name: string, rows: number) {
  const about = await announce(place)
  const progress = createProgress(place.terminal, name, { unit: 'rows' })
  const memoryMb = () => process.memoryUsage.rss() / 1e6
  let early = Number.NaN
  let counts: Awaited<ReturnType<typeof runImport>> = about
  const cost = await costOf(place.postgres, async () => {
    const bytes = createReadStream(place.path)
    const reading = await openReading('csv', bytes, { options: {}, fixes: [] })
    const { db, tenant, terminal } = place
    const onBatch = (counts: { rows: number }): void => {
      progress.show(counts.rows, rows)
      if (Number.isNaN(early) && counts.rows >= FIRST_LOOK_ROWS) early = memoryMb()
    }
    counts = await runImport({ db, about, holder: tenant, signal: terminal.signal, onBatch }, reading)
  })
  progress.end()
  return { cost, counts, earlyMb: early, lateMb: memoryMb() }
}

/** The lines of the file into a table of as many columns, as fast as PostgreSQL takes them. */
async function copyBare({ db, path, postgres }: Place): Promise<Cost> {
  const columns = 'a, b, c, d, e, f, g, h, i, j, k, l'
  return costOf(postgres, () =>
    db.system(async (tx) => {
      await tx.run`create temporary table bare (
        a text, b text, c text, d text, e text, f text, g text, h text, i text, j text, k text, l text)`
      await tx.copy(sql([`bare (${columns})`] as never), tabbed(path))
    }),
  )
}

/** The table's cells hold neither quotes nor tabs: its commas can be exchanged as they are. */
async function* tabbed(path: string): AsyncGenerator<string> {
  for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 }))
    yield (chunk as string).replaceAll(',', '\t')
}

function costFigures(
  name: string,
  rows: number,
  { wallSeconds, nodeSeconds, postgresSeconds }: Cost,
): Figure[] {
  return [
    plain(`${name}: rows a second`, rows / wallSeconds, '/s'),
    plain(`${name}: CPU time a row, node`, (1e6 * nodeSeconds) / rows, 'µs'),
    plain(`${name}: CPU time a row, postgresql`, (1e6 * postgresSeconds) / rows, 'µs'),
  ]
}

const total = ({ nodeSeconds, postgresSeconds }: Cost): number => nodeSeconds + postgresSeconds

/** Rates by CPU time, which other work on the machine slows less than the clock's. */
const rateFigures = (name: string, rows: number, cost: Cost, bare: Cost): Figure[] => [
  atLeast(`${name}: rows a second of CPU time, node`, rows / cost.nodeSeconds, '/s', ROWS_PER_CPU_SECOND_MIN),
  atLeast(
    `${name}: rows a second of CPU time, postgresql`,
    rows / cost.postgresSeconds,
    '/s',
    ROWS_PER_CPU_SECOND_MIN,
  ),
  plain(`${name}: rows a second of CPU time, both`, rows / total(cost), '/s'),
  plain(`${name}: CPU time against bare COPY`, total(cost) / total(bare), '×'),
]

async function measure(place: Place, rows: number): Promise<Figure[]> {
  const bare = await copyBare(place)
  const first = await takeIn(place, 'Taking in', rows)
  const again = await takeIn(place, 'Once more', rows)
  return [
    ...costFigures('bare COPY', rows, bare),
    ...costFigures('all new', rows, first.cost),
    ...rateFigures('all new', rows, first.cost, bare),
    ...costFigures('all known', rows, again.cost),
    ...rateFigures('all known', rows, again.cost, bare),
    exactly('rows that were registered', first.counts.created, '', rows),
    exactly('rows that were known', again.counts.unchanged, '', rows),
    plain(`memory after ${FIRST_LOOK_ROWS} rows`, first.earlyMb, 'MB'),
    plain('memory at the end', first.lateMb, 'MB'),
    atMost('memory that it grew by', first.lateMb - first.earlyMb, 'MB', MEMORY_GROWTH_MB_MAX),
  ]
}

/** `npm run bench -- import`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, { rows: { type: 'string', default: '100000' } })
  if (typeof given === 'number') return given
  const rows = wholeNumber('rows', given.values.rows, { min: ROWS_MIN, max: RECORDINGS_MAX })
  return inFolder(async (folder) => {
    const path = join(folder, 'catalogue.csv')
    await writeTable(path, rows)
    const log = openLog('bench', 'silent')
    const server = await startPostgres(join(folder, 'postgres'), terminal.env)
    try {
      await migrate(server.url, log)
      const db = openDb(server.url, log)
      const pool = openPool(server.url, log)
      try {
        const tenant = await db.system((tx) => createTenant(tx, 'Sample Records'))
        const postgres = tellsProcesses ? await ownChildrenLike({ postgresql: /^\S*\/postgres / }) : undefined
        return await measure({ db, tenant, path, postgres, terminal }, rows)
      } finally {
        await Promise.all([db.close(), pool.end()])
      }
    } finally {
      await server.stop()
    }
  })
}
