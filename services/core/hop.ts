import { once } from 'node:events'
import type { EventEmitter } from 'node:events'
import { request as sendRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect as connectPlain, isIP, isIPv4 } from 'node:net'
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { connect as connectSecure, rootCertificates, TLSSocket } from 'node:tls'

import type { Target } from './addresses.ts'
import { toFetchProblem } from './fetch-problem.ts'
import type { SentRequest, TlsFacts } from './fetched.ts'
import { headersOf, tlsFactsOf } from './fetched.ts'
import { Problem } from './problem.ts'

/** Node's own limit for header text; a source that needs more has no honest reason. */
const HEADER_BYTES_MAX = 16 * 1024

/** Headers of one letter would fit into that by the thousand; what comes after these is dropped. Node's own limit. */
const HEADER_LINES_MAX = 2_000

export type RequestMethod = 'GET' | 'HEAD' | 'POST'

export interface HopOptions {
  readonly method: RequestMethod
  /** Sent whole, with its length. */
  readonly body: Uint8Array | undefined
  /** Where to connect to, all of them checked: the first that answers is taken. Not empty. */
  readonly addresses: readonly string[]
  /** Judges the address that was reached, before anything is sent. */
  readonly permits: (address: string) => boolean
  /** Sent beside `host` and `connection: close`. */
  readonly headers: Readonly<Record<string, string>>
  /** For the connection with its handshake, for the headers, and for each silence within the body. */
  readonly idleTimeoutMs: number
  /** Authorities (PEM) trusted besides the public ones. */
  readonly extraAuthorities: readonly string[] | undefined
  /** Ends the hop, its body included. */
  readonly signal: AbortSignal
}

/** One request and its answer, on a connection of its own. */
export interface Hop {
  /** What was asked, word by word. */
  readonly request: SentRequest
  readonly status: number
  /** By lower-case name, see `headersOf`. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** As sent, still compressed, read from the connection at the reader's pace. Once only. */
  readonly body: AsyncIterable<Uint8Array>
  readonly address: string
  readonly tls: TlsFacts | undefined
  /** Destroys the connection, whatever is left of the body. */
  close(): void
}

/**
 * Sends a request on a new connection and waits for the headers of the answer.
 *
 * @throws {Problem} one of `fetch/…`; an abort throws the signal's reason. The connection is destroyed then.
 */
export async function openHop(target: Target, options: HopOptions): Promise<Hop> {
  const socket = outliving(connect(target, options))
  try {
    const connected = socket instanceof TLSSocket ? 'secureConnect' : 'connect'
    await step(socket, connected, socket, options, silent.connecting)
    const address = socket.remoteAddress
    if (address === undefined) throw hungUp()
    // Wrong only if the socket did not obey `lookup`; should that ever be, nothing has been sent yet.
    if (!options.permits(address)) throw forbiddenAddress()
    const tls = socket instanceof TLSSocket ? tlsFactsOf(socket) : undefined

    const sent = sentOf(target.url, options)
    const request = outliving(
      sendRequest({
        createConnection: () => socket,
        method: sent.method,
        path: sent.target,
        headers: sent.headers,
        maxHeaderSize: HEADER_BYTES_MAX,
        insecureHTTPParser: false, // Whatever the flags of this process say.
      }),
    )
    request.maxHeadersCount = HEADER_LINES_MAX
    let fault: Error | undefined
    request.once('error', (error) => (fault = error))
    request.end(options.body)
    const answered = step(request, 'response', socket, options, silent.answering)
    const response = outliving((await answered) as IncomingMessage)
    addAbortSignal(options.signal, response)
    return {
      request: sent,
      status: response.statusCode ?? 0,
      headers: headersOf(response.rawHeaders),
      body: bodyOf(response, options.idleTimeoutMs, () => fault),
      address,
      tls,
      close() {
        response.destroy() // An answer that nobody reads would hold on to the signal.
        socket.destroy()
      },
    }
  } catch (error) {
    socket.destroy()
    throw toFetchProblem(error, 'connect')
  }
}

