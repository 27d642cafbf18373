import { type Layout, type Look, type Stretch, bufferOf } from './layout.ts'

/** Pictures among the metadata may be large; the audio has to begin before this. */
const HEAD_BYTES_MAX = 4 * 1024 * 1024
const STREAM_INFO_BYTES = 34
/** The largest frame is some 100 KB; within so much before the end of a stretch the last one begins. */
const LAST_FRAME_BYTES_MAX = 128 * 1024

/** What the beginning of a FLAC file says about all of it. */
interface StreamInfo {
  /** Metadata that a decoder needs, as a file's beginning; it does not say how long the audio is. */
  readonly beginning: Uint8Array
  readonly rateHz: number
  readonly samples: number
  /** Samples of a frame, where all have the same. */
  readonly blockSamples: number
}

/** The audio of a FLAC file: frames that each say where they lie (RFC 9639). */
export function lookAtFlac([head]: readonly Stretch[], totalBytes: number): Look {
  const bytes = bufferOf(head!.bytes)
  if (bytes.toString('latin1', 0, 4) !== 'fLaC') return undefined // Behind a tag of another kind: rare.
  const info = streamInfoOf(bytes.subarray(8, 8 + STREAM_INFO_BYTES))
  if (!info) return undefined
  let at = 4
  for (let isLast = false; !isLast;) {
    if (at > HEAD_BYTES_MAX || at + 4 > totalBytes) return undefined
    if (at + 4 > bytes.length) return { needs: { beginning: at + 4096 } }
    isLast = bytes[at]! >= 128
    at += 4 + bytes.readUIntBE(at + 1, 3)
  }
  return { layout: layoutOf(info, at, totalBytes) }
}

function streamInfoOf(block: Buffer): StreamInfo | undefined {
  if (block.length < STREAM_INFO_BYTES) return undefined
  const least = block.readUInt16BE(0)
  const rateHz = block.readUIntBE(10, 3) >> 4
  const samples = (block[13]! & 15) * 2 ** 32 + block.readUInt32BE(14)
  if (rateHz === 0 || samples === 0) return undefined
  const beginning = Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x80, 0, 0, STREAM_INFO_BYTES]), block])
  beginning[8 + 13]! &= 0xf0 // The number of samples, and then the hash of all of them: not of a part.
  beginning.fill(0, 8 + 14)
  return { beginning, rateHz, samples, blockSamples: least === block.readUInt16BE(2) ? least : 0 }
}

function layoutOf(info: StreamInfo, audioFrom: number, totalBytes: number): Layout {
  const durationMs = Math.round((info.samples * 1000) / info.rateHz)
  const msOf = (sample: number): number => (sample * 1000) / info.rateHz
  return {
    durationMs,
    byteAt: (ms) => audioFrom + Math.floor(((totalBytes - audioFrom) * ms) / durationMs),
    cut({ from, bytes }) {
      const start = Math.max(0, audioFrom - from)
      const first = frameFrom(bytes, start, info)
      const last = first && lastFrame(bytes, first.at, info)
      if (!first || !last || last.sample <= first.sample) return undefined
      return {
        pieces: [info.beginning, bytes.subarray(first.at, last.at)],
        fromMs: msOf(first.sample),
        toMs: msOf(last.sample),
      }
    },
  }
}

interface Frame {
  readonly at: number
  /** Number of its first sample. */
  readonly sample: number
}

function frameFrom(bytes: Uint8Array, start: number, info: StreamInfo): Frame | undefined {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const sample = sampleOfFrame(bytes, at, info)
    if (sample !== undefined) return { at, sample }
  }
  return undefined
}

/** The last frame that begins in these bytes; how far it goes nobody knows, so it is where the audio ends. */
function lastFrame(bytes: Uint8Array, first: number, info: StreamInfo): Frame | undefined {
  const least = Math.max(first, bytes.length - LAST_FRAME_BYTES_MAX)
  for (let at = bytes.lastIndexOf(0xff); at >= least; at = bytes.lastIndexOf(0xff, at - 1)) {
    const sample = sampleOfFrame(bytes, at, info)
    if (sample !== undefined) return { at, sample }
    if (at === 0) break
  }
  return undefined
}

/** The first sample of the frame that begins here; undefined when none does, by its header and the header's checksum. */
function sampleOfFrame(bytes: Uint8Array, at: number, info: StreamInfo): number | undefined {
  const [sync = 0, second = 0, sizes = 0, channels = 0] = bytes.subarray(at, at + 4)
  if (sync !== 0xff || (second & 0xfe) !== 0xf8 || sizes >> 4 === 0 || (sizes & 15) === 15) return undefined
  if (channels >> 4 > 10 || (channels & 1) === 1) return undefined
  const number = codedNumber(bytes, at + 4)
  if (!number) return undefined
  const [blockCode, rateCode] = [sizes >> 4, sizes & 15]
  const end =
    number.end +
    (blockCode === 6 ? 1 : blockCode === 7 ? 2 : 0) +
    (rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0)
  if (end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end]) return undefined
  const isVariable = (second & 1) === 1
  if (!isVariable && info.blockSamples === 0) return undefined
  const sample = isVariable ? number.value : number.value * info.blockSamples
  return sample < info.samples ? sample : undefined
}

/** A number in the form of UTF-8, of up to seven bytes. */
function codedNumber(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = bytes[at] ?? 0xff
  const ones = Math.clz32(~first << 24)
  if (ones === 1 || ones > 7) return undefined
  let value = ones === 0 ? first : first & (0x7f >> ones)
  const end = at + Math.max(1, ones)
  for (let next = at + 1; next < end; next++) {
    const byte = bytes[next] ?? 0
    if (byte >> 6 !== 2) return undefined
    value = value * 64 + (byte & 63)
  }
  return { value, end }
}

/** Of the polynomial x⁸ + x² + x + 1. */
function crc8(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 128 ? ((sum << 1) ^ 7) & 255 : sum << 1
  }
  return sum
}
