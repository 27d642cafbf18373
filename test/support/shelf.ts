import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Answering, honest } from './reading.ts'

/** A host that offers files in parts, as hosts do, and whose answers can be changed for a path. */
export interface Shelf {
  /** `127.0.0.1:port`, for a list of exceptions. */
  readonly address: string
  readonly requests: { readonly path: string; readonly range: string | undefined }[]
  url(path: string): string
  serve(path: string, file: Uint8Array | string, answering?: Answering): void
  close(): Promise<void>
}

/** Opens such a host on this machine. */
export async function openShelf(): Promise<Shelf> {
  const files = new Map<string, { readonly file: Buffer; readonly answering: Answering }>()
  const requests: { path: string; range: string | undefined }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push({ path, range: request.headers.range })
    const served = files.get(path)
    if (served) served.answering(request, response, served.file)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    requests,
    url: (path) => `http://${address}${path}`,
    serve: (path, file, answering = honest) => files.set(path, { file: Buffer.from(file), answering }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
