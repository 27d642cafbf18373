import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { pipeline } from 'node:stream'

/** A web server on this machine that plays the host of a leaked file. */
export interface SuspectHost {
  /** `127.0.0.1:port`, to be allowed to the service, which else fetches only from the public internet. */
  readonly address: string
  /** Offers a file. @returns its address, another one in every run, as leaks turn up at new places. */
  offer(path: string): string
  close(): Promise<void>
}

/** Starts the host on a free port. It answers GET for what was offered and 404 for everything else. */
export async function startSuspectHost(): Promise<SuspectHost> {
  const offered = new Map<string, string>()
  const run = randomUUID().slice(0, 8)
  const server = createServer((request, response) => {
    const path = offered.get(request.url ?? '')
    if (path === undefined || request.method !== 'GET') {
      response.writeHead(404).end()
      return
    }
    stat(path).then(
      ({ size }) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
        // A reader that leaves early ends the stream with an error that is nobody's fault.
        pipeline(createReadStream(path), response, () => undefined)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    offer(path) {
      const place = `/${run}/${encodeURIComponent(basename(path))}`
      offered.set(place, path)
      return `http://${address}${place}`
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
