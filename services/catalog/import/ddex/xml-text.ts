import { Problem } from '../../../core/problem.ts'
import { decodeText } from '../decode-text.ts'

/** The declaration that names the encoding is the first thing in a document. */
const DECLARATION_BYTES = 256

/** Why a document is not read, or not read on. */
export interface XmlTextFault {
  readonly code: 'encoding' | 'limit'
  readonly message: string
}

/** What the declaration says (XML 1.0, section 4.3.3); UTF-8 when it says nothing. A byte order mark outweighs both. */
const declaredEncoding = (head: Buffer): string =>
  /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(
    head.toString('latin1', 0, DECLARATION_BYTES),
  )?.[1] ?? 'utf-8'

/** Takes the bytes that may hold the declaration; the others follow when they are asked for. */
async function withHead(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; rest: AsyncIterator<Uint8Array> }> {
  const rest = bytes[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < DECLARATION_BYTES) {
    const next = await rest.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return { head, rest }
}

function decoded(bytes: AsyncIterable<Uint8Array>, encoding: string): AsyncIterable<string> | XmlTextFault {
  try {
    return decodeText(bytes, encoding).text
  } catch (error) {
    if (error instanceof Problem) return { code: 'encoding', message: error.message }
    throw error
  }
}

/**
 * An XML document as text, in the encoding that it declares. Bytes that are no characters of it become `REPLACEMENT`: that
 * is a matter of the value they stand in.
 *
 * @param bytesMax of the whole document.
 * @returns a generator that ends with the document, or with why it is read no further.
 */
export async function* xmlText(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<string, XmlTextFault | undefined> {
  const { head, rest } = await withHead(bytes)
  let tooLarge = false
  async function* limited(): AsyncGenerator<Uint8Array> {
    let read = 0
    try {
      for (let chunk: Uint8Array = head; ;) {
        read += chunk.byteLength
        tooLarge = read > bytesMax
        if (tooLarge) return
        yield chunk
        const next = await rest.next()
        if (next.done === true) return
        chunk = next.value
      }
    } finally {
      await rest.return?.()
    }
  }
  const text = decoded(limited(), declaredEncoding(head))
  if ('code' in text) return text
  yield* text
  return tooLarge ? { code: 'limit', message: `larger than ${bytesMax} bytes` } : undefined
}
