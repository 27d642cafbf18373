import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

import { Problem } from '../core/problem.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../submissions/file-kind.ts'
import type { OpeningBudget } from './budget.ts'
import type { Opener, OpeningSource } from './opener.ts'
import { placeName } from './place.ts'
import { tarEntries } from './tar.ts'
import { through } from './through.ts'
import type { PackedFormat } from './unpacking/messages.ts'
import { Unpacker } from './unpacking/unpacker.ts'

/** Endings that say how a file is compressed, and what is left of the name without them. */
const endings: readonly (readonly [RegExp, string])[] = [
  [/\.(?:tgz|tbz2?|txz|tzst)$/i, '.tar'],
  [/\.(?:gz|bz2|xz|zst)$/i, ''],
]

type Unpack = (source: OpeningSource, budget: OpeningBudget, signal: AbortSignal) => AsyncIterable<Uint8Array>

/**
 * Opens a file that is compressed as a whole: tells the one file that is in it, or the files of the tar that is in it, which
 * is read as it is unpacked.
 */
const openerOf = (unpack: Unpack): Opener =>
  async function* openCompressed(source, budget, signal) {
    const bytes = budget.counted(unpack(source, budget, signal), source.bytes)
    const { head, all } = await withHead(bytes)
    if (detectFileKind(head).format === 'tar') {
      yield* tarEntries(all, budget, signal)
      return
    }
    try {
      budget.countItem()
      yield { kind: 'file', name: nameInside(source.name), read: () => all }
    } finally {
      await all.return(undefined)
    }
  }

/** Opens gzip (RFC 1952). */
export const openGzip = openerOf(gunzip)
/** Opens bzip2. */
export const openBzip2 = openerOf(unpackedBy('bzip2'))
/** Opens xz. */
export const openXz = openerOf(unpackedBy('xz'))
/** Opens Zstandard (RFC 8878). */
export const openZstd = openerOf(unpackedBy('zstd'))

/** `03.wav` of `03.wav.gz`. */
function nameInside(name: string): string {
  const [ending, replacement] = endings.find(([pattern]) => pattern.test(name)) ?? [/$/, '']
  return placeName(name.replace(ending, replacement))
}

/** The first bytes of a stream, by which it is told what it is, and the stream as it was. */
async function withHead(
  bytes: AsyncGenerator<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const held: Uint8Array[] = []
  let length = 0
  while (length < FILE_HEAD_BYTES) {
    const { done, value } = await bytes.next()
    if (done === true) break
    held.push(value)
    length += value.length
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* held
      yield* bytes
    } finally {
      await bytes.return(undefined)
    }
  }
  return { head: Buffer.concat(held).subarray(0, FILE_HEAD_BYTES), all: all() }
}

async function* gunzip(
  source: OpeningSource,
  _budget: OpeningBudget,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of through(createReadStream(source.path), createGunzip())) {
      signal.throwIfAborted()
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!isZlibError(error)) throw error
    throw new Problem('open/damaged', 'It is damaged and cannot be unpacked', { cause: error })
  }
}

/** An error that says something of the bytes, and not of the disk that they are read from. */
const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')

function unpackedBy(format: PackedFormat): Unpack {
  return async function* unpack(source, budget, signal) {
    const unpacker = new Unpacker(format, source.path, budget, signal)
    try {
      for (;;) {
        const message = await unpacker.next()
        if (message.kind === 'end') return
        if (message.kind === 'bytes') yield message.bytes
      }
    } finally {
      await unpacker.end()
    }
  }
}
