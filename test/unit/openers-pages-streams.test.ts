import { describe, expect, test } from 'vitest'

import { openDash } from '../../services/openers/dash.ts'
import { openHls } from '../../services/openers/hls.ts'
import type { FoundStream } from '../../services/openers/opener.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

const url = 'https://cdn.example/live/main.m3u8'
const hls = (text: string) => linesOf(openHls, `#EXTM3U\n${text}`, { url })

/** The only stream of a document. */
async function streamIn(opener: typeof openHls, text: string, from = url): Promise<FoundStream> {
  const { found } = await openDocument(opener, text, { url: from })
  expect(found.map(({ kind }) => kind)).toEqual(['stream'])
  return found[0] as FoundStream
}

describe('a main playlist of HLS', () => {
  const variant = (name: string, bandwidth: number, more = '') =>
    `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth}${more}\n${name}.m3u8\n`

  test('leads to the cheapest variant that is heard', async () => {
    const text =
      variant('high', 900_000, ',CODECS="avc1.4d401e,mp4a.40.2"') +
      variant('mute', 90_000, ',CODECS="avc1.4d401e"') +
      variant('low', 300_000, ',CODECS="avc1.4d401e,mp4a.40.2"')
    expect(await hls(text)).toEqual(['stream https://cdn.example/live/low.m3u8 (variant of 300 kbit/s)'])
    expect(await hls(text + variant('audio', 400_000, ',CODECS="mp4a.40.2"'))).toEqual([
      'stream https://cdn.example/live/audio.m3u8 (variant of 400 kbit/s)',
    ])
  })

  test('leads to audio that lies apart, in each language', async () => {
    const text =
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, loud",URI="en.m3u8"\n' +
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",URI="de.m3u8"\n' +
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="b",NAME="Other",URI="other.m3u8"\n' +
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Words",URI="words.m3u8"\n' +
      variant('low', 300_000, ',AUDIO="a"')
    expect(await hls(text)).toEqual([
      'stream https://cdn.example/live/en.m3u8 (audio 1: English, loud)',
      'stream https://cdn.example/live/de.m3u8 (audio 2: Deutsch)',
    ])
  })

  test('that names itself, or no address, leads nowhere', async () => {
    expect(await hls(variant('main', 1))).toEqual([])
    expect(await hls('#EXT-X-STREAM-INF:BANDWIDTH=1\njavascript:1')).toEqual([])
  })
})

