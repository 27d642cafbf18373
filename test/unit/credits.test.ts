import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { latinKey, nativeKey, soundKey } from '../../services/metadata/normalise.ts'
import { namesNobody, readCredits, splitFeaturing } from '../../services/metadata/titles/credits.ts'

describe('a credit line', () => {
  test.each([
    ['A feat. B & C', ['A'], ['B', 'C']],
    ['A ft B', ['A'], ['B']],
    ['A featuring B feat. C', ['A'], ['B', 'C']],
    ['A (with B)', ['A'], ['B']],
    ['A x B', ['A', 'B'], []],
    ['A vs. B', ['A', 'B'], []],
    ['A, B and C', ['A', 'B', 'C'], []],
    ['A und B', ['A', 'B'], []],
    ['А и Б', ['А', 'Б'], []],
    ['A と B', ['A', 'B'], []],
    ['A / B; C', ['A', 'B', 'C'], []],
    ['Max Andersen', ['Max Andersen'], []],
    ['Various Artists', [], []],
    ['', [], []],
  ])('%s is by %j with %j', (line, main, featured) => {
    const credits = readCredits(line)
    expect([credits.main, credits.featured]).toEqual([main, featured])
  })

  test('keeps names whole that contain joining words', () => {
    expect(readCredits('Arlo, The Carver').whole).toBe('Arlo, The Carver')
    expect(readCredits(['Stone & Feather', 'Moss']).whole).toBe('Stone & Feather & Moss')
  })

  test.each(['VA', 'V/A', 'various artists', 'Unknown Artist', 'n/a'])('%s names nobody', (line) =>
    expect(namesNobody(line)).toBe(true),
  )

  test('of any text is read without an error, into a bounded number of names', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^([a-c ]|feat\.? |ft | & |, |\(|\)){0,60}$/),
    )
    fc.assert(
      fc.property(line, (text) => {
        const { main, featured } = readCredits(text)
        expect(main.length).toBeLessThanOrEqual(20)
        expect(featured.length).toBeLessThanOrEqual(20)
      }),
    )
  })

  test.each([' '.repeat(100_000), 'feat. '.repeat(20_000), '('.repeat(100_000), ', '.repeat(50_000)])(
    'of 100,000 characters takes no longer than a short one (%#)',
    (line) => {
      const before = process.cpuUsage()
      splitFeaturing(line)
      readCredits(line)
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200)
    },
  )
})

describe('a Latin key', () => {
  test.each([
    ['Rock & Roll', 'rock roll'],
    ['Rock and Roll', 'rock roll'],
    ['Rock ’n’ Roll', 'rock roll'],
    ['Sturm und Drang', 'sturm drang'],
    ['The Rain', 'rain'],
    ['Rains, The', 'rains'],
    ['R.A.I.N.', 'rain'],
    ['Don’t', 'dont'],
    ['Ra$in', 'rasin'],
    ['Straße', 'strasse'],
    ['Война и мир', 'voyna mir'],
    ['さくら', 'sakura'],
    ['The', 'the'],
    ['&', ''],
  ])('of %s is %s', (text, key) => expect(latinKey(text)).toBe(key))

  test('stands beside a native key, which only other scripts have', () => {
    expect(nativeKey('Война')).toBe('война')
    expect(nativeKey('Straße')).toBe('')
    expect(nativeKey('Rain')).toBe('')
  })

  test.each([
    ['Tsvetok', 'Cvetok', false],
    ['Shchuka', 'Schuka', true],
    ['Khorosho', 'Horosho', true],
    ['Moonlit', 'Munlit', true],
    ['Rain', 'Storm', false],
  ])('of %s sounds like %s: %s', (one, other, same) =>
    expect(soundKey(latinKey(one)) === soundKey(latinKey(other))).toBe(same),
  )
})
