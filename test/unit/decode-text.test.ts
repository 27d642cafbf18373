import { describe, expect, test } from 'vitest'

import { decodeText } from '../../services/catalog/import/decode-text.ts'
import { chunksOf } from '../support/csv.ts'

async function decode(
  bytes: Uint8Array,
  label?: string,
  bytesEach?: number,
): Promise<{ text: string; encoding: string }> {
  const decoded = decodeText(chunksOf(bytes, bytesEach), label)
  let text = ''
  for await (const piece of decoded.text) text += piece
  return { text, encoding: decoded.encoding() }
}

const utf16 = (text: string, order: 'le' | 'be'): Buffer =>
  order === 'le' ? Buffer.from(text, 'utf16le') : Buffer.from(text, 'utf16le').swap16()

const sample = 'title,artist\nÉtude “Nº 1”,Zoë Ångström\n夜に,アーティスト\n🎵,🎶\n'
const western = 'title,artist\nÉtude “Nº 1” – €,Zoë Ångström\n'

/** windows-1252, from code points that it has. */
const inWindows1252 = (text: string): Buffer =>
  Buffer.from(
    Array.from(text, (character) => {
      const place = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'.indexOf(character)
      const bytes = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94,
        0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
      ]
      return place === -1 ? character.codePointAt(0)! : bytes[place]!
    }),
  )

describe('the encoding of a text', () => {
  test.each([
    ['UTF-8', Buffer.from(sample), 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${sample}`), 'utf-8'],
    ['UTF-16 LE with its mark', utf16(`\uFEFF${sample}`, 'le'), 'utf-16le'],
    ['UTF-16 BE with its mark', utf16(`\uFEFF${sample}`, 'be'), 'utf-16be'],
    ['UTF-16 LE without a mark', utf16(sample, 'le'), 'utf-16le'],
    ['UTF-16 BE without a mark', utf16(sample, 'be'), 'utf-16be'],
  ])('%s is found out, in chunks of any size', async (_, bytes, encoding) => {
    for (const bytesEach of [1, 3, 65_536])
      expect(await decode(bytes, undefined, bytesEach)).toEqual({ text: sample, encoding })
  })

  test('what is not UTF-8 is windows-1252, with its quotes and dashes', async () => {
    expect(await decode(inWindows1252(western))).toEqual({ text: western, encoding: 'windows-1252' })
  })

  test('a file that is ASCII for long is decided at the first other character', async () => {
    const ascii = 'Song,Artist\n'.repeat(20_000)
    for (const bytesEach of [7_777, 65_536]) {
      const ansi = Buffer.concat([Buffer.from(ascii), inWindows1252(western)])
      expect(await decode(ansi, undefined, bytesEach)).toEqual({
        text: ascii + western,
        encoding: 'windows-1252',
      })
      expect(await decode(Buffer.from(ascii + sample), undefined, bytesEach)).toEqual({
        text: ascii + sample,
        encoding: 'utf-8',
      })
    }
  })

  test('a character across the border of two blocks stays whole', async () => {
    for (const before of [65_533, 65_534, 65_535]) {
      const text = `${'x'.repeat(before)}🎵é`
      expect(await decode(Buffer.from(text))).toEqual({ text, encoding: 'utf-8' })
    }
  })

  test('bad bytes in UTF-8 are replaced and the rest is kept', async () => {
    const bytes = Buffer.concat([Buffer.from('Zoë,Ångström,'), Buffer.from([0xff]), Buffer.from(',ende é')])
    expect(await decode(bytes)).toEqual({ text: 'Zoë,Ångström,\uFFFD,ende é', encoding: 'utf-8' })
  })

  test('a text that ends within its only character is windows-1252', async () => {
    expect(await decode(Buffer.from([0x61, 0xc3]))).toEqual({ text: 'aÃ', encoding: 'windows-1252' })
  })

  test('an encoding that is named is taken; a byte order mark knows better', async () => {
    const japanese = Buffer.from([0x96, 0xe9, 0x82, 0xc9])
    expect(await decode(japanese, 'Shift_JIS')).toEqual({ text: '夜に', encoding: 'shift_jis' })
    expect(await decode(inWindows1252('Zoë ’'), 'latin1')).toEqual({
      text: 'Zoë ’',
      encoding: 'windows-1252',
    })
    expect((await decode(utf16('\uFEFFé', 'le'), 'utf-8')).text).toBe('é')
  })

  test('an encoding that nobody knows is refused at once', () => {
    expect(() => decodeText(chunksOf('a'), 'ebcdic-xyz')).toThrow(
      expect.objectContaining({ type: 'request/invalid' }),
    )
  })

  test('nothing gives nothing, and any bytes give text', async () => {
    expect(await decode(Buffer.alloc(0))).toEqual({ text: '', encoding: 'utf-8' })
    for (let length = 1; length < 300; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 37 + length * 11) % 256))
      expect((await decode(bytes)).text.length).toBeGreaterThan(0)
    }
  })
})
