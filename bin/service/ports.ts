import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** After a hard stop a port may be held for a moment by the process that is still ending. */
const PATIENCE_MS = 15_000

/** Listens for a moment. @returns the port, or undefined when another program has it. */
async function probe(port: number, host: string): Promise<number | undefined> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, host, () => resolve(true))
  })
  if (!free) return undefined
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return address.port
}

/** A port of 127.0.0.1 that nobody listens on now; another program may take it before it is used. */
export async function freePort(): Promise<number> {
  const port = await probe(0, '127.0.0.1')
  if (port === undefined) throw new Error('no port is free')
  return port
}

/** Waits a little for a port that an ending process still holds. @throws {Error} naming what to set. */
export async function awaitPort(port: number, host: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  while ((await probe(port, host)) === undefined) {
    if (Date.now() > until)
      throw new Error(`Another program listens on ${host}:${port}. Choose another port with HTTP_PORT.`)
    await pause(250)
  }
}
