import { randomOf } from './audio.ts'

/** What readers of XML and JSON stumble over, dropped anywhere into a document. */
const stumblingBlocks = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '</',
  '<!--',
  ']]>',
  '<![CDATA[',
  '<!DOCTYPE x>',
  '&lol;',
  '&#0;',
  '&#x110000;',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\\u12',
  '-',
  '1e999',
  'null',
  '\0',
  '\uFFFD',
  'a'.repeat(5_000),
  '9'.repeat(400),
]

/** Values in place of others: nothing, too much, and what means something elsewhere. */
const oddValues = ['', ' ', '0', '-1', 'x', 'true', 'Worldwide', '2024-02-30', 'PT0S', '…', '9'.repeat(400)]

/**
 * Changes a document in one to four places: words replaced; bytes flipped, cut out, doubled,
 * moved; blocks dropped in; the rest cut off.
 */
export function mutate(document: Buffer, seed: number): Buffer {
  const random = randomOf(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  let bytes = Buffer.from(document)
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(bytes.length)
    const until = Math.min(bytes.length, at + 1 + below(200))
    const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, until), bytes.subarray(until)]
    switch (below(12)) {
      case 0:
        bytes[at] = below(256)
        break
      case 1:
        bytes = Buffer.concat([before, after])
        break
      case 2:
        bytes = Buffer.concat([before, piece, piece, after])
        break
      case 3:
        bytes = Buffer.concat([after, piece, before])
        break
      case 4:
        bytes = Buffer.concat([
          before,
          Buffer.from(stumblingBlocks[below(stumblingBlocks.length)] ?? ''),
          piece,
          after,
        ])
        break
      case 5:
        bytes = random() < 0.2 ? Buffer.from(before) : bytes
        break
      default: {
        const odd = oddValues[below(oddValues.length)] ?? ''
        const rest = after
          .toString('latin1')
          .replace(/[>"][^<>"{}[\]]+(?=[<"])/, (found) => `${found.slice(0, 1)}${odd}`)
        bytes = Buffer.concat([before, piece, Buffer.from(rest, 'latin1')])
      }
    }
    if (bytes.length === 0) return bytes
  }
  return bytes
}

/** Bytes as they come from a file or a network, in pieces of this length. */
export async function* inPieces(bytes: Buffer | string, length = 1_000): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length; at += length) yield all.subarray(at, at + length)
}
