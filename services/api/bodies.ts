import express, { type Request, type RequestHandler } from 'express'

import { fileNameOf, sanitiseFileName } from '../core/file-name.ts'
import { Problem } from '../core/problem.ts'
import { NAMELESS, formOf } from './multipart.ts'
import { parse } from './parse.ts'
import type { Body, FileBody, GivenFile } from './route.ts'

/** Types that say the body is something else than the file itself, e.g. what curl sends for `--data-binary`. */
const NOT_A_FILE = ['json', 'urlencoded', 'multipart']

const isEmpty = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

/** What must run before the handler to read this kind of body. Files are not read here: they stream. */
export const bodyReader = (body: Body): RequestHandler =>
  body.kind === 'json'
    ? express.json({ limit: body.bytesMax, type: ['application/json', '+json'], strict: false })
    : (_request, _response, next) => next()

/**
 * The parsed body of a request.
 *
 * @param bytesMax of a file.
 * @throws {Problem} request/invalid, request/too-large, request/unsupported-media.
 */
export async function bodyOf(request: Request, body: Body, bytesMax: number): Promise<unknown> {
  switch (body.kind) {
    case 'none':
      return undefined
    case 'json':
      if (request.body === undefined && !isEmpty(request)) throw unsupported(request, 'application/json')
      return parse(body.schema, request.body ?? {}, '')
    case 'stream':
      refuseAtOnce(request, bytesMax)
      if (request.is(NOT_A_FILE)) throw unsupported(request, 'the bytes of the file, e.g. audio/flac')
      return bytesOf(request)
    case 'file':
      refuseAtOnce(request, bytesMax)
      if (request.is('multipart/form-data')) return formOf(request, body, bytesMax)
      if (request.is(body.takesJson ? NOT_A_FILE.filter((type) => type !== 'json') : NOT_A_FILE))
        throw unsupported(request, 'multipart/form-data, or the bytes of the file')
      return bareFileOf(request, body)
  }
}

function unsupported(request: Request, wanted: string): Problem {
  const given = request.headers['content-type']?.split(';')[0] ?? 'a body without a type'
  return new Problem('request/unsupported-media', `Sent: ${given}. Wanted: ${wanted}`)
}

/** Refuses a file before its first byte where its headers say enough. */
function refuseAtOnce({ headers }: Request, bytesMax: number): void {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Problem('request/unsupported-media', 'Files are taken as they are, without Content-Encoding')
  if (Number(headers['content-length'] ?? 0) > bytesMax)
    throw new Problem('request/too-large', `The file is larger than ${bytesMax} bytes`)
}

/** The bytes of a body. Giving up in the middle leaves the connection open for the answer. */
async function* bytesOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw request.complete ? error : new Problem('request/invalid', 'The upload broke off', { cause: error })
  }
}

function bareFileOf(request: Request, body: FileBody): GivenFile<unknown> {
  const { fileName, ...words } = request.query
  const fields = parse(body.fields, words, '/query')
  const inQuery = typeof fileName === 'string' ? sanitiseFileName(fileName) : undefined
  const inHeader = fileNameOf(request.headers['content-disposition'], new URL('file:///'))
  return { fields, fileName: inQuery ?? inHeader ?? NAMELESS, source: bytesOf(request) }
}
