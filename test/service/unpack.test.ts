import { readFile } from 'node:fs/promises'

import { fileOf } from '../../bench/covers/copies.ts'
import { drawCover } from '../../bench/covers/drawn.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { coverHashes, encodeCover } from '../../services/artwork/cover.ts'
import { luminanceOf } from '../../services/artwork/pdq.ts'
import type { Run } from '../../services/core/queue.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { leadsIn } from '../../services/matches/lead-store.ts'
import { neededBlobs } from '../../services/submissions/blob-use.ts'
import { findItem } from '../../services/submissions/item-store.ts'
import { keepFinds } from '../../services/submissions/opened-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { Submission } from '../../services/submissions/submission.ts'
import type { Tools } from '../../workers/tools.ts'
import { unpack } from '../../workers/unpack.ts'
import { makeZip } from '../support/archives.ts'
import { disguised, unknownPiece } from '../support/music.ts'
import { bytesOf, itemsIn, registeredPiece, tree } from '../support/opened.ts'
import { ended, startPipeline } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** What the job needs of a worker that has a database and a blob store, and no network. */
const toolsOf = ({ house }: World): Tools =>
  ({ ...house, ffmpegPath: 'ffmpeg' }) satisfies Partial<Tools> as unknown as Tools

/** One run of the job. @param after how often it tells its progress before it is stopped in the middle. */
function runOf({ house }: World, after = Infinity): Run {
  const stop = new AbortController()
  let told = 0
  return {
    log: house.log,
    signal: stop.signal,
    progress: async () => {
      told += 1
      if (told >= after) stop.abort(new Error('stopped'))
    },
  }
}

const playlistOf = (entries: number): string =>
  ['#EXTM3U', ...Array.from({ length: entries }, (_, i) => `https://files.example/${i + 1}.mp3`)].join('\n')

const handedIn = (
  { house, owner }: World,
  fileName: string,
  content: Uint8Array | string,
): Promise<Submission> => submitFile(house, owner, { fileName, source: bytesOf(content) })

