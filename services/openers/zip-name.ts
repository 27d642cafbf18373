import { crc32 } from 'node:zlib'

import type { Entry } from 'yauzl'

/** The flag that says that the name is UTF-8 (APPNOTE 4.4.4, bit 11). */
const FLAG_UTF8 = 0x800
/** Info-ZIP's field of the name in UTF-8 (APPNOTE 4.6.9): a version, a checksum of the other name, the name. */
const UNICODE_PATH = 0x7075
const UNICODE_PATH_HEAD_BYTES = 5

/** Characters 128 to 255 of IBM code page 437, in which ZIP has its names where nothing else is said. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0'

const cp437 = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : (CP437[byte - 128] ?? ''))).join('')

/** The name of an entry. Many programs write UTF-8 and do not say so; text in CP437 is next to never valid UTF-8. */
export function zipName({ fileNameRaw, generalPurposeBitFlag, extraFields }: Entry): string {
  const unicode = extraFields.find(({ id, data }) => id === UNICODE_PATH && isUnicodeOf(data, fileNameRaw))
  if (unicode) return unicode.data.subarray(UNICODE_PATH_HEAD_BYTES).toString('utf8')
  const text = fileNameRaw.toString('utf8')
  return (generalPurposeBitFlag & FLAG_UTF8) !== 0 || !text.includes('\uFFFD') ? text : cp437(fileNameRaw)
}

const isUnicodeOf = (field: Buffer, name: Buffer): boolean =>
  field.length > UNICODE_PATH_HEAD_BYTES && field[0] === 1 && field.readUInt32LE(1) === crc32(name)
