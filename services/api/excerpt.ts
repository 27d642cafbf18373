import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { House } from '../actions/house.ts'
import { cutExcerpt } from '../audio/decode/decode.ts'
import { findFfmpeg } from '../core/ffmpeg.ts'

/** To hear a passage this is enough; to listen to the recording instead of buying it, it is not. */
const EXCERPT_MS_MAX = 30_000
/** Cutting takes a tenth of a second, more where ffmpeg has to read up to the place. */
const TIMEOUT_MS = 20_000
/** More at once would take the processor from the workers beside us. */
const CUTTERS_MAX = 2

/** Where ffmpeg was found; looked for once. A house without one looks again with the next question. */
const found = new WeakMap<House, string>()

/** The path of ffmpeg. @throws {Problem} audio/decoder-missing. */
export async function ffmpegOf(house: House): Promise<string> {
  const known = found.get(house)
  if (known !== undefined) return known
  const { path } = await findFfmpeg(house.config)
  found.set(house, path)
  return path
}

let cutting = 0
const waiting: (() => void)[] = []

/** Runs some work when one of few places is free; first come, first served. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // Whoever ends hands the place over, so that nobody can slip in between.
  if (cutting < CUTTERS_MAX) cutting += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else cutting -= 1
  }
}

/**
 * A passage as a person hears it, as MP3 of at most 30 seconds.
 *
 * @throws {Problem} as `cutExcerpt`.
 */
export function excerptOf(
  house: House,
  path: string,
  passage: { readonly fromMs: number; readonly toMs: number },
): Promise<Buffer> {
  return inTurn(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-excerpt-'))
    const out = join(folder, 'excerpt.mp3')
    try {
      const toMs = Math.min(passage.toMs, passage.fromMs + EXCERPT_MS_MAX)
      const options = { ffmpegPath: await ffmpegOf(house), timeoutMs: TIMEOUT_MS }
      await cutExcerpt(path, passage.fromMs, toMs, out, options)
      return await readFile(out)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}
