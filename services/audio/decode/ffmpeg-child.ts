import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'

import { Problem } from '../../core/problem.ts'

/** What every use of ffmpeg needs. */
export interface FfmpegOptions {
  /** An ffmpeg from 2018 on: a path, or a name that is looked for in PATH. */
  readonly ffmpegPath: string
  /** Wall time after which ffmpeg is killed. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Address space of ffmpeg (2 GiB): ten times what decoding needs, far less than what a crafted file asks for. */
const MEMORY_KIB_MAX = 2 * 1024 * 1024

/** What is kept of stderr: its end, where the reason is. */
const REPORT_CHARACTERS_MAX = 64_000

/**
 * Containers that are opened. Playlists and image sequences are not among them: they may name further files,
 * and those would be somebody else's.
 */
const FORMATS =
  'aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,' +
  'mp3,mpc,mpc8,mpeg,mpegts,ogg,oma,rm,shn,tak,tta,voc,w64,wav,wv,xwma'

/** Arguments from one line; none of them has a blank in it. */
export const words = (line: string): string[] => line.split(' ')

/** Never a URL, never another protocol, never a question on the terminal. */
export const inputArguments = (path: string): string[] => [
  ...words(`-nostdin -hide_banner -protocol_whitelist file,pipe -format_whitelist ${FORMATS} -threads 1`),
  '-i',
  `file:${resolve(path)}`,
]

/** A child that runs ffmpeg. */
export interface RunningFfmpeg {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  /** What it writes to descriptor 3. */
  readonly channels: Readable
  /** Settles when ffmpeg has ended by itself or by a limit; rejects with the Problem of the limit. */
  readonly ended: Promise<{ code: number; report: string }>
}

/** The shell sets the limit and then becomes ffmpeg, so that a signal reaches ffmpeg itself. */
const LIMIT_SCRIPT = 'ulimit -v "$1" && shift && exec "$@"'

/**
 * Starts ffmpeg as a child with limits on time and memory (Linux; elsewhere only on time). Whoever stops reading what it
 * writes kills it.
 *
 * @throws the reason of the signal when it is aborted already.
 */
export function startFfmpeg(args: readonly string[], options: FfmpegOptions): RunningFfmpeg {
  options.signal?.throwIfAborted()
  const command = [options.ffmpegPath, ...args]
  const limited = ['/bin/sh', '-c', LIMIT_SCRIPT, 'sh', String(MEMORY_KIB_MAX), ...command]
  const [program, ...rest] = process.platform === 'linux' ? limited : command
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: environment(),
  }) as RunningFfmpeg['process']
  let report = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    report = (report + text).slice(-REPORT_CHARACTERS_MAX)
  })
  let stoppedBy: unknown
  const stop = (reason: unknown) => {
    stoppedBy ??= reason
    child.kill('SIGKILL')
  }
  const timer = setTimeout(
    () => stop(new Problem('audio/decoder-limit', `ffmpeg took longer than ${options.timeoutMs} ms`)),
    options.timeoutMs,
  )
  const onAbort = () => stop(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })

  const ended = new Promise<{ code: number; report: string }>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' || error.code === 'EACCES' ? missing(options.ffmpegPath) : error),
    )
    child.once('close', (code, signal) => {
      if (stoppedBy !== undefined) reject(stoppedBy)
      else if (code === 127 || code === 126) reject(missing(options.ffmpegPath))
      else if (signal !== null || /Cannot allocate memory|out of memory/i.test(report))
        reject(exhausted(signal))
      else resolve({ code: code ?? 1, report })
    })
  }).finally(() => {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
  })
  // Whoever throws while reading stdout does not come to await this any more.
  ended.catch(() => undefined)
  return { process: child, channels: child.stdio[3] as Readable, ended }
}

/** Nothing of our own environment concerns ffmpeg, least of all secrets. */
const environment = (): NodeJS.ProcessEnv => ({ PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' })

const missing = (ffmpegPath: string) =>
  new Problem('audio/decoder-missing', `ffmpeg is not at ${ffmpegPath} or cannot be run`)

const exhausted = (signal: string | null) =>
  new Problem('audio/decoder-limit', signal ? `ffmpeg was ended by ${signal}` : 'ffmpeg ran out of memory')
