import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request as it went over the wire. */
export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** A server between a client and a service that keeps all that the client sends. */
export interface RecordingProxy {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

/** Headers of an answer that hold for one connection, or for bytes that `fetch` has unpacked. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-encoding',
  'content-length',
])

/** Opens a proxy before a service on this machine. */
export async function openRecordingProxy(target: string): Promise<RecordingProxy> {
  const requests: RecordedRequest[] = []
  const server = createServer((request, response) => {
    const forward = async (): Promise<void> => {
      const { method = 'GET', url = '/', headers } = request
      const body = await buffer(request)
      requests.push({ method, url, headers, body: body.toString() })
      const { host: _host, connection: _connection, ...passed } = headers as Record<string, string>
      const hasBody = method !== 'GET' && method !== 'HEAD'
      const answer = await fetch(target + url, {
        method,
        headers: passed,
        redirect: 'manual',
        ...(hasBody && { body }),
      })
      response.statusCode = answer.status
      for (const [name, value] of answer.headers)
        if (!ofConnection.has(name)) response.appendHeader(name, value)
      response.end(Buffer.from(await answer.arrayBuffer()))
    }
    forward().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