/** The request as it is written to the connection. */
const sentOf = (url: URL, { method, headers, body }: HopOptions): SentRequest => ({
  method,
  target: url.pathname + url.search,
  headers: {
    host: url.host,
    ...headers,
    ...(method === 'POST' && { 'content-length': String(body?.length ?? 0) }),
    connection: 'close',
  },
})

/** Does not say which address it was: a stranger could map our network by asking. */
export const forbiddenAddress = (): Problem =>
  new Problem('fetch/forbidden-address', 'The address does not lead to the public internet')

const hungUp = (): Problem => new Problem('fetch/unreachable', 'The source broke off the connection')

/** What silence means, by what we were waiting for. */
const silent = {
  connecting: () => new Problem('fetch/unreachable', 'The source could not be reached in time'),
  answering: () => new Problem('fetch/too-slow', 'The source took the request and then sent no answer'),
  sending: () => new Problem('fetch/too-slow', 'The source stopped sending before the file was complete'),
} as const

/**
 * An emitter whose errors nobody has to listen for. Each step of a hop meets its own errors; but a peer can send
 * another after the last step is over, and an `error` without a listener would end the process.
 */
function outliving<Emitter extends EventEmitter>(emitter: Emitter): Emitter {
  return emitter.on('error', () => undefined)
}

/** Opens a socket that goes to the checked addresses and nowhere else, whatever the name resolves to by now. */
function connect({ url, host, port }: Target, { addresses, extraAuthorities }: HopOptions): Socket {
  const where: TcpNetConnectOpts = { host, port, lookup: answering(addresses), autoSelectFamily: true }
  if (url.protocol === 'http:') return connectPlain(where)
  return connectSecure({
    ...where,
    ...(!isIP(host) && { servername: host }), // An address is no server name (RFC 6066), yet is verified too.
    ...(extraAuthorities && { ca: [...rootCertificates, ...extraAuthorities] }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true, // Whatever the environment says.
  })
}

/** A `lookup` for sockets that knows one answer, whatever is asked. */
const answering =
  (addresses: readonly string[]): LookupFunction =>
  (_name, { all }, done) => {
    const records = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))
    const first = records[0]
    if (all) done(null, records)
    else if (first) done(null, first.address, first.family)
    else throw new Error('A socket was opened without an address')
  }

/** Waits for an event and gives its value; an error, the end of the socket, silence or an abort forbid it. */
async function step(
  emitter: EventEmitter,
  event: string,
  socket: Socket,
  { signal, idleTimeoutMs }: HopOptions,
  silence: () => Problem,
): Promise<unknown> {
  const inVain = new AbortController()
  const closed = (): void => inVain.abort(hungUp())
  socket.once('close', closed)
  const stopWatch = watchSilence(idleTimeoutMs, () => inVain.abort(silence()))
  const cancelled = AbortSignal.any([signal, inVain.signal])
  try {
    const [value]: unknown[] = await once(emitter, event, { signal: cancelled })
    return value
  } catch (error) {
    throw cancelled.aborted ? cancelled.reason : error
  } finally {
    stopWatch()
    socket.off('close', closed)
  }
}

/**
 * The body as it comes. Only the time spent waiting for the source counts as silence, not the reader's own. Where
 * the source broke the rules of HTTP the request knows which (`fault`), the response only that it was cut off.
 */
async function* bodyOf(
  response: IncomingMessage,
  idleTimeoutMs: number,
  fault: () => Error | undefined,
): AsyncGenerator<Uint8Array> {
  const watch = (): (() => void) => watchSilence(idleTimeoutMs, () => response.destroy(silent.sending()))
  let stopWatch = watch()
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      stopWatch()
      yield chunk
      stopWatch = watch()
    }
  } catch (error) {
    throw fault() ?? error
  } finally {
    stopWatch()
  }
}

/**
 * Calls back when so much time has passed, unless it is stopped before. A process that was itself too busy to
 * read looks at its sockets once more, which is what an immediate waits for, before it blames the source.
 */
function watchSilence(timeoutMs: number, blame: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    immediate = setImmediate(blame)
  }, timeoutMs)
  return () => {
    clearTimeout(timer)
    clearImmediate(immediate)
  }
}
