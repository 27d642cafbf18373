import { createReadStream } from 'node:fs'

import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'
import type { Found, Opener, OpeningSource } from './opener.ts'

/** An encoding is named within the first kilobyte of a document, or nobody looks for it (HTML Standard, section 13.2.3.2). */
const DECLARATION_BYTES = 1_024

/** The first bytes of a file, and whether there are more. An abort throws its reason. */
async function readHead(
  path: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; more: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  // One byte more than wanted tells that there is more.
  for await (const chunk of createReadStream(path, { end: bytesMax, signal }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), more: bytes > bytesMax }
}

/**
 * All bytes of a file that makes no sense in part.
 *
 * @throws {Problem} open/too-large.
 */
export async function readWhole(
  { path }: OpeningSource,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { bytes, more } = await readHead(path, bytesMax, signal)
  if (more) throw tooLong(bytesMax)
  return bytes
}

const tooLong = (bytesMax: number): Problem =>
  new Problem('open/too-large', `Of a file of this kind no more than ${bytesMax} bytes are read`)

/** What a document says of its own encoding: in `<meta>` or in the XML declaration. */
const declaredIn = (bytes: Buffer): string | undefined =>
  /\b(?:charset|encoding)\s{0,20}=\s{0,20}["']?\s{0,20}([\w:.-]{2,40})/i.exec(
    bytes.toString('latin1', 0, DECLARATION_BYTES),
  )?.[1]

function decodedAs(bytes: Buffer, encoding: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal }).decode(bytes)
  } catch (error) {
    // RangeError: nobody knows the encoding. TypeError: the bytes are of another.
    if (error instanceof RangeError || error instanceof TypeError) return undefined
    throw error
  }
}

/**
 * A document as text, whatever it says of itself: a byte order mark decides, then UTF-8 where the bytes are that, then
 * the encoding that is named, then windows-1252. What is no character becomes U+FFFD.
 */
export function decodeDocument(bytes: Buffer): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return decodedAs(bytes, 'utf-16le', false) ?? ''
  if (a === 0xfe && b === 0xff) return decodedAs(bytes, 'utf-16be', false) ?? ''
  const declared = declaredIn(bytes)
  return (
    decodedAs(bytes, 'utf-8', true) ??
    // A document that calls itself UTF-16 in letters of one byte is not.
    (declared && !/^utf-?16/i.test(declared) ? decodedAs(bytes, declared, false) : undefined) ??
    bytes.toString('latin1')
  )
}

/** Tells what a text names, in its order. It does not count what it finds: `textOpener` does. */
export type TextFinder = (text: string, source: OpeningSource, budget: OpeningBudget) => Iterable<Found>

/**
 * An opener of texts that are held in memory, of which no more than `bytesMax` bytes are read. What these name is found;
 * then open/too-large is thrown when there was more.
 */
export const textOpener = (bytesMax: number, find: TextFinder): Opener =>
  async function* open(source, budget, signal) {
    const { bytes, more } = await readHead(source.path, bytesMax, signal)
    budget.checkTime()
    for (const found of find(decodeDocument(bytes), source, budget)) {
      signal.throwIfAborted()
      budget.countItem()
      yield found
    }
    if (more) throw tooLong(bytesMax)
  }
