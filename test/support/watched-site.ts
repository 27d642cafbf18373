import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site that is watched: its answer can be changed, and it tells what it was asked. */
export interface Site {
  readonly url: string
  answer: (request: IncomingMessage, response: ServerResponse) => unknown
  robots: string
  readonly asked: string[]
  close(): Promise<void>
}

/** Opens such a site on this machine. */
export async function openSite(): Promise<Site> {
  const site: Omit<Site, 'url' | 'close'> & { asked: string[] } = {
    asked: [],
    robots: '',
    answer: (_request, response) => response.end(),
  }
  const server = createServer((request, response) => {
    if (request.url === '/robots.txt') return response.end(site.robots)
    site.asked.push(request.headers['if-none-match'] ?? 'all')
    return site.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return Object.assign(site, { url, close })
}
