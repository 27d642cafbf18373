import { vi } from 'vitest'

import { lookAgain } from '../../services/actions/rechecks.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { startWatch } from '../../services/actions/watches.ts'
import { createAddressPolicy } from '../../services/core/addresses.ts'
import type { FetchedHead } from '../../services/core/fetched.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { rechecksOf } from '../../services/matches/recheck-store.ts'
import { pictureOf } from '../../services/reading/page-picture.ts'
import { loadTorrentPlugin } from '../../services/reading/torrent-plugin.ts'
import { startRead } from '../../services/watches/store.ts'
import { NewWatch } from '../../services/watches/watch.ts'
import { mayFollow } from '../../workers/crawling.ts'
import { fetch as fetchWorker } from '../../workers/fetch.ts'
import { recheck } from '../../workers/recheck.ts'
import { watch as watchWorker } from '../../workers/watch.ts'
import { fetchLimits } from '../support/fetching.ts'
import { confirmedAt } from '../support/noticing.ts'
import { bytesOf } from '../support/opened.ts'
import { findPrograms } from '../support/programs.ts'
import { bencode } from '../support/seeder.ts'
import {
  TARGETS_MIN,
  besiege,
  documents,
  escaped,
  expectRefused,
  followAll,
  openTracker,
  streams,
  typeOf,
} from '../support/siege.ts'
import { describe, expect, test } from '../support/world.ts'

