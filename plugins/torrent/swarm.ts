import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { AddressPolicy } from '../../services/core/addresses.ts'
import { Problem } from '../../services/core/problem.ts'
import type { SafeFetch } from '../../services/core/safe-fetch.ts'
import { type Metainfo, bytesOfPiece } from './metainfo.ts'
import { Peer, PeerFault, type PeerPlace, type Wanted } from './peer.ts'
import { announce } from './tracker.ts'

/** Peers that are connected at a time: pieces of some megabytes need no more. */
const PEERS_MAX = 6
/** Peers that are tried, all in all. */
const TRIED_MAX = 60
/** Pieces that are kept, in bytes: parts of one file lie in the same ones. */
const KEPT_BYTES_MAX = 64 * 2 ** 20
/** What one torrent may cost. */
const FETCHED_BYTES_MAX = 256 * 2 ** 20

/** Between two looks at what peers have. */
const LOOK_MS = 40
/** So long peers without the wanted piece are kept in the hope that they will have it. */
const PATIENCE_MS = 10_000

/** The way out, and where peers may be. */
export interface SwarmTools {
  readonly safeFetch: SafeFetch
  readonly policy: AddressPolicy
}

/** A name for one torrent and one time, by which nobody is known again. The prefix is ours (BEP 20). */
export const newPeerId = (): Buffer =>
  Buffer.concat([Buffer.from('-EW0001-'), Buffer.from(randomBytes(6).toString('hex'))])

/** Peers as the trackers of a torrent name them, each once, in no order. */
export async function findPeers(
  { safeFetch }: SwarmTools,
  trackers: readonly string[],
  { infoHash, peerId, leftBytes }: { infoHash: Buffer; peerId: Buffer; leftBytes: number },
  signal: AbortSignal,
): Promise<PeerPlace[]> {
  const started = { infoHash, peerId, leftBytes, event: 'started' } as const
  const all = await Promise.all(trackers.map((tracker) => announce(safeFetch, tracker, started, signal)))
  const byPlace = new Map(all.flat().map((place) => [`${place.address} ${place.port}`, place]))
  return [...byPlace.values()].slice(0, TRIED_MAX)
}

/** Those who have a torrent, as long as it is read. */
export class Swarm {
  readonly #metainfo: Metainfo
  readonly #tools: SwarmTools
  readonly #peerId = newPeerId()
  readonly #kept = new Map<number, Buffer>()
  readonly #peers = new Set<Peer>()
  #untried: PeerPlace[] | undefined
  #opening = 0
  #fetchedBytes = 0

  constructor(metainfo: Metainfo, tools: SwarmTools) {
    this.#metainfo = metainfo
    this.#tools = tools
  }

  /**
   * One piece, from whoever has it.
   *
   * @throws {Problem} fetch/unreachable when nobody gives it; fetch/too-large when the torrent has cost enough. The reason
   *   of the signal.
   */
  async piece(index: number, signal: AbortSignal): Promise<Buffer> {
    const before = this.#kept.get(index)
    if (before) return before
    this.#fetchedBytes += bytesOfPiece(this.#metainfo, index)
    if (this.#fetchedBytes > FETCHED_BYTES_MAX)
      throw new Problem('fetch/too-large', `Of a torrent at most ${FETCHED_BYTES_MAX} bytes are fetched`)
    const { infoHash, totalBytes, trackers } = this.#metainfo
    this.#untried ??= await findPeers(
      this.#tools,
      trackers,
      { infoHash, peerId: this.#peerId, leftBytes: totalBytes },
      signal,
    )
    for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
      signal.throwIfAborted()
      this.#dial(signal)
      const peer = [...this.#peers].find((each) => each.isIdle && each.has(index))
      if (peer) {
        const bytes = await this.#pieceFrom(peer, index, signal)
        if (bytes) return this.#keep(index, bytes)
      } else if (this.#peers.size + this.#opening === 0) {
        throw new Problem('fetch/unreachable', 'Nobody who has the torrent gives this piece of it')
      } else {
        // What a peer has it tells when it likes. One that never has what is wanted is not waited for without end.
        if (waitedMs > PATIENCE_MS) for (const each of this.#peers) if (each.isIdle) each.close()
        await sleep(LOOK_MS, undefined, { signal })
      }
    }
  }

  async #pieceFrom(peer: Peer, index: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const close = (): void => peer.close()
    signal.addEventListener('abort', close, { once: true })
    try {
      return await peer.piece(index)
    } catch (error) {
      if (!(error instanceof PeerFault)) throw error
      this.#peers.delete(peer)
      return undefined
    } finally {
      signal.removeEventListener('abort', close)
    }
  }

  #keep(index: number, bytes: Buffer): Buffer {
    this.#kept.set(index, bytes)
    let held = [...this.#kept.values()].reduce((sum, each) => sum + each.length, 0)
    for (const [oldest, piece] of this.#kept) {
      if (held <= KEPT_BYTES_MAX || oldest === index) break
      this.#kept.delete(oldest)
      held -= piece.length
    }
    return bytes
  }

  /** Connects to further peers while there are few. */
  #dial(signal: AbortSignal): void {
    for (const peer of this.#peers) if (peer.isClosed) this.#peers.delete(peer)
    const wanted: Wanted = {
      infoHash: this.#metainfo.infoHash,
      peerId: this.#peerId,
      policy: this.#tools.policy,
      metainfo: this.#metainfo,
    }
    while (this.#peers.size + this.#opening < PEERS_MAX) {
      const place = this.#untried?.shift()
      if (!place) return
      this.#opening += 1
      void Peer.open(place, wanted, signal)
        .then(
          (peer) => void this.#peers.add(peer),
          () => undefined, // One peer fewer; that none is left is told where a piece is wanted.
        )
        .finally(() => (this.#opening -= 1))
    }
  }

  /** Hangs up, and tells the trackers so. */
  async close(signal: AbortSignal): Promise<void> {
    for (const peer of this.#peers) peer.close()
    if (this.#untried === undefined) return
    const { infoHash, totalBytes, trackers } = this.#metainfo
    const stopped = { infoHash, peerId: this.#peerId, leftBytes: totalBytes, event: 'stopped' } as const
    await Promise.all(
      trackers.map((tracker) => announce(this.#tools.safeFetch, tracker, stopped, signal)),
    ).catch(() => undefined) // A courtesy; the trackers forget us soon in any case.
  }
}
