import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import { allowPlace, excludeSegments } from '../../services/actions/allow-list.ts'
import { submitList } from '../../services/actions/batches.ts'
import { registerRecording } from '../../services/actions/catalogue.ts'
import { allowSender } from '../../services/actions/intake.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { startWatch } from '../../services/actions/watches.ts'
import { NewAllowEntry } from '../../services/allowlist/entry.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { auditEntries, firstBroken } from '../../services/core/audit.ts'
import { ItemId, Sha256, newId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { Sql } from '../../services/core/sql.ts'
import { TRIES_MAX } from '../../services/core/stages.ts'
import { noteMail } from '../../services/intake/store.ts'
import { sweep } from '../../services/pipeline.ts'
import * as items from '../../services/submissions/item-store.ts'
import { keepItems } from '../../services/submissions/opened-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import { takeRead } from '../../services/watch-reads.ts'
import { startRead } from '../../services/watches/store.ts'
import { NewWatch } from '../../services/watches/watch.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const url = 'https://files.example.org/song.ogg'

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}

/** A submission of one file with its item, both at their first stage. */
async function unpacked({ house, owner }: World) {
  const submission = await submitFile(house, owner, { fileName: 'a.ogg', source: bytes(randomUUID()) })
  const item = { name: 'a.ogg', mediaType: 'audio/ogg', sha256: Sha256.parse('a'.repeat(64)), bytes: 3 }
  const both = [item, { ...item, name: 'b.ogg' }]
  const ids = await house.db.system((tx) => keepItems(tx, submission, both))
  return { submission, first: ids[0] ?? newId(ItemId), second: ids[1] ?? newId(ItemId) }
}

/** A place on the allow-list, and a recording with a part that is not its holder's own. */
async function allowed({ house, owner }: World): Promise<void> {
  await allowPlace(
    house,
    owner,
    NewAllowEntry.parse({ kind: 'domain', value: 'ours.example', reason: 'Ours' }),
  )
  const given = NewRecording.parse({ title: 'Song', artists: ['The Samples'] })
  const { recording } = await registerRecording(house, owner, given)
  await excludeSegments(house, owner, recording.id, [{ fromMs: 0, toMs: 1000, reason: 'A sample' }])
}

/** A recording that both accounts registered, with rights that were told: each has its own side of the conflict. */
async function disputed({ house, owner, stranger }: World): Promise<void> {
  const given = { title: 'Ours', artists: ['The Samples'], isrc: 'AA6Q72000047', territories: ['DE'] }
  for (const by of [owner, stranger]) await registerRecording(house, by, NewRecording.parse(given))
}

/** A list, a watched place that was read once, and a mail from somebody who may not hand in. */
async function handedIn({ house, owner }: World): Promise<void> {
  await submitList(house, owner, { source: bytes('https://files.example/listed.ogg') })
  const watch = await startWatch(house, owner, NewWatch.parse({ url: 'https://feed.example/', everyH: 6 }))
  await allowSender(house, owner, 'sender@mail.example')
  const links = ['https://files.example/seen.ogg']
  await house.db.system(async (tx) => {
    const seen = { status: 200, etag: null, lastModified: null, links }
    await takeRead(tx, await startRead(tx, watch), seen)
    const { tenantId } = owner
    const mail = {
      key: 'b'.repeat(64),
      sender: 'sender@mail.example',
      subject: 'A find',
      outcome: 'sender',
    } as const
    await noteMail(tx, { tenantId, ...mail })
  })
}

/** Tables of which the stranger's test says something only because there are rows in them. */
const filled = [
  'allow_entry',
  'intake_mail',
  'intake_sender',
  'item',
  'submission',
  'submission_batch',
  'watch',
  'watch_read',
  'watch_seen',
]

