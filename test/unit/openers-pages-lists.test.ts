import { describe, expect, test } from 'vitest'

import { openCue } from '../../services/openers/cue.ts'
import { openM3u } from '../../services/openers/m3u.ts'
import { openMagnet } from '../../services/openers/magnet.ts'
import { openPls } from '../../services/openers/pls.ts'
import { openUrlList } from '../../services/openers/url-list.ts'
import { openXspf } from '../../services/openers/xspf.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

const url = 'https://music.example/lists/all'

/** What no list leads to. */
const forbidden = [
  'javascript:alert(1)',
  'data:audio/mpeg;base64,AAAA',
  'file:///etc/passwd',
  'ftp://files.example/a.mp3',
  'https://user:secret@files.example/a.mp3',
  'rtsp://files.example/a',
]

describe('M3U', () => {
  test('has links and names, with titles and durations', async () => {
    const list =
      '\uFEFF#EXTM3U\r\n#EXTINF:123,Band - One\r\nhttps://files.example/1.mp3\r\n#EXTINF:-1 tvg="a,b",Radio\r\n../radio\r\n' +
      '# a remark\r\n\r\n#EXTINF:61.5,Two\r\nC:\\Music\\Two.mp3\r\nD:\\Music\\Three.mp3\r\nall'
    expect(await linesOf(openM3u, list, { url })).toEqual([
      'media https://files.example/1.mp3 (track 1: Band - One)',
      'media https://music.example/radio (track 2: b",Radio)',
      'listed track 3: Two 61500 ms',
      'listed track 4: Three.mp3',
    ])
    expect(await linesOf(openM3u, 'music/1.mp3\nhttps://files.example/2.m3u8')).toEqual([
      'listed track 1: 1.mp3',
      'stream https://files.example/2.m3u8 (track 2)',
    ])
  })

  test('leads nowhere but to http and https', async () => {
    const lines = await linesOf(openM3u, forbidden.join('\n'), { url })
    expect(lines).toEqual(['listed track 3: passwd'])
  })

  test('of one long line, or of a million, is read within its limits', async () => {
    for (const piece of ['a', '\n', 'a\n', '#EXTINF:1,', '#EXTINF:1,a\n', '#EXTINF: ']) {
      const began = performance.now()
      await openDocument(openM3u, piece.repeat(2 ** 20 / piece.length), { limits: { itemsMax: 100 } })
      expect(performance.now() - began).toBeLessThan(10_000)
    }
  })
})

test('PLS has its entries by their numbers, whatever the order of its lines', async () => {
  const list =
    '[playlist]\nTitle2=Two\nFile2=/2.ogg\nLength2=90\nfile1=https://files.example/1.mp3\nTitle1=One\nFile3=E:\\3.wav\nLength3=5\n' +
    'File4=https://music.example/lists/all\nFile5=javascript:1\nVersion=2'
  expect(await linesOf(openPls, list, { url })).toEqual([
    'media https://files.example/1.mp3 (track 1: One)',
    'media https://music.example/2.ogg (track 2: Two)',
    'listed track 3: 3.wav 5000 ms',
  ])
})

test('XSPF has all locations of a track, tracks without one, and pictures', async () => {
  const list = `<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>
    <track><location>1.mp3</location><location>https://b.example/1.ogg</location><creator>Band</creator><title>One</title>
      <image>/c.jpg</image></track>
    <track><title>Two</title><duration>61500</duration><image>/c.jpg</image></track>
    ${forbidden.map((each) => `<track><location>${each}</location></track>`).join('')}</trackList></playlist>`
  expect(await linesOf(openXspf, list, { url })).toEqual([
    'media https://music.example/lists/1.mp3 (track 1: Band - One)',
    'media https://b.example/1.ogg (track 1: Band - One)',
    'cover https://music.example/c.jpg (track 1, cover)',
    'listed track 2: Two 61500 ms',
    'listed track 5: passwd',
  ])
})

