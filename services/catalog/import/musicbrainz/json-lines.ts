import { decodeText } from '../decode-text.ts'

/** A release with all its recordings and their works has some megabytes. */
export const JSON_BYTES_MAX = 50 * 1024 * 1024
/** MusicBrainz nests about ten deep. */
export const JSON_DEPTH_MAX = 64
/** Each takes some hundred bytes of memory, and a comma in the file. */
export const JSON_VALUES_MAX = 2_000_000

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** A document, and where its objects begin; or why it cannot be read, and the line where that was seen. */
export type JsonReading =
  | { readonly value: JsonValue; readonly lineOf: (object: JsonObject) => number }
  | { readonly line: number; readonly code: 'syntax' | 'limit'; readonly message: string }

/** How a fault leaves the depths of the document. */
class JsonError extends Error {
  readonly code: 'syntax' | 'limit'

  constructor(code: 'syntax' | 'limit', message: string) {
    super(message)
    this.code = code
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const SPACE = /[ \t\n\r]*/y

/** Reads JSON (RFC 8259) and remembers on which line each object begins, which `JSON.parse` does not tell. */
class LineParser {
  readonly #text: string
  readonly #lines = new WeakMap<JsonObject, number>()
  #at = 0
  #values = 0
  /** Line of `#lineAt`; lines are counted on, never from the start. */
  #line = 1
  #lineAt = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Line of what is read next, from 1. */
  get line(): number {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#lineAt)
      if (next === -1 || next >= this.#at) return this.#line
      this.#line += 1
      this.#lineAt = next + 1
    }
  }

  lineOf(object: JsonObject): number {
    return this.#lines.get(object) ?? 1
  }

  /** @throws {JsonError} */
  document(): JsonValue {
    const value = this.#value(0)
    if (this.#peek() !== '') throw this.#unexpected('the end')
    return value
  }

  #value(depth: number): JsonValue {
    this.#values += 1
    if (this.#values > JSON_VALUES_MAX) throw new JsonError('limit', `more than ${JSON_VALUES_MAX} values`)
    if (depth > JSON_DEPTH_MAX)
      throw new JsonError('limit', `values lie more than ${JSON_DEPTH_MAX} deep in each other`)
    switch (this.#peek()) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#list(']', () => this.#value(depth + 1))
      case '"':
        return this.#string()
      default:
        return this.#scalar()
    }
  }

  #object(depth: number): JsonObject {
    const { line } = this
    const members = this.#list('}', (): [string, JsonValue] => {
      if (this.#peek() !== '"') throw this.#unexpected('a name in quotes')
      const name = this.#string()
      if (this.#peek() !== ':') throw this.#unexpected('a colon')
      this.#at += 1
      return [name, this.#value(depth + 1)]
    })
    const object: JsonObject = Object.fromEntries(members)
    this.#lines.set(object, line)
    return object
  }

  #list<Item>(end: string, read: () => Item): Item[] {
    const items: Item[] = []
    this.#at += 1
    if (this.#peek() !== end)
      for (;;) {
        items.push(read())
        const next = this.#peek()
        if (next === end) break
        if (next !== ',') throw this.#unexpected(`a comma or ${end}`)
        this.#at += 1
      }
    this.#at += 1
    return items
  }

  #string(): string {
    const from = this.#at
    let end = from
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end === -1) throw new JsonError('syntax', 'a text in quotes does not end')
    } while (this.#isEscaped(end))
    try {
      const value = JSON.parse(this.#text.slice(from, end + 1)) as string
      this.#at = end + 1
      return value
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new JsonError('syntax', 'a text in quotes is not written as JSON has it')
      throw error
    }
  }

  /** Whether an odd number of backslashes stands before. */
  #isEscaped(at: number): boolean {
    let before = at
    while (this.#text[before - 1] === '\\') before -= 1
    return (at - before) % 2 === 1
  }

  #scalar(): JsonValue {
    for (const form of [NUMBER, LITERAL]) {
      form.lastIndex = this.#at
      const found = form.exec(this.#text)?.[0]
      if (found === undefined) continue
      this.#at += found.length
      return JSON.parse(found) as number | boolean | null
    }
    throw this.#unexpected('a value')
  }

  /** The next sign after white space; '' at the end. */
  #peek(): string {
    SPACE.lastIndex = this.#at
    SPACE.exec(this.#text)
    this.#at = SPACE.lastIndex
    return this.#text[this.#at] ?? ''
  }

  #unexpected(wanted: string): JsonError {
    const found = this.#text[this.#at]
    return new JsonError(
      'syntax',
      `${found === undefined ? 'the file ends' : JSON.stringify(found)} where ${wanted} should be`,
    )
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  let size = 0
  async function* limited(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size > JSON_BYTES_MAX) return
      yield chunk
    }
  }
  const pieces: string[] = []
  for await (const piece of decodeText(limited(), 'utf-8').text) pieces.push(piece)
  return size > JSON_BYTES_MAX ? undefined : pieces.join('')
}

/** Reads a JSON document within limits of bytes, depth and number of values. */
export async function readJson(bytes: AsyncIterable<Uint8Array>): Promise<JsonReading> {
  const text = await textOf(bytes)
  if (text === undefined) return { line: 1, code: 'limit', message: `larger than ${JSON_BYTES_MAX} bytes` }
  const parser = new LineParser(text)
  try {
    return { value: parser.document(), lineOf: (object) => parser.lineOf(object) }
  } catch (error) {
    if (error instanceof JsonError) return { line: parser.line, code: error.code, message: error.message }
    throw error
  }
}
