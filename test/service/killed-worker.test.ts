import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { Client } from 'pg'
import { z } from 'zod'

import { submitUrl } from '../../services/actions/submissions.ts'
import { startWatch } from '../../services/actions/watches.ts'
import { enqueue, sweep } from '../../services/pipeline.ts'
import { listWatches, readsOf, startRead } from '../../services/watches/store.ts'
import { NewWatch } from '../../services/watches/watch.ts'
import { tree } from '../support/opened.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, expect, test } from '../support/world.ts'

const program = fileURLToPath(new URL('../../bin/earwitness.mjs', import.meta.url))
const LIST = '#EXTM3U\ngone.mp3\n#EXTINF:10,Nothing\n'
const FEED = '<!doctype html><title>Finds</title><a href="/found/1.mp3">1</a> <a href="/found/2.mp3">2</a>'

/** A host that breaks off in the middle of each answer and waits, until it is told to go on. */
async function hesitantHost() {
  const asked: string[] = []
  let isHesitant = true
  const bodies: Readonly<Record<string, string>> = { '/list.m3u': LIST, '/feed': FEED }
  const server = createServer(({ url = '' }, response) => {
    const body = bodies[url]
    if (body === undefined) return response.writeHead(404).end()
    asked.push(url)
    response.writeHead(200, { 'content-length': body.length })
    return isHesitant ? response.write(body.slice(0, 20)) : response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    authority,
    url: (path: string): string => `http://${authority}${path}`,
    goOn: () => void (isHesitant = false),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A worker in a process of its own, on the queue of the world. */
function startWorker({ databaseUrl, folder }: World, authority: string) {
  const env = {
    PATH: process.env['PATH'],
    FFMPEG_PATH: process.env['FFMPEG_PATH'],
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    SMTP_URL: 'smtp://127.0.0.1:9',
    FETCH_ALLOW_ADDRESSES: authority,
    HOST_DELAY_MS: '0',
    FINGERPRINT_THREADS: '1',
    SEARCH_THREADS: '1',
    LOG_LEVEL: 'silent',
  }
  const child = spawn(process.execPath, [program, 'worker'], { env, stdio: 'ignore' })
  return {
    kill: () =>
      new Promise<void>((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

/** The queue forgets the jobs under way: half a minute sooner than it would take them for lost by itself. */
async function emptyQueue({ databaseUrl }: World): Promise<void> {
  const admin = new Client({ connectionString: databaseUrl })
  await admin.connect()
  await admin.query('truncate bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.event cascade')
  await admin.end()
}

const Count = z.object({ count: z.number() })

test('a worker that is killed while it fetches and while it reads a watched place loses nothing and doubles nothing', async ({
  world,
}) => {
  const { house, owner } = world
  const host = await hesitantHost()
  const worker = startWorker(world, host.authority)
  try {
    const { id } = await submitUrl(house, owner, { url: host.url('/list.m3u') })
    const given = { url: host.url('/feed'), everyH: 6, takesFirst: true }
    const watch = await startWatch(house, owner, NewWatch.parse(given))
    const readId = await house.db.system((tx) => startRead(tx, watch))
    await enqueue(house.queues, 'watch', readId)
    await until('both to be asked for', async () => new Set(host.asked).size === 2)
    await worker.kill()
    await emptyQueue(world)
    host.goOn()

    const pipeline = await startPipeline(world, { env: { FETCH_ALLOW_ADDRESSES: host.authority } })
    try {
      await house.db.system(async (tx) => {
        await tx.run`update submission set stage_since = now() - interval '1 hour'`
        await tx.run`update watch_read set stage_since = now() - interval '1 hour'`
      })
      expect(await sweep(house.db, pipeline.house.queues)).toMatchObject({ rows: 2, poisoned: 0 })
      await ended(world, id)
      expect(await tree(world, id)).toEqual(['list.m3u › track 1: link, fetch/refused'])
      const reads = await until('the read to end', async () => {
        const all = await house.db.system((tx) => readsOf(tx, watch.id, { limit: 10 }))
        return all.every(({ stage }) => stage === 'done') && all
      })
      expect(reads).toMatchObject([{ id: readId, found: 2, fresh: 2, problem: null }])
      const [shown] = await house.db.tenant(owner.tenantId, (tx) =>
        listWatches(tx, { id: watch.id, limit: 1 }),
      )
      expect(shown).toMatchObject({ id: watch.id, failures: 0 })
      // Each was asked for twice, and stands once: what was fetched, and what was handed in.
      expect(host.asked.toSorted()).toEqual(['/feed', '/feed', '/list.m3u', '/list.m3u'])
      const captures = await house.db.system(
        (tx) => tx.one(Count)`select count(*) from capture where submission_id = ${id} and item_id is null`,
      )
      expect(captures).toEqual({ count: 1 })
      const handedIn = await house.db.system(
        (tx) => tx.one(Count)`select count(*) from submission where watch_id = ${watch.id}`,
      )
      expect(handedIn).toEqual({ count: 2 })
    } finally {
      await pipeline.close()
    }
  } finally {
    await worker.kill()
    host.close()
  }
})
