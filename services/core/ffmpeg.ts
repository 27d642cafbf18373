import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chmod } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import type { Config } from './config.ts'
import { Problem } from './problem.ts'

const run = promisify(execFile)
/** Printing its version takes ffmpeg a tenth of a second; a program that takes longer is not it. */
const VERSION_TIMEOUT_MS = 15_000

/** The decoder that was found. */
export interface Ffmpeg {
  readonly path: string
  readonly version: string
  /** The last year in its copyright line: how old the build is, and which security fixes it cannot have. */
  readonly year: number
  readonly origin: 'FFMPEG_PATH' | 'PATH' | 'npm package'
}

/** The static build that npm installs where it exists; made executable, as an install without scripts leaves it. */
async function packaged(): Promise<string | undefined> {
  const require = createRequire(import.meta.url)
  try {
    const path = require.resolve(`@ffmpeg-installer/${process.platform}-${process.arch}/ffmpeg`)
    await chmod(path, 0o755)
    return path
  } catch {
    return undefined // Not made for this platform, or left out of the install.
  }
}

async function describe(path: string, origin: Ffmpeg['origin']): Promise<Ffmpeg | undefined> {
  try {
    await access(path, constants.X_OK)
    const { stdout } = await run(path, ['-version'], { timeout: VERSION_TIMEOUT_MS })
    const version = stdout.match(/^ffmpeg version (\S+)/)?.[1]
    const year = Number(stdout.match(/Copyright \(c\) \d{4}-(\d{4})/)?.[1] ?? 0)
    return version === undefined ? undefined : { path, version, year, origin }
  } catch {
    return undefined // Not there or not a working ffmpeg: the next candidate is tried.
  }
}

/**
 * Finds ffmpeg: FFMPEG_PATH, else PATH, else the one that npm installed.
 *
 * @throws {Problem} audio/decoder-missing, saying how to get one.
 */
export async function findFfmpeg(config: Pick<Config, 'FFMPEG_PATH' | 'searchPath'>): Promise<Ffmpeg> {
  if (config.FFMPEG_PATH) {
    const found = await describe(config.FFMPEG_PATH, 'FFMPEG_PATH')
    if (found) return found
    throw new Problem(
      'audio/decoder-missing',
      `FFMPEG_PATH is ${config.FFMPEG_PATH}, which is not a working ffmpeg`,
    )
  }
  for (const folder of config.searchPath.split(delimiter).filter(Boolean)) {
    const found = await describe(join(folder, 'ffmpeg'), 'PATH')
    if (found) return found
  }
  const shipped = await packaged()
  const found = shipped && (await describe(shipped, 'npm package'))
  if (found) return found
  throw new Problem(
    'audio/decoder-missing',
    'Install ffmpeg (`apt-get install ffmpeg`, `brew install ffmpeg`) or set FFMPEG_PATH',
  )
}

/** A warning about an old build, which decodes strangers' files without years of security fixes; undefined when it is recent. */
export function ffmpegWarning(ffmpeg: Ffmpeg, now: Date): string | undefined {
  const age = now.getUTCFullYear() - ffmpeg.year
  if (ffmpeg.year === 0 || age < 5) return undefined
  return `ffmpeg ${ffmpeg.version} is of ${ffmpeg.year} and lacks later security fixes; install a current one with your system's packages`
}
