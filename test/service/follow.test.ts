import { readFile } from 'node:fs/promises'

import { issueReport } from '../../services/actions/cases.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { captureAt } from '../../services/submissions/captures.ts'
import { makeZip } from '../support/archives.ts'
import { type HostileHost, startHostileHost } from '../support/hostile-host.ts'
import { disguised, unknownPiece } from '../support/music.ts'
import { bytesOf, itemsIn, registeredPiece, tree } from '../support/opened.ts'
import { type Pipeline, ended, startPipeline } from '../support/pipeline.ts'
import { type World, expect, test } from '../support/world.ts'

const html = { 'content-type': 'text/html' }
const page = (body: string): Buffer => Buffer.from(`<!doctype html><html><body>${body}</body></html>`)

/** The pipeline and a host that it may visit. */
async function opened(
  world: World,
  work: (given: { pipeline: Pipeline; host: HostileHost }) => Promise<void>,
): Promise<void> {
  const host = await startHostileHost()
  const pipeline = await startPipeline(world, {
    env: { FETCH_ALLOW_ADDRESSES: host.addresses.join(','), HOST_DELAY_MS: '0', HOST_VISITS_MAX: '8' },
  })
  try {
    await work({ pipeline, host })
  } finally {
    await pipeline.close()
    await host.close()
  }
}

test('a page leads to its players, their pages, an archive and pages of its site, and each case knows its page', async ({
  world,
}) => {
  await opened(world, async ({ pipeline, host }) => {
    const recordingId = await registeredPiece(pipeline, world.owner, 1)
    const copy = await readFile(await disguised(1, 'followed.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))
    const other = await readFile(await unknownPiece())
    host.serve('/robots.txt', Buffer.from('User-agent: *\nDisallow: /private/'), {
      'content-type': 'text/plain',
    })
    host.serve('/m/one.ogg', copy)
    host.serve('/m/other.wav', other)
    host.serve('/m/album.zip', makeZip([{ name: 'inside.ogg', bytes: copy }]))
    host.serve('/embed/7', page('<audio src="/m/embedded.wav"></audio><iframe src="/blog"></iframe>'), html)
    host.serve('/m/embedded.wav', other)
    host.serve(
      '/blog/second',
      page('<a href="/m/second.ogg">Two</a> <a href="/blog">back</a> <a href="/blog/third">on</a>'),
      html,
    )
    host.serve('/m/second.ogg', copy)
    host.serve('/blog/third', page('<a href="/m/third.ogg">never</a>'), html)
    host.serve('/private/x', page('<a href="/m/private.ogg">never</a>'), html)
    host.serve(
      '/blog',
      page(`<audio src="/m/one.ogg"></audio> <audio src="/m/other.wav"></audio>
        <video src="/m/gone.mp4"></video> <audio src="/m/one.ogg?utm_source=blog"></audio>
        <iframe src="/embed/7"></iframe> <a href="/m/album.zip">all of it</a>
        <a href="/blog/second">next page</a> <a href="/private/x">members</a> <a href="/blog#top">up</a>`),
      html,
    )
    const { id } = await submitUrl(pipeline.house, world.owner, { url: host.url('/blog') })
    expect(await ended(world, id)).toMatchObject({ stage: 'done', problem: null })

    const lines = (await tree(world, id)).toSorted()
    const endings = lines.map((line) => line.replace(/^page › /, ''))
    expect(endings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/one\.ogg: media, done$/),
        expect.stringMatching(/other\.wav: media, done$/),
        expect.stringMatching(/player 3.*: link, fetch\/refused$/),
        expect.stringMatching(/player \d.*: container, done$/),
        expect.stringMatching(/embedded\.wav: media, done$/),
        expect.stringMatching(/all of it: container, done$/),
        expect.stringMatching(/all of it › inside\.ogg: media, done$/),
        expect.stringMatching(/next page.*: container, done$/),
        expect.stringMatching(/next page.* › second\.ogg: media, done$/),
        expect.stringMatching(/members.*: link, done$/),
      ]),
    )
    // Nothing else was asked for: no page twice, none beyond the next one, none that crawlers may not see.
    for (const path of ['/blog/third', '/private/x', '/m/third.ogg', '/m/private.ogg'])
      expect(host.requests).not.toContain(path)
    expect(host.requests).not.toContain('/m/one.ogg?utm_source=blog')

    const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
    expect(new Set(cases.map((each) => each.recordingId))).toEqual(new Set([recordingId]))
    expect(
      cases.map(({ location, pageUrl }) => [location, pageUrl]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    ).toEqual([
      [host.url('/m/album.zip'), host.url('/blog')],
      [host.url('/m/one.ogg'), host.url('/blog')],
      [host.url('/m/second.ogg'), host.url('/blog/second')],
    ])
    const items = await itemsIn(world, id)
    const one = items.find(({ url }) => url === host.url('/m/one.ogg'))
    const seen = await world.house.db.system((tx) =>
      captureAt(tx, id, { itemId: one?.id, url: one?.url ?? null }),
    )
    expect(seen).toMatchObject({ finalUrl: host.url('/m/one.ogg'), status: 200 })
    const report = await issueReport(
      pipeline.house,
      world.owner,
      cases.find(({ location }) => location.endsWith('.zip'))!.id,
    )
    expect(report.document.locations).toMatchObject([
      { kind: 'url', url: host.url('/m/album.zip'), pageUrl: host.url('/blog'), fileName: 'inside.ogg' },
    ])
  })
})

test('a stream is followed from a playlist, and a playlist of dead links ends with their problem', async ({
  world,
}) => {
  await opened(world, async ({ pipeline, host }) => {
    const recordingId = await registeredPiece(pipeline, world.owner, 1)
    const mp3 = await readFile(await disguised(1, 'stream.mp3', ['-c:a', 'libmp3lame', '-b:a', '96k']))
    const half = Math.floor(mp3.length / 2)
    host.serve('/hls/1.mp3', mp3.subarray(0, half))
    host.serve('/hls/2.mp3', mp3.subarray(half))
    const playlist =
      '#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:30,\n1.mp3\n#EXTINF:30,\n2.mp3\n#EXT-X-ENDLIST\n'
    host.serve('/hls/list.m3u8', Buffer.from(playlist))
    const { id } = await submitUrl(pipeline.house, world.owner, { url: host.url('/hls/list.m3u8') })
    const dead = await submitFile(pipeline.house, world.owner, {
      fileName: 'dead.m3u',
      source: bytesOf(`#EXTM3U\n${host.url('/404')}\n${host.url('/410')}\n`),
    })
    expect(await ended(world, id)).toMatchObject({ stage: 'done' })
    expect(await tree(world, id)).toEqual(['list.m3u8: container, done', 'list.m3u8 › stream: media, done'])
    const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
    expect(cases).toMatchObject([{ recordingId, location: host.url('/hls/list.m3u8') }])

    expect(await ended(world, dead.id)).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/fetch/refused' },
    })
  })
})