describe('a playlist of HLS', () => {
  test('is a stream of its segments, with their ranges and what comes before them', async () => {
    const text =
      '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI="init.mp4",BYTERANGE="100@0"\n#EXTINF:6.006,\n#EXT-X-BYTERANGE:500@100\n' +
      'all.mp4\n#EXTINF:5,words\n#EXT-X-BYTERANGE:200\nall.mp4\n#EXT-X-GAP\n#EXTINF:5\ngone.mp4\n#EXTINF:x\n/b.mp4\n#EXT-X-ENDLIST\n'
    expect(await streamIn(openHls, text)).toEqual({
      kind: 'stream',
      name: 'stream',
      init: { url: 'https://cdn.example/live/init.mp4', range: { from: 0, to: 99 } },
      segments: [
        { url: 'https://cdn.example/live/all.mp4', range: { from: 100, to: 599 }, durationMs: 6_006 },
        { url: 'https://cdn.example/live/all.mp4', range: { from: 600, to: 799 }, durationMs: 5_000 },
        { url: 'https://cdn.example/b.mp4', range: undefined, durationMs: 0 },
      ],
    })
  })

  test('that goes on is what is there now', async () => {
    expect(await hls('#EXTINF:6,\n1.ts\n#EXTINF:6,\n2.ts')).toEqual(['stream of 2 (live stream)'])
  })

  test('has a stream for each initialisation', async () => {
    const text =
      '#EXT-X-MAP:URI="a"\n#EXTINF:1,\n1\n#EXT-X-MAP:URI="b"\n#EXTINF:1,\n2\n#EXT-X-MAP:URI="b"\n#EXTINF:1,\n3\n#EXT-X-ENDLIST'
    expect(await hls(text)).toEqual(['stream of 1 (stream, part 1)', 'stream of 2 (stream, part 2)'])
  })

  test('that is encrypted is not decrypted', async () => {
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1"\n'
    expect(await hls(`${key}#EXTINF:1,\n1.ts\n#EXT-X-ENDLIST`)).toEqual(['ended open/encrypted'])
    expect(
      await hls(
        `#EXTINF:1,\n0.ts\n${key}#EXTINF:1,\n1.ts\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\n2.ts\n#EXT-X-ENDLIST`,
      ),
    ).toEqual(['stream of 2 (stream)', 'fault open/encrypted (encrypted parts)'])
    expect(await hls('#EXT-X-KEY:METHOD=SAMPLE-AES\n#EXTINF:1,\n1.ts')).toEqual(['ended open/encrypted'])
  })

  test('that has no end is cut, and one that holds itself or no addresses is none', async () => {
    expect(await hls('#EXTINF:1,\n1.ts\n'.repeat(30_000))).toEqual([
      'stream of 20000 (live stream)',
      'ended open/too-many',
    ])
    expect(await hls('#EXTINF:1,\nmain.m3u8\n')).toEqual(['ended open/unsupported'])
    expect(await hls('#EXTINF:1,\nfile:///etc/passwd\n#EXTINF:1,\nhttps://a:b@c.example/1')).toEqual([
      'ended open/unsupported',
    ])
    expect(await linesOf(openHls, '#EXTM3U\n#EXTINF:1,\n1.ts')).toEqual(['ended open/unsupported'])
  })

  test.each([
    '#EXT-X-MEDIA:TYPE=AUDIO,',
    '#EXT-X-STREAM-INF:A="',
    'A=',
    '#EXT-X-MAP:URI="a"\n1\n#EXT-X-MAP:URI="b"\n',
    '#',
    '\n',
  ])('of %j again and again is read within its limits', async (piece) => {
    const began = performance.now()
    await openDocument(openHls, `#EXTM3U\n#EXT-X-MEDIA:${piece.repeat(200_000)}`, {
      url,
      limits: { itemsMax: 100 },
    })
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('DASH', () => {
  const from = 'https://cdn.example/vod/manifest'
  const mpd = (inside: string, more = 'mediaPresentationDuration="PT10S"') =>
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" ${more}>${inside}</MPD>`
  const audio = (inside: string, more = '') =>
    `<AdaptationSet contentType="audio" ${more}>${inside}</AdaptationSet>`
  const dash = (text: string) => linesOf(openDash, text, { url: from })

  test('is a stream of the cheapest audio, by numbers', async () => {
    const text = mpd(
      `<BaseURL>files/</BaseURL><Period>${audio(
        '<SegmentTemplate timescale="1000" duration="4000" initialization="$RepresentationID$/init.mp4" media="$RepresentationID$/$Number%03d$-$Bandwidth$.m4s"/>' +
          '<Representation id="hi" bandwidth="128000"/><Representation id="lo" bandwidth="64000"/>',
        'lang="en"',
      )}<AdaptationSet contentType="video"><Representation id="v" bandwidth="1"/></AdaptationSet></Period>`,
    )
    const stream = await streamIn(openDash, text, from)
    expect(stream).toMatchObject({
      name: 'audio: en',
      init: { url: 'https://cdn.example/vod/files/lo/init.mp4' },
    })
    expect(stream.segments).toEqual(
      ['001', '002', '003'].map((number) => ({
        url: `https://cdn.example/vod/files/lo/${number}-64000.m4s`,
        durationMs: 4_000,
      })),
    )
  })

  test('by times of a timeline, with repetitions to the end of the period', async () => {
    const text = mpd(
      `<Period>${audio(
        '<Representation id="a" bandwidth="1"><SegmentTemplate timescale="10" startNumber="5" media="t$Time$-$Number$$$.m4s">' +
          '<SegmentTimeline><S t="100" d="20" r="1"/><S d="10"/><S t="200" d="50" r="-1"/></SegmentTimeline></SegmentTemplate></Representation>',
      )}</Period>`,
      'mediaPresentationDuration="PT0H0M30S"',
    )
    const { segments } = await streamIn(openDash, text, from)
    expect(segments.map(({ url: each }) => each.split('/').at(-1))).toEqual([
      't100-5$.m4s',
      't120-6$.m4s',
      't140-7$.m4s',
      't200-8$.m4s',
      't250-9$.m4s',
    ])
    expect(segments[0]?.durationMs).toBe(2_000)
  })

  test('by a list with ranges', async () => {
    const text = mpd(
      `<Period>${audio(
        '<Representation id="a" bandwidth="1"><BaseURL>a.mp4</BaseURL><SegmentList timescale="1" duration="5">' +
          '<Initialization range="0-99"/><SegmentURL mediaRange="100-199"/><SegmentURL media="b.mp4"/></SegmentList></Representation>',
      )}</Period>`,
    )
    expect(await streamIn(openDash, text, from)).toMatchObject({
      init: { url: 'https://cdn.example/vod/a.mp4', range: { from: 0, to: 99 } },
      segments: [
        { url: 'https://cdn.example/vod/a.mp4', range: { from: 100, to: 199 }, durationMs: 5_000 },
        { url: 'https://cdn.example/vod/b.mp4' },
      ],
    })
  })

  test('is a link where the audio is one file, and the whole where audio is nowhere alone', async () => {
    const one =
      '<Representation id="a" bandwidth="1"><BaseURL>a.mp4</BaseURL><SegmentBase indexRange="0-9"/></Representation>'
    expect(await dash(mpd(`<Period>${audio(one)}</Period>`))).toEqual([
      'media https://cdn.example/vod/a.mp4 (audio)',
    ])
    const mixed =
      '<AdaptationSet mimeType="video/mp4" codecs="avc1.1,mp4a.40.2"><Representation bandwidth="9"><BaseURL>hi.mp4</BaseURL></Representation>' +
      '<Representation bandwidth="2"><BaseURL>lo.mp4</BaseURL></Representation></AdaptationSet>'
    expect(await dash(mpd(`<Period>${mixed}</Period>`))).toEqual([
      'media https://cdn.example/vod/lo.mp4 (audio)',
    ])
  })

  test('that is protected is not opened', async () => {
    const locked = audio(
      '<ContentProtection schemeIdUri="urn:x"/><Representation bandwidth="1"><BaseURL>a</BaseURL></Representation>',
    )
    expect(await dash(mpd(`<Period>${locked}</Period>`))).toEqual(['ended open/encrypted'])
    const open = audio('<Representation bandwidth="1"><BaseURL>b</BaseURL></Representation>', 'lang="de"')
    expect(await dash(mpd(`<Period>${locked}${open}</Period>`))).toEqual([
      'media https://cdn.example/vod/b (audio: de)',
      'fault open/encrypted (audio)',
    ])
  })

  test('that goes on is what is kept now', async () => {
    const begunAt = new Date(Date.now() - 100_000).toISOString()
    const text = mpd(
      `<Period start="PT0S">${audio('<SegmentTemplate duration="10" media="$Number$"/><Representation id="a" bandwidth="1"/>')}</Period>`,
      `type="dynamic" availabilityStartTime="${begunAt}" timeShiftBufferDepth="PT30S"`,
    )
    const { segments } = await streamIn(openDash, text, from)
    expect(segments.length).toBeGreaterThanOrEqual(2)
    expect(segments.length).toBeLessThanOrEqual(3)
    expect(segments.at(-1)?.url).toBe('https://cdn.example/vod/10')
  })

  test.each([
    [
      'repetitions',
      '<SegmentTemplate media="$Number$"><SegmentTimeline><S d="1" r="999999999"/></SegmentTimeline></SegmentTemplate>',
    ],
    ['short segments', '<SegmentTemplate media="$Number$" duration="1" timescale="999999999"/>'],
  ])('with endless %s is cut, over all its languages', async (_name, template) => {
    const one = audio(`${template}<Representation id="a" bandwidth="1"/>`)
    const { found, ended } = await openDocument(openDash, mpd(`<Period>${one.repeat(5)}</Period>`), {
      url: from,
    })
    expect(ended).toBe('open/too-many')
    expect(found.flatMap((each) => (each.kind === 'stream' ? each.segments : []))).toHaveLength(20_000)
  })

  test('fills in no more digits than numbers have, and leads nowhere but to http and https', async () => {
    const wide = audio(
      '<SegmentTemplate duration="10" media="$Number%099d$"/><Representation id="a" bandwidth="1"/>',
    )
    expect((await streamIn(openDash, mpd(`<Period>${wide}</Period>`), from)).segments[0]?.url).toHaveLength(
      44,
    )
    const file = audio(
      '<SegmentTemplate duration="10" media="file:///$Number$"/><Representation id="a" bandwidth="1"/>',
    )
    expect(await dash(mpd(`<Period>${file}</Period>`))).toEqual([])
    expect(await dash('words')).toEqual(['ended open/damaged'])
    expect(await dash(mpd(`<Period>${file}</Period>`).slice(0, 60))).toEqual(['ended open/damaged'])
  })
})
