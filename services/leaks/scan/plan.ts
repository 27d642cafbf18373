import { type FileHandle, open, stat } from 'node:fs/promises'

import { Problem } from '../../core/problem.ts'
import { openBytes } from '../manifest/bytes.ts'
import { type ManifestMapping, fieldPaths } from '../manifest/fields.ts'
import { type ManifestFormat, manifestFormatOf } from '../manifest/open-manifest.ts'
import { LineBlocks } from './line-blocks.ts'
import type { Unit } from './messages.ts'
import { parquetWindows } from './parquet-window.ts'

/** Bytes of a plain file that one thread takes at once: a fraction of a second, so that all threads end together. */
const RANGE_BYTES = 16 << 20
const LOOK_BYTES = 64 * 1024
const NEW_LINE = 10
/** What `IsrcScan` looks for. */
const CODE_KEY = 'isrc"'
/** The beginning of a file, in which a line with its code is. */
const HEAD_BYTES = 256 * 1024

/** A unit with what it is of all bytes of the manifest, as files lie on the disk. */
export interface PlannedUnit {
  readonly unit: Unit
  readonly bytes: number
}

/** A file of the manifest. */
interface PlannedFile {
  readonly part: number
  readonly path: string
  readonly bytes: number
  readonly format: ManifestFormat
  readonly packing: 'none' | 'packed'
  /** Whether codes can be looked for before lines are read. */
  readonly byteScan: boolean
}

/** What is to be done for a manifest. */
export interface ScanPlan {
  readonly totalBytes: number
  readonly units: AsyncGenerator<PlannedUnit>
}

/** What there is to work with. */
export interface Cores {
  readonly threads: number
  /** Parquet is read by DuckDB, which has threads of its own. */
  readonly hasDuckDb: boolean
}

/** Told of files of which the end cannot be read. */
export type OnBroken = (part: number, detail: string) => void

/** The first bytes, unpacked, and whether they were packed. */
async function headOf(path: string): Promise<{ text: string; packing: 'none' | 'packed' }> {
  const bytes = await openBytes(path)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of bytes.chunks) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= HEAD_BYTES) break
    }
  } catch (error) {
    // What is wrong with it is told when it is read.
    if (!(error instanceof Problem)) throw error
  }
  const text = Buffer.concat(chunks).toString('latin1', 0, HEAD_BYTES)
  return { text, packing: bytes.packing === 'none' ? 'none' : 'packed' }
}

async function planFile(part: number, path: string, mapping: ManifestMapping): Promise<PlannedFile> {
  const format = await manifestFormatOf(path, mapping)
  const { size: bytes } = await stat(path)
  if (format !== 'json-lines') return { part, path, bytes, format, packing: 'none', byteScan: false }
  const { text, packing } = await headOf(path)
  const isUsualKey = fieldPaths(mapping).isrc.some((keys) => keys.at(-1)?.endsWith('isrc'))
  return { part, path, bytes, format, packing, byteScan: isUsualKey && text.includes(CODE_KEY) }
}

/** Where the first line begins after a place; the end of the file when there is none. */
async function lineAfter(file: FileHandle, at: number, size: number): Promise<number> {
  const look = Buffer.allocUnsafe(LOOK_BYTES)
  for (let from = at; from < size; from += LOOK_BYTES) {
    const { bytesRead } = await file.read(look, 0, LOOK_BYTES, from)
    const end = look.subarray(0, bytesRead).indexOf(NEW_LINE)
    if (end !== -1) return from + end + 1
    if (bytesRead === 0) break
  }
  return size
}

async function* rangesOf({ part, path, bytes }: PlannedFile): AsyncGenerator<PlannedUnit> {
  const file = await open(path)
  try {
    for (let [from, order] = [0, 0]; from < bytes; order++) {
      const to = from + RANGE_BYTES < bytes ? await lineAfter(file, from + RANGE_BYTES - 1, bytes) : bytes
      yield { unit: { kind: 'range', part, order, path, from, to }, bytes: to - from }
      from = to
    }
  } finally {
    await file.close()
  }
}

async function* blocksOf({ part, path }: PlannedFile, onBroken: OnBroken): AsyncGenerator<PlannedUnit> {
  const source = await openBytes(path)
  const blocks = new LineBlocks()
  let [order, told] = [0, 0]
  function* taken(): Generator<PlannedUnit> {
    const bytes = blocks.take()
    if (!bytes) return
    const read = source.readBytes() - told
    told += read
    yield { unit: { kind: 'block', part, order: order++, bytes }, bytes: read }
  }
  try {
    for await (const chunk of source.chunks) {
      blocks.push(chunk)
      if (blocks.isFull) yield* taken()
    }
    blocks.end()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    onBroken(part, error.message) // The last line is not whole; those before it are.
  }
  yield* taken()
}

async function* windowsOf(
  { part, path, bytes }: PlannedFile,
  onBroken: OnBroken,
): AsyncGenerator<PlannedUnit> {
  try {
    const windows = await parquetWindows(path)
    for (const { from, to } of windows)
      yield { unit: { kind: 'window', part, path, from, to }, bytes: bytes / windows.length }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    onBroken(part, error.message)
  }
}

async function* unitsOf(
  files: readonly PlannedFile[],
  { threads, hasDuckDb }: Cores,
  onBroken: OnBroken,
): AsyncGenerator<PlannedUnit> {
  const parquetFiles = files.filter(({ format }) => format === 'parquet').length
  const [tracks, trackFiles] = files.filter(({ format }) => format === 'sqlite')
  // With fewer packed files than threads, each is unpacked here and its lines are shared out.
  const isShared = files.filter(({ packing }) => packing === 'packed').length < threads
  for (const file of files) {
    const { part, path, bytes, format, packing, byteScan } = file
    if (format === 'parquet' && hasDuckDb) {
      const unit: Unit = { kind: 'parquet', part, path, threads: Math.ceil(threads / parquetFiles) }
      yield { unit, bytes }
    } else if (format === 'parquet') yield* windowsOf(file, onBroken)
    else if (byteScan && packing === 'none') yield* rangesOf(file)
    else if (byteScan && isShared) yield* blocksOf(file, onBroken)
    else if (format !== 'sqlite') yield { unit: { kind: 'file', part, paths: [path], byteScan }, bytes }
    else if (file === tracks) {
      const paths = trackFiles ? [path, trackFiles.path] : [path]
      yield { unit: { kind: 'file', part, paths, byteScan }, bytes: bytes + (trackFiles?.bytes ?? 0) }
    }
  }
}

/**
 * Cuts a manifest into pieces of work. Lines of JSON are shared out by bytes, Parquet by row groups; other files are one
 * piece each.
 *
 * @throws {Problem} file/unsupported, file/empty, before anything is read.
 */
export async function planScan(
  paths: readonly string[],
  mapping: ManifestMapping,
  cores: Cores,
  onBroken: OnBroken,
): Promise<ScanPlan> {
  const files: PlannedFile[] = []
  for (const [part, path] of paths.entries()) files.push(await planFile(part, path, mapping))
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  return { totalBytes, units: unitsOf(files, cores, onBroken) }
}
