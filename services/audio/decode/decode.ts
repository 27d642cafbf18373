import { rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { Problem } from '../../core/problem.ts'
import { DURATION_MS_MAX, SAMPLE_RATE } from '../constants.ts'
import { channelArguments, readDifferenceDb } from './channel-levels.ts'
import { type FfmpegOptions, inputArguments, startFfmpeg, words } from './ffmpeg-child.ts'
import { readFfmpegReport } from './ffmpeg-report.ts'
import type { AudioFacts } from './ffmpeg-report.ts'

export type { FfmpegOptions } from './ffmpeg-child.ts'
export type { AudioFacts } from './ffmpeg-report.ts'

export interface DecodeOptions extends FfmpegOptions {
  /** Longer audio is refused; never more than a day. */
  readonly durationMaxMs: number
  /** What the channels are made into; their sum when not given. */
  readonly mix?: Mix
  /** Receives the mono signal at `SAMPLE_RATE`, piece by piece; the piece is overwritten afterwards. */
  readonly onPcm: (pcm: Float32Array) => void
  readonly onProgress?: (decodedMs: number) => void
}

/**
 * Half the sum of all channels, or half the difference of left and right: where one of two channels was inverted, it is the
 * difference that sounds as before, and the sum is silent.
 */
export type Mix = 'sum' | 'difference'

export interface Decoded {
  readonly durationMs: number
  /** ffmpeg met damage; the audio is what it could make of it. */
  readonly truncated: boolean
  /** By how much the difference of the channels is louder than their sum, in dB; above 0 one may have been inverted. */
  readonly differenceDb: number
}

/** Longest excerpt (5 min): it is for listening to a passage, not for handing out recordings. */
const EXCERPT_MS_MAX = 300_000
const EXCERPT_BYTES_MAX = 8 * 1024 * 1024

/** The first audio stream and nothing else. */
const ONLY_AUDIO = words('-map 0:a:0 -vn -sn -dn')

/** What `decodeAudio` asks of ffmpeg first of all: the samples of a file on standard output, what is wrong on standard error. */
export const decodingArguments = (path: string, mix: Mix = 'sum'): readonly string[] => [
  ...words('-v error'),
  ...inputArguments(path),
  ...ONLY_AUDIO,
  ...(mix === 'difference' ? ['-af', 'aformat=channel_layouts=stereo,pan=mono|c0=0.5*c0-0.5*c1'] : []),
  ...words(`-ac 1 -ar ${SAMPLE_RATE} -c:a pcm_s16le -flush_packets 0 -f s16le pipe:1`),
]

/**
 * Decodes the first audio stream of a file, as fast as `onPcm` takes it and no faster.
 *
 * ffmpeg runs as a child with limits on time, memory (Linux; elsewhere only time and output) and output.
 *
 * @throws {Problem} `file/empty`, `audio/undecodable` (with ffmpeg's last words), `audio/too-long`,
 *   `audio/decoder-limit`, `audio/decoder-missing`; the reason of `signal` when it is aborted.
 */
export async function decodeAudio(path: string, options: DecodeOptions): Promise<Decoded> {
  await requireContent(path)
  const samplesMax = (Math.min(options.durationMaxMs, DURATION_MS_MAX) / 1000) * SAMPLE_RATE
  const child = startFfmpeg([...decodingArguments(path, options.mix), ...channelArguments], options)
  const channels = readDifferenceDb(child.channels)
  // Whoever throws while reading the samples does not come to await this.
  channels.catch(() => undefined)
  let samples = 0
  const convert = createConverter()
  try {
    for await (const chunk of child.process.stdout as AsyncIterable<Uint8Array>) {
      const pcm = convert(chunk)
      samples += pcm.length
      if (samples > samplesMax) {
        throw new Problem('audio/too-long', `It is longer than ${Math.round(options.durationMaxMs / 1000)} s`)
      }
      options.onPcm(pcm)
      options.onProgress?.(Math.round((samples * 1000) / SAMPLE_RATE))
    }
  } catch (error) {
    child.process.kill('SIGKILL')
    throw error
  }
  const { code, report } = await child.ended
  if (samples === 0) throw undecodable(report)
  return {
    durationMs: Math.round((samples * 1000) / SAMPLE_RATE),
    truncated: code !== 0 || report !== '',
    differenceDb: await channels,
  }
}

/**
 * Reads what the headers of a file tell, without decoding it.
 *
 * @throws {Problem} as `decodeAudio`.
 */
export async function probeAudio(path: string, options: FfmpegOptions): Promise<AudioFacts> {
  await requireContent(path)
  const child = startFfmpeg(inputArguments(path), options)
  child.process.stdout.resume()
  const { report } = await child.ended
  const facts = readFfmpegReport(report)
  if (!facts) throw undecodable(report)
  return facts
}

/** Mono, without any tags: small and played by every browser, or without loss. */
const excerptForms = {
  mp3: '-c:a libmp3lame -b:a 64k -f mp3',
  flac: '-c:a flac -sample_fmt s16 -fflags +bitexact -flags:a +bitexact -f flac',
} as const

/**
 * Writes a stretch of a file's audio: as MP3 of 64 kbit/s, or as FLAC when `form` says so.
 *
 * @param outPath is overwritten; nothing is left there when it fails.
 * @throws {RangeError} when the stretch is empty or longer than five minutes; {Problem} as `decodeAudio`.
 */
export async function cutExcerpt(
  path: string,
  fromMs: number,
  toMs: number,
  outPath: string,
  options: FfmpegOptions & { readonly form?: keyof typeof excerptForms },
): Promise<void> {
  if (!(fromMs >= 0 && toMs > fromMs && toMs - fromMs <= EXCERPT_MS_MAX)) {
    throw new RangeError(`excerpt: ${fromMs} to ${toMs} ms`)
  }
  await requireContent(path)
  const seek = words(`-v error -y -ss ${(fromMs / 1000).toFixed(3)}`)
  const output = words(
    `-t ${((toMs - fromMs) / 1000).toFixed(3)} -map_metadata -1 -ac 1 -ar 44100 ` +
      `-fs ${EXCERPT_BYTES_MAX} ${excerptForms[options.form ?? 'mp3']}`,
  )
  const child = startFfmpeg(
    [...seek, ...inputArguments(path), ...ONLY_AUDIO, ...output, `file:${resolve(outPath)}`],
    options,
  )
  child.process.stdout.resume()
  try {
    const { code, report } = await child.ended
    if (code !== 0 || (await stat(outPath)).size === 0) throw undecodable(report)
  } catch (error) {
    await rm(outPath, { force: true })
    throw error
  }
}

async function requireContent(path: string): Promise<void> {
  if ((await stat(path)).size === 0) throw new Problem('file/empty', 'It has no bytes')
}

/** ffmpeg's last line, without the path of the file: that is nobody's business. */
function undecodable(report: string): Problem {
  const line =
    report
      .trim()
      .split('\n')
      .at(-1)
      ?.replaceAll(/file:\S+?(?=:\s|$)/g, 'the file') ?? ''
  if (/matches no streams/.test(report)) return new Problem('audio/undecodable', 'It has no sound track')
  return new Problem('audio/undecodable', line || 'ffmpeg found no audio in it')
}

const SAMPLE_SCALE = 1 / 32_768

/** 16-bit little-endian samples from bytes that may be cut anywhere, also within a sample. */
function createConverter(): (bytes: Uint8Array) => Float32Array {
  let pcm = new Float32Array(0)
  let words = new Int16Array(0)
  let left: number | undefined
  return (bytes) => {
    const held = left === undefined ? 0 : 1
    const count = (held + bytes.length) >> 1
    if (pcm.length < count) {
      pcm = new Float32Array(count)
      words = new Int16Array(count + 1)
    }
    // A copy, since the bytes need not begin at an even address. As the kernel's memory does, this takes a
    // little-endian machine for granted.
    const copy = new Uint8Array(words.buffer)
    if (left !== undefined) copy[0] = left
    copy.set(bytes, held)
    for (let index = 0; index < count; index++) pcm[index] = words[index]! * SAMPLE_SCALE
    left = (held + bytes.length) % 2 === 1 ? copy[2 * count] : undefined
    return pcm.subarray(0, count)
  }
}
