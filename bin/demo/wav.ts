import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Piece } from './compose.ts'

const HEADER_BYTES = 44
const BYTES_PER_SAMPLE = 2

/** Samples of one channel turned into bytes at a time: 64 KiB of memory for any length. */
const CHUNK_SAMPLES = 16_384

/** The 44 bytes before the samples. Source: Microsoft/IBM, "Multimedia Programming Interface …", 1991. */
function headerOf(channels: number, samples: number, sampleRate: number): Buffer {
  const frameBytes = channels * BYTES_PER_SAMPLE
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(HEADER_BYTES - 8 + samples * frameBytes, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * frameBytes, 28)
  header.writeUInt16LE(frameBytes, 32)
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples * frameBytes, 40)
  return header
}

/** A piece as the bytes of a WAV file, 16 bit, in chunks. Samples beyond ±1 are clamped. */
export function* wavChunks({ channels, sampleRate }: Piece): Generator<Buffer, void, undefined> {
  const samples = channels[0].length
  yield headerOf(channels.length, samples, sampleRate)
  for (let from = 0; from < samples; from += CHUNK_SAMPLES) {
    const to = Math.min(samples, from + CHUNK_SAMPLES)
    const chunk = Buffer.alloc((to - from) * channels.length * BYTES_PER_SAMPLE)
    let at = 0
    for (let i = from; i < to; i++) {
      for (const channel of channels) {
        const sample = Math.max(-1, Math.min(1, channel[i] ?? 0))
        at = chunk.writeInt16LE(Math.round(sample * 32_767), at)
      }
    }
    yield chunk
  }
}

/** Writes a piece as a 16-bit WAV file, replacing what is there. Rejects with the file system's error. */
export async function writeWav(path: string, piece: Piece): Promise<void> {
  await pipeline(Readable.from(wavChunks(piece)), createWriteStream(path))
}
