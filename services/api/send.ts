import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Request, Response } from 'express'

import type { KeptAnswer } from './idempotency.ts'
import type { AnsweredFile } from './route.ts'

export function sendJson(response: Response, { status, headers, json }: KeptAnswer): void {
  response.status(status).set(headers).type('application/json').send(JSON.stringify(json))
}

/** Sends a file, or the one part of it that was asked for: some browsers play audio only in parts. */
export async function sendFile(request: Request, response: Response, file: AnsweredFile): Promise<void> {
  if (file.fileName !== undefined) response.attachment(file.fileName)
  if (typeof file.body === 'object' && 'text' in file.body) {
    response.type(file.mediaType)
    await pipeline(Readable.from(file.body.text), response)
    return
  }
  if (typeof file.body === 'object' && 'path' in file.body) {
    // Express answers parts by itself here; folders with a dot before their name are ours as well.
    response.type(file.mediaType).sendFile(file.body.path, { dotfiles: 'allow' })
    return
  }
  const body = Buffer.from(file.body)
  response.type(file.mediaType).set('Accept-Ranges', 'bytes')
  const ranges = request.range(body.length)
  if (ranges === -1) {
    response.status(416).set('Content-Range', `bytes */${body.length}`).end()
    return
  }
  const [range, another] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : []
  // Several parts may be answered with the whole (RFC 9110, section 14.2).
  if (!range || another) {
    response.send(body)
    return
  }
  response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${body.length}`)
  response.send(body.subarray(range.start, range.end + 1))
}
