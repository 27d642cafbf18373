import { createHash } from 'node:crypto'

import { submitFile } from '../../services/actions/submissions.ts'
import { Sha256, type SubmissionId } from '../../services/core/ids.ts'
import { neededBlobs } from '../../services/submissions/blob-use.ts'
import { keepCapture } from '../../services/submissions/captures.ts'
import { keepFinds } from '../../services/submissions/opened-store.ts'
import { pruneBlobs } from '../../services/submissions/prune.ts'
import * as submissions from '../../services/submissions/store.ts'
import { findAt, registered } from '../support/found-case.ts'
import { bytesOf } from '../support/opened.ts'
import { type World, expect, test } from '../support/world.ts'

const hashOf = (text: string): Sha256 => Sha256.parse(createHash('sha256').update(text).digest('hex'))

/** Stores bytes that are their own name. */
const stored = ({ house }: World, name: string): Promise<unknown> =>
  house.blobs.put(bytesOf(name), { bytesMax: 100 })

/** A submission that was opened, with an item for each name, at the stages that are given. */
async function opened(world: World, stages: Readonly<Record<string, string>>): Promise<SubmissionId> {
  const { house, owner } = world
  const { id } = await submitFile(house, owner, { fileName: 'album.zip', source: bytesOf('album.zip') })
  await house.db.system(async (tx) => {
    const submission = await submissions.find(tx, id)
    if (!submission) throw new Error('a submission that was just made')
    const finds = Object.keys(stages).map((name) => {
      const url = stages[name] === 'follow' ? `https://a.example/${name}` : undefined
      const kind = name.startsWith('cover') ? ('cover' as const) : ('media' as const)
      return { kind, name, place: [], mediaType: 'x/y', sha256: hashOf(name), bytes: 3, url }
    })
    await keepFinds(tx, { submission }, 0, finds)
    await submissions.stages.advance(tx, id, 'unpack', 'compare')
    for (const [name, text] of Object.entries(stages)) {
      const [stage = '', since = '0'] = text.split(' ')
      const failed = stage === 'failed' ? '{"type":"x","title":"x","status":1,"detail":"x"}' : null
      await tx.run`
        update item set stage = ${stage}, problem = ${failed}, stage_since = now() - make_interval(days => ${Number(since)})
         where name = ${name}`
    }
  })
  return id
}

/** A page that was seen for a submission, with its picture. */
async function seenPage(
  { house, owner: { tenantId } }: World,
  id: SubmissionId,
  name: string,
): Promise<void> {
  const now = new Date()
  await house.db.system((tx) =>
    keepCapture(
      tx,
      { id, tenantId },
      {
        requestedUrl: 'https://a.example/',
        finalUrl: 'https://a.example/',
        redirects: [],
        status: 200,
        headers: {},
        address: '192.0.2.1',
        tls: null,
        startedAt: now,
        endedAt: now,
        bytes: 3,
        sha256: hashOf(name),
        bodyHeld: true,
        pictureSha256: hashOf(`${name} picture`),
      },
    ),
  )
}

test('files that a row still needs are kept, and everything else is deleted', async ({ world }) => {
  const { house } = world
  const inWork = await opened(world, {
    'heard next': 'fingerprint',
    'cover looked at next': 'fingerprint',
    'parts until all is read': 'follow',
    'heard already': 'match',
    'cover looked at': 'done',
    'failed lately': 'failed 6',
    'failed long ago': 'failed 8',
    'held for its tenant': 'done',
  })
  await house.db.system((tx) => tx.run`update item set media_held = true where name = 'held for its tenant'`)
  await seenPage(world, inWork, 'page of what is in work')
  const ended = await opened(world, { 'nothing in it': 'done' })
  await house.db.system((tx) => tx.run`update submission set stage = 'done' where id = ${ended}`)
  await seenPage(world, ended, 'page that led to nothing')
  await findAt(world, await registered(world, 'Song'), { url: 'https://b.example/' })
  const { rows } = await house.db.system(async (tx) => ({
    rows: await submissions.list(tx, { limit: 1 }),
  }))
  await house.db.system((tx) => tx.run`update submission set stage = 'done' where id = ${rows[0]?.id ?? ''}`)
  await seenPage(world, rows[0]?.id ?? ended, 'page of a find')

  const kept = [
    'heard next',
    'cover looked at next',
    'parts until all is read',
    'failed lately',
    'held for its tenant',
    'page of what is in work',
    'page of what is in work picture',
    'page of a find',
    'page of a find picture',
  ]
  const gone = [
    'heard already',
    'cover looked at',
    'failed long ago',
    'nothing in it',
    'written out and never named',
    'page that led to nothing',
    'page that led to nothing picture',
  ]
  for (const name of [...kept, ...gone]) await stored(world, name)
  const all = [...kept, ...gone]
  const needed = await house.db.system((tx) => neededBlobs(tx, all.map(hashOf)))
  expect(all.filter((name) => needed.has(hashOf(name)))).toEqual(kept)

  // Besides, the archive that was opened.
  expect(await pruneBlobs(house.db, house.blobs)).toBe(0)
  expect(await pruneBlobs(house.db, house.blobs, 0)).toBe(gone.length + 1)
  const there = await Promise.all(all.map(async (name) => (await house.blobs.has(hashOf(name))) && name))
  expect(there.filter(Boolean)).toEqual(kept)
})