describe('an archive', () => {
  test('is opened into a tree: audio is heard, covers are compared, the rest is told', async ({ world }) => {
    const pipeline = await startPipeline(world)
    try {
      const drawn = drawCover(4)
      const recordingId = await registeredPiece(
        pipeline,
        world.owner,
        1,
        encodeCover(coverHashes(luminanceOf(drawn))),
      )
      const track = await readFile(await disguised(1, 'album-1.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))
      const inner = makeZip([
        { name: 'bonus.wav', bytes: await readFile(await unknownPiece()) },
        { name: 'hidden.wav' },
      ])
      const cue = 'FILE "01.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "Piece 1"\n    PERFORMER "The Samples"\n'
      const album = makeZip([
        { name: 'CD1/01 - Piece 1.ogg', bytes: track },
        { name: 'cover.jpg', bytes: Buffer.from(await fileOf(drawn, 600)) },
        { name: 'album.cue', bytes: Buffer.from(cue) },
        { name: 'readme.txt', bytes: Buffer.from('Enjoy.') },
        { name: 'bonus.zip', bytes: inner },
      ])
      const { id } = await submitFile(pipeline.house, world.owner, {
        fileName: 'album.zip',
        source: bytesOf(album),
      })
      expect(await ended(world, id)).toMatchObject({ stage: 'done', problem: null })
      expect((await tree(world, id)).toSorted()).toEqual([
        'album.zip › CD1/01 - Piece 1.ogg: media, done',
        'album.zip › album.cue › 01.wav: listed, done',
        'album.zip › album.cue › track 1: The Samples - Piece 1: listed, done',
        'album.zip › bonus.zip › bonus.wav: media, done',
        'album.zip › bonus.zip › hidden.wav: container, file/empty',
        'album.zip › cover.jpg: cover, done',
        'album.zip › readme.txt: listed, done',
      ])

      const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
      expect(cases).toMatchObject([{ recordingId, location: 'album.zip', pageUrl: null }])
      const items = await itemsIn(world, id)
      const cover = items.find(({ kind }) => kind === 'cover')
      const leads = await world.house.db.system((tx) => leadsIn(tx, id))
      expect(leads.find(({ itemId }) => itemId === cover?.id)).toMatchObject({
        recordingId,
        names: null,
        artwork: { relation: 'same' },
      })
      const named = items.find(({ name }) => name.startsWith('track 1'))
      expect(leads.find(({ itemId }) => itemId === named?.id)).toMatchObject({ recordingId, artwork: null })
      // Nothing of it is kept: neither the archives nor what was heard.
      const hashes = items.flatMap(({ sha256 }) => sha256 ?? [])
      expect(await world.house.db.system((tx) => neededBlobs(tx, hashes))).toEqual(new Set())
    } finally {
      await pipeline.close()
    }
  })

  test('that holds nothing, or nothing that is opened, fails with its reason and can be tried again or not', async ({
    world,
  }) => {
    const empty = await handedIn(world, 'empty.zip', makeZip([]))
    await expect(unpack(toolsOf(world))({ id: empty.id }, runOf(world))).rejects.toMatchObject({
      type: 'open/nothing',
    })
    const damaged = makeZip([{ name: 'a.wav', bytes: Buffer.alloc(5000, 1) }]).subarray(0, 900)
    const cut = await handedIn(world, 'cut.zip', damaged)
    await expect(unpack(toolsOf(world))({ id: cut.id }, runOf(world))).rejects.toMatchObject({
      type: 'open/damaged',
    })
  })
})

describe('opening', () => {
  test('that is stopped in the middle goes on where it was, and two at once make each item once', async ({
    world,
  }) => {
    const { db } = world.house
    const { id } = await handedIn(world, 'list.m3u', playlistOf(450))
    await expect(unpack(toolsOf(world))({ id }, runOf(world, 300))).rejects.toThrow('stopped')
    expect(await itemsIn(world, id)).toHaveLength(200)
    expect(await db.system((tx) => submissions.find(tx, id))).toMatchObject({ stage: 'unpack' })

    await Promise.all([1, 2].map(() => unpack(toolsOf(world))({ id }, runOf(world))))
    const items = await itemsIn(world, id)
    expect(items.map(({ url }) => url)).toEqual(
      Array.from({ length: 450 }, (_, i) => `https://files.example/${i + 1}.mp3`),
    )
    expect(new Set(items.map(({ stage }) => stage))).toEqual(new Set(['follow']))
    expect(await db.system((tx) => submissions.find(tx, id))).toMatchObject({ stage: 'compare' })
  })

  test('a page that links six thousand files ends at the limit, and says so', async ({ world }) => {
    const links = Array.from({ length: 6_000 }, (_, i) => `<a href="/f/${i}.mp3">${i}</a>`).join('\n')
    const page = `<!doctype html><html><body><base href="https://files.example/">${links}</body></html>`
    const { id } = await handedIn(world, 'page.html', page)
    await unpack(toolsOf(world))({ id }, runOf(world))
    const items = await itemsIn(world, id)
    expect(items.filter(({ kind }) => kind === 'link').length).toBeLessThanOrEqual(5_000)
    expect(items.filter(({ problem }) => problem !== null)).toMatchObject([
      { name: 'page', problem: { type: '/problems/open/too-many' } },
    ])
  })

  test('an address that is found twice, or is what was handed in, is followed once or never', async ({
    world,
  }) => {
    const { db } = world.house
    const submission = await submitUrl(world.house, world.owner, { url: 'https://page.example/a' })
    await db.system((tx) => tx.run`update submission set stage = 'unpack', blob_sha256 = ${'a'.repeat(64)}`)
    const link = { kind: 'link', place: ['page'], mediaType: 'text/html' } as const
    const { ids } = await db.system((tx) =>
      keepFinds(tx, { submission }, 0, [
        { ...link, name: 'one', url: 'https://files.example/x?b=1&a=2' },
        { ...link, name: 'two', url: 'https://FILES.example/x?a=2&b=1&utm_source=y' },
        { ...link, name: 'itself', url: 'https://page.example/a#top' },
      ]),
    )
    expect(ids).toHaveLength(1)
    const [id] = ids
    if (!id) throw new Error('no item')
    expect(await db.system((tx) => findItem(tx, id))).toMatchObject({
      name: 'one',
      number: 1,
      stage: 'follow',
    })
  })

  test('a magnet link is taken as a list of one name', async ({ world }) => {
    const { house, owner } = world
    const url = `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=The+Samples+-+Piece+1`
    const { id } = await submitUrl(house, owner, { url })
    await unpack(toolsOf(world))({ id }, runOf(world))
    expect(await itemsIn(world, id)).toMatchObject([{ kind: 'listed', stage: 'match' }])
  })
})
