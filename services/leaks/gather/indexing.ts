import { access, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { makeBuckets } from '../packed/buckets.ts'
import { IndexBuilder } from '../packed/build.ts'
import { keyKinds, readHead } from '../packed/index-folder.ts'
import { rowFileNames } from '../rows/files.ts'
import { type Checkpoint, syncFolder, writeDurably } from './checkpoint.ts'
import type { GatherResult } from './order.ts'
import { logFile } from './reading.ts'
import { recordsOf } from './record-log.ts'

/** What was read, beside the index; its being there says that everything is. */
export const RESULT_FILE = 'gathered.json'

interface Working {
  readonly signal: AbortSignal
  /** Of this step, 0 to 1. */
  readonly onShare: (share: number) => void
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** Where the index is made, in the folder of a reading: as a whole or not at all. */
const draftOf = (gathering: string): string => join(gathering, 'index')

/** Makes the index of the keys in the logs, one kind after the other, unless it was made before. */
export async function makeIndex(
  gathering: string,
  read: Checkpoint,
  { signal, onShare }: Working,
): Promise<void> {
  const folder = draftOf(gathering)
  if (await isThere(folder)) return
  const builder = await IndexBuilder.create(folder)
  const total = keyKinds.reduce((sum, kind) => sum + read.logs[kind].bytes, 0)
  let done = 0
  try {
    for (const kind of keyKinds) {
      const mark = read.logs[kind]
      for await (const words of recordsOf(logFile(gathering, kind), mark)) {
        for (let i = 0; i < words.length; i += 3)
          builder.addPacked(kind, words[i] as number, words[i + 1] as number, words[i + 2] as number)
        signal.throwIfAborted()
      }
      const onProgress = (sorted: number, count: number): void =>
        onShare((done + (mark.bytes * sorted) / count) / total)
      await builder.writeKind(kind, { signal, onProgress })
      done += mark.bytes
    }
    await builder.finish({ signal, rows: read.kept })
  } catch (error) {
    await builder.discard()
    throw error
  }
}

/** Makes the buckets of the private check beside the index, unless they were made before. */
export async function makeBucketsOf(gathering: string, { signal, onShare }: Working): Promise<void> {
  const folder = draftOf(gathering)
  if (await isThere(join(folder, 'buckets'))) return
  await makeBuckets(folder, { signal, onProgress: (done, total) => onShare(done / Math.max(1, total)) })
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Puts rows and index together at their place, at once, and removes what was needed to make them. */
export async function putInPlace(gathering: string, read: Checkpoint, folder: string): Promise<GatherResult> {
  const draft = draftOf(gathering)
  // Those that are not there were moved before this was broken off.
  for (const name of rowFileNames)
    if (await isThere(join(gathering, name))) await rename(join(gathering, name), join(draft, name))
  const { keys } = await readHead(draft)
  const { rows, kept, faults, faultSample, problem } = read
  const counts = {
    isrc: keys.isrc.count,
    upc: keys.upc.count,
    hash: keys.hash.count,
    track: keys.track.count,
    nameless: read.rowStore.nameless,
  }
  const result: GatherResult = {
    rows,
    kept,
    faults,
    faultSample,
    counts,
    bytes: await bytesIn(draft),
    ...(problem && { problem }),
  }
  await writeDurably(join(draft, RESULT_FILE), JSON.stringify(result))
  // One of an older version, or that is damaged, makes way.
  if (await isThere(folder)) await rename(folder, join(gathering, `${basename(folder)}.old`))
  await rename(draft, folder)
  await syncFolder(dirname(folder))
  await rm(gathering, { recursive: true, force: true })
  return result
}
