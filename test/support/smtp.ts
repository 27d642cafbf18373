import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** What a server was given. */
export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
}

/** A mail server on 127.0.0.1 for one test. */
export interface SmtpHost {
  readonly url: string
  readonly received: readonly Received[]
  /** Cuts every line there is. */
  cut(): void
  close(): Promise<void>
}

/**
 * Starts one. `then` says what becomes of a message when its data have arrived: taken, refused with a code, or the
 * line is cut without an answer, with the message taken (`lose`) or not.
 */
export async function startSmtpHost(
  then: () => 'take' | 'cut' | 'lose' | number = () => 'take',
  options: SMTPServerOptions = {},
): Promise<SmtpHost> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const cut = () => sockets.forEach((socket) => socket.destroy())
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    ...options,
    onData(stream, { envelope }, callback) {
      void buffer(stream).then((raw) => {
        const verdict = then()
        if (verdict === 'cut') return cut()
        if (typeof verdict === 'number')
          return callback(Object.assign(new Error('not now'), { responseCode: verdict }))
        received.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw,
        })
        return verdict === 'lose' ? cut() : callback()
      })
    },
  })
  server.on('error', () => {}) // A client that breaks off is part of some tests.
  server.server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    cut,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
