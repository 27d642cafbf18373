import { type LibarchiveWasm, libarchiveWasm } from 'libarchive-wasm'

import { Problem } from '../../core/problem.ts'
import { decoding } from './decoding.ts'
import type { PackedFile } from './packed-file.ts'

/** Behind the file, for a header of our own. */
const ROOM_BYTES = 4_096

/** A file in libarchive's memory, which only the end of the thread gives back. */
export class ArchiveMemory {
  readonly library: LibarchiveWasm
  readonly bytes: number
  readonly #data: number

  private constructor(library: LibarchiveWasm, data: number, bytes: number) {
    this.library = library
    this.bytes = bytes
    this.#data = data
  }

  /** @throws {Problem} open/too-large. */
  static async load(file: PackedFile, bytes: number): Promise<ArchiveMemory> {
    const library = await libarchiveWasm()
    const memory = new ArchiveMemory(library, allocate(library, bytes + ROOM_BYTES), bytes)
    file.readInto(memory.view())
    return memory
  }

  /** The file, to be changed in place; made anew when libarchive has done anything, for its memory grows. */
  view(): Buffer {
    return Buffer.from(this.library.module.HEAPU8.buffer, this.#data, this.bytes)
  }

  /** What libarchive has of memory altogether. */
  get usedBytes(): number {
    return this.library.module.HEAPU8.length
  }

  /** Begins to read the file. @throws {Error} in libarchive's words. */
  open(): number {
    return this.library.read_new_memory(this.#data, this.bytes)
  }

  /**
   * Does something while the file has another beginning, and something behind its end.
   *
   * @returns undefined when there is no room.
   * @throws {Problem} open/damaged where libarchive makes nothing of it.
   */
  altered<Result>(start: Buffer, end: Buffer, work: (archive: number) => Result): Result | undefined {
    if (end.length > ROOM_BYTES) return undefined
    const before = Buffer.from(this.view().subarray(0, start.length))
    const bytes = this.bytes + end.length
    start.copy(this.view())
    end.copy(Buffer.from(this.library.module.HEAPU8.buffer, this.#data + this.bytes, end.length))
    try {
      return decoding(() => {
        const archive = this.library.read_new_memory(this.#data, bytes)
        const result = work(archive)
        this.library.read_free(archive)
        return result
      })
    } finally {
      before.copy(this.view())
    }
  }

  /** Memory for pieces of what is unpacked. @throws {Problem} open/too-large. */
  piece(bytes: number): Piece {
    return { at: allocate(this.library, bytes), bytes }
  }

  /** The next bytes of the entry that was read last, valid until the next are read; none at its end. @throws {Error} */
  readPiece(archive: number, { at, bytes }: Piece): Uint8Array {
    const read = this.library.read_data(archive, at, bytes)
    return new Uint8Array(this.library.module.HEAPU8.buffer, at, read)
  }
}

function allocate({ module }: LibarchiveWasm, bytes: number): number {
  const at: number = module._malloc(bytes)
  if (at === 0) throw new Problem('open/too-large', 'It takes more memory than is allowed')
  return at
}

/** A place in the memory. */
export interface Piece {
  readonly at: number
  readonly bytes: number
}
