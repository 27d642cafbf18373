import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Problem } from '../../services/core/problem.ts'
import { BencodeReader } from '../../services/openers/bencode.ts'
import { Peer, PeerFault, type PeerPlace } from './peer.ts'
import { type SwarmTools, findPeers, newPeerId } from './swarm.ts'

/** Half of what a torrent file may have: most of it are hashes. */
const METADATA_BYTES_MAX = 10 * 2 ** 20
const PART_BYTES = 2 ** 14
/** So long one peer has for all of it. */
const TIMEOUT_MS = 20_000
const TRACKERS_MAX = 8
/** How we number the messages that are sent to us (BEP 10). */
const OUR_NUMBER = 1

/**
 * Asks peers of a magnet link what its torrent is (BEP 9).
 *
 * @returns a torrent file with the trackers of the link.
 * @throws {Problem} open/unsupported of a link without a hash of version 1; fetch/unreachable when nobody tells it. The
 *   reason of the signal.
 */
export async function torrentOf(magnet: string, tools: SwarmTools, signal: AbortSignal): Promise<Buffer> {
  const said = new URLSearchParams(magnet.slice(magnet.indexOf('?') + 1))
  const hash = said.getAll('xt').flatMap((topic) => /^urn:btih:([0-9a-f]{40})$/i.exec(topic)?.[1] ?? [])[0]
  if (hash === undefined)
    throw new Problem('open/unsupported', 'The link has no hash that peers are found by')
  const infoHash = Buffer.from(hash, 'hex')
  const trackers = said
    .getAll('tr')
    .filter((tracker) => /^https?:\/\//i.test(tracker))
    .slice(0, TRACKERS_MAX)
  const asking = { infoHash, peerId: newPeerId(), leftBytes: 1 }
  for (const place of await findPeers(tools, trackers, asking, signal)) {
    const info = await infoFrom(place, { ...asking, policy: tools.policy, metainfo: undefined }, signal)
    if (info) return torrentFile(trackers, info)
  }
  throw new Problem('fetch/unreachable', 'Nobody tells what the torrent of the link is')
}

const torrentFile = (trackers: readonly string[], info: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('d13:announce-listl'),
    ...trackers.map((tracker) => Buffer.from(`l${Buffer.byteLength(tracker)}:${tracker}e`)),
    Buffer.from('e4:info'),
    info,
    Buffer.from('e'),
  ])

/** What one peer tells, with the right hash; undefined when it tells nothing or something else. */
async function infoFrom(
  place: PeerPlace,
  wanted: Parameters<typeof Peer.open>[1],
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const parts = new Map<number, Buffer>()
  let length: number | undefined
  let peer: Peer
  const take = (payload: Buffer): void => {
    try {
      const reader = new BencodeReader(payload.subarray(1))
      if (payload[0] === OUR_NUMBER) {
        keepPart(reader, payload.subarray(1), parts)
        return
      }
      const told = handshakeOf(reader)
      if (payload[0] !== 0 || length !== undefined || !told) return
      length = told.length
      for (let part = 0; part * PART_BYTES < length; part++)
        peer.extended(told.number, Buffer.from(`d8:msg_typei0e5:piecei${part}ee`))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      peer.close(new PeerFault('It does not speak as it should'))
    }
  }
  try {
    peer = await Peer.open(place, wanted, signal, take)
  } catch (error) {
    if (error instanceof PeerFault) return undefined
    throw error
  }
  try {
    peer.extended(0, Buffer.from(`d1:md11:ut_metadatai${OUR_NUMBER}eee`))
    for (const end = Date.now() + TIMEOUT_MS; Date.now() < end && !peer.isClosed;) {
      if (length !== undefined && parts.size === Math.ceil(length / PART_BYTES)) {
        const info = Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes))
        return createHash('sha1').update(info).digest().equals(wanted.infoHash) ? info : undefined
      }
      await sleep(LOOK_MS, undefined, { signal })
    }
    return undefined
  } finally {
    peer.close()
  }
}

const LOOK_MS = 40

/** What the other side calls such messages, and how long the metadata is. */
function handshakeOf(reader: BencodeReader): { number: number; length: number } | undefined {
  let [number, length] = [0, 0]
  for (const key of reader.keys()) {
    const next = reader.next()
    if (key === 'metadata_size' && next === 'integer') length = reader.integer()
    else if (key === 'm' && next === 'dictionary')
      for (const name of reader.keys())
        if (name === 'ut_metadata' && reader.next() === 'integer') number = reader.integer()
        else reader.skip()
    else reader.skip()
  }
  return number > 0 && number < 256 && length > 0 && length <= METADATA_BYTES_MAX
    ? { number, length }
    : undefined
}

/** A part stands behind a dictionary that says which one it is. */
function keepPart(reader: BencodeReader, payload: Buffer, parts: Map<number, Buffer>): void {
  const about = new BencodeReader(reader.raw())
  let [type, part] = [-1, -1]
  for (const key of about.keys()) {
    const next = about.next()
    if (key === 'msg_type' && next === 'integer') type = about.integer()
    else if (key === 'piece' && next === 'integer') part = about.integer()
    else about.skip()
  }
  const bytes = payload.subarray(reader.position)
  const isPart = type === 1 && part >= 0 && part * PART_BYTES < METADATA_BYTES_MAX
  if (isPart && bytes.length <= PART_BYTES) parts.set(part, Buffer.from(bytes))
}
