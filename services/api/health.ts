import { timingSafeEqual } from 'node:crypto'

import express, { type Request, type Router } from 'express'

import type { House } from '../actions/house.ts'
import { registry } from '../core/metrics.ts'
import { pendingMigrations } from '../core/migrate.ts'
import { Problem } from '../core/problem.ts'
import { jobs } from '../jobs.ts'
import { ffmpegOf } from './excerpt.ts'
import { labelled } from './request-log.ts'

/** A check that takes longer has failed: whoever asks gives up after a few seconds. */
const CHECK_TIMEOUT_MS = 2_000

/** What one check found. `needed` parts make the service not ready when they are away. */
interface Check {
  readonly ok: boolean
  readonly needed: boolean
  readonly detail?: string
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs a check; what it throws goes to the log, and only its short name into the answer. */
async function check(house: House, name: string, needed: boolean, work: () => Promise<void>): Promise<Check> {
  try {
    await inTime(work())
    return { ok: true, needed }
  } catch (error) {
    house.log.warn({ err: error, check: name }, 'not ready')
    return { ok: false, needed, detail: error instanceof Problem ? error.message : `${name} is away` }
  }
}

async function checks(house: House): Promise<Record<string, Check>> {
  const [database, migrations, queue, ffmpeg] = await Promise.all([
    check(house, 'database', true, () => house.db.ping()),
    check(house, 'migrations', true, async () => {
      const missing = await house.db.system(pendingMigrations)
      if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}`)
    }),
    // Without the queue everything is still taken; the sweeper makes up for it.
    check(house, 'queue', false, async () => {
      await house.queues.counts(jobs.fetch as never)
    }),
    // The workers decode; without ffmpeg here only passages cannot be heard.
    check(house, 'ffmpeg', false, async () => {
      await ffmpegOf(house)
    }),
  ])
  return { database, migrations, queue, ffmpeg }
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address)

/** Measurements tell a lot about an installation, so only this machine or the holder of the token reads them. */
function mayReadMetrics(request: Request, token: string | undefined): boolean {
  if (token === undefined) return isLoopback(request.ip)
  const [given, wanted] = [request.get('Authorization') ?? '', `Bearer ${token}`].map((text) =>
    Buffer.from(text),
  )
  return given?.length === wanted?.length && timingSafeEqual(given ?? Buffer.of(), wanted ?? Buffer.of())
}

/** What whoever runs the service asks it: does it live, is it ready, what does it measure. */
export function healthRoutes(house: House): Router {
  const router = express.Router()
  router.get('/healthz', labelled('/healthz'), (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/readyz', labelled('/readyz'), async (_request, response) => {
    const found = await checks(house)
    const ready = Object.values(found).every(({ ok, needed }) => ok || !needed)
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', checks: found })
  })
  router.get('/metrics', labelled('/metrics'), async (request, response) => {
    if (!mayReadMetrics(request, house.config.METRICS_TOKEN))
      throw new Problem(
        'auth/missing',
        'Metrics are read with METRICS_TOKEN, or from this machine if there is none',
      )
    response.type(registry.contentType).send(await registry.metrics())
  })
  return router
}
