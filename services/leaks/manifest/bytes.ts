import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

import { Decompress } from 'fzstd'

import { Problem } from '../../core/problem.ts'

/** What is read at once: large, because a manifest is read from its beginning to its end. */
const CHUNK_BYTES = 1 << 20

/** How the bytes of a file are packed, told by the first of them. */
export type Packing = 'none' | 'gzip' | 'zstd'

/** The bytes of a manifest, unpacked, and how far its file has been read. */
export interface ManifestBytes {
  readonly packing: Packing
  readonly totalBytes: number
  /** Bytes of the file that were read so far, packed as they are. */
  readonly readBytes: () => number
  /** Once only. @throws {Problem} open/damaged when what is packed is cut off or no such thing. */
  readonly chunks: AsyncIterable<Buffer>
}

/** How a file is packed. A seekable zstd file may begin with a skippable frame. */
async function packingOf(path: string): Promise<{ packing: Packing; bytes: number }> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(4)
    await file.read(head, 0, 4, 0)
    const { size } = await file.stat()
    const magic = head.readUInt32LE(0)
    const isZstd = magic === 0xfd2f_b528 || (magic & 0xffff_fff0) >>> 0 === 0x184d_2a50
    if (isZstd) return { packing: 'zstd', bytes: size }
    return { packing: (magic & 0xffff) === 0x8b1f ? 'gzip' : 'none', bytes: size }
  } finally {
    await file.close()
  }
}

const damaged = (cause: unknown): Problem =>
  new Problem('open/damaged', 'The compressed manifest is cut off or damaged; what came before was read', {
    cause,
  })

/** zstd in JavaScript: a fifth as fast as the program of that name. */
function zstdInProcess(): Transform {
  let push: (chunk: Uint8Array) => void = () => undefined
  const decompress = new Decompress((chunk) => push(chunk))
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      push = (out) => this.push(Buffer.from(out.buffer, out.byteOffset, out.length))
      try {
        decompress.push(chunk)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
    flush(done) {
      try {
        decompress.push(new Uint8Array(0), true)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
  })
}

/** Starts the zstd program; undefined when this machine has none. */
async function startZstd(): Promise<ChildProcess | undefined> {
  const child = spawn('zstd', ['-d', '-c', '-q', '--no-progress', '-M512MB'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('spawn', () => resolve(child))
  })
}

async function* ofProgram(source: Readable, child: ChildProcess): AsyncGenerator<Buffer> {
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('zstd was started without pipes')
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const fed = pipeline(source, stdin).catch(() => undefined) // A program that ends early says so by its status.
  try {
    yield* stdout as AsyncIterable<Buffer>
    await fed
    if ((await ended) !== 0) throw damaged(undefined)
  } finally {
    source.destroy()
    child.kill('SIGKILL')
  }
}

async function* through(source: Readable, transform: Transform): AsyncGenerator<Buffer> {
  const out = new PassThrough({ highWaterMark: CHUNK_BYTES })
  const done = pipeline(source, transform, out).catch((error: unknown) => {
    throw damaged(error)
  })
  done.catch(() => undefined) // Thrown below, when the reader gets there.
  try {
    yield* out as AsyncIterable<Buffer>
    await done
  } catch (error) {
    await done
    throw error
  } finally {
    source.destroy()
  }
}

/** Opens a manifest as its bytes say, whatever its name says. */
export async function openBytes(
  path: string,
  { from = 0 }: { readonly from?: number } = {},
): Promise<ManifestBytes> {
  const { packing, bytes: totalBytes } = await packingOf(path)
  if (from > 0 && packing !== 'none') throw new Error('a compressed file is read from its beginning')
  let readBytes = from
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES, start: from })
  source.on('data', (chunk) => (readBytes += chunk.length))
  source.pause()
  const child = packing === 'zstd' ? await startZstd() : undefined
  const chunks = (): AsyncIterable<Buffer> => {
    if (packing === 'none') return source
    if (child) return ofProgram(source, child)
    return through(source, packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : zstdInProcess())
  }
  return { packing, totalBytes, readBytes: () => readBytes, chunks: chunks() }
}

/** How much of the file was read, 0 to 1. */
export const shareOf = ({ readBytes, totalBytes }: ManifestBytes): number =>
  totalBytes === 0 ? 1 : Math.min(1, readBytes() / totalBytes)
