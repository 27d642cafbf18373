/** Page header before its segment table (RFC 3533, section 6). */
const HEADER_BYTES = 27
/** The largest payload of a page: 255 segments of 255 bytes. */
const PAGE_BYTES_MAX = HEADER_BYTES + 255 + 255 * 255
/** Packets of music have some kilobytes and a cover in the comments some megabytes; more is somebody's trap. */
const PACKET_BYTES_MAX = 64 * 2 ** 20

interface Page {
  readonly serial: number
  readonly isContinued: boolean
  readonly lacing: Uint8Array
  readonly payload: Uint8Array
  readonly bytes: number
}

/** The page at the start of some bytes; undefined when they do not hold a whole one, null when there is none. */
function pageAt(bytes: Buffer): Page | null | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return null
  const segments = bytes[26] ?? 0
  if (bytes.length < HEADER_BYTES + segments) return undefined
  const lacing = bytes.subarray(HEADER_BYTES, HEADER_BYTES + segments)
  const payloadBytes = lacing.reduce((sum, each) => sum + each, 0)
  const end = HEADER_BYTES + segments + payloadBytes
  if (bytes.length < end) return undefined
  return {
    serial: bytes.readUInt32LE(14),
    isContinued: ((bytes[5] ?? 0) & 1) === 1,
    lacing,
    payload: bytes.subarray(HEADER_BYTES + segments, end),
    bytes: end,
  }
}

/** The pages of an Ogg file; between them, what is none is passed over to the next that begins like one. */
async function* pagesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Page> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    for (;;) {
      const page = pageAt(rest)
      if (page === undefined && rest.length < PAGE_BYTES_MAX) break
      if (page) {
        yield page
        rest = rest.subarray(page.bytes)
        continue
      }
      const next = rest.indexOf('OggS', 1, 'latin1')
      rest = next === -1 ? rest.subarray(Math.max(1, rest.length - 3)) : rest.subarray(next)
      if (next === -1) break
    }
  }
}

/** The packets that a page begins, ends or carries on, put together over pages. */
class PacketAssembler {
  #open: Uint8Array[] = []
  #openBytes = 0

  /** The packets that a page ends. */
  take({ isContinued, lacing, payload }: Page): Uint8Array[] {
    if (!isContinued) this.#drop()
    const ended: Uint8Array[] = []
    let from = 0
    let to = 0
    for (const segment of lacing) {
      to += segment
      if (segment === 255) continue
      ended.push(Buffer.concat([...this.#open, payload.subarray(from, to)]))
      this.#drop()
      from = to
    }
    if (to > from && this.#openBytes + to - from <= PACKET_BYTES_MAX) {
      this.#open.push(Uint8Array.from(payload.subarray(from, to)))
      this.#openBytes += to - from
    }
    return ended
  }

  #drop(): void {
    this.#open = []
    this.#openBytes = 0
  }
}

/**
 * The packets of the first logical stream of an Ogg file, in order (RFC 3533). Paging is undone: a tagger that writes
 * another comment moves the page borders of everything behind it.
 */
export async function* oggPackets(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const assembler = new PacketAssembler()
  let serial: number | undefined
  for await (const page of pagesOf(source)) {
    serial ??= page.serial
    if (page.serial === serial) yield* assembler.take(page)
  }
}

/**
 * How many packets at the start of a stream are headers, told by its first packet; undefined for codecs that are not
 * known (Vorbis I, section 4.2; RFC 7845, section 3; the FLAC to Ogg mapping; the Speex manual).
 */
export function oggHeaderPackets(first: Uint8Array): number | undefined {
  const text = Buffer.from(first.subarray(0, 16)).toString('latin1')
  if (text.startsWith('\x01vorbis')) return 3
  if (text.startsWith('OpusHead')) return 2
  if (text.startsWith('Speex   ')) return 2
  // The number of header packets that follow is in bytes 7 and 8; nothing written there means that it is not known.
  if (text.startsWith('\x7fFLAC')) return 1 + (((first[7] ?? 0) << 8) | (first[8] ?? 0))
  return undefined
}
