import { describe, expect, test } from 'vitest'

import { fileNameOf, sanitiseFileName } from '../../services/core/file-name.ts'

describe('sanitiseFileName', () => {
  test.each([
    ['song.mp3', 'song.mp3'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Music\\song.mp3', 'song.mp3'],
    ['..hidden', 'hidden'],
    ['song.mp3. . ', 'song.mp3'],
    ['a\0b\r\nc.mp3', 'abc.mp3'],
    ['song\u202e3pm.exe', 'song3pm.exe'],
    ['what?<is>|this*".mp3', 'what__is__this__.mp3'],
    ['Bjo\u0308rk – Jóga.flac', 'Björk – Jóga.flac'],
    ['', undefined],
    ['///', undefined],
    ['..', undefined],
    ['\u200b\ud800', undefined],
  ])('%j → %j', (name, safe) => {
    expect(sanitiseFileName(name)).toBe(safe)
  })

  test('a long name keeps its ending and whole characters', () => {
    const safe = sanitiseFileName(`${'日'.repeat(300)}.flac`) ?? ''
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255)
    expect(safe).toMatch(/^日+\.flac$/)
  })

  test('a name made to keep a pattern busy is answered quickly', () => {
    const began = performance.now()
    sanitiseFileName(`a${' .'.repeat(50_000)}b`)
    expect(performance.now() - began).toBeLessThan(200)
  })
})

describe('fileNameOf', () => {
  const url = new URL('https://host.example/a/My%20Song.mp3?x=/y.exe')
  test.each([
    [undefined, 'My Song.mp3'],
    ['inline', 'My Song.mp3'],
    ['attachment; filename=b.mp3', 'b.mp3'],
    ['attachment; filename="b; c.mp3"', 'b; c.mp3'],
    [String.raw`attachment; filename="say \"b\".mp3"`, 'say _b_.mp3'],
    ["attachment; filename=b.mp3; filename*=UTF-8''%E2%82%AC.mp3", '€.mp3'],
    ["attachment; filename*=iso-8859-1'en'%A3.mp3", '£.mp3'],
    ["attachment; filename*=UTF-8''%ZZ", '%ZZ'],
    ['attachment; filename="\u00e2\u0082\u00ac.mp3"', '€.mp3'],
    ['attachment; filename="na\u00efve.mp3"', 'naïve.mp3'],
    ['attachment; filename="../../.."', 'My Song.mp3'],
    ['attachment; filename=""', 'My Song.mp3'],
  ])('%j → %j', (disposition, name) => {
    expect(fileNameOf(disposition, url)).toBe(name)
  })

  test('a path that ends in a slash gives no name, one that is no UTF-8 gives itself', () => {
    expect(fileNameOf(undefined, new URL('https://host.example/'))).toBeUndefined()
    expect(fileNameOf(undefined, new URL('https://host.example/%ff.mp3'))).toBe('%ff.mp3')
  })
})
