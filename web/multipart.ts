import type { Readable } from 'node:stream'

import busboy from 'busboy'
import type { Request } from 'express'

import { sanitiseFileName } from '../services/core/file-name.ts'
import { Problem } from '../services/core/problem.ts'
import { type Sent, refuseUnkeepable } from './forms.ts'

/** As many files as a person may choose at once in a form. */
const FILES_MAX = 100
const FIELDS_MAX = 30
const FIELD_BYTES_MAX = 20_000

/** One file of a form, in the order it came, with the fields that stood before it. */
export interface SentFile {
  readonly fileName: string
  readonly fields: Sent
  readonly source: Readable
}

/**
 * Reads a form with files as it comes: each file goes to `take` as a stream, one after the other.
 * Nothing is written here, and a form that breaks off fails its file.
 *
 * @param take must read its stream to the end or throw; what it throws is thrown on.
 * @param more.fieldBytesMax for a form whose fields hold more than a few words.
 * @returns the fields, and how many files came.
 */
export async function readMultipart(
  request: Request,
  take: (file: SentFile) => Promise<void>,
  { fieldBytesMax = FIELD_BYTES_MAX }: { fieldBytesMax?: number } = {},
): Promise<{ fields: Sent; files: number }> {
  const fields: Record<string, string> = {}
  const limits = { files: FILES_MAX, fields: FIELDS_MAX, fieldSize: fieldBytesMax }
  const parser = openParser(request, limits)
  const taken: Promise<void>[] = []
  let before = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated)
        reject(new Problem('request/too-large', `A field has at most ${fieldBytesMax} bytes`))
      fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`
    })
    parser.on('file', (_name, source, { filename }) => {
      const fileName = filename ? sanitiseFileName(filename) : undefined
      // A file field left empty is sent as a file without a name.
      if (!fileName) {
        source.resume()
        return
      }
      before = before.then(() => {
        refuseUnkeepable(fields)
        return take({ fileName, fields: { ...fields }, source })
      })
      taken.push(before)
      before.catch((error: Error) => {
        request.unpipe(parser)
        request.resume()
        reject(error)
      })
    })
    parser.on('filesLimit', () =>
      reject(new Problem('request/too-large', `At most ${FILES_MAX} files at once`)),
    )
    parser.on('close', resolve)
    parser.on('error', (error) =>
      reject(new Problem('request/invalid', 'The form broke off', { cause: error })),
    )
    // `pipe` does not tell the parser that the browser went away; without this a file would wait for ever.
    request.once('close', () => {
      if (!request.complete) parser.destroy(new Error('the browser went away'))
    })
    request.pipe(parser)
  })
  await Promise.all(taken)
  refuseUnkeepable(fields)
  return { fields, files: taken.length }
}

function openParser(request: Request, limits: busboy.Limits): busboy.Busboy {
  try {
    return busboy({ headers: request.headers, limits, defParamCharset: 'utf8' })
  } catch (error) {
    throw new Problem('request/unsupported-media', 'This form takes files', { cause: error })
  }
}