describe('a submission', () => {
  test('of an address in work is made once, however often it is sent at once', async ({ world }) => {
    const sent = await Promise.all([1, 2, 3].map(() => submitUrl(world.house, world.owner, { url })))
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    const other = await submitUrl(world.house, world.stranger, { url })
    expect(other.id).not.toBe(sent[0]?.id)
  })

  test('advances once, even when its job runs twice', async ({ world }) => {
    const { id } = await submitFile(world.house, world.owner, { fileName: 'a.ogg', source: bytes('x') })
    const twice = await Promise.all(
      [1, 2].map(() =>
        world.house.db.system((tx) => submissions.stages.advance(tx, id, 'unpack', 'compare')),
      ),
    )
    expect(twice.filter(Boolean)).toHaveLength(1)
  })

  test('is done when one of its items could be examined, and failed when none could', async ({ world }) => {
    const { db } = world.house
    const { submission, first, second } = await unpacked(world)
    const end = (id: ItemId) =>
      db.system(async (tx) => {
        await items.itemStages.fail(tx, id, 'fingerprint', new Problem('audio/undecodable', 'noise'))
        await submissions.settle(tx, submission.id)
      })
    await end(first)
    expect(await db.system((tx) => submissions.find(tx, submission.id))).toMatchObject({
      stage: 'compare',
      endedAt: null,
    })
    await end(second)
    expect(await db.system((tx) => submissions.find(tx, submission.id))).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/audio/undecodable', detail: 'noise' },
    })

    expect(await db.system((tx) => items.retryFailed(tx, submission.id))).toBe(true)
    expect(await db.system((tx) => submissions.find(tx, submission.id))).toMatchObject({
      stage: 'compare',
      problem: null,
    })
    expect(await db.system((tx) => items.waitingItems(tx, { submissionId: submission.id }))).toHaveLength(2)
  })

  test('that kills its worker at every try is given up by the sweeper, with a problem that says so', async ({
    world,
  }) => {
    const { db, queues } = world.house
    const { submission, first } = await unpacked(world)
    for (let i = 0; i < TRIES_MAX; i += 1)
      await db.system((tx) => items.itemStages.claim(tx, first, 'fingerprint'))
    expect(await sweep(db, queues)).toMatchObject({ poisoned: 1 })
    expect(await db.system((tx) => items.findItem(tx, first))).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/job/poison' },
    })
    expect(await db.system((tx) => submissions.find(tx, submission.id))).toMatchObject({ stage: 'compare' })
  })

  test('that stood still is rung for again, a fresh one is not', async ({ world }) => {
    const { db, queues } = world.house
    const { id } = await submitUrl(world.house, world.owner, { url })
    expect(await sweep(db, queues)).toEqual({ rows: 0, poisoned: 0 })
    await db.system(
      (tx) => tx.run`update submission set stage_since = now() - interval '1 hour' where id = ${id}`,
    )
    expect(await sweep(db, queues)).toEqual({ rows: 1, poisoned: 0 })
  })

  test('is answered although the queue is away', async ({ world }) => {
    const away = {
      ...world.house,
      queues: { ...world.house.queues, enqueue: () => Promise.reject(new Error('away')) },
    }
    expect(await submitUrl(away, world.owner, { url })).toMatchObject({ stage: 'fetch' })
  })
})

describe('the audit chain', () => {
  test('follows from its first entry, shows a change in the past, and refuses one', async ({ world }) => {
    const { db } = world.house
    const { audit } = await import('../../services/core/audit.ts')
    const { tenantId } = world.owner
    await Promise.all(
      [1, 2, 3, 4].map((n) =>
        db.tenant(tenantId, (tx) =>
          audit(tx, tenantId, { actor: 'system', action: 'test', subject: `n:${n}`, details: { n } }),
        ),
      ),
    )
    const entries = await db.tenant(tenantId, (tx) => auditEntries(tx, 1, 100))
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    expect(firstBroken(entries)).toBeUndefined()
    const forged = entries.map((entry) => (entry.number === 2 ? { ...entry, details: { n: 99 } } : entry))
    expect(firstBroken(forged)).toBe(2)
    await expect(db.system((tx) => tx.run`update audit_entry set action = 'other'`)).rejects.toThrow(
      /append-only|permission/,
    )
  })
})

describe('row-level security', () => {
  const Name = z.object({ name: z.string() })
  const Count = z.object({ count: z.number() })

  test('is on for every table that holds a tenant’s rows', async ({ world }) => {
    const open = await world.house.db.system(
      (tx) => tx.all(Name)`
        select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity`,
    )
    expect(open).toEqual([])
  })

  test('shows a stranger, and a program that forgot the tenant, no row of any table', async ({ world }) => {
    const { db } = world.house
    await unpacked(world)
    await submitUrl(world.house, world.owner, { url })
    await allowed(world)
    await disputed(world)
    await handedIn(world)
    const tables = await db.system(
      (tx) => tx.all(Name)`
        select table_name as name from information_schema.columns
         where column_name = 'tenant_id' and table_schema = 'public' and table_name <> 'reference_removal' order by 1`,
    )
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(filled))
    for (const { name } of tables) {
      const table = new Sql([name], [])
      const own = await db.tenant(
        world.owner.tenantId,
        (tx) => tx.one(Count)`select count(*) from ${table} where tenant_id = ${world.owner.tenantId}`,
      )
      if (filled.includes(name)) expect({ name, isFilled: own.count > 0 }).toEqual({ name, isFilled: true })
      const foreign = await db.tenant(
        world.stranger.tenantId,
        (tx) => tx.one(Count)`select count(*) from ${table} where tenant_id = ${world.owner.tenantId}`,
      )
      expect({ name, ...foreign }).toEqual({ name, count: 0 })
      const forgotten = await db.tenant('' as never, (tx) => tx.one(Count)`select count(*) from ${table}`)
      expect({ name, ...forgotten }).toEqual({ name, count: 0 })
    }
  })

  test('is not gone round: of what knows no tenant, and of what looks across them, little is open', async ({
    world,
  }) => {
    const open = await world.house.db.system(
      (tx) => tx.all(Name)`
        select c.relname::text as name from pg_class c
         where c.relkind in ('r', 'v', 'm') and c.relnamespace = 'public'::regnamespace
           and has_table_privilege('earwitness_api', c.oid, 'select')
           and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
        union
        select p.proname::text from pg_proc p
         where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.prorettype <> 'trigger'::regtype
           and has_function_privilege('earwitness_api', p.oid, 'execute')
         order by 1`,
    )
    expect(open.map(({ name }) => name)).toEqual(['migration', 'registry_told', 'search_recordings'])
  })

  test('lets nobody write into another tenant’s account', async ({ world }) => {
    const write = world.house.db.tenant(world.stranger.tenantId, (tx) =>
      submissions.submitUrl(tx, world.owner.tenantId, { url, by: 'system' }),
    )
    await expect(write).rejects.toThrow('row-level security')
  })
})
