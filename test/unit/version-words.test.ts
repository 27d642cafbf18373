import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { compareVersions } from '../../services/metadata/compare/version-matrix.ts'
import { readTitle, readVersion, wordsOf } from '../../services/metadata/titles/version-words.ts'

describe('a title', () => {
  test.each([
    ['Song (Live at the Hall)', 'Song', ['live']],
    ['Song - 2011 Remaster', 'Song', ['remaster']],
    ['Song - Remastered 2009', 'Song', ['remaster']],
    ['Song (Somebody Remix)', 'Song', ['remix']],
    ['Song (Somebody Mix)', 'Song', ['remix']],
    ['Song (Original Mix)', 'Song', []],
    ['Song (Mono / Remastered)', 'Song', ['remaster', 'mono']],
    ['Song (Acoustic) [Live 1998]', 'Song', ['live', 'acoustic']],
    ['Song (slowed & reverb)', 'Song', ['slowed', 'reverb']],
    ['Song slowed + reverb', 'Song', ['slowed', 'reverb']],
    ['Song sped up', 'Song', ['sped-up']],
    ['Nightcore - Song', 'Song', ['nightcore']],
    ['Song [8D AUDIO]', 'Song', ['8d']],
    ['Song - Radio Edit', 'Song', ['radio-edit']],
    ['Song (Official Video) [HD]', 'Song', []],
    ['Song (En Vivo)', 'Song', ['live']],
    ['Song (ao vivo)', 'Song', ['live']],
    ['Song (Version acoustique)', 'Song', ['acoustic']],
    ['Lied (Neuaufnahme)', 'Lied', ['re-recorded']],
    ['Canción - Acústico', 'Canción', ['acoustic']],
    ['曲 (ライブ)', '曲', ['live']],
    ['Song (Originally Performed by X) [Karaoke Version]', 'Song', ['karaoke', 'cover']],
    ['Song (Instrumentl)', 'Song', ['instrumental']],
    ['Song (Instru', 'Song', ['instrumental']],
    ['Song (A Cappella)', 'Song', ['a-cappella']],
  ])('%s is %s with %j', (title, bare, words) => {
    const read = readTitle(title)
    expect([read.bare, wordsOf(read.versions)]).toEqual([bare, words])
  })

  test.each([
    'Live and Let Go',
    'Live',
    'Remix',
    'Where (I Live)',
    'Song (Run for Cover)',
    'Song, Pt. 2',
    'Song (Part II)',
    '(I Can’t Get) Home',
    'Song - From the Film',
    'Demons',
    'Undercover',
  ])('%s keeps words that are part of the name', (title) => expect(readTitle(title).bare).toBe(title))

  test('tells who made the remix, what year, and who is featured', () => {
    expect(readTitle('Song (feat. X & Y) [Z Remix]')).toMatchObject({
      bare: 'Song',
      featured: ['X', 'Y'],
      versions: { by: 'z' },
    })
    expect(readTitle('Song feat. X - Radio Edit')).toMatchObject({ bare: 'Song', featured: ['X'] })
    expect(readTitle('Song', '2011 Remaster').versions.year).toBe(2011)
  })

  test('is never lost', () => {
    const title = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.stringMatching(/^([a-c ]|live|remix|feat\. |\(|\)|\[| - | \| ){1,60}$/),
    )
    fc.assert(
      fc.property(title, fc.string(), (text, version) => {
        const { bare } = readTitle(text, version)
        if (/[a-z]/.test(text)) expect(bare).not.toBe('')
      }),
    )
  })

  test.each([
    '('.repeat(100_000),
    ' - '.repeat(50_000),
    'live '.repeat(20_000),
    '(a) '.repeat(20_000),
    ' '.repeat(100_000),
  ])('of 100,000 characters is read at once (%#)', (title) => {
    const before = process.cpuUsage()
    readTitle(title, title)
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200)
  })
})

describe('two versions', () => {
  const relation = (claimed: string, ours: string): string =>
    compareVersions(readTitle('x', claimed).versions, readTitle('x', ours).versions)

  test.each([
    ['', '', 'same'],
    ['2011 Remaster', '', 'same'],
    ['', '2011 Remaster', 'same'],
    ['Mono', 'Stereo', 'same'],
    ['Clean', 'Explicit', 'same'],
    ['Radio Edit', '', 'edit'],
    ['', 'Extended Mix', 'edit'],
    ['Live', '', 'other'],
    ['', 'Live', 'unsaid'],
    ['Live', 'Live at the Hall', 'same'],
    ['Acoustic', 'Live', 'other'],
    ['Karaoke', '', 'other'],
    ['Instrumental', '', 'other'],
    ['Neuaufnahme', '', 'other'],
    ['Ann Remix', 'Ann Remix', 'same'],
    ['Ann Remix', 'Bernard Remix', 'other'],
    ['Sped Up', '', 'derivative'],
    ['Slowed + Reverb', '', 'derivative'],
    ['Nightcore', 'Nightcore', 'same'],
    ['Live, sped up', 'Live', 'derivative'],
    ['Live, sped up', '', 'other'],
    ['', 'Sped Up', 'unsaid'],
  ])('%j against %j of ours: %s', (claimed, ours, expected) => expect(relation(claimed, ours)).toBe(expected))
})

test('a part that is no version is none', () => {
  expect(readVersion('Part II')).toBeUndefined()
  expect(readVersion('')).toBeUndefined()
})
