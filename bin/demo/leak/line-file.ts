import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'

/** How a file of lines is packed; `zstd-stored`: as a zstd frame in which nothing is made smaller. */
export type LinePacking = 'none' | 'zstd' | 'zstd-stored'

/** The largest block that a zstd frame may have. */
const BLOCK_BYTES = 128 * 1024
/** Its magic; a descriptor that says no size, dictionary and checksum; a window of 128 KiB. Source: RFC 8878, 3.1.1. */
const FRAME_HEAD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])
/** An empty block of bytes as they are, the last one. */
const LAST_BLOCK = Buffer.from([0x01, 0x00, 0x00])

/** Lines in blocks of about that size, each ended. */
function* blocksOf(lines: Iterable<string>): Generator<Buffer> {
  let text = ''
  for (const line of lines) {
    text += `${line}\n`
    if (text.length < BLOCK_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

/** A zstd frame of stored blocks: valid, and made without a compressor (RFC 8878, section 3.1.1.2). */
function* stored(blocks: Iterable<Buffer>): Generator<Buffer> {
  yield FRAME_HEAD
  for (const bytes of blocks) {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES)
      const head = Buffer.alloc(3)
      head.writeUIntLE(piece.length << 3, 0, 3)
      yield head
      yield piece
    }
  }
  yield LAST_BLOCK
}

/** Node's own compressor, where it has one: from 22.15 on. */
const { createZstdCompress } = zlib as unknown as {
  readonly createZstdCompress?: () => NodeJS.ReadWriteStream
}

/**
 * Writes a file of lines; what is made is not held. `zstd` is stored where this Node cannot compress.
 *
 * @throws the signal's reason when it is aborted; the file is then cut off.
 */
export async function writeLines(
  path: string,
  lines: Iterable<string>,
  { packing = 'none', signal }: { readonly packing?: LinePacking; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const blocks = blocksOf(lines)
  const file = createWriteStream(path)
  const options = signal ? { signal } : {}
  if (packing === 'zstd' && createZstdCompress)
    await pipeline(Readable.from(blocks), createZstdCompress(), file, options)
  else await pipeline(Readable.from(packing === 'none' ? blocks : stored(blocks)), file, options)
}
