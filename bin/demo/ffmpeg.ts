import { spawn } from 'node:child_process'

import { Problem } from '../../services/core/problem.ts'

/** One run: making a suspect of an hour-long recording takes a minute; ten mean that ffmpeg hangs. */
const TIMEOUT_MS = 600_000

/** Most bytes read from standard output: a minute of stereo float samples is 21 MB. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** ffmpeg's last words are kept, however much it complains before. */
const STDERR_CHARS_MAX = 4000

/** A run of ffmpeg that the demo asks for. */
export interface FfmpegRun {
  readonly ffmpegPath: string
  /** What is being made, for the message when it fails. */
  readonly what: string
  readonly args: readonly string[]
  /** Bytes for standard input; none when not given. */
  readonly input?: Uint8Array
}

/** An input file as arguments: only files are opened, whatever a playlist inside may ask for. */
export const fileInput = (path: string): readonly string[] => [
  '-protocol_whitelist',
  'file,pipe',
  '-i',
  // With the prefix, names that begin with '-' or hold a ':' are still file names.
  `file:${path}`,
]

/** The last line that says something: what ffmpeg prints before it gives up. */
const lastLine = (text: string): string =>
  text
    .trim()
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim() || 'no message'

/**
 * Runs ffmpeg and returns what it wrote to standard output.
 *
 * @throws {Problem} audio/decoder-missing when it cannot be started; audio/decoder-limit when it takes
 *   longer than ten minutes or writes more than 64 MiB; audio/undecodable, with what was being made and
 *   ffmpeg's last line, when it fails.
 */
export async function runFfmpeg({ ffmpegPath, what, args, input }: FfmpegRun): Promise<Buffer> {
  const fixed = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y']
  const child = spawn(ffmpegPath, [...fixed, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  })
  const output: Buffer[] = []
  let bytes = 0
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= OUTPUT_BYTES_MAX) output.push(chunk)
    else child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_CHARS_MAX)
  })
  // ffmpeg that gives up closes its input while we still write; its exit status tells what happened.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new Problem('audio/decoder-missing', `${ffmpegPath} could not be started`, { cause }))
    })
    child.once('close', (code, killedBy) => resolve([code, killedBy]))
  })
  if (signal !== null) throw new Problem('audio/decoder-limit', `${what}: ffmpeg was ended by ${signal}`)
  if (status !== 0) throw new Problem('audio/undecodable', `${what}: ${lastLine(complaint)}`)
  return Buffer.concat(output)
}

/**
 * Length of the first audio stream of a file in seconds, by decoding it: headers of MP3 files often lie.
 *
 * @throws {Problem} as `runFfmpeg` does; audio/undecodable also when there is no audio.
 */
export async function audioSeconds(ffmpegPath: string, path: string): Promise<number> {
  const discard = ['-map', '0:a:0', '-progress', 'pipe:1', '-f', 'null', '-']
  const report = await runFfmpeg({ ffmpegPath, what: path, args: [...fileInput(path), ...discard] })
  const [hours, minutes, seconds] = [
    ...report.toString('latin1').matchAll(/out_time=(\d+):(\d+):(\d+\.\d+)/g),
  ]
    .at(-1)
    ?.slice(1)
    .map(Number) ?? [0, 0, 0]
  const total = 3600 * (hours ?? 0) + 60 * (minutes ?? 0) + (seconds ?? 0)
  if (total === 0) throw new Problem('audio/undecodable', `${path}: there is no sound in it`)
  return total
}
