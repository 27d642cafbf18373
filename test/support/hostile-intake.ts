import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32, deflateSync, gzipSync } from 'node:zlib'

import { u32 } from './archive-bytes.ts'
import { makeCrowdedZip, makeOverlappingZip, makeTar, makeZip } from './archives.ts'
import { makeRar4, makeRar5, makeSevenZip } from './packed-archives.ts'
import { bzip2Bomb, zstdBomb } from './packed-samples.ts'
import { bencode } from './seeder.ts'

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => unknown

const MEBIBYTE = 2 ** 20

/** The same bytes for everybody, made when they are first asked for. */
const fixed = (type: string, make: () => Buffer | string): Behaviour => {
  let made: Buffer | undefined
  return (_request, response) => {
    made ??= Buffer.from(make())
    response.writeHead(200, { 'content-type': type, 'content-length': made.length }).end(made)
  }
}

/** Text that knows where it is served. */
const own =
  (type: string, make: (base: string, path: string) => string): Behaviour =>
  (request, response) => {
    const base = `http://${request.headers.host}`
    response.writeHead(200, { 'content-type': type }).end(make(base, request.url ?? '/'))
  }

const archive = (make: () => Buffer): Behaviour => fixed('application/octet-stream', make)
const html = (body: string): string => `<!doctype html><html><body>${body}</body></html>`
const page = (make: (base: string, path: string) => string): Behaviour =>
  own('text/html', (base, path) => html(make(base, path)))
const list = (make: (base: string, path: string) => string): Behaviour => own('audio/x-mpegurl', make)

/** A file in a zip, that zip in a zip, and so on. */
const nestedZip = (depth: number): Buffer =>
  depth === 0
    ? Buffer.from('at last')
    : makeZip([{ name: depth === 1 ? 'end.txt' : `${depth}.zip`, bytes: nestedZip(depth - 1) }])

const nestedGzip = (depth: number): Buffer =>
  depth === 0 ? Buffer.from('at last') : gzipSync(nestedGzip(depth - 1))

/** Mails that are attached to each other. */
function nestedMail(depth: number): string {
  const head = 'From: a@sender.example\r\nTo: b@receiver.example\r\nSubject: Sample\r\nMIME-Version: 1.0\r\n'
  if (depth === 0) return `${head}Content-Type: text/plain\r\n\r\nNothing.\r\n`
  const line = `part${depth}`
  return `${head}Content-Type: multipart/mixed; boundary="${line}"\r\n\r\n--${line}\r\nContent-Type: message/rfc822\r\n\r\n${nestedMail(depth - 1)}\r\n--${line}--\r\n`
}

/** A feed whose only address is made of entities that double again and again. */
const laughs = (): string => {
  const entities = Array.from(
    { length: 30 },
    (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};&l${i};&l${i};">`,
  ).join('')
  return `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "http://files.example/">${entities}]><rss version="2.0"><channel><item><enclosure url="&l30;" type="audio/mpeg"/></item></channel></rss>`
}

/** A PNG that says it is 60 000 pixels wide and high, in some bytes. */
function hugePicture(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const ends = [Buffer.from(u32(data.length)).reverse(), Buffer.from(u32(crc32(body))).reverse()] as const
    return Buffer.concat([ends[0], body, ends[1]])
  }
  const size = Buffer.from(u32(60_000)).reverse()
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([size, size, Buffer.from([8, 6, 0, 0, 0])])),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A WAV file. @param claimedBytes what its header says instead of the truth. */
export function plainWav(samples: Int16Array, claimedBytes = samples.byteLength): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE((36 + claimedBytes) >>> 0, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  for (const [at, value] of [
    [16, 16],
    [24, 11_025],
    [28, 22_050],
    [40, claimedBytes >>> 0],
  ] as const)
    head.writeUInt32LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    head.writeUInt16LE(value, at)
  head.write('data', 36, 'latin1')
  return Buffer.concat([head, Buffer.from(samples.buffer)])
}

const hls = (...lines: readonly string[]): string =>
  ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:10', ...lines, '#EXT-X-ENDLIST'].join('\n')
const dash = (inside: string): string =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT100H"><Period><AdaptationSet mimeType="audio/mp4">${inside}</AdaptationSet></Period></MPD>`

const torrentOf = (files: readonly { path: string; length: number }[]): Buffer =>
  bencode({
    announce: 'http://tracker.example/announce',
    info: {
      files: files.map(({ path, length }) => ({ length, path: [path] })),
      name: 'pack',
      'piece length': 2 ** 18,
      pieces: Buffer.alloc(20),
    },
  })

const repeated = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('\n')

/** What is served once is not what is served the next time, or in parts. */
const lying =
  (answer: (from: number, last: number, response: ServerResponse) => unknown): Behaviour =>
  (request, response) => {
    const whole = plainWav(new Int16Array(3 * MEBIBYTE))
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    response.setHeader('accept-ranges', 'bytes')
    if (from === undefined) return response.setHeader('content-length', whole.length).end(whole)
    return answer(Number(from), Number(to), response)
  }

