import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { openClient } from '../bin/client/api-client.ts'
import { createProgress } from '../bin/progress.ts'
import { startService } from '../bin/service/start.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { readConfig } from '../services/core/config.ts'
import { type Db, openDb } from '../services/core/db.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import { openLog } from '../services/core/log.ts'
import { type Figure, exactly, plain } from './figures.ts'
import { type Site, makeClips, openSite } from './intake/site.ts'
import { type Tally, crashDatabase, tallyOf } from './intake/tally.ts'
import { ownChildrenLike, tellsProcesses } from './processes.ts'
import { inFolder, serviceEnvironment, startRedis, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- intake [--json] [options]

Serves small pages and short audio files on this machine and hands all their addresses in as one list, on each queue
backend that is here: items a second until all have ended. In the middle the worker is killed and the database
crashes; afterwards it is counted whether each address was examined just once.

  --pages N   pages, each of which names a release; else 1000
  --files N   audio files of 12 s; else 200
  --calm      nothing is killed: for the speed alone`

const PAGES_MAX = 5_000
const FILES_MAX = 2_000
/** Between two looks at what has ended. */
const LOOK_MS = 250
/** Longer than this nothing has ended: it stands still, which is what the bench is to find out. */
const STILL_MS = 240_000
/** When so much has ended, the worker is killed, and later the database. */
const KILLED_AT = { worker: 1 / 3, database: 1 / 2 }

interface Given {
  readonly terminal: Terminal
  readonly folder: string
  readonly site: Site
  readonly backend: 'PostgreSQL' | 'Redis'
  readonly calm: boolean
}

interface Measured {
  readonly seconds: number
  /** Addresses a second, until something was killed. */
  readonly rate: number
  readonly tally: Tally
}

/** Kills what is to be killed, once so much has ended. */
function killer(db: Db, { calm, terminal }: Given) {
  const todo = calm || !tellsProcesses ? [] : (['worker', 'database'] as (keyof typeof KILLED_AT)[])
  return async (share: number): Promise<void> => {
    const [next] = todo
    if (!next || share < KILLED_AT[next]) return
    todo.shift()
    terminal.err.write(`\nkilling the ${next} …\n`)
    if (next === 'database') return crashDatabase(db)
    const { worker } = await ownChildrenLike({ worker: /earwitness\.mjs worker$/ })
    process.kill(worker, 'SIGKILL')
  }
}

/** Hands everything in as one list and waits until all of it has ended. */
async function measure(
  given: Given,
  service: { readonly url: string; readonly key: string },
  db: Db,
): Promise<Measured> {
  const { terminal, site, folder, backend } = given
  const { signal } = terminal
  const client = openClient({ server: service.url, key: service.key }, signal)
  const list = join(folder, `${backend}.txt`)
  await writeFile(list, site.urls.join('\n'))
  const progress = createProgress(terminal, backend, { unit: 'addresses' })
  const kill = killer(db, given)
  const startedAt = performance.now()
  const { id } = await client.submitList(list, { name: backend })
  let [ended, since, rate] = [0, performance.now(), 0]
  while (ended < site.urls.length) {
    await sleep(LOOK_MS, undefined, { signal })
    const seen = await tallyOf(db, id).catch(() => undefined) // The database may be starting again.
    if (seen && seen.ended > ended) [ended, since] = [seen.ended, performance.now()]
    if (performance.now() - since > STILL_MS) throw new Error(`Nothing has ended for ${STILL_MS / 1000} s`)
    progress.show(ended, site.urls.length)
    if (given.calm || ended < site.urls.length * KILLED_AT.worker || rate === 0)
      rate = (1000 * ended) / (performance.now() - startedAt)
    await kill(ended / site.urls.length)
  }
  progress.end()
  const seconds = (performance.now() - startedAt) / 1000
  const tally = await tallyOf(db, id)
  for (const problem of tally.problems) terminal.err.write(`ended badly: ${problem}\n`)
  return { seconds, rate, tally }
}

/** A service with a folder to itself, and what it is measured by. */
async function withService(given: Given): Promise<Measured> {
  const redis = given.backend === 'Redis' ? await startRedis() : undefined
  try {
    const service = await startService(
      serviceEnvironment(given.terminal.env, {
        DATA_DIR: join(given.folder, given.backend),
        HTTP_PORT: '0',
        REDIS_URL: redis?.url,
        FETCH_ALLOW_ADDRESSES: given.site.addresses.join(','),
        // Our own host needs no politeness, which would be all that is measured.
        HOST_DELAY_MS: '0',
        HOST_VISITS_MAX: '100',
        HOST_VISITS_PER_DAY: '1000000',
      }),
    )
    const db = openDb(service.databaseUrl, openLog('bench', 'silent'))
    try {
      return await Promise.race([measure(given, service, db), service.broken])
    } finally {
      await db.close()
      await service.close()
    }
  } finally {
    await redis?.stop()
  }
}

function figuresOf(backend: string, { seconds, rate, tally }: Measured, site: Site): Figure[] {
  const all = site.urls.length
  return [
    plain(`${backend}, items a second, nothing killed yet`, rate, ''),
    plain(`${backend}, until all have ended, whatever was killed`, seconds, 's'),
    plain(`${backend}, addresses that were asked for again`, site.askedAgain(), ''),
    exactly(`${backend}, addresses that ended well`, tally.done, '', all),
    exactly(`${backend}, items that ended well`, tally.itemsDone, '', all),
    exactly(`${backend}, items`, tally.items, '', all),
    exactly(`${backend}, addresses or places that are there twice`, tally.doubles, '', 0),
  ]
}

/** `npm run bench -- intake`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    pages: { type: 'string', default: '1000' },
    files: { type: 'string', default: '200' },
    calm: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { calm } = given.values
  const pages = wholeNumber('pages', given.values.pages, { min: 1, max: PAGES_MAX })
  const files = wholeNumber('files', given.values.files, { min: 1, max: FILES_MAX })
  const { path: ffmpegPath } = await findFfmpeg(readConfig(serviceEnvironment(terminal.env, {})))
  const hasRedis = spawnSync('redis-server', ['--version']).status === 0
  if (!hasRedis) terminal.err.write('There is no redis-server on PATH: only PostgreSQL is measured\n')
  return inFolder(async (folder) => {
    const music = join(folder, 'music')
    await mkdir(music)
    const clips = await makeClips(ffmpegPath, music, files, terminal.signal)
    const figures: Figure[] = []
    for (const backend of hasRedis ? (['PostgreSQL', 'Redis'] as const) : (['PostgreSQL'] as const)) {
      const site = await openSite(pages, clips)
      try {
        const measured = await withService({ terminal, folder, site, backend, calm })
        figures.push(...figuresOf(backend, measured, site))
      } finally {
        await site.close()
      }
    }
    return figures
  })
}
