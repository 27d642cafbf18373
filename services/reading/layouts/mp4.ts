import { type Layout, type Look, type Stretch, bytesAt } from './layout.ts'
import { type AacTrack, aacTrackOf } from './mp4-track.ts'

/** Top-level boxes before the table of contents; a file that is cut into fragments has many more. */
const BOXES_MAX = 20
/** Of some hours of music; more is no music. */
const CONTENTS_BYTES_MAX = 4 * 1024 * 1024
/** What begins so soon after the bytes that are there is read on to; what lies further on is asked for by itself. */
const NEAR_BYTES_MAX = 256 * 1024

/**
 * The audio of an MP4 file with a table of contents, at its beginning or at its end, whose sound is AAC
 * (ISO/IEC 14496-12 and -14). Files in fragments, and other codecs, are read whole.
 */
export function lookAtMp4(stretches: readonly Stretch[], totalBytes: number): Look {
  let at = 0
  for (let boxes = 0; boxes < BOXES_MAX && at + 8 <= totalBytes; boxes++) {
    const head = bytesAt(stretches, at, Math.min(16, totalBytes - at))
    if (!head) return { needs: needsFor(at, stretches, totalBytes) }
    const length = boxLength(head)
    if (length === undefined) return undefined
    const name = head.toString('latin1', 4, 8)
    if (name === 'moof' || name === 'sidx') return undefined
    if (name === 'moov') {
      if (length > CONTENTS_BYTES_MAX || at + length > totalBytes) return undefined
      const contents = bytesAt(stretches, at, length)
      if (!contents) return { needs: needsFor(at, stretches, totalBytes, length) }
      const track = aacTrackOf(contents)
      return track && { layout: layoutOf(track) }
    }
    at += length
  }
  return undefined
}

/** The next box, whole where its length is known; what is further on than the beginning is had by itself. */
function needsFor(
  at: number,
  [head]: readonly Stretch[],
  totalBytes: number,
  length = 16,
): { beginning: number } | { from: number; to: number } {
  if (at <= head!.bytes.length + NEAR_BYTES_MAX) return { beginning: Math.min(totalBytes, at + length) }
  return { from: at, to: totalBytes - 1 }
}

function boxLength(head: Buffer): number | undefined {
  const short = head.readUInt32BE(0)
  const length = short === 1 && head.length >= 16 ? Number(head.readBigUInt64BE(8)) : short
  return length >= 8 ? length : undefined // 0 is a box up to the end, which is then the audio: nothing follows it.
}

function layoutOf(track: AacTrack): Layout {
  const { offsets, sizes, sampleMs } = track
  /** The first sample that begins at a byte or after it. */
  const sampleAt = (byte: number): number => {
    let [low, high] = [0, offsets.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (offsets[middle]! < byte) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    durationMs: Math.round(offsets.length * sampleMs),
    byteAt: (ms) => offsets[Math.max(0, Math.min(offsets.length - 1, Math.floor(ms / sampleMs)))]!,
    cut({ from, bytes }) {
      const first = sampleAt(from)
      const pieces: Uint8Array[] = []
      let sample = first
      for (; sample < offsets.length; sample++) {
        const start = offsets[sample]! - from
        if (start + sizes[sample]! > bytes.length) break
        pieces.push(adtsHeader(track, sizes[sample]!), bytes.subarray(start, start + sizes[sample]!))
      }
      return sample > first ? { pieces, fromMs: first * sampleMs, toMs: sample * sampleMs } : undefined
    },
  }
}

/** What stands before each frame of a bare AAC file (ISO/IEC 13818-7, 6.2), so that no container is needed. */
function adtsHeader({ profile, rateIndex, channels }: AacTrack, sampleBytes: number): Uint8Array {
  const length = sampleBytes + 7
  return Uint8Array.of(
    0xff,
    0xf1,
    (profile << 6) | (rateIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | ((length >> 11) & 3),
    (length >> 3) & 255,
    ((length & 7) << 5) | 31,
    0xfc,
  )
}
