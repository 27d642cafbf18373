import { describe, expect, test } from 'vitest'

import {
  type AllowKind,
  NewAllowEntry,
  concerns,
  covers,
  isInForce,
  lookupKeyOf,
  lookupKeysOf,
  offersFor,
  placeOfKey,
  readValue,
} from '../../services/allowlist/entry.ts'
import { RecordingId, ReleaseId, newId } from '../../services/core/ids.ts'

const SHA256 = 'ab'.repeat(32)
const UC = 'UCabcdefghijklmnopqrstuv'

describe('a value', () => {
  test.each<[AllowKind, string, string]>([
    ['domain', 'Example.COM', 'example.com'],
    ['domain', ' https://example.com/ ', 'example.com'],
    ['domain', '*.example.com', 'example.com'],
    ['domain', 'example.com.', 'example.com'],
    ['domain', 'example.com:8443', 'example.com'],
    ['domain', 'münchen.example', 'xn--mnchen-3ya.example'],
    ['domain', 'ｅｘａｍｐｌｅ.com', 'example.com'],
    ['domain', 'label.co.uk', 'label.co.uk'],
    ['domain', 'ourband.bandcamp.com', 'ourband.bandcamp.com'],
    ['domain', 'ourband.github.io', 'ourband.github.io'],
    ['url-prefix', 'https://www.Example.com/Ours/', 'example.com/Ours'],
    ['url-prefix', 'example.com', 'example.com/'],
    ['url-prefix', 'example.com:8443/ours', 'example.com:8443/ours'],
    ['url-prefix', 'http://example.com:443/ours', 'example.com/ours'],
    ['url-prefix', 'example.com/%7Eours/%c3%a9/./x/../y', 'example.com/~ours/%C3%A9/y'],
    ['url-prefix', 'https://www.youtube.com/watch?v=abc', 'youtube.com/watch?v=abc'],
    ['url-prefix', 'youtu.be/abc', 'youtu.be/abc'],
    ['url-prefix', '127.0.0.1:9000/a', '127.0.0.1:9000/a'],
    ['channel', 'https://www.YouTube.com/@OurBand/videos?x=1', 'youtube.com/@ourband'],
    ['channel', `m.youtube.com/channel/${UC}`, `youtube.com/channel/${UC}`],
    ['channel', 'youtube.com/%40OurBand', 'youtube.com/@ourband'],
    ['channel', 'twitter.com/OurBand/status/1', 'x.com/ourband'],
    ['channel', 'https://OurBand.bandcamp.com/track/x', 'ourband.bandcamp.com'],
    ['channel', 'https://soundcloud.com/ourband/song', 'soundcloud.com/ourband'],
    ['channel', 'https://t.me/s/ourband/12', 't.me/ourband'],
    ['channel', 'vimeo.com/ourband', 'vimeo.com/ourband'],
    ['file', `SHA256:${SHA256.toUpperCase()}`, SHA256],
  ])('%s %s is kept as %s', (kind, text, value) => {
    expect(readValue(kind, text)).toEqual({ value })
    // What is kept is its own spelling.
    expect(readValue(kind, value)).toEqual({ value })
  })

  test.each<[AllowKind, string, RegExp]>([
    ['domain', 'co.uk', /ending that many domains share/],
    ['domain', 'com', /ending|no domain/],
    ['domain', 'com.au', /ending/],
    ['domain', 'github.io', /everybody can have a domain/],
    ['domain', 'youtube.com', /everybody can publish/],
    ['domain', 'music.youtube.com', /everybody can publish/],
    ['domain', 'localhost', /no domain/],
    ['domain', '192.0.2.1', /IP address/],
    ['domain', '0x7f.1', /IP address/],
    ['domain', '[2001:db8::1]', /IP address/],
    ['domain', 'example.com/ours', /has a path/],
    ['domain', 'owner@example.com', /not a domain/],
    ['domain', 'exa mple.com', /not a domain/],
    ['domain', 'ftp://example.com', /not a domain/],
    ['domain', '', /not a domain/],
    ['domain', `${'a'.repeat(64)}.example`, /not a domain/],
    ['url-prefix', 'youtube.com', /everybody can publish/],
    ['url-prefix', 'www.youtube.com/watch', /whole address/],
    ['url-prefix', 'https://me:secret@example.com/a', /not an address/],
    ['url-prefix', 'example.com/ours/..%2ftheirs', /without “\.\.”/],
    ['url-prefix', 'javascript:alert(1)', /address|host/],
    ['channel', 'youtube.com/watch?v=abc', /names no account.*youtube\.com\/@name/],
    ['channel', 'youtube.com/channel/UCshort', /names no account/],
    ['channel', 'instagram.com/p/abc', /names no account.*instagram\.com\/name/],
    ['channel', 'vimeo.com/12345', /names no account/],
    ['channel', 'www.bandcamp.com', /not a channel/],
    ['channel', '@ourband', /not a channel/],
    ['channel', 'example.com/@ourband', /not a channel/],
    ['file', 'song.mp3', /64 digits/],
  ])('%s %s is refused', (kind, text, why) => {
    expect(readValue(kind, text).fault).toMatch(why)
  })

  test('is checked with the rest of an entry, each fault at its field', () => {
    const read = NewAllowEntry.safeParse({
      kind: 'domain',
      value: 'co.uk',
      reason: 'x',
      recordingId: newId(RecordingId),
      releaseId: newId(ReleaseId),
    })
    expect(read.error?.issues.map(({ path }) => path.join()).toSorted()).toEqual(['releaseId', 'value'])
  })
})

