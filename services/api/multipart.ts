import type { Readable } from 'node:stream'

import busboy from 'busboy'
import type { Request } from 'express'
import type { z } from 'zod'

import { sanitiseFileName } from '../core/file-name.ts'
import { Problem } from '../core/problem.ts'
import { parse } from './parse.ts'
import type { FileBody, GivenFile } from './route.ts'

/** Words beside a file: a note, a name. More, or longer ones, are not words about a file. */
const FORM_LIMITS = { files: 1, fields: 8, fieldNameSize: 100, fieldSize: 20_000, headerPairs: 20 }

/** What a file may be called when nobody said. */
export const NAMELESS = 'unnamed'

const malformed = (cause: unknown): Problem =>
  new Problem('request/invalid', 'The form broke off or is malformed', { cause })

/** What is read of a form while it passes: its words, and the first thing that is wrong with it. */
interface Reading {
  readonly words: Record<string, string>
  fault: string | undefined
  hasFile: boolean
}

/** Starts to read a form; answers when it ended, or why it could not be read to its end. */
function begin(request: Request, form: busboy.Busboy, reading: Reading): Promise<void> {
  form.on('field', (name, value, { nameTruncated, valueTruncated }) => {
    if (reading.hasFile) reading.fault ??= `The field “${name}” came after the file; send the file last`
    else if (nameTruncated || valueTruncated) reading.fault ??= `The field “${name}” is too long`
    else reading.words[name] = value
  })
  form.on('filesLimit', () => (reading.fault ??= 'One file at a time'))
  form.on('fieldsLimit', () => (reading.fault ??= 'Too many fields'))
  const ended = new Promise<void>((end, fail) => {
    form.once('close', end).once('error', fail)
    // `pipe` does not tell the form that the sender went away; without this a reader would wait for ever.
    request.once('close', () => {
      if (!request.complete) form.destroy(new Error('The sender went away'))
    })
  })
  request.pipe(form)
  return ended
}

/** The file's bytes, and then the verdict on what came after them. */
async function* bytesOf(
  file: Readable,
  request: Request,
  form: busboy.Busboy,
  reading: Reading,
  ended: Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* file as AsyncIterable<Uint8Array>
    await ended
  } catch (error) {
    throw malformed(error)
  } finally {
    // Whoever gave up in the middle still wants to answer: the rest of the form is read and dropped.
    request.unpipe(form)
    request.resume()
  }
  if (reading.fault) throw new Problem('request/invalid', reading.fault)
}

/**
 * A form with one file (multipart/form-data). Resolves as soon as the file begins: its bytes are read by the
 * handler, with the words before it at hand.
 *
 * @throws {Problem} request/invalid; what is wrong after the file is thrown by its source.
 */
export async function formOf(
  request: Request,
  body: FileBody,
  bytesMax: number,
): Promise<GivenFile<z.output<z.ZodObject>>> {
  const form = openForm(request, bytesMax)
  const reading: Reading = { words: {}, fault: undefined, hasFile: false }
  const begun = new Promise<{ name: string | undefined; file: Readable }>((resolve) => {
    form.once('file', (_field, file, { filename }) => {
      reading.hasFile = true
      resolve({ name: filename, file })
    })
  })
  const ended = begin(request, form, reading)
  try {
    const first = await Promise.race([begun, ended])
    if (!first) throw new Problem('request/invalid', reading.fault ?? 'The form holds no file')
    if (reading.fault) throw new Problem('request/invalid', reading.fault)
    const fields = parse(body.fields, reading.words, '')
    ended.catch(() => undefined) // Told by the source, to whoever reads it.
    const fileName = sanitiseFileName(first.name ?? '') ?? NAMELESS
    return { fields, fileName, source: bytesOf(first.file, request, form, reading, ended) }
  } catch (error) {
    ended.catch(() => undefined) // The first fault is told; what follows from it is not.
    request.unpipe(form)
    request.resume()
    throw error instanceof Problem ? error : malformed(error)
  }
}

function openForm(request: Request, bytesMax: number): busboy.Busboy {
  // One byte more than allowed, so that whoever stores it notices that it is too large.
  const limits = { ...FORM_LIMITS, fileSize: bytesMax + 1 }
  try {
    return busboy({ headers: request.headers, limits, defParamCharset: 'utf8' })
  } catch (error) {
    throw malformed(error) // no boundary
  }
}
