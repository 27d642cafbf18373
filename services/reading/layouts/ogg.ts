import { type Layout, type Look, type Stretch, bufferOf } from './layout.ts'

/** Encoders close a page after a second or some kilobytes: the last one begins within so much of the end. */
const TAIL_BYTES = 24 * 1024
const PAGE_HEAD_BYTES = 27
/** Names and pictures among the headers; the audio has to begin before this. */
const HEAD_BYTES_MAX = 4 * 1024 * 1024
/** So much audio tells how dense it is. */
const BEGINNING_MS = 8_000

interface Page {
  readonly at: number
  readonly end: number
  /** Position at the end of its last packet, in samples; −1 when none ends in it. */
  readonly position: number
  readonly serial: number
}

/** How positions are counted. */
interface Clock {
  readonly rateHz: number
  /** Samples at the beginning that are not played. */
  readonly skipped: number
}

/** The audio of an Ogg file with one stream of Vorbis or Opus: pages that each say where they end (RFC 3533, 7845). */
export function lookAtOgg(stretches: readonly Stretch[], totalBytes: number): Look {
  const head = bufferOf(stretches[0]!.bytes)
  const pages = pagesFrom(head, 0)
  const [first] = pages
  const clock = first && first.at === 0 ? clockOf(head.subarray(0, first.end)) : undefined
  if (!first || !clock || pages.some(({ serial }) => serial !== first.serial)) return undefined
  const audio = pages.find(({ position }) => position > 0)
  const heardMs = msOf(pages.at(-1)!.position, clock)
  if (!audio || heardMs < BEGINNING_MS) {
    // By how dense it was so far, with a page more than that; at first nothing is known of it.
    const expected = heardMs > 0 ? (head.length * BEGINNING_MS) / heardMs : 1.5 * head.length
    const beginning = Math.ceil(Math.min(2 * head.length, expected)) + 4 * 1024
    return beginning <= HEAD_BYTES_MAX && beginning < totalBytes ? { needs: { beginning } } : undefined
  }
  const tail = stretches.find(
    (stretch) => stretch.from > 0 && stretch.from + stretch.bytes.length === totalBytes,
  )
  if (!tail) return { needs: { from: Math.max(head.length, totalBytes - TAIL_BYTES), to: totalBytes - 1 } }
  const last = pagesFrom(tail.bytes, undefined).findLast(({ serial }) => serial === first.serial)
  if (!last || last.position <= 0) return undefined
  const durationMs = Math.round(msOf(last.position, clock))
  if (durationMs <= heardMs) return undefined
  return {
    layout: layoutOf({
      headers: head.subarray(0, audio.at),
      serial: first.serial,
      clock,
      durationMs,
      audioFrom: audio.at,
      totalBytes,
    }),
  }
}

const msOf = (position: number, { rateHz, skipped }: Clock): number =>
  Math.max(0, ((position - skipped) * 1000) / rateHz)

/** From the first packet: of Vorbis I (section 4.2.2) or Opus (RFC 7845, 5.1). */
function clockOf(page: Buffer): Clock | undefined {
  const packet = page.subarray(PAGE_HEAD_BYTES + page[26]!)
  const name = packet.toString('latin1', 0, 8)
  if (name === 'OpusHead' && packet.length >= 19) return { rateHz: 48_000, skipped: packet.readUInt16LE(10) }
  if (!name.startsWith('\x01vorbis') || packet.length < 30) return undefined
  const rateHz = packet.readUInt32LE(12)
  return rateHz >= 8_000 && rateHz <= 192_000 ? { rateHz, skipped: 0 } : undefined
}

interface OggFile {
  readonly headers: Uint8Array
  readonly serial: number
  readonly clock: Clock
  readonly durationMs: number
  readonly audioFrom: number
  readonly totalBytes: number
}

function layoutOf({ headers, serial, clock, durationMs, audioFrom, totalBytes }: OggFile): Layout {
  return {
    durationMs,
    byteAt: (ms) => audioFrom + Math.floor(((totalBytes - audioFrom) * ms) / durationMs),
    cut({ from, bytes }) {
      const isBeginning = from <= audioFrom
      const pages = pagesFrom(bytes, isBeginning ? audioFrom - from : undefined)
      if (pages.length < 2 || pages.some((page) => page.serial !== serial)) return undefined
      // Where the first page begins is told by the page before it, so that one is left out.
      const start = isBeginning
        ? { position: 0, end: pages[0]!.at }
        : pages.find(({ position }) => position > 0)
      const last = pages.findLast(({ position }) => position > 0)
      if (!start || !last || last.position <= start.position) return undefined
      return {
        pieces: [headers, bytes.subarray(start.end, last.end)],
        fromMs: msOf(start.position, clock),
        toMs: msOf(last.position, clock),
      }
    },
  }
}

/** Complete pages that follow each other, from a place on, or else from the first one that is there. */
function pagesFrom(given: Uint8Array, start: number | undefined): Page[] {
  const bytes = bufferOf(given)
  let at = start ?? firstPage(bytes)
  const pages: Page[] = []
  for (let page = pageAt(bytes, at); page; page = pageAt(bytes, at)) {
    pages.push(page)
    at = page.end
  }
  return pages
}

/** Where two pages follow each other, or one that is the last: the four letters alone may stand in any audio. */
function firstPage(bytes: Buffer): number {
  for (let at = bytes.indexOf('OggS'); at >= 0; at = bytes.indexOf('OggS', at + 1)) {
    const page = pageAt(bytes, at)
    if (page && (page.end === bytes.length || bytes.toString('latin1', page.end, page.end + 4) === 'OggS'))
      return at
  }
  return bytes.length
}

function pageAt(bytes: Buffer, at: number): Page | undefined {
  if (at + PAGE_HEAD_BYTES > bytes.length || bytes.toString('latin1', at, at + 5) !== 'OggS\0')
    return undefined
  const segments = bytes[at + 26]!
  const sizes = bytes.subarray(at + PAGE_HEAD_BYTES, at + PAGE_HEAD_BYTES + segments)
  const end = at + PAGE_HEAD_BYTES + segments + sizes.reduce((sum, size) => sum + size, 0)
  if (end > bytes.length) return undefined
  return { at, end, position: Number(bytes.readBigInt64LE(at + 6)), serial: bytes.readUInt32LE(at + 14) }
}
