import type { AddressPolicy } from '../core/addresses.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'

/** What the plug-in may use: the service's way out, and where it may connect to by itself. */
export interface TorrentTools {
  readonly safeFetch: SafeFetch
  readonly policy: AddressPolicy
}

/** A torrent whose files can be read in parts. */
export interface OpenedTorrent {
  /** In their order; paths as the torrent has them, with its own name in front. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /**
   * Bytes of a file, both ends within, whose hashes are right.
   *
   * @throws {Problem} fetch/unreachable when nobody has them, fetch/too-large when the torrent has cost enough. The reason
   *   of the signal.
   */
  readPieces(
    fileIndex: number,
    range: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<Buffer>
  /** Lets go of all peers. */
  close(): Promise<void>
}

/** Opens a torrent file. @throws {Problem} open/damaged, open/unsupported. */
export type OpenTorrent = (torrent: Buffer, tools: TorrentTools) => OpenedTorrent

/** The plug-in, with what it needs. */
export interface TorrentReader {
  open(torrent: Buffer): OpenedTorrent
  /** The torrent of a magnet link. @throws {Problem} fetch/unreachable, open/unsupported. */
  torrentOf(magnet: string, signal: AbortSignal): Promise<Buffer>
}

interface Plugin {
  readonly openTorrent: OpenTorrent
  readonly torrentOfMagnet: (magnet: string, tools: TorrentTools, signal: AbortSignal) => Promise<Buffer>
}

/** It is not read unless it is wanted. */
const PLUGIN = new URL('../../plugins/torrent/plugin.ts', import.meta.url)

/**
 * Loads the torrent plug-in.
 *
 * @returns undefined when the operator has not turned it on: then torrents are listed and nobody is asked for them.
 * @throws {Error} when it is wanted and not there.
 */
export async function loadTorrentPlugin(
  wanted: 'on' | 'off',
  tools: TorrentTools,
): Promise<TorrentReader | undefined> {
  if (wanted === 'off') return undefined
  const { openTorrent, torrentOfMagnet } = (await import(PLUGIN.href).catch((cause: unknown) => {
    throw new Error('TORRENT_PLUGIN is on, but plugins/torrent cannot be loaded', { cause })
  })) as Plugin
  return {
    open: (torrent) => openTorrent(torrent, tools),
    torrentOf: (magnet, signal) => torrentOfMagnet(magnet, tools, signal),
  }
}
