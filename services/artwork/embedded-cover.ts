import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

import { type IPicture, parseBlob } from 'music-metadata'

import { type CoverHashes, coverHashes, isComparable } from './cover.ts'
import { IMAGE_BYTES_MAX, openImage } from './open-image.ts'

/** A picture is a courtesy beside the audio: a file that keeps the parser busy for longer is left without. */
const TIMEOUT_MS = 10_000
/** The largest piece of a file that is read at once: a picture of the largest size, as text in base64, with its frame. */
const PIECE_BYTES_MAX = 1.5 * IMAGE_BYTES_MAX
/** All that is read of a file, whatever it says of itself: several such pictures beside the other tags. */
const READ_BYTES_MAX = 4 * IMAGE_BYTES_MAX

/** How much of a file may still be read. */
interface Budget {
  left: number
}

/** A file as music-metadata reads it: piece by piece, none too large, and not without end. */
class BoundedFile extends Blob {
  override readonly size: number
  readonly #file: FileHandle
  readonly #from: number
  readonly #budget: Budget

  constructor(file: FileHandle, range: { from: number; to: number }, mediaType: string, budget: Budget) {
    super([], { type: mediaType })
    this.#file = file
    this.#from = range.from
    this.size = range.to - range.from
    this.#budget = budget
  }

  override slice(from = 0, to = this.size): Blob {
    const range = { from: this.#from + from, to: this.#from + Math.min(this.size, to) }
    return new BoundedFile(this.#file, range, this.type, this.#budget)
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = this.size
    this.#budget.left -= bytes
    if (bytes > PIECE_BYTES_MAX || this.#budget.left < 0) throw new RangeError('The tags are too large')
    const buffer = new ArrayBuffer(bytes)
    for (let at = 0; at < bytes;) {
      const { bytesRead } = await this.#file.read(new Uint8Array(buffer), at, bytes - at, this.#from + at)
      if (bytesRead === 0) throw new RangeError('The file has become shorter')
      at += bytesRead
    }
    return buffer
  }
}

/** The front cover where one says that it is, else the first picture. */
const coverOf = (pictures: readonly IPicture[] | undefined): Uint8Array | undefined =>
  (pictures?.find(({ type }) => type === 'Cover (front)') ?? pictures?.[0])?.data

/** The bytes of the picture in a file's tags; undefined also where the tags cannot be read. */
async function embeddedPicture(path: string, mediaType: string): Promise<Uint8Array | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bounded = new BoundedFile(file, { from: 0, to: size }, mediaType, { left: READ_BYTES_MAX })
    const read = parseBlob(bounded, { duration: false }).then(
      ({ common }) => coverOf(common.picture),
      () => undefined, // Of a file that is no known container nothing is known, and that is no fault.
    )
    return await Promise.race([read, pause(TIMEOUT_MS, undefined, { ref: false })])
  } finally {
    await file.close()
  }
}

/**
 * The cover inside a media file, as hashes.
 *
 * @param mediaType as `audio/mpeg`, where the path does not end in the kind of file that it is; else ''.
 * @returns undefined for a file without a picture that can be got at, and for one too plain to be compared.
 * @throws {Problem} `image/too-large` or `image/unreadable` for a picture that cannot be opened. The audio may be as good
 *   as any: whoever examines it goes on without.
 */
export async function embeddedCover(path: string, mediaType = ''): Promise<CoverHashes | undefined> {
  const picture = await embeddedPicture(path, mediaType)
  if (!picture) return undefined
  const hashes = coverHashes(await openImage(picture))
  return isComparable(hashes) ? hashes : undefined
}
