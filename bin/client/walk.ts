import { readdir, realpath, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'

import { UsageError } from '../terminal.ts'

/** A file to work on, as it was when it was found. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
}

/** Endings of files that hold audio, whatever their case; in a folder all others are passed over. */
const audioEndings: ReadonlySet<string> = new Set(
  'aac ac3 aif aifc aiff alac amr ape au caf dsf dts flac m4a m4b mka mp2 mp3 mp4 mpc oga ogg opus ra tak tta wav wave weba webm wma wv'
    .split(' ')
    .map((ending) => `.${ending}`),
)

/** More than the largest catalogues in one folder; beyond it somebody named the wrong one. */
const FILES_MAX = 1_000_000
/** Folders in folders: more than any person or program makes. */
const DEPTH_MAX = 64

const order = new Intl.Collator('en', { numeric: true })

/**
 * The audio files of some files and folders, in a stable order: as given, and within a folder by name with
 * numbers by value. Files given by name are taken whatever their ending; hidden ones in folders are not.
 * Links are followed; a folder or file that is reached twice counts once.
 *
 * @throws {UsageError} when a path is not there or the limits are exceeded.
 */
export async function findAudio(
  paths: readonly string[],
  limits: { filesMax: number } = { filesMax: FILES_MAX },
): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = []
  const seen = new Set<string>()

  async function visit(path: string, depth: number): Promise<void> {
    const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
      // In a folder that is a link to nowhere or to itself, or a file deleted this moment.
      if (depth > 0 && (error.code === 'ENOENT' || error.code === 'ELOOP')) return undefined
      throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
    })
    if (!facts?.isFile() && !facts?.isDirectory()) return
    if (depth > 0 && facts.isFile() && !audioEndings.has(extname(path).toLowerCase())) return
    const real = await realpath(path)
    if (seen.has(real)) return
    seen.add(real)
    if (facts.isFile()) {
      if (found.length === limits.filesMax) throw new UsageError(`More than ${limits.filesMax} audio files`)
      found.push({ path, bytes: facts.size, modifiedMs: Math.floor(facts.mtimeMs) })
      return
    }
    if (depth === DEPTH_MAX) throw new UsageError(`${path}: more than ${DEPTH_MAX} folders deep`)
    const names = await readdir(path)
    for (const name of names.filter((name) => !name.startsWith('.')).sort(order.compare))
      await visit(join(path, name), depth + 1)
  }

  for (const path of paths) await visit(resolve(path), 0)
  return found
}

/**
 * Does the same work on everything, a given number at a time. When one rejects, no more are begun, those under
 * way are waited for, and the first error is thrown.
 */
export async function eachOf<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = all.entries()
  let failed = false
  const lane = async (): Promise<void> => {
    // All lanes take from the same iterator, so each thing is taken once.
    for (const [index, one] of waiting) {
      if (failed) return
      await work(one, index).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(atOnce, all.length) }, lane))
  const broken = lanes.find((end) => end.status === 'rejected')
  if (broken) throw broken.reason
}
