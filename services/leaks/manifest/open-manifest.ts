import { open } from 'node:fs/promises'

import { Problem } from '../../core/problem.ts'
import type { ManifestBatch, ManifestCursor } from './batch.ts'
import { openBytes } from './bytes.ts'
import { readDelimited } from './delimited.ts'
import { type ManifestMapping, fieldPaths, manifestFields } from './fields.ts'
import { readFileList } from './file-list.ts'
import { readJsonLines } from './json-lines.ts'
import { readParquet } from './parquet.ts'
import { readSqlite } from './sqlite.ts'

/** What a manifest is written as. */
export type ManifestFormat = 'sqlite' | 'parquet' | 'json-lines' | 'delimited' | 'file-list'

/** Enough to see the first line of any table. */
const HEAD_BYTES = 64 * 1024

async function firstBytes(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The first bytes of what a file has, unpacked. */
async function firstText(path: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of (await openBytes(path)).chunks) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= HEAD_BYTES) break
    }
  } catch (error) {
    // A short file that is cut off is told by what it has, and what is wrong with it when it is read.
    if (bytes === 0) throw error
  }
  return Buffer.concat(chunks).toString('utf8', 0, HEAD_BYTES)
}

/** Whether the first line has names of columns in it, between separators. */
function hasHeadings(line: string, mapping: ManifestMapping): boolean {
  const paths = fieldPaths(mapping)
  const names = new Set(line.split(/[\t,;|]/).map((name) => name.trim().replaceAll(/^"|"$/g, '')))
  return (
    names.size > 1 && manifestFields.some((field) => paths[field].some(([name]) => names.has(name ?? '')))
  )
}

/** What a file is, told by its bytes and never by its name. @throws {Problem} file/unsupported, file/empty. */
export async function manifestFormatOf(path: string, mapping: ManifestMapping = {}): Promise<ManifestFormat> {
  const head = await firstBytes(path, 16)
  if (head.length === 0) throw new Problem('file/empty', 'The file has no bytes')
  if (head.toString('latin1', 0, 15) === 'SQLite format 3') return 'sqlite'
  if (head.toString('latin1', 0, 4) === 'PAR1') return 'parquet'
  const text = (await firstText(path)).replace(/^\u{FEFF}/u, '').trimStart()
  if (isUtf16(head)) throw new Problem('file/unsupported', 'It is written as UTF-16; save it as UTF-8')
  if (text.includes('\0')) throw new Problem('file/unsupported', 'This is neither a database nor a text')
  if (text.startsWith('{')) return 'json-lines'
  return hasHeadings(text.split(/[\r\n]/, 1)[0] ?? '', mapping) ? 'delimited' : 'file-list'
}

/** Told by its byte order mark. */
const isUtf16 = (head: Buffer): boolean => head.length > 1 && [0xfeff, 0xfffe].includes(head.readUInt16BE(0))

const readers = {
  parquet: readParquet,
  'json-lines': readJsonLines,
  delimited: readDelimited,
  'file-list': readFileList,
} as const

/** What a file is, or why it cannot be read. */
async function formatOrProblem(file: string, mapping: ManifestMapping): Promise<ManifestFormat | Problem> {
  try {
    return await manifestFormatOf(file, mapping)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

/**
 * The rows of a manifest of one or more files, in their order.
 *
 * @param after where a reading was broken off.
 * @param onProblem is told what is wrong with a file, and reading goes on with the next; without it reading ends there.
 * @throws {Problem} as the readers do; whatever was read before was given.
 */
export async function* readManifest(
  files: readonly string[],
  mapping: ManifestMapping = {},
  after?: ManifestCursor,
  onProblem?: (part: number, problem: Problem) => void,
): AsyncGenerator<ManifestBatch> {
  const paths = fieldPaths(mapping)
  const formats = await Promise.all(files.map((file) => formatOrProblem(file, mapping)))
  const databases = files.filter((_, part) => formats[part] === 'sqlite')
  for (const [part, file] of files.entries()) {
    if (after && part < after.part) continue
    const from = after?.part === part ? after : undefined
    const format = formats[part] as ManifestFormat | Problem
    try {
      if (format instanceof Problem) throw format
      if (format !== 'sqlite') yield* readers[format](file, part, paths, from)
      // Of two databases the first has the tracks, and the second their files.
      else if (file === databases[0]) yield* readSqlite(file, part, paths, from, databases[1])
    } catch (error) {
      if (!(error instanceof Problem) || !onProblem) throw error
      onProblem(part, error)
    }
  }
}
