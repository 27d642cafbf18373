import { open } from 'node:fs/promises'

import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

import { Problem } from '../../core/problem.ts'
import type { ManifestBatch, ManifestCursor } from './batch.ts'
import { type FieldPaths, manifestFields } from './fields.ts'
import { Gathering } from './gathering.ts'

/** Rows that are decoded at once: columns are decoded whole, and a row group may have a million. */
const ROWS_AT_ONCE = 10_000

/** A file as its parts are asked for; nothing is held. */
export async function bufferOf(path: string): Promise<{ buffer: AsyncBuffer; close: () => Promise<void> }> {
  const file = await open(path)
  const { size } = await file.stat()
  return {
    buffer: {
      byteLength: size,
      async slice(from, to = size) {
        const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from))
        await file.read(bytes, 0, bytes.length, from)
        return bytes.buffer
      },
    },
    close: () => file.close(),
  }
}

/** The columns that are known; the others are not even decoded. @throws {Problem} file/unsupported when none is. */
export function columnsOf(names: readonly string[], paths: FieldPaths): string[] {
  const wanted = new Set(manifestFields.flatMap((field) => paths[field].map(([name]) => name ?? '')))
  const columns = names.filter((name) => wanted.has(name))
  if (columns.length === 0)
    throw new Problem(
      'file/unsupported',
      'None of its columns is known; a mapping says which columns to read',
    )
  return columns
}

/**
 * The rows of a Parquet file, some thousand at a time.
 *
 * @throws {Problem} open/damaged, file/unsupported.
 */
export async function* readParquet(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
): AsyncGenerator<ManifestBatch> {
  const { buffer, close } = await bufferOf(path)
  try {
    const metadata = await parquetMetadataAsync(buffer)
    const total = Number(metadata.num_rows)
    const columns = columnsOf(
      parquetSchema(metadata).children.map(({ element }) => element.name),
      paths,
    )
    const gathering = new Gathering(part, paths, undefined, (row) => (total === 0 ? 1 : row / total))
    for (let from = after?.row ?? 0; from < total; from += ROWS_AT_ONCE) {
      const rowEnd = Math.min(total, from + ROWS_AT_ONCE)
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        columns,
        rowStart: from,
        rowEnd,
        compressors,
      })
      gathering.row = from
      for (const row of rows) {
        gathering.row += 1
        gathering.take(row)
      }
      yield gathering.batch()
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('open/damaged', 'The Parquet file cannot be read, or is none', { cause: error })
  } finally {
    await close()
  }
}
