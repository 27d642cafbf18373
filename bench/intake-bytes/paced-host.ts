import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Sent at once, and the pause after it: 8 MB/s, a good line. Without it all is on its way before anybody hangs up. */
const CHUNK_BYTES = 32 * 1024
const PAUSE_MS = 4

/** A host of files on 127.0.0.1 that sends as fast as a good line, gives parts, and counts. */
export interface PacedHost {
  readonly address: string
  /** Offers a file. @returns its address. */
  offer(path: string, name: string): string
  /** Bytes of bodies that were handed to connections so far. */
  bytesSent(): number
  close(): Promise<void>
}

/** Starts the host on a free port. */
export async function startPacedHost(): Promise<PacedHost> {
  const offered = new Map<string, string>()
  let bytesSent = 0

  async function send(response: ServerResponse, path: string, from: number, to: number): Promise<void> {
    for await (const chunk of createReadStream(path, { start: from, end: to, highWaterMark: CHUNK_BYTES })) {
      if (response.destroyed) return
      bytesSent += (chunk as Buffer).length
      response.write(chunk)
      await sleep(PAUSE_MS)
    }
    response.end()
  }

  const server = createServer((request, response) => {
    void answer().catch(() => response.destroy())
    async function answer(): Promise<void> {
      const path = offered.get(request.url ?? '')
      if (path === undefined) return void response.writeHead(404).end()
      const { size } = await stat(path)
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const [from, to] =
        first === undefined ? [0, size - 1] : [Number(first), Math.min(Number(last), size - 1)]
      response.writeHead(first === undefined ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'content-length': to - from + 1,
        'accept-ranges': 'bytes',
        etag: '"1"',
        ...(first !== undefined && { 'content-range': `bytes ${from}-${to}/${size}` }),
      })
      await send(response, path, from, to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    offer(path, name) {
      offered.set(`/${name}`, path)
      return `http://${address}/${name}`
    },
    bytesSent: () => bytesSent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
