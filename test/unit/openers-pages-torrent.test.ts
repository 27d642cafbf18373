import { describe, expect, test } from 'vitest'

import { openTorrent } from '../../services/openers/torrent.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

type Bencoded = number | string | Buffer | readonly Bencoded[] | { readonly [key: string]: Bencoded }

/** A value as BEP 3 writes it. */
function bencode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`)
  if (typeof value === 'string') return bencode(Buffer.from(value))
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  const inside = Array.isArray(value)
    ? value.map(bencode)
    : Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([key, one]) => [bencode(key), bencode(one)])
  return Buffer.concat([Buffer.from(Array.isArray(value) ? 'l' : 'd'), ...inside, Buffer.from('e')])
}

const pieces = Buffer.alloc(20, 0xfe)
const outside = {
  announce: 'udp://tracker.example:80',
  'announce-list': [['udp://tracker.example:80']],
  'url-list': ['https://seed.example/'],
  nodes: [['192.0.2.1', 80]],
  'created by': 'sample',
}

describe('a torrent', () => {
  test('lists its only file', async () => {
    const torrent = bencode({
      ...outside,
      info: { name: 'One.flac', length: 123, 'piece length': 16_384, pieces },
    })
    expect(await linesOf(openTorrent, torrent)).toEqual(['listed One.flac 123 B'])
  })

  test('lists files, audio first, then pictures and archives, and no padding', async () => {
    const files = [
      { length: 1, path: ['read me.txt'] },
      { length: 2, path: ['scans.zip'] },
      { length: 3, path: ['cover.jpg'] },
      { length: 4, path: ['CD1', '01.mp3'] },
      { length: 5, path: ['.pad', '5'] },
      { length: 6, path: ['x'], attr: 'p' },
      { length: 7, path: ['..', '..', 'etc', 'a.ogg'] },
      { length: 8, path: [Buffer.from('\xfc.mp3', 'latin1')], 'path.utf-8': ['ü.mp3'] },
      { length: -9, path: [] },
    ]
    const torrent = bencode({ ...outside, info: { name: 'Album', files, pieces } })
    const lines = await linesOf(openTorrent, torrent)
    expect(lines).toEqual([
      'listed Album/CD1/01.mp3 4 B',
      'listed Album/etc/a.ogg 7 B',
      'listed Album/ü.mp3 8 B',
      'listed Album/cover.jpg 3 B',
      'listed Album/scans.zip 2 B',
      'listed Album/read me.txt 1 B',
      'listed Album',
    ])
    expect(lines.join()).not.toMatch(/tracker|seed|192\.0\.2/)
  })

  const leaf = (length: number): Bencoded => ({ '': { length, 'pieces root': pieces } })

  test('of version 2 lists its tree, and a hybrid each file once', async () => {
    const tree = { CD1: { '01.mp3': leaf(4), '02.mp3': leaf(5) }, 'cover.jpg': leaf(3) }
    const info = { name: 'Album', 'meta version': 2, 'file tree': tree }
    const lines = ['listed Album/CD1/01.mp3 4 B', 'listed Album/CD1/02.mp3 5 B', 'listed Album/cover.jpg 3 B']
    expect(await linesOf(openTorrent, bencode({ info }))).toEqual(lines)
    const files = [{ length: 4, path: ['CD1', '01.mp3'] }]
    expect(await linesOf(openTorrent, bencode({ info: { ...info, files, pieces } }))).toEqual(lines)
    expect(
      await linesOf(openTorrent, bencode({ info: { name: 'a.mp3', 'file tree': { 'a.mp3': leaf(1) } } })),
    ).toEqual(['listed a.mp3 1 B'])
  })

  test('of a million files is listed as far as allowed, at once', async () => {
    const file = 'd6:lengthi1e4:pathl5:1.mp3ee'
    const torrent = `d4:infod5:filesl${file.repeat(500_000)}e4:name1:xee`
    const began = performance.now()
    const { found, ended } = await openDocument(openTorrent, torrent, { limits: { itemsMax: 100 } })
    expect([found.length, ended]).toEqual([100, 'open/too-many'])
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('that breaks off has what was there', async () => {
    const torrent = 'd4:infod5:filesld6:lengthi1e4:pathl5:1.mp3eed6:lengthi2e4:pathl9:2.mp3'
    expect(await linesOf(openTorrent, torrent)).toEqual(['listed 1.mp3 1 B', 'ended open/damaged'])
  })

  test.each([
    ['nothing', ''],
    ['no dictionary', 'i1e'],
    ['no info', 'd1:a1:be'],
    ['info that is none', 'd4:infoi1ee'],
    ['a length below zero', 'd-1:ae'],
    ['a length beyond the end', 'd4:infod4:name999999999999999:xee'],
    ['a length beyond all numbers', `d${'9'.repeat(400)}:x`],
    ['a key that is no text', 'di1ei1ee'],
    ['a number that is none', 'd1:ai-ee4:infodee'],
    ['no end', 'd1:a'],
    ['lists without end', `d1:a${'l'.repeat(1_000_000)}`],
    ['dictionaries without end', `d4:info${'d1:a'.repeat(1_000_000)}`],
    ['folders without end', `d4:infod9:file tree${'d1:a'.repeat(1_000_000)}`],
    ['ends without a beginning', `d1:a${'e'.repeat(1_000)}`],
  ])('with %s is damaged', async (_name, torrent) => {
    expect((await openDocument(openTorrent, torrent)).ended).toBe('open/damaged')
  })

  test('of more than is read is not opened', async () => {
    expect(await linesOf(openTorrent, Buffer.alloc(21 * 2 ** 20, 'd'))).toEqual(['ended open/too-large'])
  })

  test('with keys that objects have themselves does no harm', async () => {
    const torrent =
      'd9:__proto__d1:ai1ee4:infod11:constructor1:x9:__proto__d4:name1:ye4:name5:a.mp36:lengthi1eee'
    expect(await linesOf(openTorrent, torrent)).toEqual(['listed a.mp3 1 B'])
  })
})
