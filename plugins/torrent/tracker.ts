import { isIP } from 'node:net'

import { parseTarget } from '../../services/core/addresses.ts'
import { Problem } from '../../services/core/problem.ts'
import type { SafeFetch } from '../../services/core/safe-fetch.ts'
import { BencodeReader } from '../../services/openers/bencode.ts'
import type { PeerPlace } from './peer.ts'

const ANSWER_BYTES_MAX = 256 * 1024
const TIMEOUT_MS = 15_000
/** Peers that are asked for and looked at, of one tracker. */
const PEERS_WANTED = 50
/** Nobody listens there: we take and do not give. Trackers want some number. */
const PORT_TOLD = 6881

/** What is told to a tracker (BEP 3). */
export interface Announced {
  readonly infoHash: Buffer
  readonly peerId: Buffer
  readonly leftBytes: number
  readonly event: 'started' | 'stopped'
}

/**
 * Asks a tracker for peers, through the service's only way out.
 *
 * @returns peers at ports that may be connected to; none when the tracker does not answer as it should.
 */
export async function announce(
  safeFetch: SafeFetch,
  tracker: string,
  { infoHash, peerId, leftBytes, event }: Announced,
  signal: AbortSignal,
): Promise<PeerPlace[]> {
  const said = [
    `info_hash=${escaped(infoHash)}&peer_id=${escaped(peerId)}&port=${PORT_TOLD}&uploaded=0&downloaded=0`,
    `left=${leftBytes}&compact=1&numwant=${event === 'started' ? PEERS_WANTED : 0}&event=${event}`,
  ].join('&')
  try {
    const { status, body } = await safeFetch.ask(`${tracker}${tracker.includes('?') ? '&' : '?'}${said}`, {
      method: 'GET',
      accept: '*/*',
      bytesMax: ANSWER_BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
      signal,
    })
    if (status !== 200) return []
    return peersIn(Buffer.from(body)).filter(isWebPort).slice(0, PEERS_WANTED)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) return []
    throw error
  }
}

const escaped = (bytes: Buffer): string =>
  bytes.toString('hex').replaceAll(/../g, (hex) => `%${hex.toUpperCase()}`)

/** A tracker names whomever it likes: services at their own ports are spared, as in every address of a stranger. */
function isWebPort({ address, port }: PeerPlace): boolean {
  try {
    parseTarget(`http://${isIP(address) === 6 ? `[${address}]` : address}:${port}/`)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/** Peers of an answer in each of their three spellings (BEP 3, 7, 23). @throws {Problem} open/damaged. */
function peersIn(body: Buffer): PeerPlace[] {
  const reader = new BencodeReader(body)
  const peers: PeerPlace[] = []
  for (const key of reader.keys()) {
    const next = reader.next()
    if (key === 'peers' && next === 'bytes') peers.push(...compact(reader.bytes(), 4))
    else if (key === 'peers6' && next === 'bytes') peers.push(...compact(reader.bytes(), 16))
    else if (key === 'peers' && next === 'list') peers.push(...listed(reader))
    else reader.skip()
  }
  return peers
}

function compact(bytes: Buffer, addressBytes: number): PeerPlace[] {
  const size = addressBytes + 2
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => {
    const one = bytes.subarray(index * size, (index + 1) * size)
    const address =
      addressBytes === 4
        ? one.subarray(0, 4).join('.')
        : Array.from({ length: 8 }, (__, at) => one.readUInt16BE(2 * at).toString(16)).join(':')
    return { address, port: one.readUInt16BE(addressBytes) }
  })
}

/** Names are not looked up: only addresses are taken. */
function listed(reader: BencodeReader): PeerPlace[] {
  const peers: PeerPlace[] = []
  for (const _ of reader.members()) {
    if (reader.next() !== 'dictionary') {
      reader.skip()
      continue
    }
    let [address, port] = ['', 0]
    for (const key of reader.keys()) {
      const next = reader.next()
      if (key === 'ip' && next === 'bytes') address = reader.bytes().toString('latin1')
      else if (key === 'port' && next === 'integer') port = reader.integer()
      else reader.skip()
    }
    if (isIP(address) !== 0 && port > 0 && port < 2 ** 16) peers.push({ address, port })
  }
  return peers
}
