import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type ClaimSource, readClaims } from '../../services/metadata/claims/claimed-names.ts'
import { readTitle } from '../../services/metadata/titles/version-words.ts'

/** The likeliest reading as `artist | bare title`. */
function first(source: ClaimSource): string {
  const names = readClaims(source)[0]?.names
  return `${names?.artists?.join(', ') ?? ''} | ${readTitle(names?.title ?? '').bare}`
}

describe('a file name', () => {
  test.each([
    ['Artist - Title.mp3', 'Artist | Title'],
    ['01. Artist - Title.mp3', 'Artist | Title'],
    ['01-artist_name-song_title-grp.mp3', 'artist name | song title'],
    ['Artist_Name-Song_Title-WEB-2020-GRP', 'Artist Name | Song Title'],
    ['VA-Big_Hits-2CD-1999-GRP', ' | Big Hits'],
    ['Artist - Title (Official Video) [HD] [dQw4w9WgXcQ].mp3', 'Artist | Title'],
    ['Artist - Title_320kbps.mp3', 'Artist | Title'],
    ['Artist - Title (1).mp3', 'Artist | Title'],
    ['artist_-_title_www.site.com.mp3', 'artist | title'],
    ['[www.site.ru] Artist — Title.mp3', 'Artist | Title'],
    ['Artist%20-%20Title%20%28Live%29.mp3', 'Artist | Title'],
    ['Artist-Title-AA6Q72000047.wav', 'Artist | Title'],
    ['Artist - Album (2020)/05 - Title.flac', 'Artist | Title'],
    ['Artist - Album - 03 - Title.mp3', 'Artist | Title'],
    ['Nightcore - Title.mp3', ' | Title'],
    ['100% Title.mp3', ' | 100% Title'],
    ['曲名.mp3', ' | 曲名'],
  ])('%s names %s', (text, names) => expect(first({ kind: 'file-name', text })).toBe(names))

  test('gives its codes', () => {
    const read = (text: string) => readClaims({ kind: 'file-name', text })[0]
    expect(read('Artist - Title - AA-6Q7-20-00047.wav')?.names.isrc).toBe('AA6Q72000047')
    expect(read('036000291452 Title.mp3')?.names.upc).toBe('036000291452')
    expect(read('4uLU6hMCjMI75M1A2tKUQC.mp3')?.ids).toEqual([
      { kind: 'base62', value: '4uLU6hMCjMI75M1A2tKUQC' },
    ])
    expect(read('A - B [dQw4w9WgXcQ].mp3')?.ids).toEqual([{ kind: 'youtube', value: 'dQw4w9WgXcQ' }])
  })

  test('may be read the other way round', () => {
    const readings = readClaims({ kind: 'file-name', text: 'One - Two.mp3' })
    expect(readings.map(({ names }) => [names.artists?.[0], names.title])).toContainEqual(['Two', 'One'])
    expect(readings[0]!.weight).toBeGreaterThan(readings[1]!.weight)
  })

  test('that says nothing gives no reading', () => {
    expect(readClaims({ kind: 'file-name', text: '….mp3' })).toEqual([])
    expect(readClaims({ kind: 'tags', tags: {} })).toEqual([])
  })
})

describe('the name of a torrent', () => {
  test.each([
    '[2020] Artist - Album [FLAC]',
    'Artist - Album (2020) [24bit FLAC]',
    'Artist-Album-WEB-2020-GRP',
  ])('%s names a release', (text) =>
    expect(readClaims({ kind: 'torrent-name', text })[0]?.names).toEqual({
      artists: ['Artist'],
      releaseTitle: 'Album',
      year: 2020,
    }),
  )
})

describe('the title of a page', () => {
  test.each([
    ['Artist - Title (Official Video) - YouTube', 'Artist | Title'],
    ['Title - song and lyrics by Artist | Spotify', 'Artist | Title'],
    ['Stream Title by Artist | Listen online for free on SoundCloud', 'Artist | Title'],
    ['Artist "Title" M/V', 'Artist | Title'],
    ['Artist: Title', 'Artist | Title'],
  ])('%s names %s', (text, names) => expect(first({ kind: 'page-title', text })).toBe(names))
})

test('tags with artist and title in one field are read both ways', () => {
  const tags = { title: 'Artist - Title', artists: ['uploader'], isrc: ['AA6Q72000047'] }
  const readings = readClaims({ kind: 'tags', tags })
  expect(readings[0]?.names).toMatchObject({
    title: 'Artist - Title',
    artists: ['uploader'],
    isrc: 'AA6Q72000047',
  })
  expect(readings[1]?.names).toMatchObject({ title: 'Title', artists: ['Artist'] })
})

describe('any text', () => {
  const kinds = ['file-name', 'torrent-name', 'page-title'] as const
  const pieces = fc.stringMatching(/^([a-c0-9 _.\-()[\]/%|"+]|feat\. |by |www\.|2020| - |%20){0,80}$/)

  test('gives at most six readings with weights of at most 1', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), pieces),
        fc.constantFrom(...kinds),
        (text, kind) => {
          const readings = readClaims({ kind, text })
          expect(readings.length).toBeLessThanOrEqual(6)
          for (const { weight } of readings) expect(weight > 0 && weight <= 1).toBe(true)
        },
      ),
    )
  })

  const hostile = [
    ' ',
    '-',
    '_',
    '.',
    '(',
    '[',
    '0',
    'a',
    'aB1',
    '- ',
    '_-',
    '%20',
    '%',
    '"',
    ' by ',
    '(1)',
    'www.',
    'a.com ',
    '../',
    '\u0301',
    '((',
  ].map((piece) => piece.repeat(100_000 / piece.length))
  test.each(hostile.map((text) => [text.slice(0, 6), text]))(
    'of 100,000 characters like %j is read at once',
    (_, text) => {
      const before = process.cpuUsage()
      for (const kind of kinds) {
        readClaims({ kind, text })
        readClaims({ kind, text: `${text.slice(0, 990)}!` })
      }
      readClaims({ kind: 'tags', tags: { title: text, artists: [text] } })
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(300)
    },
  )
})