describe('a cue sheet', () => {
  const sheet =
    'PERFORMER "Band"\r\nTITLE "Album"\r\nFILE "side a.flac" WAVE\r\n  TRACK 01 AUDIO\r\n    TITLE "One"\r\n    PERFORMER "Band"\r\n' +
    '    INDEX 00 00:00:00\r\n    INDEX 01 00:02:00\r\n  TRACK 02 AUDIO\r\n    TITLE "Two"\r\n    INDEX 01 04:05:37\r\n' +
    'FILE "b.flac" WAVE\r\n  TRACK 03 AUDIO\r\n    INDEX 01 00:00:00\r\n'

  test('has tracks with their times, and its files as links where it was fetched', async () => {
    expect(await linesOf(openCue, sheet, { url })).toEqual([
      'media https://music.example/lists/side%20a.flac (side a.flac)',
      'media https://music.example/lists/b.flac (b.flac)',
      'listed track 1 at 0:02: Band - One 243493 ms',
      'listed track 2 at 4:05: Two',
      'listed track 3 at 0:00',
    ])
    expect((await linesOf(openCue, sheet)).slice(0, 2)).toEqual(['listed side a.flac', 'listed b.flac'])
  })

  test('leads nowhere but to http and https', async () => {
    const files = forbidden.map((each) => `FILE "${each}" WAVE`).join('\n')
    const { found } = await openDocument(openCue, files, { url })
    expect(found.every(({ kind }) => kind === 'listed')).toBe(true)
  })
})

describe('a magnet link', () => {
  test('tells name, length and keywords, and nothing of trackers, peers and sources', async () => {
    const magnet =
      'magnet:?xt=urn:btih:ABCDEF&dn=An+album%2F..%2F&xl=123&kt=band+album&tr=udp%3A%2F%2Ftracker.example' +
      '&x.pe=192.0.2.1:80&ws=https%3A%2F%2Fseed.example%2F&as=https%3A%2F%2Fb.example%2F'
    const lines = await linesOf(openMagnet, `${magnet}\nmagnet:?xt=urn:btih:123ABC\nmagnet:?\nwords`)
    expect(lines).toEqual([
      'listed An album 123 B',
      'listed keywords: band album',
      'listed torrent 123abc',
      'listed magnet link 3',
    ])
  })
})

describe('a list of addresses', () => {
  test('names them by line, and by column', async () => {
    const sheet =
      'Song,Link,Other\nOne,https://files.example/1,\n"Two, too","https://files.example/a,b",https://files.example/2.mp3\n'
    expect(await linesOf(openUrlList, sheet)).toEqual([
      'unknown https://files.example/1 (line 2, Link)',
      'unknown https://files.example/a,b (line 3, Link)',
      'media https://files.example/2.mp3 (line 3, Other)',
    ])
  })

  test('takes Markdown, words, and addresses that nobody should click on', async () => {
    const text =
      '# Leaks\n* [The song](https://files.example/1_(live)) and <https://files.example/2>.\n' +
      'See https://files.example/3, (https://files.example/4), hxxps://files[.]example/5!\n' +
      'https://files.example/6,https://files.example/7;https://files.example/1_(live)\nmagnet:?xt=urn:btih:a&dn=One'
    expect(await linesOf(openUrlList, text)).toEqual([
      'unknown https://files.example/1_(live) (line 2: The song)',
      'unknown https://files.example/2 (line 2)',
      'unknown https://files.example/3 (line 3)',
      'unknown https://files.example/4 (line 3)',
      'unknown https://files.example/5 (line 3)',
      'unknown https://files.example/6 (line 4)',
      'unknown https://files.example/7 (line 4)',
      'listed One',
    ])
  })

  test('leads nowhere but to http and https', async () => {
    expect(await linesOf(openUrlList, forbidden.join('\n'))).toEqual([])
  })

  test('of 2,000 has all of them, and of 100,000 as many as are taken', async () => {
    const list = (count: number) =>
      Array.from({ length: count }, (_, i) => `https://files.example/${i}`).join('\r\n')
    expect((await openDocument(openUrlList, list(2_000))).found).toHaveLength(2_000)
    const { found, ended } = await openDocument(openUrlList, list(100_000))
    expect([found.length, ended]).toEqual([5_000, 'open/too-many'])
  })

  test.each([
    'http://',
    'http://a',
    'http://a(',
    ',',
    'h,',
    '"',
    '[a](',
    'magnet:?',
    'hxxp',
    ' ',
    'http://a, ',
  ])('of %j again and again is read within its limits', async (piece) => {
    const began = performance.now()
    const text = `a,b\n${piece.repeat(2 ** 20 / piece.length)}`
    await openDocument(openUrlList, text, { limits: { itemsMax: 1_000 } })
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
