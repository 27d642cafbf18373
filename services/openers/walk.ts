import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { Problem } from '../core/problem.ts'
import type { DetectedFile } from '../submissions/file-kind.ts'
import type { OpeningBudget } from './budget.ts'
import type { Found, FoundFault, FoundLink, FoundName, FoundStream, Opener, OpeningSource } from './opener.ts'

/** A file that was written out, to be looked at. */
export interface SpooledFile {
  readonly path: string
  readonly bytes: number
  /** Removes it; it may be gone already. */
  remove(): Promise<void>
}

/** What opening works with. */
export interface WalkTools {
  /** Tells what a file is, by its bytes. */
  readonly detect: (path: string) => Promise<DetectedFile>
  /** What opens a file of this kind; undefined when there is nothing in it to open. */
  readonly opener: (detected: DetectedFile) => Opener | undefined
  /** Writes a file out. It throws what reading throws, and leaves nothing behind then. */
  readonly spool: (bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<SpooledFile>
}

/** A file with nothing in it to open, on disk until the next is asked for. */
export interface PlacedFile {
  readonly kind: 'file'
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly detected: DetectedFile
}

/** What was found, and the names of what it lies in, outermost first. */
export type Placed = (PlacedFile | FoundLink | FoundName | FoundStream | FoundFault) & {
  readonly place: readonly string[]
}

/**
 * Opens a file, and what is in it, and so on: tells every leaf, in its order. What cannot be opened is a fault, and all
 * beside it is told; the end of the budget is the last fault of all. A file in which nothing can be opened is its own leaf.
 * Nothing is left on disk afterwards, however it ends.
 *
 * @throws the reason of the signal; what is an error of ours.
 */
export async function* openDeep(
  source: OpeningSource,
  budget: OpeningBudget,
  tools: WalkTools,
  signal: AbortSignal,
): AsyncGenerator<Placed> {
  yield* openFile({ source, place: [], budget, tools, signal })
}

/** A file that is on disk, and where it was found. */
interface Opening {
  readonly source: OpeningSource
  readonly place: readonly string[]
  readonly budget: OpeningBudget
  readonly tools: WalkTools
  readonly signal: AbortSignal
}

/** Ends with a value: whether the budget has come to its end, and with it the whole walk. */
async function* openFile(opening: Opening): AsyncGenerator<Placed, boolean> {
  const { source, place, tools, signal } = opening
  signal.throwIfAborted()
  const detected = await tools.detect(source.path)
  const leaf: Placed = {
    kind: 'file',
    name: source.name,
    path: source.path,
    bytes: source.bytes,
    detected,
    place,
  }
  const open = tools.opener(detected)
  if (!open) {
    yield leaf
    return false
  }
  let isEmpty = true
  try {
    const budget = opening.budget.deeper()
    for await (const found of open(source, budget, signal)) {
      isEmpty = false
      const isOver = yield* openFound({ ...opening, budget, place: [...place, source.name] }, found)
      if (isOver) return true
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Problem)) throw error
    // What of a medium cannot be opened may still be heard.
    if (isMedium(detected) && isEmpty && !opening.budget.isSpent) yield leaf
    else yield { kind: 'fault', name: source.name, problem: error, place }
    return opening.budget.isSpent
  }
  if (isEmpty && isMedium(detected)) yield leaf
  else if (isEmpty) {
    const problem = new Problem('open/nothing', 'There is nothing in it')
    yield { kind: 'fault', name: source.name, problem, place }
  }
  return false
}

/** What has more than its sound in it may have one track only, and then is itself what is to be heard. */
const isMedium = ({ kind }: DetectedFile): boolean =>
  kind === 'audio' || kind === 'video' || kind === 'audio-or-video'

async function* openFound(opening: Opening, found: Found): AsyncGenerator<Placed, boolean> {
  const { place, tools, budget, signal } = opening
  if (found.kind !== 'file') {
    yield { ...found, place }
    return false
  }
  const { name } = found
  let spooled: SpooledFile
  try {
    spooled = await tools.spool(found.read(), signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Problem)) throw error
    yield { kind: 'fault', name, problem: error, place }
    return budget.isSpent
  }
  try {
    const { path, bytes } = spooled
    return yield* openFile({ ...opening, source: { name, path, bytes } })
  } finally {
    await spooled.remove()
  }
}

/** Writes files out into a folder, each under a name of its own. */
export const spoolInto =
  (folder: string): WalkTools['spool'] =>
  async (bytes, signal) => {
    const path = join(folder, randomUUID())
    const remove = (): Promise<void> => rm(path, { force: true })
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    try {
      await pipeline(bytes, file, { signal })
      return { path, bytes: file.bytesWritten, remove }
    } catch (error) {
      await remove()
      throw error
    }
  }
