import { createRequire } from 'node:module'
import { ReadableStream } from 'node:stream/web'

import type * as xzDecompress from 'xz-decompress'

import { own, problemOfDecoder } from './decoding.ts'
import { PIECE_BYTES } from './messages.ts'
import type { Outlet } from './outlet.ts'
import type { PackedFile } from './packed-file.ts'

// Its names cannot be seen from outside before it has run, so that `import` does not find them.
const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress') as typeof xzDecompress

/**
 * Unpacks the first stream of an xz file; all files but those that were put behind each other have no other.
 *
 * @throws {Problem} open/damaged, also for a dictionary of more than 64 MiB.
 */
export async function unpackXz(file: PackedFile, outlet: Outlet): Promise<void> {
  const packed = new ReadableStream<Uint8Array>({
    pull(controller) {
      const bytes = own(() => file.read(PIECE_BYTES))
      if (bytes.length === 0) controller.close()
      else controller.enqueue(bytes)
    },
  })
  const reader = new XzReadableStream(packed).getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw problemOfDecoder(error)
    })
    if (done) return
    outlet.give(value)
  }
}
