import { Readable } from 'node:stream'

import { z } from 'zod'

import type { Tx } from '../../services/core/db.ts'
import { ItemId, Sha256, type SubmissionId } from '../../services/core/ids.ts'
import {
  type NewCapture,
  capturesLeadingTo,
  capturesOf,
  keepCapture,
} from '../../services/submissions/captures.ts'
import { pruneBlobs } from '../../services/submissions/prune.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { Submission } from '../../services/submissions/submission.ts'
import { findAt, registered } from '../support/found-case.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const request = { method: 'GET', target: '/page', headers: { host: 'files.example' } }
const sha256 = Sha256.parse('b'.repeat(64))
const captured = (more: Partial<NewCapture> = {}): NewCapture => ({
  requestedUrl: 'https://files.example/old',
  finalUrl: 'https://files.example/page',
  redirects: [
    {
      url: 'https://files.example/old',
      status: 302,
      address: '192.0.2.1',
      request: { ...request, target: '/old' },
      headers: { location: '/page' },
      askedAt: '2026-03-01T10:00:00.000Z',
    },
  ],
  status: 200,
  headers: { 'content-type': 'text/html' },
  address: '192.0.2.1',
  tls: null,
  sha256,
  bytes: 10,
  startedAt: new Date('2026-03-01T10:00:00Z'),
  endedAt: new Date('2026-03-01T10:00:01Z'),
  ...more,
})
const full = captured({
  request,
  names: { 'files.example': ['192.0.2.1'] },
  clockOffsetMs: -250,
  read: {
    totalBytes: 100,
    durationMs: 5_000,
    parts: [{ from: 0, to: 9, fromMs: 0, toMs: 500 }],
    answers: [
      {
        url: 'https://files.example/page',
        request,
        status: 206,
        headers: {},
        address: '192.0.2.1',
        askedAt: '2026-03-01T10:00:00.000Z',
        from: 5,
        to: 9,
        sha256,
      },
    ],
  },
  bodyHeld: true,
  pictureSha256: Sha256.parse('c'.repeat(64)),
})

/** Has a recording found at an address. @returns the submission that it was found in. */
async function found(world: World, title: string): Promise<Submission> {
  const url = `https://files.example/${title}`
  await findAt(world, await registered(world, title), { url })
  return world.house.db.system(async (tx) => {
    const submission = (await submissions.list(tx, { limit: 100 })).find((each) => each.url === url)
    if (!submission) throw new Error('no submission')
    return submission
  })
}

/** The only item of a submission. */
const itemOf = async (tx: Tx, id: SubmissionId): Promise<ItemId> =>
  (await tx.one(z.object({ id: ItemId }))`select id from item where submission_id = ${id}`).id

describe('a capture', () => {
  test('comes back as it was kept, older ones without what was not known then', async ({ world }) => {
    const submission = await found(world, 'song')
    const kept = await world.house.db.system(async (tx) => {
      await keepCapture(tx, submission, full)
      await keepCapture(tx, submission, captured({ startedAt: new Date('2026-02-01T10:00:00Z') }))
      return capturesOf(tx, submission.id)
    })
    expect(kept[0]).toEqual(full)
    expect(kept[1]).toMatchObject({
      request: null,
      names: null,
      clockOffsetMs: null,
      read: null,
      bodyHeld: false,
    })
  })

  test('of an item leads to it, and to what lies in it; that of its sibling does not', async ({ world }) => {
    const [first, second] = [await found(world, 'song'), await found(world, 'other')]
    const led = await world.house.db.system(async (tx) => {
      const [mine, sibling] = [await itemOf(tx, first.id), await itemOf(tx, second.id)]
      await keepCapture(tx, first, captured({ finalUrl: 'https://files.example/page' }))
      await keepCapture(tx, first, captured({ finalUrl: 'https://files.example/mine' }), mine)
      await keepCapture(tx, first, captured({ finalUrl: 'https://files.example/sibling' }), sibling)
      return capturesLeadingTo(tx, first.id, [mine])
    })
    expect(led.map(({ finalUrl }) => finalUrl).toSorted()).toEqual([
      'https://files.example/mine',
      'https://files.example/page',
    ])
  })

  test('keeps its page and picture while a case hangs on them, and no media', async ({ world }) => {
    const { db, blobs } = world.house
    const put = async (text: string) =>
      (await blobs.put(Readable.from([Buffer.from(text)]), { bytesMax: 99 })).sha256
    const [page, picture, media, lonely] = [
      await put('page'),
      await put('picture'),
      await put('media'),
      await put('lonely'),
    ]
    const submission = await found(world, 'song')
    const alone = await db.system((tx) =>
      submissions.submitUrl(tx, world.owner.tenantId, { url: 'https://files.example/nothing', by: 'system' }),
    )
    await db.system(async (tx) => {
      await keepCapture(tx, submission, captured({ sha256: page, bodyHeld: true, pictureSha256: picture }))
      await keepCapture(tx, submission, captured({ sha256: media }))
      await keepCapture(tx, alone, captured({ sha256: lonely, bodyHeld: true }))
      await tx.run`update submission set stage = 'done', blob_sha256 = ${sha256}`
    })
    await pruneBlobs(db, blobs, 0)
    expect(await Promise.all([page, picture, media, lonely].map((each) => blobs.has(each)))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