describe('an address that leads inwards is refused without a connection', () => {
  test('when it is submitted', async ({ world }) => {
    const siege = await besiege(world)
    const { tools, run, targets } = siege
    const types: string[] = []
    for (const url of targets.filter((target) => URL.canParse(target)))
      types.push(
        await typeOf(async () => {
          const { id } = await submitUrl(world.house, world.owner, { url })
          // None of them ends here, so that those behind the first few would wait for their turn.
          await world.house.db.system((tx) => tx.run`update submission set stage = 'fetch' where id = ${id}`)
          await fetchWorker(tools)({ id }, run)
        }),
      )
    expectRefused(types, siege)
  })

  for (const [fileName, make] of documents)
    test(`when it stands in ${fileName}`, async ({ world }) => {
      const siege = await besiege(world)
      const content = make(siege.targets.filter((target) => URL.canParse(target)))
      const { id } = await submitFile(world.house, world.owner, { fileName, source: bytesOf(content) })
      expectRefused(await followAll(world, siege, id), siege)
    })

  for (const [fileName, make] of streams)
    test(`when it is a segment of ${fileName}`, async ({ world }) => {
      const siege = await besiege(world)
      const types: string[] = []
      for (const url of siege.targets.filter((target) => /^https?:\/\//.test(target))) {
        const { id } = await submitFile(world.house, world.owner, { fileName, source: bytesOf(make(url)) })
        types.push(...(await followAll(world, siege, id)))
      }
      // Addresses with a user name, and those that are none, do not get as far as that.
      expectRefused(
        types.filter((type) => type !== 'open/unsupported' && type !== 'open/nothing'),
        siege,
      )
    })

  test('when robots.txt would lie there', async ({ world }) => {
    const { tools, run, targets, allowed, strange } = await besiege(world)
    const urls = targets.filter(
      (url) => /^https?:\/\//.test(url) && URL.canParse(url) && !url.startsWith(allowed),
    )
    expect(urls.length).toBeGreaterThanOrEqual(TARGETS_MIN)
    for (const url of urls) expect([url, await mayFollow(tools, url, run.signal)]).toEqual([url, false])
    expect(strange()).toEqual([])
  })

  test('when it is watched', async ({ world }) => {
    const siege = await besiege(world)
    const { tools, run, targets } = siege
    const { db } = world.house
    const types: string[] = []
    const made = await startWatch(
      world.house,
      world.owner,
      NewWatch.parse({ url: 'https://forum.example/feed' }),
    )
    for (const url of targets.filter((target) => URL.canParse(target))) {
      await db.system((tx) => tx.run`update watch_read set stage = 'done'`)
      await db.system((tx) => tx.run`update watch set url = ${url} where id = ${made.id}`)
      const id = await db.system((tx) => startRead(tx, made))
      types.push(await typeOf(() => watchWorker(tools)({ id }, run)))
    }
    // Whether its site wants to be read is asked first, at the same place.
    expectRefused(
      types.map((type) => (type === 'watch/robots' ? 'fetch/forbidden-address' : type)),
      siege,
    )
  })

  test('when a copy is looked for there again', async ({ world }) => {
    const siege = await besiege(world)
    const { tools, run, targets } = siege
    const { house, owner } = world
    const caseId = await confirmedAt(world, 'https://files.example/song.ogg')
    const types: string[] = []
    for (const url of targets.filter((target) => URL.canParse(target))) {
      await house.db.system((tx) => tx.run`update case_file set location = ${url} where id = ${caseId}`)
      const id = await lookAgain(house, owner, caseId)
      await recheck(tools)({ id }, run)
      const [latest] = await house.db.system((tx) => rechecksOf(tx, caseId))
      types.push(latest?.seen?.problem ?? 'it worked')
    }
    expectRefused(types, siege)
  })

  test('when it is the tracker, the web seed or a peer of a torrent', async ({ world }) => {
    const siege = await besiege(world)
    const { tools, run, targets, port, strange } = siege
    const reader = await loadTorrentPlugin('on', {
      safeFetch: tools.safeFetch,
      policy: createAddressPolicy(),
    }).catch(() => undefined)
    if (!reader) return process.stderr.write('plugins/torrent is not there: its way in is not tried\n')
    const info = { length: 10, name: 'a.mp3', 'piece length': 16_384, pieces: Buffer.alloc(20) }
    for (const url of targets) {
      const torrent = bencode({ announce: url, 'announce-list': [[url]], info, 'url-list': url })
      const opened = reader.open(torrent)
      const type = await typeOf(() => opened.readPieces(0, { from: 0, to: 9 }, run.signal))
      await opened.close()
      expect([url, type]).toEqual([url, 'fetch/unreachable'])
    }
    expect(strange()).toEqual([])

    const peers = [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      'localhost',
      '127.1',
    ]
    const tracker = await openTracker(bencode({ peers: peers.map((ip) => ({ ip, port })) }))
    const allowed = [tracker.address]
    const safeFetch = createSafeFetch({ ...fetchLimits, allowAddresses: allowed })
    const again = await loadTorrentPlugin('on', { safeFetch, policy: createAddressPolicy(allowed) })
    const opened = again?.open(bencode({ announce: `http://${tracker.address}/`, info }))
    const type = await typeOf(async () => opened?.readPieces(0, { from: 0, to: 9 }, run.signal))
    await opened?.close()
    expect([type, tracker.asked()]).toEqual(['fetch/unreachable', 2])
    expect(strange().filter((to) => to !== tracker.address)).toEqual([])
    return undefined
  })

  test('when a page shows it and a browser takes its picture', async ({ world }) => {
    const { chromium } = await findPrograms()
    if (chromium === undefined)
      return process.stderr.write('no Chromium: the pictures of pages are not tried\n')
    const siege = await besiege(world)
    const { tools, run, targets, strange } = siege
    const shown = targets.filter((url) => URL.canParse(url)).slice(0, 55) // A page is given sixty requests.
    const images = shown.map((url) => `<img src="${escaped(url)}">`).join('')
    const source = bytesOf(`<!doctype html><html><body>${images}</body></html>`)
    const { sha256 } = await world.house.blobs.put(source, { bytesMax: 1e6 })
    const head = { finalUrl: 'https://forum.example/', headers: { 'content-type': 'text/html' } }
    const asked = vi.spyOn(tools.safeFetch, 'get')
    const config = { ...tools.config, CHROMIUM_PATH: chromium }
    const reading = { ...tools, config, log: world.house.log }
    const picture = await pictureOf(reading, head as unknown as FetchedHead, sha256, run.signal)
    expect(picture).toMatch(/^[0-9a-f]{64}$/)
    expect(asked.mock.calls.length).toBeGreaterThanOrEqual(TARGETS_MIN)
    expect(strange()).toEqual([])
    return undefined
  })

  test('and the listener does count who connects', async ({ world }) => {
    const { port, strange } = await besiege(world)
    const allowed = createSafeFetch({ ...fetchLimits, allowAddresses: [`127.0.0.1:${port}`] })
    const sink = async (): Promise<void> => undefined
    expect(await typeOf(() => allowed.get(`http://127.0.0.1:${port}/`, { sink }))).toBe('fetch/unreachable')
    expect(strange()).toEqual([`127.0.0.1:${port}`, 'somebody arrived'])
  })
})
