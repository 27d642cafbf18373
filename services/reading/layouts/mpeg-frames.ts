import { adtsFrameBytes, mp3FrameBytes } from '../../submissions/file-kind.ts'
import { type Layout, type Look, type Stretch, between, bufferOf } from './layout.ts'

/** Tags with pictures; the audio has to begin before this. */
const TAG_BYTES_MAX = 4 * 1024 * 1024
/** So many frames in a row are no accident. */
const FRAMES_IN_A_ROW = 4
/** So many frames tell the bit rate, or that there is none that stays. */
const FRAMES_MEASURED = 100

/** A run of frames, complete ones. */
interface Run {
  readonly at: number
  readonly end: number
  readonly frames: number
  readonly longest: number
  readonly shortest: number
}

/** How frames of one kind are read. */
interface Kind {
  frameBytes(bytes: Uint8Array, at: number): number | undefined
  /** How long each frame sounds; the header stands at the place. */
  frameMs(bytes: Uint8Array, at: number): number
  /** What of the header is the same in all frames of a file: the other bits are masked. */
  readonly mask: readonly number[]
}

const MP3_RATES_HZ = [44_100, 48_000, 32_000, 1] as const
const mp3: Kind = {
  frameBytes: mp3FrameBytes,
  frameMs(bytes, at) {
    const [b1 = 0, b2 = 0] = bytes.subarray(at + 1, at + 3)
    const version = (b1 >> 3) & 3
    const layer = 4 - ((b1 >> 1) & 3)
    const rateHz = MP3_RATES_HZ[(b2 >> 2) & 3]! / (version === 3 ? 1 : version === 2 ? 2 : 4)
    const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152
    return (samples * 1000) / rateHz
  },
  mask: [0xff, 0xfe, 0x0c],
}

const ADTS_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
] as const
const adts: Kind = {
  frameBytes: adtsFrameBytes,
  frameMs: (bytes, at) => (1024 * 1000) / (ADTS_RATES_HZ[((bytes[at + 2] ?? 0) >> 2) & 15] ?? 44_100),
  mask: [0xff, 0xfe, 0xfc],
}

/** The audio of an MP3 file: by its own table, or where every frame has the same length. */
export const lookAtMp3 = (stretches: readonly Stretch[], totalBytes: number): Look =>
  lookAtFrames(mp3, stretches[0]!, totalBytes)

/** The audio of a bare AAC file; its frames differ a little, so its times are estimated. */
export const lookAtAdts = (stretches: readonly Stretch[], totalBytes: number): Look =>
  lookAtFrames(adts, stretches[0]!, totalBytes)

function lookAtFrames(kind: Kind, head: Stretch, totalBytes: number): Look {
  const tag = tagBytes(head.bytes)
  if (tag > TAG_BYTES_MAX) return undefined
  const run = runFrom(kind, head.bytes, tag)
  if (!run || run.frames < FRAMES_MEASURED) {
    const beginning = Math.max(tag, head.bytes.length) + 64 * 1024
    return beginning < Math.min(totalBytes, 2 * TAG_BYTES_MAX) ? { needs: { beginning } } : undefined
  }
  const times = timesOf(kind, head.bytes, run, totalBytes)
  return times && { layout: layoutOf(kind, head.bytes.subarray(run.at, run.at + 4), run.at, times) }
}

/** ID3v2: seven bits in each of the four bytes of its length. */
const tagBytes = (bytes: Uint8Array): number =>
  bufferOf(bytes).toString('latin1', 0, 3) === 'ID3'
    ? 10 + bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0)
    : 0

/** Time and place: pairs of both, ascending, the first at the first frame and the last at the end. */
interface Times {
  readonly durationMs: number
  readonly ms: readonly number[]
  readonly bytes: readonly number[]
}