/** Misbehaviour of what is handed in, not of the wire: archives, pages, lists, streams, torrents, mails, media. */
export const intakeBehaviours: Readonly<Record<string, Behaviour>> = {
  '/zip-bomb': archive(() => makeZip([{ name: 'a.wav', bytes: Buffer.alloc(40 * MEBIBYTE), deflate: true }])),
  '/gzip-file-bomb': archive(() => gzipSync(Buffer.alloc(40 * MEBIBYTE))),
  '/bzip2-bomb': archive(() => bzip2Bomb),
  '/zstd-bomb': archive(() => zstdBomb(2 ** 33)),
  '/tar-gz-bomb': archive(() => gzipSync(makeTar([{ name: 'a.wav', bytes: Buffer.alloc(40 * MEBIBYTE) }]))),
  '/zip-overlap': archive(() => makeOverlappingZip(50, Buffer.alloc(10_000, 1))),
  '/zip-crowd': archive(() => makeCrowdedZip(20_000)),
  '/zip-deep': archive(() => nestedZip(8)),
  '/gzip-deep': archive(() => nestedGzip(12)),
  '/zip-encrypted': archive(() => makeZip([{ name: 'a.wav', bytes: Buffer.alloc(99, 1), encrypted: true }])),
  '/zip-cut': archive(() => makeZip([{ name: 'a.wav', bytes: Buffer.alloc(5000, 1) }]).subarray(0, 900)),
  '/zip-empty': archive(() => makeZip([])),
  '/zip-wrong-sum': archive(() => makeZip([{ name: 'a.wav', bytes: Buffer.alloc(99, 1), crc: 7 }])),
  '/zip-outside': archive(() => makeZip([{ name: '../../../../etc/cron.d/a.wav', bytes: Buffer.alloc(0) }])),
  '/zip-link': archive(() => makeZip([{ name: 'a.wav', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }])),
  '/tar-cut': archive(() => makeTar([{ name: 'a.wav', bytes: Buffer.alloc(5000, 1) }]).subarray(0, 1500)),
  '/7z-encrypted': archive(() =>
    makeSevenZip([{ name: 'a.wav', bytes: Buffer.alloc(99, 1) }], { encrypted: true }),
  ),
  '/7z-cut': archive(() => makeSevenZip([{ name: 'a.wav', bytes: Buffer.alloc(5000, 1) }]).subarray(0, 900)),
  '/rar4-encrypted': archive(() =>
    makeRar4([{ name: 'a.wav', bytes: Buffer.alloc(99, 1), encrypted: true }]),
  ),
  '/rar5-encrypted': archive(() =>
    makeRar5([{ name: 'a.wav', bytes: Buffer.alloc(99, 1), encrypted: true }]),
  ),

  '/page-of-links': page(() => repeated(6_000, (i) => `<a href="http://127.0.0.1:7/${i}.mp3">${i}</a>`)),
  '/page-deep': page(() => '<div>'.repeat(100_000)),
  '/page-of-itself': page((_, path) => `<iframe src="${path}"></iframe><a href="${path}#a">again</a>`),
  '/meta-refresh': page((_, path) => `<meta http-equiv="refresh" content="0; url=${path}">`),
  '/page-inward': page(
    () => '<audio src="http://127.0.0.1:8080/a.mp3"></audio><audio src="http://[::1]:8080/b.mp3"></audio>',
  ),
  '/page-schemes': page(
    () => '<audio src="file:///etc/passwd"></audio><a href="javascript:alert(1)//a.mp3">a</a>',
  ),
  // Each page leads to one more, on and on.
  '/maze': page((_, path) => `<iframe src="/maze/${Number(path.split('/')[2] ?? 0) + 1}"></iframe>`),
  // Sends everybody to itself who does not show the cookie that it gives.
  '/cookie-wall': (request, response) =>
    request.headers.cookie === undefined
      ? response.writeHead(302, { location: request.url, 'set-cookie': 'seen=1' }).end()
      : response.end('come in'),

  '/feed-laughs': fixed('application/rss+xml', laughs),
  '/feed-file-entity': fixed(
    'application/rss+xml',
    () =>
      '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item><title>&f;</title></item></channel></rss>',
  ),
  '/feed-inward': fixed(
    'application/rss+xml',
    () =>
      '<rss version="2.0"><channel><item><enclosure url="http://169.254.169.254/latest" type="audio/mpeg"/></item></channel></rss>',
  ),
  '/xspf-inward': fixed(
    'application/xspf+xml',
    () =>
      '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>http://10.0.0.1/a.mp3</location></track></trackList></playlist>',
  ),
  // A list that names a list, each time another.
  '/m3u-endless': list((base, path) => `#EXTM3U\n${base}/m3u-endless/${Number(path.split('/')[2] ?? 0) + 1}`),
  '/m3u-of-itself': list((base, path) => `#EXTM3U\n${base}${path}\n${base}${path}#2`),
  '/m3u-crowd': list(() => `#EXTM3U\n${repeated(6_000, (i) => `http://127.0.0.1:7/${i}.mp3`)}`),
  '/pls-inward': fixed(
    'audio/x-scpls',
    () => '[playlist]\nFile1=http://127.0.0.1:8080/a.mp3\nNumberOfEntries=1\n',
  ),
  '/url-list-ports': fixed('text/plain', () => 'http://127.0.0.1:22/a.mp3\nhttp://127.0.0.1:6379/b.mp3\n'),
  '/no-addresses': fixed('text/plain', () => 'Nothing is here but words.\n'.repeat(20)),

  '/hls-endless-segment': list((base) => hls('#EXTINF:10,', `${base}/endless`)),
  '/hls-missing-segment': list((base) => hls('#EXTINF:10,', `${base}/404`)),
  '/hls-inward': list(() => hls('#EXTINF:10,', 'http://127.0.0.1:8080/a.ts')),
  '/hls-encrypted': list((base) =>
    hls(`#EXT-X-KEY:METHOD=AES-128,URI="${base}/key"`, '#EXTINF:10,', `${base}/file`),
  ),
  '/hls-of-itself': list((base, path) =>
    ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=1', `${base}${path}`].join('\n'),
  ),
  '/hls-crowd': list((base) => hls(repeated(60_000, (i) => `#EXTINF:1,\n${base}/s/${i}.ts`))),
  '/hls-nothing': list(() => hls()),
  '/dash-inward': fixed('application/dash+xml', () =>
    dash('<Representation id="1" bandwidth="1"><BaseURL>http://192.168.0.1/a.mp4</BaseURL></Representation>'),
  ),
  '/dash-crowd': own('application/dash+xml', (base) =>
    dash(
      `<SegmentTemplate timescale="1" media="${base}/404/$Number$.m4s"><SegmentTimeline><S d="1" r="2000000000"/></SegmentTimeline></SegmentTemplate><Representation id="1" bandwidth="1"/>`,
    ),
  ),
  '/dash-cut': fixed('application/dash+xml', () => dash('<Representation').slice(0, 170)),

  '/torrent-crowd': fixed('application/x-bittorrent', () =>
    torrentOf(Array.from({ length: 6_000 }, (_, i) => ({ path: `${i}.mp3`, length: 1 }))),
  ),
  '/torrent-deep': fixed('application/x-bittorrent', () => `d8:announce0:4:info${'l'.repeat(100_000)}`),
  '/torrent-length': fixed('application/x-bittorrent', () => 'd8:announce99999999999:x4:infod4:name1:aee'),
  '/torrent-nothing': fixed('application/x-bittorrent', () => 'd8:announce0:4:infodee'),

  '/mail-deep': fixed('message/rfc822', () => nestedMail(12)),
  '/mail-nothing': fixed('message/rfc822', () => nestedMail(0)),
  '/mail-bomb': fixed('message/rfc822', () => {
    const packed = makeZip([{ name: 'a.wav', bytes: Buffer.alloc(40 * MEBIBYTE), deflate: true }])
    return `From: a@sender.example\r\nTo: b@receiver.example\r\nSubject: Sample\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name="a.zip"\r\nContent-Disposition: attachment; filename="a.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n${packed.toString('base64')}\r\n`
  }),

  '/silence': fixed('audio/wav', () => plainWav(new Int16Array(11_025 * 20))),
  '/short': fixed('audio/wav', () => plainWav(new Int16Array(2_000).map((_, i) => (i * 7919) % 9_000))),
  '/wav-lie': fixed('audio/wav', () => plainWav(new Int16Array(1_000), 2 ** 32 - 100)),
  '/mp3-of-nothing': fixed('audio/mpeg', () =>
    Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(9_000, 0x55)]),
  ),
  '/picture-huge': fixed('image/png', hugePicture),
  '/picture-cut': fixed('image/png', () => hugePicture().subarray(0, 20)),
  '/pdf': fixed('audio/mpeg', () => '%PDF-1.7\n1 0 obj\n'),
  '/range-other': lying((from, last, response) =>
    response
      .writeHead(206, { 'content-range': `bytes ${from + 1}-${last + 1}/99` })
      .end(Buffer.alloc(last - from + 1)),
  ),
  '/range-endless': lying((from, last, response) => {
    response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${6 * MEBIBYTE + 44}` })
    response.end(Buffer.alloc(last - from + 1 + 5 * MEBIBYTE))
  }),
  '/range-refused': lying((_from, _last, response) => response.writeHead(416).end()),
  '/range-changed': lying((from, last, response) =>
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${last}/12345678`, etag: '"other"' })
      .end(Buffer.alloc(last - from + 1, 0x55)),
  ),
}
