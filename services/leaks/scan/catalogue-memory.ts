import type { Names } from '../../metadata/compare/name-keys.ts'
import { IsrcSet, type IsrcSetMemory } from '../isrc-set.ts'

/** A catalogue that all threads read: its codes, and what each recording is called. */
export interface CatalogueMemory {
  readonly size: number
  readonly codes: IsrcSetMemory
  /** By recording: the next one with the same code; -1 for none. */
  readonly next: SharedArrayBuffer
  /** The names of all as JSON, one behind the other, and where each begins. */
  readonly text: SharedArrayBuffer
  readonly starts: SharedArrayBuffer
}

/** What texts are gathered in before they are put into shared memory. */
const PIECE_BYTES = 4 << 20

/** Texts one behind the other, in shared memory. */
class Texts {
  readonly starts: Float64Array
  readonly #pieces: Buffer[] = []
  #waiting: string[] = []
  #waitingBytes = 0
  #bytes = 0

  constructor(count: number) {
    this.starts = new Float64Array(new SharedArrayBuffer(8 * (count + 1)))
  }

  add(number: number, text: string): void {
    const bytes = Buffer.byteLength(text)
    this.#bytes += bytes
    this.#waitingBytes += bytes
    this.#waiting.push(text)
    this.starts[number + 1] = this.#bytes
    if (this.#waitingBytes >= PIECE_BYTES) this.#gather()
  }

  #gather(): void {
    this.#pieces.push(Buffer.from(this.#waiting.join('')))
    this.#waiting = []
    this.#waitingBytes = 0
  }

  finish(): SharedArrayBuffer {
    this.#gather()
    const shared = new SharedArrayBuffer(this.#bytes)
    const bytes = new Uint8Array(shared)
    let at = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return shared
  }
}

/** Puts a catalogue into memory that threads share: some 150 bytes a recording and its names. */
export function catalogueMemory(catalogue: readonly Names[]): CatalogueMemory {
  const codes = new IsrcSet(catalogue.length)
  const next = new Int32Array(new SharedArrayBuffer(4 * Math.max(1, catalogue.length))).fill(-1)
  /** Of codes that several recordings have: the last of them so far. */
  const last = new Map<string, number>()
  const firsts = new Map<string, number>()
  const texts = new Texts(catalogue.length)
  for (const [number, names] of catalogue.entries()) {
    texts.add(number, JSON.stringify(names))
    if (names.isrc === undefined) continue
    const before = last.get(names.isrc) ?? firsts.get(names.isrc)
    if (before === undefined) {
      firsts.set(names.isrc, number)
      codes.add(names.isrc, number)
    } else {
      next[before] = number
      last.set(names.isrc, number)
    }
  }
  return {
    size: catalogue.length,
    codes: codes.memory,
    next: next.buffer,
    text: texts.finish(),
    starts: texts.starts.buffer as SharedArrayBuffer,
  }
}

/** A catalogue in shared memory as a thread reads it. */
export class SharedCatalogue {
  readonly size: number
  readonly codes: IsrcSet
  readonly #next: Int32Array
  readonly #text: Buffer
  readonly #starts: Float64Array

  constructor(memory: CatalogueMemory) {
    this.size = memory.size
    this.codes = IsrcSet.over(memory.codes)
    this.#next = new Int32Array(memory.next)
    this.#text = Buffer.from(memory.text)
    this.#starts = new Float64Array(memory.starts)
  }

  /** What a recording is called. */
  namesOf(recording: number): Names {
    const text = this.#text.toString('utf8', this.#starts[recording], this.#starts[recording + 1])
    return JSON.parse(text) as Names
  }

  /** All recordings with a code, from the first of them on. */
  *withSameCode(first: number): Generator<number> {
    for (let recording = first; recording !== -1; recording = this.#next[recording] as number) yield recording
  }
}
