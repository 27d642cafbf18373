import { describe, expect, test } from 'vitest'

import { canonicalUrlOf } from '../../services/submissions/canonical-url.ts'

describe('an address in the form by which duplicates are told', () => {
  test.each([
    ['HTTPS://Files.Example.ORG:443/a/B?c=D', 'https://files.example.org/a/B?c=D'],
    ['http://bücher.example/x', 'http://xn--bcher-kva.example/x'],
    ['https://files.example.org/a/./b/../c', 'https://files.example.org/a/c'],
    ['https://files.example.org./a', 'https://files.example.org/a'],
    ['https://files.example.org/a?', 'https://files.example.org/a'],
    ['https://files.example.org/a?b=2&a=1', 'https://files.example.org/a?a=1&b=2'],
    ['https://files.example.org/a?a=2&a=1', 'https://files.example.org/a?a=1&a=2'],
    [
      'https://files.example.org/a?UTM_Source=x&id=7&fbclid=y&gclid=z&si=1&feature=share',
      'https://files.example.org/a?id=7',
    ],
    ['https://files.example.org/a?sid=1&features=2', 'https://files.example.org/a?features=2&sid=1'],
    ['https://files.example.org/a#part', 'https://files.example.org/a'],
    ['https://mega.nz/file/AbC#KeY-1', 'https://mega.nz/file/AbC#KeY-1'],
    ['https://youtu.be/dQw4w9WgXcQ?si=abc&t=4', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://m.youtube.com/watch?list=PL1&v=dQw4w9WgXcQ', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://www.youtube.com/shorts/dQw4w9WgXcQ', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://youtube.com/@sampleband', 'https://youtube.com/@sampleband'],
    ['https://notyoutube.com/watch?v=dQw4w9WgXcQ&si=1', 'https://notyoutube.com/watch?v=dQw4w9WgXcQ'],
    ['http://Files.Example.org:80/a/B?c=D#e', 'http://files.example.org/a/B?c=D'],
    ['https://files.example.org', 'https://files.example.org/'],
    ['https://files.example.org/a?b=c&a', 'https://files.example.org/a?a&b=c'],
    ['https://files.example.org/%7Ea?q=%2F', 'https://files.example.org/%7Ea?q=%2F'],
    ['https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ#t=9', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://youtu.be/short', 'https://youtu.be/short'],
    ['https://m.soundcloud.com/ourband/song/?si=1', 'https://soundcloud.com/ourband/song'],
    ['https://soundcloud.com/search?q=b', 'https://soundcloud.com/search?q=b'],
    [
      'https://w.soundcloud.com/player/?url=https%3A//m.soundcloud.com/ourband/song&auto_play=true',
      'https://soundcloud.com/ourband/song',
    ],
    [
      'https://w.soundcloud.com/player/?url=https%3A//elsewhere.example/song',
      'https://w.soundcloud.com/player/?url=https%3A//elsewhere.example/song',
    ],
    ['https://player.vimeo.com/video/12345?h=abc#t=3', 'https://vimeo.com/12345?h=abc'],
    ['https://dai.ly/x7abc', 'https://www.dailymotion.com/video/x7abc'],
    ['https://www.dailymotion.com/embed/video/x7abc', 'https://www.dailymotion.com/video/x7abc'],
    ['https://open.spotify.com/intl-de/track/4uLU6hMC?si=x', 'https://open.spotify.com/track/4uLU6hMC'],
    ['https://open.spotify.com/embed/track/4uLU6hMC', 'https://open.spotify.com/track/4uLU6hMC'],
    ['https://drive.google.com/open?id=1A-b_C', 'https://drive.google.com/file/d/1A-b_C/view'],
    ['https://drive.google.com/uc?export=download&id=1A-b_C', 'https://drive.google.com/file/d/1A-b_C/view'],
    [
      'https://drive.google.com/file/d/1A-b_C/preview?usp=sharing&resourcekey=0-k',
      'https://drive.google.com/file/d/1A-b_C/view?resourcekey=0-k',
    ],
    ['https://archive.org/embed/sample', 'https://archive.org/details/sample'],
    ['https://mobile.twitter.com/ourband/status/99?s=20', 'https://x.com/ourband/status/99?s=20'],
    ['https://wormhole.app/aBcD#key', 'https://wormhole.app/aBcD#key'],
    ['magnet:?dn=Song&tr=udp%3A%2F%2Ft&xt=urn:btih:ABCDEF0123', 'magnet:?xt=urn:btih:abcdef0123'],
  ])('%s → %s', (url, canonical) => {
    expect(canonicalUrlOf(url)).toBe(canonical)
    expect(canonicalUrlOf(canonical)).toBe(canonical)
  })

  test('tells files apart whose key stands in the fragment', () => {
    expect(canonicalUrlOf('https://mega.nz/#!a!k')).not.toBe(canonicalUrlOf('https://mega.nz/#!b!k'))
  })

  test('is asked only of absolute addresses', () => {
    expect(() => canonicalUrlOf('/a/b')).toThrow(TypeError)
  })
})
