import { closeSync, openSync, readSync } from 'node:fs'

/** A file that is read from its beginning, piece by piece; a thread of its own may wait for the disk. */
export class PackedFile {
  readonly #descriptor: number
  #at = 0

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
  }

  /** The next bytes: as many as asked for, fewer at the end. */
  read(bytesMax: number): Uint8Array {
    const buffer = new Uint8Array(bytesMax)
    return buffer.subarray(0, this.readInto(buffer))
  }

  /** @returns how many bytes there were. */
  readInto(buffer: Uint8Array): number {
    let filled = 0
    while (filled < buffer.length) {
      const bytes = readSync(this.#descriptor, buffer, filled, buffer.length - filled, this.#at)
      if (bytes === 0) break
      filled += bytes
      this.#at += bytes
    }
    return filled
  }

  /** Bytes at another place; reading goes on where it was. */
  peek(at: number, bytesMax: number): Uint8Array {
    const buffer = new Uint8Array(bytesMax)
    return buffer.subarray(0, readSync(this.#descriptor, buffer, 0, bytesMax, at))
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