function timesOf(kind: Kind, bytes: Uint8Array, run: Run, totalBytes: number): Times | undefined {
  const frameMs = kind.frameMs(bytes, run.at)
  const told = kind === mp3 ? tableOf(bufferOf(bytes), run.at) : undefined
  if (told) {
    const durationMs = told.frames * frameMs
    const audioBytes = totalBytes - run.at
    const table = told.table ?? [0]
    return {
      durationMs,
      ms: [...table.map((_, index) => (index * durationMs) / table.length), durationMs],
      bytes: [...table.map((share) => run.at + (share / 256) * audioBytes), totalBytes],
    }
  }
  // MP3 of one bit rate: frames differ by the one byte that evens it out. Of another it says nothing about the rest.
  if (kind === mp3 && run.longest - run.shortest > 1) return undefined
  const durationMs = ((totalBytes - run.at) / ((run.end - run.at) / run.frames)) * frameMs
  return { durationMs, ms: [0, durationMs], bytes: [run.at, totalBytes] }
}

/**
 * What an encoder wrote into the first frame: how many follow, and where each hundredth of the time lies, in 256ths of
 * the bytes. Source: Xing, "VBR header SDK", 1998; LAME writes `Info` into files of one bit rate.
 */
function tableOf(
  bytes: Buffer,
  at: number,
): { readonly frames: number; readonly table: readonly number[] | undefined } | undefined {
  const isFirst = ((bytes[at + 1] ?? 0) >> 3) % 4 === 3
  const isMono = (bytes[at + 3] ?? 0) >> 6 === 3
  const place = at + 4 + (isFirst ? (isMono ? 17 : 32) : isMono ? 9 : 17)
  const name = bytes.toString('latin1', place, place + 4)
  if ((name !== 'Xing' && name !== 'Info') || place + 120 > bytes.length) return undefined
  const flags = bytes.readUInt32BE(place + 4)
  if ((flags & 1) === 0) return undefined
  const frames = bytes.readUInt32BE(place + 8)
  const tableAt = place + 12 + (flags & 2 ? 4 : 0)
  // With one bit rate the table only rounds what is even.
  const table = flags & 4 && name === 'Xing' ? [...bytes.subarray(tableAt, tableAt + 100)] : undefined
  const isRising = table?.every((share, index) => index === 0 || share >= table[index - 1]!)
  return frames > 0 ? { frames, table: isRising && table?.[0] === 0 ? table : undefined } : undefined
}

function layoutOf(kind: Kind, like: Uint8Array, audioFrom: number, times: Times): Layout {
  const along = (value: number, from: readonly number[], to: readonly number[]): number => {
    const above = from.findIndex((each) => each > value)
    const next = above < 0 ? from.length - 1 : Math.max(1, above)
    return between(value, [from[next - 1]!, from[next]!], [to[next - 1]!, to[next]!])
  }
  return {
    durationMs: Math.round(times.durationMs),
    byteAt: (ms) => Math.floor(along(Math.min(ms, times.durationMs - 1), times.ms, times.bytes)),
    cut({ from, bytes }) {
      const run = runFrom(kind, bytes, Math.max(0, audioFrom - from), like)
      if (!run) return undefined
      const fromMs = along(from + run.at, times.bytes, times.ms)
      const toMs = fromMs + run.frames * kind.frameMs(bytes, run.at)
      return { pieces: [bytes.subarray(run.at, run.end)], fromMs, toMs }
    },
  }
}

/** The first run of frames at or after a place, up to where it breaks off. @param like a header that all are like. */
function runFrom(kind: Kind, bytes: Uint8Array, start: number, like?: Uint8Array): Run | undefined {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (like && !kind.mask.every((mask, index) => ((bytes[at + index]! ^ like[index]!) & mask) === 0))
      continue
    let [end, frames, longest, shortest] = [at, 0, 0, Infinity]
    for (
      let length = kind.frameBytes(bytes, end);
      length !== undefined;
      length = kind.frameBytes(bytes, end)
    ) {
      if (end + length > bytes.length) break
      end += length
      frames += 1
      longest = Math.max(longest, length)
      shortest = Math.min(shortest, length)
    }
    if (frames >= FRAMES_IN_A_ROW) return { at, end, frames, longest, shortest }
  }
  return undefined
}
