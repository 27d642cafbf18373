import { createHash } from 'node:crypto'
import { createServer as createTracker } from 'node:http'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'

type Bencoded = number | string | Buffer | readonly Bencoded[] | { readonly [key: string]: Bencoded }

/** A value in the form of torrents (BEP 3); keys are written in their order. */
export function bencode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`)
  if (typeof value === 'string') return bencode(Buffer.from(value))
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')])
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([
    Buffer.from('d'),
    ...pairs.flatMap(([key, each]) => [bencode(key), bencode(each)]),
    Buffer.from('e'),
  ])
}

/** How a seeder misbehaves. */
export interface SeederFaults {
  /** Every piece has a wrong byte. */
  readonly spoils?: boolean
  /** Takes connections and requests, and never sends a block. */
  readonly keepsSilent?: boolean
  /** What the tracker names besides the seeder: addresses with ports in four and two bytes. */
  readonly furtherPeers?: Buffer
  /** Answers the tracker's requests in its place. */
  readonly trackerRedirect?: string
}

/** A torrent that is offered on 127.0.0.1 by one seeder and one tracker. */
export interface Seeder {
  readonly torrent: Buffer
  readonly magnet: string
  /** Of tracker and seeder, for FETCH_ALLOW_ADDRESSES. */
  readonly addresses: readonly string[]
  readonly seederPort: number
  /** What was asked of the tracker. */
  readonly announced: string[]
  /** Bytes of blocks that were sent. */
  sentBytes(): number
  /** Sockets that reached the seeder. */
  connections(): number
  close(): Promise<void>
}

const PIECE_BYTES = 64 * 1024
const METADATA_PART_BYTES = 2 ** 14
const UT_METADATA = 3

/** Offers files as a torrent until it is closed. */
export async function startSeeder(
  files: readonly { readonly path: string; readonly bytes: Buffer }[],
  faults: SeederFaults = {},
): Promise<Seeder> {
  const all = Buffer.concat(files.map(({ bytes }) => bytes))
  const pieces = Array.from({ length: Math.ceil(all.length / PIECE_BYTES) }, (_, index) =>
    createHash('sha1')
      .update(all.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES))
      .digest(),
  )
  const info = bencode({
    files: files.map(({ path, bytes }) => ({ length: bytes.length, path: path.split('/') })),
    name: 'Sample Pack',
    'piece length': PIECE_BYTES,
    pieces: Buffer.concat(pieces),
  })
  const infoHash = createHash('sha1').update(info).digest()
  const announced: string[] = []
  let [sentBytes, connections] = [0, 0]

  const seeder = createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined)
    serve(socket, { infoHash, info, all, pieces: pieces.length, faults }, (bytes) => (sentBytes += bytes))
  })
  await listen(seeder)
  const seederPort = portOf(seeder)
  const tracker = createTracker((request, response) => {
    announced.push(request.url ?? '')
    if (faults.trackerRedirect !== undefined)
      return response.writeHead(302, { location: faults.trackerRedirect }).end()
    const peers = Buffer.from([127, 0, 0, 1, seederPort >> 8, seederPort & 255])
    return response.end(
      bencode({ interval: 1800, peers: Buffer.concat([faults.furtherPeers ?? Buffer.alloc(0), peers]) }),
    )
  })
  await listen(tracker)
  const trackerUrl = `http://127.0.0.1:${portOf(tracker)}/announce`
  const torrent = Buffer.concat([
    Buffer.from('d'),
    bencode('announce'),
    bencode(trackerUrl),
    bencode('info'),
    info,
    Buffer.from('e'),
  ])
  return {
    torrent,
    magnet: `magnet:?xt=urn:btih:${infoHash.toString('hex')}&dn=Sample+Pack&tr=${encodeURIComponent(trackerUrl)}`,
    addresses: [`127.0.0.1:${portOf(tracker)}`, `127.0.0.1:${seederPort}`],
    seederPort,
    announced,
    sentBytes: () => sentBytes,
    connections: () => connections,
    async close() {
      tracker.closeAllConnections()
      await Promise.all(
        [tracker, seeder].map((server) => new Promise<void>((done) => server.close(() => done()))),
      )
    },
  }
}

const listen = (server: Server): Promise<void> => new Promise((ready) => server.listen(0, '127.0.0.1', ready))
const portOf = (server: Server): number => (server.address() as AddressInfo).port

interface Offered {
  readonly infoHash: Buffer
  readonly info: Buffer
  readonly all: Buffer
  readonly pieces: number
  readonly faults: SeederFaults
}

function message(type: number, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + 1)
  head[4] = type
  return Buffer.concat([head, payload])
}

/** One side of the wire protocol, as a seeder speaks it. */
function serve(socket: Socket, offered: Offered, sent: (bytes: number) => void): void {
  let held = Buffer.alloc(0)
  let isGreeted = false
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    if (!isGreeted) {
      if (held.length < 68) return
      if (!held.subarray(28, 48).equals(offered.infoHash)) {
        socket.destroy()
        return
      }
      socket.write(Buffer.concat([held.subarray(0, 48), Buffer.from('-SD0001-000000000000')]))
      held = held.subarray(68)
      isGreeted = true
      const bits = Buffer.alloc(Math.ceil(offered.pieces / 8))
      for (let index = 0; index < offered.pieces; index++) bits[index >> 3]! |= 0x80 >> (index & 7)
      socket.write(Buffer.concat([message(5, bits), message(1)]))
    }
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE()) {
      const length = held.readUInt32BE()
      if (length > 0) answer(socket, held[4]!, held.subarray(5, 4 + length), offered, sent)
      held = held.subarray(4 + length)
    }
  })
}

function answer(
  socket: Socket,
  type: number,
  payload: Buffer,
  { all, info, faults }: Offered,
  sent: (bytes: number) => void,
): void {
  if (type === 6 && faults.keepsSilent !== true) {
    const [index, begin, length] = [payload.readUInt32BE(), payload.readUInt32BE(4), payload.readUInt32BE(8)]
    const at = index * PIECE_BYTES + begin
    const block = Buffer.from(all.subarray(at, at + length))
    if (faults.spoils === true) block[0]! ^= 1
    socket.write(message(7, payload.subarray(0, 8), block))
    sent(block.length)
  }
  if (type !== 20) return
  if (payload[0] === 0)
    socket.write(
      message(20, Buffer.from([0]), bencode({ m: { ut_metadata: UT_METADATA }, metadata_size: info.length })),
    )
  else {
    const part = Number(/5:piecei(\d+)e/.exec(payload.toString('latin1'))?.[1])
    const bytes = info.subarray(part * METADATA_PART_BYTES, (part + 1) * METADATA_PART_BYTES)
    const head = bencode({ msg_type: 1, piece: part, total_size: info.length })
    socket.write(message(20, Buffer.from([1]), head, bytes))
  }
}