describe('an entry', () => {
  const own = 'domain example.com'
  const folder = 'url-prefix example.com/foo'
  const video = 'url-prefix youtube.com/watch?v=abc'
  const channel = 'channel youtube.com/@ourband'
  test.each<[string, string, boolean]>([
    [own, 'https://example.com/a', true],
    [own, 'https://EXAMPLE.com./a', true],
    [own, 'https://cdn.example.com/a', true],
    [own, 'https://example.com:8443/a', true],
    [own, 'https://someone@example.com/a', true],
    [own, 'https://evil-example.com/a', false],
    [own, 'https://example.com.evil.org/a', false],
    [own, 'https://example.com@evil.org/a', false],
    [own, 'https://example.com:80@evil.org/a', false],
    [own, 'https://evil.org/?u=https://example.com/', false],
    [own, 'https://evil.org/#example.com', false],
    [own, 'https://evil.org\\@example.com/', false],
    [own, 'https://example.com%2eevil.org/', false],
    [own, 'https://example.co/a', false],
    [own, 'https://еxample.com/a', false], // a Cyrillic letter
    ['domain münchen.example', 'https://xn--mnchen-3ya.example/a', true],
    ['domain münchen.example', 'https://MÜNCHEN.example/a', true],
    ['domain münchen.example', 'https://munchen.example/a', false],
    [folder, 'http://example.com/foo', true],
    [folder, 'https://www.example.com/foo/bar.mp3?dl=1', true],
    [folder, 'https://example.com/foo/', true],
    [folder, 'https://example.com/%66oo/a', true],
    [folder, 'https://example.com//foo', false],
    [folder, 'https://example.com/foobar', false],
    [folder, 'https://example.com/FOO/a', false],
    [folder, 'https://example.com/foo%2Fa', false],
    [folder, 'https://example.com/foo/../bar', false],
    [folder, 'https://example.com/foo/%2e%2e/bar', false],
    [folder, 'https://example.com/foo/..%2fbar', false],
    [folder, 'https://example.com/foo/%252e%252e%252fbar', false],
    [folder, 'https://example.com/foo/..%5cbar', false],
    [folder, 'https://example.com:8443/foo/a', false],
    [folder, 'https://cdn.example.com/foo/a', false],
    [folder, 'https://example.com@evil.org/foo/a', false],
    ['url-prefix example.com', 'https://example.com/anything', true],
    ['url-prefix example.com', 'https://example.com.evil.org/anything', false],
    [video, 'https://www.youtube.com/watch?t=9&v=abc', true],
    [video, 'https://www.youtube.com/watch?v=abcd', false],
    [video, 'https://www.youtube.com/watch?v=abc&v=evil', false],
    [video, 'https://www.youtube.com/watch/x?v=abc', false],
    [channel, 'https://m.youtube.com/@OURBAND/videos', true],
    [channel, 'https://www.youtube.com/@ourband2', false],
    [channel, 'https://www.youtube.com/watch?v=abc&ab_channel=ourband', false],
    [channel, 'https://youtube.com.evil.org/@ourband', false],
    [channel, 'https://youtube.com:8443/@ourband', false],
    ['channel ourband.bandcamp.com', 'https://ourband.bandcamp.com/album/x', true],
    ['channel ourband.bandcamp.com', 'https://other.bandcamp.com/album/x', false],
    [`channel youtube.com/channel/${UC}`, `https://youtube.com/channel/${UC.toLowerCase()}`, false],
    [`file ${SHA256}`, `sha256:${SHA256}`, true],
    [`file ${SHA256}`, `sha256:${'cd'.repeat(32)}`, false],
    // A promotional file is no leave for whoever offers it on the web.
    [`file ${SHA256}`, `https://evil.org/${SHA256}`, false],
    [own, `sha256:${SHA256}`, false],
    [own, 'not an address', false],
  ])('for %s: at %s, %s', (entry, at, expected) => {
    const [kind, text] = entry.split(' ') as [AllowKind, string]
    const read = readValue(kind, text)
    if (read.fault !== undefined) throw new Error(read.fault)
    const place = placeOfKey(at)
    expect(covers({ kind, value: read.value }, place)).toBe(expected)
    // Whatever covers a place is found by the keys under which the place asks.
    const isFound = lookupKeysOf(place).includes(lookupKeyOf({ kind, value: read.value }))
    if (expected) expect(isFound).toBe(true)
  })

  test('holds through its last day in UTC, and not after its end', () => {
    const at = (text: string) => new Date(text)
    const entry = { expiresOn: '2026-03-01', endedAt: null }
    expect(isInForce(entry, at('2026-03-01T23:59:59Z'))).toBe(true)
    expect(isInForce(entry, at('2026-03-02T00:00:00Z'))).toBe(false)
    const ended = { expiresOn: null, endedAt: at('2026-03-01T12:00:00Z') }
    expect(isInForce(ended, at('2026-03-01T11:59:59Z'))).toBe(true)
    expect(isInForce(ended, at('2026-03-01T12:00:00Z'))).toBe(false)
  })

  test('speaks of the whole catalogue, of one recording, or of one release', () => {
    const recording = { id: newId(RecordingId), releaseId: newId(ReleaseId) }
    const of = (recordingId: RecordingId | null, releaseId: ReleaseId | null): boolean =>
      concerns({ recordingId, releaseId }, recording)
    expect([of(null, null), of(recording.id, null), of(null, recording.releaseId)]).toEqual([
      true,
      true,
      true,
    ])
    expect([of(newId(RecordingId), null), of(null, newId(ReleaseId))]).toEqual([false, false])
  })
})

test('what can be allowed around a place is offered from narrow to wide, and never what everybody shares', () => {
  const of = (key: string) => offersFor(placeOfKey(key)).map(({ kind, value }) => `${kind} ${value}`)
  expect(of('https://cdn.example.com/foo/a.mp3?dl=1')).toEqual([
    'url-prefix cdn.example.com/foo/a.mp3?dl=1',
    'url-prefix cdn.example.com/foo',
    'domain cdn.example.com',
  ])
  expect(of('https://www.youtube.com/watch?v=abc')).toEqual(['url-prefix youtube.com/watch?v=abc'])
  expect(of('https://soundcloud.com/ourband/song')).toEqual([
    'url-prefix soundcloud.com/ourband/song',
    'url-prefix soundcloud.com/ourband',
    'channel soundcloud.com/ourband',
  ])
  expect(of(`sha256:${SHA256}`)).toEqual([`file ${SHA256}`])
})
