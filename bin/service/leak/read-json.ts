import { readFile, stat } from 'node:fs/promises'

import { z } from 'zod'

import { UsageError } from '../../terminal.ts'

/** A file of a few batches or columns. */
const BYTES_MAX = 1_000_000

/** A small file of JSON that fits a schema. @throws {UsageError} saying what is wrong with it. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  if (!facts.isFile()) throw new UsageError(`${path} is not a file`)
  if (facts.size > BYTES_MAX) throw new UsageError(`${path} is larger than ${BYTES_MAX} bytes`)
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON`, { cause: error })
  }
  const read = schema.safeParse(json)
  if (!read.success) throw new UsageError(`${path}: ${z.prettifyError(read.error)}`)
  return read.data
}
