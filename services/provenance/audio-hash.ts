import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

import { Sha256 } from '../core/ids.ts'
import { type ReadAt, audioRanges } from './audio-range.ts'
import { oggHeaderPackets, oggPackets } from './ogg-packets.ts'

/** The hash of an Ogg stream's audio packets, each with its length before it. */
async function hashOfOgg(path: string): Promise<Sha256 | undefined> {
  const hash = createHash('sha256')
  const length = Buffer.alloc(4)
  let headers: number | undefined
  let number = 0
  for await (const packet of oggPackets(createReadStream(path))) {
    if (number === 0) headers = oggHeaderPackets(packet)
    if (headers === undefined) return undefined
    number += 1
    // Some programs end a stream with a page of nothing.
    if (number <= headers || packet.length === 0) continue
    length.writeUInt32LE(packet.length)
    hash.update(length).update(packet)
  }
  return headers !== undefined && number > headers ? Sha256.parse(hash.digest('hex')) : undefined
}

async function hashOfRanges(path: string, format: string): Promise<Sha256 | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read: ReadAt = async (at, bytes) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at)
      return buffer.subarray(0, bytesRead)
    }
    const ranges = await audioRanges(format, read, size)
    if (ranges.length === 0) return undefined
    const hash = createHash('sha256')
    for (const { from, to } of ranges)
      for await (const chunk of file.createReadStream({ start: from, end: to - 1, autoClose: false }))
        hash.update(chunk as Buffer)
    return Sha256.parse(hash.digest('hex'))
  } finally {
    await file.close()
  }
}

/**
 * SHA-256 of a file's audio alone: copies of one file that were tagged anew, or given another cover, have the same.
 *
 * @param format as file-kind.ts names it.
 * @returns undefined for formats whose audio cannot be told apart from the rest.
 */
export const audioHashOf = (path: string, format: string): Promise<Sha256 | undefined> =>
  format.startsWith('ogg-') ? hashOfOgg(path) : hashOfRanges(path, format)
