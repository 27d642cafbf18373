import { type Layout, type Look, type Stretch, bufferOf } from './layout.ts'

/** Chunks before the audio; more than this is somebody's database. */
const HEAD_BYTES_MAX = 64 * 1024
/** Samples of these kinds stand for themselves: PCM, floating point, and either with a longer header. */
const PLAIN: ReadonlySet<number> = new Set([1, 3, 0xfffe])

/** The audio of a WAV file: every moment has the same number of bytes. Source: Microsoft, RIFF specification, 1991. */
export function lookAtWav([head]: readonly Stretch[], totalBytes: number): Look {
  const bytes = bufferOf(head!.bytes)
  let format: Buffer | undefined
  for (let at = 12; ;) {
    if (at + 8 > bytes.length)
      return at < HEAD_BYTES_MAX && at + 8 < totalBytes ? { needs: { beginning: at + 4096 } } : undefined
    const name = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    if (name === 'fmt ') format = bytes.subarray(at + 8, at + 8 + length)
    if (name === 'data') return format && layoutOf(format, at + 8, Math.min(totalBytes, at + 8 + length))
    at += 8 + length + (length % 2)
  }
}

function layoutOf(format: Buffer, audioFrom: number, audioTo: number): Look {
  if (format.length < 16 || format.length > 100 || !PLAIN.has(format.readUInt16LE(0))) return undefined
  const bytesPerSecond = format.readUInt32LE(8)
  const frameBytes = format.readUInt16LE(12)
  if (bytesPerSecond < 1_000 || frameBytes === 0 || audioTo <= audioFrom) return undefined
  const msAt = (byte: number): number => ((byte - audioFrom) * 1000) / bytesPerSecond
  const layout: Layout = {
    durationMs: Math.round(msAt(audioTo)),
    byteAt: (ms) => audioFrom + Math.floor((ms * bytesPerSecond) / 1000),
    cut({ from, bytes }) {
      const first = audioFrom + Math.ceil(Math.max(0, from - audioFrom) / frameBytes) * frameBytes
      const end = Math.min(audioTo, from + bytes.length)
      const length = Math.floor((end - first) / frameBytes) * frameBytes
      if (length <= 0) return undefined
      const audio = bytes.subarray(first - from, first - from + length)
      return { pieces: [headerOf(format, length), audio], fromMs: msAt(first), toMs: msAt(first + length) }
    },
  }
  return { layout }
}

function headerOf(format: Buffer, length: number): Uint8Array {
  const header = Buffer.alloc(12 + 8 + format.length + 8)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(header.length - 8 + length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(format.length, 16)
  format.copy(header, 20)
  header.write('data', 20 + format.length, 'latin1')
  header.writeUInt32LE(length, 24 + format.length)
  return header
}
