import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { Problem } from './problem.ts'

/** A source sent, or said that it will send, more bytes than are accepted. */
export const tooLarge = (bytesMax: number): Problem =>
  new Problem('fetch/too-large', `The file is larger than ${bytesMax} bytes`)

/**
 * Passes bytes on until there are too many of them.
 *
 * @throws {Problem} fetch/too-large.
 */
export async function* limited(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
}

/** Some sources compress although `identity` was asked for. */
const decoders: ReadonlyMap<string, () => Duplex> = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * A body without its compression, which `coding` names as `Content-Encoding` does. Neither end is limited here.
 *
 * @throws {Problem} fetch/refused when the compression is not known.
 */
export function decoded(body: AsyncIterable<Uint8Array>, coding = 'identity'): AsyncIterable<Uint8Array> {
  if (coding.trim().toLowerCase() === 'identity' || coding === '') return body
  const decoder = decoders.get(coding.trim().toLowerCase())
  if (!decoder) throw new Problem('fetch/refused', 'The source uses a compression that is not known here')
  // Whoever reads the decoder meets its errors and the body's, so the callback has nothing to add.
  return pipeline(body, decoder(), () => undefined)
}
