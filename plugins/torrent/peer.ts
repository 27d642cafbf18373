import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

import type { AddressPolicy } from '../../services/core/addresses.ts'
import { type Metainfo, bytesOfPiece, hashOfPiece } from './metainfo.ts'

/** A block of a piece, as every client asks for it (BEP 3). */
const BLOCK_BYTES = 2 ** 14
/** Blocks that are asked for at once: a line of 8 MB/s is kept busy over a way of 100 ms. */
const WINDOW_BLOCKS = 48
/** A block with its header, a list of what a peer has of a million pieces, or a part of the metadata. */
const MESSAGE_BYTES_MAX = 160 * 1024
const CONNECT_TIMEOUT_MS = 5_000
/** The longest silence of a peer that owes us something. */
const SILENCE_MS = 10_000

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1')
const HANDSHAKE_BYTES = 68
/** Says that we know the extension protocol (BEP 10): the 20th bit from the right. */
const RESERVED = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0])

const id = { choke: 0, unchoke: 1, interested: 2, have: 4, bitfield: 5, request: 6, piece: 7, extended: 20 }

/** Where a peer is. It is held in memory while the torrent is read, and told to nobody. */
export interface PeerPlace {
  readonly address: string
  readonly port: number
}

/** What a connection is for. */
export interface Wanted {
  readonly infoHash: Buffer
  readonly peerId: Buffer
  readonly policy: AddressPolicy
  /** Undefined while only what the torrent is shall be learned. */
  readonly metainfo: Metainfo | undefined
}

interface Owed {
  readonly index: number
  readonly bytes: Buffer
  asked: number
  arrived: number
  readonly settle: (piece: Buffer) => void
}

/** A peer failed us; its connection is closed. Says nothing of where it is. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault'
}

/** One peer that is asked for pieces, one at a time. It is given nothing: all its requests stay unanswered. */
export class Peer {
  readonly #socket: Socket
  readonly #metainfo: Metainfo | undefined
  readonly #blocks = new Set<number>()
  readonly #has = new Set<number>()
  readonly #onExtended: (payload: Buffer) => void
  #isChoked = true
  #owed: Owed | undefined
  #fail: (fault: PeerFault) => void = () => undefined
  isClosed = false

  private constructor(socket: Socket, { metainfo }: Wanted, onExtended: (payload: Buffer) => void) {
    this.#socket = socket
    this.#metainfo = metainfo
    this.#onExtended = onExtended
  }

