import { isAscii } from 'node:buffer'

import { Problem } from '../../core/problem.ts'

/** Bytes that are decoded at a time, and of which the encoding is guessed: enough rows to see accents, few to hold. */
const BLOCK_BYTES = 65_536

/** Stands for bytes that are no character (Unicode, U+FFFD). */
export const REPLACEMENT = '\uFFFD'

/** Text as it comes, and which encoding it was taken for so far. */
export interface DecodedText {
  /** In pieces of some 64 KiB. Bytes that are no characters come as `REPLACEMENT`, or as the control they stand for. */
  readonly text: AsyncIterable<string>
  /** Name of the encoding as of the WHATWG Encoding Standard; until a byte speaks against it, `utf-8`. */
  readonly encoding: () => string
}

type Decode = (block: Buffer, more: boolean) => string

/**
 * What windows-1252 has from 0x80 to 0x9F (WHATWG Encoding Standard, index windows-1252). Own table, because the decoder
 * of several versions of Node gives ISO 8859-1 instead. The five bytes that stand for nothing stay control characters.
 */
const windows1252 =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178'

const decodeWindows1252: Decode = (block) =>
  block
    .toString('latin1')
    .replaceAll(/[\x80-\x9F]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] ?? character)

const decodeUtf8 = (): Decode => {
  const decoder = new TextDecoder('utf-8')
  let pending = false
  return (block, more) => {
    // Plain ASCII after a whole character needs no decoder; most sheets are nearly all of it.
    if (!pending && more && isAscii(block)) return block.toString('latin1')
    pending = (block.at(-1) ?? 0) >= 0x80
    return decoder.decode(block, { stream: more })
  }
}

/** @throws {Problem} `request/invalid` when nobody knows an encoding of that name. */
function encodingNamed(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch (error) {
    throw new Problem('request/invalid', `"${label.slice(0, 40)}" is no encoding that is known`, {
      cause: error,
    })
  }
}

function decoderOf(encoding: string): Decode {
  if (encoding === 'windows-1252') return decodeWindows1252
  if (encoding === 'utf-8') return decodeUtf8()
  const decoder = new TextDecoder(encoding)
  return (block, more) => decoder.decode(block, { stream: more })
}

/** Length of the UTF-8 sequence that a byte begins (RFC 3629); 0 of a byte that begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0
}

/**
 * UTF-8 or windows-1252, by which fits more of the characters that are not ASCII.
 *
 * @returns undefined when there are none, or only the beginning of one at the end of the block.
 */
function guessEncoding(block: Buffer): 'utf-8' | 'windows-1252' | undefined {
  let fitting = 0
  let broken = 0
  for (let at = 0; at < block.length;) {
    const length = sequenceLength(block[at]!)
    let continued = 1
    while (continued < length && at + continued < block.length && (block[at + continued]! & 0xc0) === 0x80)
      continued += 1
    if (length === 0 || (continued < length && at + continued < block.length)) broken += 1
    else if (length > 1 && continued === length) fitting += 1
    at += continued
  }
  if (fitting + broken === 0) return undefined
  return fitting >= broken ? 'utf-8' : 'windows-1252'
}

/** The encoding that the first bytes name: a byte order mark, or every other byte zero as in UTF-16 without one. */
function encodingOfStart(block: Buffer): string | undefined {
  const [a = 1, b = 1, c = 1, d = 1] = block
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if ((a === 0xff && b === 0xfe) || (a > 0 && b === 0 && c > 0 && d === 0)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b > 0 && c === 0 && d > 0)) return 'utf-16be'
  return undefined
}

/** Bytes in blocks of one size, however they come: neither a byte at a time nor a gigabyte at once is a burden. */
async function* inBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - heldBytes)
      // Copied: who reads a file may use the memory of a chunk again.
      held.push(Buffer.from(part))
      heldBytes += part.byteLength
      at += part.byteLength
      if (heldBytes < BLOCK_BYTES) continue
      yield held.length === 1 ? held[0]! : Buffer.concat(held)
      held = []
      heldBytes = 0
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

/**
 * Text of a file whose encoding may be unknown. A byte order mark decides; else the encoding that was named; else UTF-8 or
 * windows-1252, decided at the first block that is not plain ASCII, by which of them fits. Until then both read the same.
 * Never throws for what the bytes are: what is no character becomes `REPLACEMENT`.
 *
 * @param label any name of an encoding that `TextDecoder` knows, such as `shift_jis`.
 * @throws {Problem} `request/invalid`, at once, when the label names no encoding.
 */
export function decodeText(bytes: AsyncIterable<Uint8Array>, label?: string): DecodedText {
  let encoding = label === undefined ? undefined : encodingNamed(label)

  async function* text(): AsyncGenerator<string> {
    let decode: Decode | undefined
    let first = true
    let kept = Buffer.alloc(0)
    for await (const fresh of inBlocks(bytes)) {
      const block = kept.length === 0 ? fresh : Buffer.concat([kept, fresh])
      kept = Buffer.alloc(0)
      if (first) encoding = encodingOfStart(block) ?? encoding
      first = false
      encoding ??= isAscii(block) ? undefined : guessEncoding(block)
      if (encoding !== undefined) {
        decode ??= decoderOf(encoding)
        yield decode(block, true)
        continue
      }
      // Nothing but ASCII, and perhaps the beginning of a character that the next block decides.
      const tail = block.subarray(-3).findIndex((byte) => byte >= 0x80)
      const end = tail === -1 ? block.length : block.length - Math.min(3, block.length) + tail
      yield block.toString('latin1', 0, end)
      kept = Buffer.from(block.subarray(end))
    }
    // A file that ends within a character of UTF-8 and has no other is none.
    if (kept.length > 0) encoding = 'windows-1252'
    decode ??= decoderOf(encoding ?? 'utf-8')
    const rest = decode(kept, false)
    if (rest !== '') yield rest
  }

  return { text: text(), encoding: () => encoding ?? 'utf-8' }
}
