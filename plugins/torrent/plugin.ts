import type { OpenTorrent, TorrentTools } from '../../services/reading/torrent-plugin.ts'
import { torrentOf } from './metadata.ts'
import { readMetainfo } from './metainfo.ts'
import { Swarm } from './swarm.ts'

/** So long the trackers have to hear that we are gone. */
const GOODBYE_MS = 2_000

/** Opens a torrent for reading parts of its files. Nothing is asked of anybody before the first part is wanted. */
export const openTorrent: OpenTorrent = (torrent, tools) => {
  const metainfo = readMetainfo(torrent)
  const swarm = new Swarm(metainfo, tools)
  return {
    files: metainfo.files.map(({ path, bytes }) => ({ path, bytes })),
    async readPieces(fileIndex, { from, to }, signal) {
      const file = metainfo.files[fileIndex]
      if (!file || from < 0 || to < from || to >= file.bytes)
        throw new RangeError('These bytes are not there')
      const [first, last] = [file.offset + from, file.offset + to]
      const { pieceBytes } = metainfo
      const pieces: Buffer[] = []
      for (let index = Math.floor(first / pieceBytes); index * pieceBytes <= last; index++) {
        const piece = await swarm.piece(index, signal)
        const start = index * pieceBytes
        pieces.push(piece.subarray(Math.max(0, first - start), last + 1 - start))
      }
      return Buffer.concat(pieces)
    },
    close: () => swarm.close(AbortSignal.timeout(GOODBYE_MS)),
  }
}

/** What the torrent of a magnet link is, as its peers tell. */
export const torrentOfMagnet = (magnet: string, tools: TorrentTools, signal: AbortSignal): Promise<Buffer> =>
  torrentOf(magnet, tools, signal)
