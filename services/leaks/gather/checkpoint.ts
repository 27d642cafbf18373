import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { StoredProblem } from '../../core/stages.ts'
import { FileMark } from '../rows/append-file.ts'
import { RowStoreMark } from '../rows/files.ts'
import { type GatherOrder, RowCounts } from './order.ts'

const CHECKPOINT_FILE = 'checkpoint.json'

const count = z.int().min(0)

/** How far a manifest was read, and how long the files were then. Written when all of that is on the disk. */
export const Checkpoint = RowCounts.extend({
  version: z.literal(1),
  /** What was to be read (`orderKey`): of another order nothing is gone on with. */
  order: z.string(),
  /** All of it was read; the index is to be made. */
  isRead: z.boolean(),
  cursor: z.object({ part: count, row: count, byte: count.optional() }).optional(),
  rowStore: RowStoreMark,
  logs: z.object({ isrc: FileMark, upc: FileMark, hash: FileMark, track: FileMark }),
  problem: StoredProblem.optional(),
})
export type Checkpoint = z.infer<typeof Checkpoint>

/** @throws {Problem} file/gone. */
async function sizeAndAge(path: string): Promise<[bytes: number, writtenAtMs: number]> {
  try {
    const { size, mtimeMs } = await stat(path)
    return [size, mtimeMs]
  } catch (error) {
    throw new Problem('file/gone', 'A file of the manifest is not where it was, or may not be read', {
      cause: error,
    })
  }
}

/** Says what is to be read, so that what was read of something else is told apart. @throws {Problem} file/gone. */
export async function orderKey({ files, mapping, batch }: GatherOrder): Promise<string> {
  const stats = await Promise.all(files.map((file) => sizeAndAge(file)))
  return JSON.stringify({ files: files.map((file, i) => [file, ...(stats[i] ?? [])]), mapping, batch })
}

/** The last checkpoint of a folder; undefined when there is none of this order that can be read. */
export async function readCheckpoint(folder: string, order: string): Promise<Checkpoint | undefined> {
  try {
    const read = Checkpoint.parse(JSON.parse(await readFile(join(folder, CHECKPOINT_FILE), 'utf8')))
    return read.order === order ? read : undefined
  } catch {
    return undefined // None, or of another version: it is begun anew.
  }
}

/** Takes the place of the one before at once. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  await writeDurably(join(folder, CHECKPOINT_FILE), JSON.stringify(checkpoint))
}

/** A folder with nothing in it. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}

/** A file that is there as a whole, or as it was before; also after a power cut. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** What was renamed in a folder stays so after a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