  /**
   * Connects to a peer, if its address is one that the service may connect to.
   *
   * @throws {PeerFault} when it cannot be reached or has another torrent. The reason of the signal.
   */
  static async open(
    { address, port }: PeerPlace,
    wanted: Wanted,
    signal: AbortSignal,
    onExtended: (payload: Buffer) => void = () => undefined,
  ): Promise<Peer> {
    if (!wanted.policy.permits(address, port)) throw new PeerFault('Its address is not public')
    const socket = connect({ host: address, port })
    socket.on('error', () => undefined) // Told by 'close' as well, which is what is waited for.
    const end = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)])
    const close = (): void => void socket.destroy()
    end.addEventListener('abort', close, { once: true })
    try {
      await once(socket, 'connect', { signal: end })
      socket.write(Buffer.concat([PROTOCOL, RESERVED, wanted.infoHash, wanted.peerId]))
      const bytes = chunksOf(socket)
      const head = await bytes.take(HANDSHAKE_BYTES)
      if (!head.subarray(0, 20).equals(PROTOCOL) || !head.subarray(28, 48).equals(wanted.infoHash))
        throw new PeerFault('It has another torrent')
      const peer = new Peer(socket, wanted, onExtended)
      peer.#send(id.interested)
      void peer.#listen(bytes)
      return peer
    } catch (error) {
      socket.destroy()
      signal.throwIfAborted()
      throw error instanceof PeerFault ? error : new PeerFault('It cannot be reached', { cause: error })
    } finally {
      end.removeEventListener('abort', close)
    }
  }

  has(index: number): boolean {
    return this.#has.has(index)
  }

  get isIdle(): boolean {
    return !this.isClosed && this.#owed === undefined
  }

  /** One piece, whose hash is right. @throws {PeerFault} */
  async piece(index: number): Promise<Buffer> {
    const metainfo = this.#metainfo
    if (!metainfo || !this.isIdle) throw new Error('A peer is asked for one piece at a time')
    const bytes = await new Promise<Buffer>((settle, reject) => {
      this.#fail = reject
      const whole = Buffer.alloc(bytesOfPiece(metainfo, index))
      this.#owed = { index, bytes: whole, asked: 0, arrived: 0, settle }
      this.#socket.setTimeout(SILENCE_MS, () => this.close(new PeerFault('It fell silent')))
      this.#ask()
    }).finally(() => {
      this.#owed = undefined
      this.#socket.setTimeout(0)
    })
    if (createHash('sha1').update(bytes).digest().equals(hashOfPiece(metainfo, index))) return bytes
    const fault = new PeerFault('It sent other bytes than the torrent says')
    this.close(fault)
    throw fault
  }

  /** Sends an extended message (BEP 10). */
  extended(number: number, payload: Buffer): void {
    this.#send(id.extended, Buffer.concat([Buffer.from([number]), payload]))
  }

  close(fault = new PeerFault('It was closed')): void {
    this.isClosed = true
    this.#socket.destroy()
    this.#fail(fault)
  }

  #send(type: number, payload: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(1 + payload.length)
    head[4] = type
    this.#socket.write(Buffer.concat([head, payload]))
  }

  #ask(): void {
    const owed = this.#owed
    if (!owed || this.#isChoked) return
    while (owed.asked < owed.bytes.length && this.#blocks.size < WINDOW_BLOCKS) {
      const wanted = Buffer.alloc(12)
      wanted.writeUInt32BE(owed.index)
      wanted.writeUInt32BE(owed.asked, 4)
      wanted.writeUInt32BE(Math.min(BLOCK_BYTES, owed.bytes.length - owed.asked), 8)
      this.#send(id.request, wanted)
      this.#blocks.add(owed.asked)
      owed.asked += BLOCK_BYTES
    }
  }

  async #listen(bytes: ReturnType<typeof chunksOf>): Promise<void> {
    try {
      for (;;) {
        const length = (await bytes.take(4)).readUInt32BE()
        if (length > MESSAGE_BYTES_MAX) throw new PeerFault('It sent a message that is too long')
        if (length === 0) continue // Says that it is still there.
        const message = await bytes.take(length)
        this.#take(message[0]!, message.subarray(1))
      }
    } catch (error) {
      this.close(error instanceof PeerFault ? error : new PeerFault('It broke off', { cause: error }))
    }
  }

  #take(type: number, payload: Buffer): void {
    if (type === id.choke) {
      this.#isChoked = true
      // What was asked for is forgotten by the other side: it is asked for again.
      this.#blocks.clear()
      if (this.#owed) Object.assign(this.#owed, { asked: 0, arrived: 0 })
    } else if (type === id.unchoke) {
      this.#isChoked = false
      this.#ask()
    } else if (type === id.have && payload.length === 4) this.#note(payload.readUInt32BE())
    else if (type === id.bitfield) {
      for (const [at, byte] of payload.entries())
        for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) this.#note(8 * at + bit)
    } else if (type === id.piece && payload.length > 8) this.#block(payload)
    else if (type === id.extended) this.#onExtended(payload)
  }

  #note(index: number): void {
    if (this.#metainfo && index * this.#metainfo.pieceBytes < this.#metainfo.totalBytes) this.#has.add(index)
  }

  #block(payload: Buffer): void {
    const [index, begin] = [payload.readUInt32BE(), payload.readUInt32BE(4)]
    const owed = this.#owed
    // Only what was asked for, and once.
    if (owed?.index !== index || !this.#blocks.delete(begin)) return
    const block = payload.subarray(8)
    if (block.length !== Math.min(BLOCK_BYTES, owed.bytes.length - begin))
      return this.close(new PeerFault('It sent a block of another length'))
    block.copy(owed.bytes, begin)
    owed.arrived += block.length
    if (owed.arrived === owed.bytes.length) owed.settle(owed.bytes)
    else this.#ask()
  }
}

/** Takes so many bytes of a connection at a time; what is not taken stays with the other side. */
function chunksOf(socket: Socket): { take(bytes: number): Promise<Buffer> } {
  const source = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held: Buffer = Buffer.alloc(0)
  return {
    async take(bytes) {
      const chunks = [held]
      let length = held.length
      while (length < bytes) {
        const { value, done } = await source.next()
        if (done === true) throw new PeerFault('It hung up')
        chunks.push(value)
        length += value.length
      }
      const all = chunks.length === 1 ? held : Buffer.concat(chunks)
      held = all.subarray(bytes)
      return all.subarray(0, bytes)
    },
  }
}
