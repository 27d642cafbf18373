import { z } from 'zod'

import { submitUrl } from '../../services/actions/submissions.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { openCrew, openQueues } from '../../services/core/queue.ts'
import { jobs } from '../../services/jobs.ts'
import { wiringOf } from '../../services/pipeline.ts'
import { forgetHosts, visit } from '../../services/submissions/politeness-store.ts'
import type { VisitRules } from '../../services/submissions/politeness.ts'
import { find, stages } from '../../services/submissions/store.ts'
import { backends, redisUrl, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const rules: VisitRules = { kind: 'single', visitsMax: 2, delayMs: 0, perDayMax: 100, longestMs: 60_000 }
const Known = z.object({ open: z.array(z.string()), refusals: z.number(), visits: z.number() })
const known = ({ house }: World, host: string) =>
  house.db.system(
    (tx) => tx.maybe(Known)`select open, refusals, visits from host_manners where host = ${host}`,
  )

describe('a host', () => {
  test('is visited by as many at once as the rules allow, whoever they are', async ({ world }) => {
    const { db } = world.house
    let most = 0
    let inside = 0
    const work = async (): Promise<string> => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 150))
      inside -= 1
      return 'done'
    }
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => visit(db, 'a.example', rules, work)))
    const later = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as Problem] : []))
    expect([most, later.length]).toEqual([2, 4])
    for (const { type, waitMs } of later) {
      expect(type).toBe('fetch/later')
      expect(waitMs).toBeGreaterThanOrEqual(2_000)
    }
    expect(await visit(db, 'b.example', rules, work)).toBe('done')
    expect(await known(world, 'a.example')).toEqual({ open: [], refusals: 0, visits: 0 })
  })

  test('that asks for patience gets it, also when its answer was no failure, and is forgotten in the end', async ({
    world,
  }) => {
    const { db } = world.house
    const busy = new Problem('fetch/unreachable', 'HTTP 503', { waitMs: 30_000 })
    await expect(visit(db, 'a.example', rules, () => Promise.reject(busy))).rejects.toBe(busy)
    await expect(visit(db, 'a.example', rules, async () => 'x')).rejects.toMatchObject({
      type: 'fetch/later',
    })
    await visit(db, 'b.example', rules, async (turn) => turn.busy(30_000))
    await expect(visit(db, 'b.example', rules, async () => 'x')).rejects.toMatchObject({
      type: 'fetch/later',
    })
    const gone = new Problem('fetch/refused', 'HTTP 404')
    await expect(visit(db, 'c.example', rules, () => Promise.reject(gone))).rejects.toBe(gone)
    expect(await visit(db, 'c.example', rules, async () => 'x')).toBe('x')
    await db.system((tx) => tx.run`update host_manners set refusals = 8 where host = 'a.example'`)
    await expect(visit(db, 'a.example', rules, async () => 'x')).rejects.toMatchObject({
      type: 'fetch/resting',
    })
    await db.system(
      (tx) => tx.run`update host_manners set free_at = now() - interval '9 days', visits_on = current_date - 9
                      where host <> 'c.example'`,
    )
    expect(await db.system(forgetHosts)).toBe(2)
  })
})

for (const backend of backends())
  test(`a job whose host is not free comes back, and no try of it counts, on ${backend}`, async ({
    world,
  }) => {
    const { house } = world
    const store = { databaseUrl: world.databaseUrl, redisUrl: backend === 'redis' ? redisUrl() : undefined }
    const queues = openQueues(store, house.log)
    const crew = openCrew(store, house.log)
    try {
      const { id } = await submitUrl({ ...house, queues }, world.owner, { url: 'https://a.example/1' })
      const wiring = wiringOf<SubmissionId>(house.db, queues, 'fetch')
      let dead: Problem | undefined
      const begun: number[] = []
      const TIMES = jobs.fetch.attemptsMax + 2
      crew.add(
        jobs.fetch,
        async (payload) => {
          await house.db.system((tx) => stages.claim(tx, payload.id, 'fetch'))
          begun.push(Date.now())
          if (begun.length <= TIMES) throw new Problem('fetch/later', 'Not now', { waitMs: 120 })
          throw new Problem('fetch/refused', 'The end of the test')
        },
        { ...wiring, dead: async (_payload, problem) => void (dead = problem) },
      )
      await until('the first visit', async () => begun.length > 0)
      // What waits swallows what rings again.
      await queues.enqueue(jobs.fetch, { id })
      await until('the last visit', async () => dead !== undefined)
      expect(dead?.type).toBe('fetch/refused')
      expect(begun).toHaveLength(TIMES + 1)
      const gaps = begun.slice(1).map((at, index) => at - (begun[index] ?? 0))
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(100)
      const Tries = z.object({ tries: z.number() })
      const { tries } = await house.db.system(
        (tx) => tx.one(Tries)`select tries from submission where id = ${id}`,
      )
      expect(tries).toBe(1)
      expect(await house.db.system((tx) => find(tx, id))).toMatchObject({ stage: 'fetch' })
    } finally {
      await crew.close()
      await queues.close()
    }
  })
