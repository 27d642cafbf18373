import { z } from 'zod'

import { submitList } from '../../services/actions/batches.ts'
import { retrySubmission, submitUrl } from '../../services/actions/submissions.ts'
import { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { jobs } from '../../services/jobs.ts'
import { wiringOf } from '../../services/pipeline.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { type World, describe, expect, test } from '../support/world.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const handIn = ({ house }: World, caller: Caller, text: string) =>
  submitList(house, caller, { source: bytes(text) })

const One = z.object({ id: SubmissionId, url: z.string() })

/** What of an account is being fetched, in its order. */
const fetching = ({ house }: World, { tenantId }: Caller) =>
  house.db.tenant(
    tenantId,
    (tx) => tx.all(One)`select id, url from submission where stage = 'fetch' order by created_at, id`,
  )

/** Ends a submission as its job would, with a problem. */
async function end({ house }: World, id: SubmissionId): Promise<void> {
  const wiring = wiringOf<SubmissionId>(house.db, house.queues, 'fetch')
  await wiring.dead({ id }, new Problem('fetch/refused', 'The source answered HTTP 404'))
}

describe('single addresses', () => {
  const handInSingly = async ({ house }: World, caller: Caller, host: string, count: number) => {
    for (let i = 0; i < count; i += 1) await submitUrl(house, caller, { url: `https://${host}${i}.example/` })
  }

  test('of one account wait behind its own when there are many, and not another account’s one', async ({
    world,
  }) => {
    const { house, owner, stranger } = world
    await handInSingly(world, owner, 'many', 40)
    const begun = await fetching(world, owner)
    expect(begun).toHaveLength(16)
    expect(await submitUrl(house, stranger, { url: 'https://one.example/' })).toMatchObject({
      stage: 'fetch',
    })
    expect(await house.queues.counts(jobs.fetch as never)).toMatchObject({ waiting: 17 })
    // Each that ends lets the next one begin, and each begins once.
    const seen = new Set(begun.map(({ url }) => url))
    for (let ended = 0; ended < 40; ended += 1) {
      const [first] = await fetching(world, owner)
      if (!first) throw new Error(`Nothing is at work after ${ended} have ended`)
      await end(world, first.id)
      const open = await fetching(world, owner)
      expect(open.length).toBe(Math.min(16, 39 - ended))
      for (const { url } of open) seen.add(url)
    }
    expect(seen.size).toBe(40)
    expect(await house.queues.counts(jobs.fetch as never)).toMatchObject({ waiting: 41 })
  })

  test('are no part of a list’s window, and a list that is handed in singly as well is no way round it', async ({
    world,
  }) => {
    const { owner } = world
    await handIn(world, owner, Array.from({ length: 60 }, (_, i) => `https://both${i}.example/`).join('\n'))
    await handInSingly(world, owner, 'both', 60)
    expect(await fetching(world, owner)).toHaveLength(32)
    const [first] = await fetching(world, owner)
    if (!first) throw new Error('Nothing is at work')
    await end(world, first.id)
    expect(await fetching(world, owner)).toHaveLength(31)
  })

  test('whose host wants to be left alone for long give their place away, and begin anew in their turn', async ({
    world,
  }) => {
    const { house, owner } = world
    await handInSingly(world, owner, 'late', 17)
    const [first, second] = await fetching(world, owner)
    if (!first || !second) throw new Error('Nothing is at work')
    const wiring = wiringOf<SubmissionId>(house.db, house.queues, 'fetch')
    await wiring.putOff({ id: first.id }, 3_600_000)
    const urls = (await fetching(world, owner)).map(({ url }) => url)
    expect([urls.length, urls.at(-1)]).toEqual([16, 'https://late16.example/'])
    await end(world, second.id)
    await handInSingly(world, owner, 'more', 1)
    expect(await retrySubmission(house, owner, second.id)).toMatchObject({ stage: 'queued', problem: null })
  })
})

test('a list of which very many are of one host does not keep those behind them from beginning', async ({
  world,
}) => {
  const sameHost = Array.from({ length: 700 }, (_, i) => `https://slow.example/${i}.mp3`)
  const elsewhere = Array.from({ length: 30 }, (_, i) => `https://other${i % 5}.example/${i}.mp3`)
  await handIn(world, world.owner, [...sameHost, ...elsewhere].join('\n'))
  const hosts = (await fetching(world, world.owner)).map(({ url }) => new URL(url).host)
  expect(hosts.filter((host) => host === 'slow.example')).toHaveLength(8)
  expect(hosts.filter((host) => host.startsWith('other'))).toHaveLength(8)
})
