import { readFile } from 'node:fs/promises'

import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import { kindOfEnding } from '../services/openers/address.ts'
import { placeName } from '../services/openers/place.ts'
import { readTorrentFile } from '../services/reading/read-torrent-file.ts'
import type { OpenedTorrent } from '../services/reading/torrent-plugin.ts'
import type { DetectedFile } from '../services/submissions/file-kind.ts'
import type { NewItem } from '../services/submissions/opened-store.ts'
import type { Tools } from './tools.ts'

/** Audio files of one torrent that are listened to: an album's; of a larger torrent so many, evenly spread. */
const FILES_READ_MAX = 16
/** For all of them together; what is not had by then is listed. */
const TIMEOUT_MS = 4 * 60_000
/** A torrent or a list of links that is larger is only listed. */
const TORRENT_BYTES_MAX = 20 * 2 ** 20

/** What of a torrent can be listened to. */
export interface TorrentContents {
  /** The torrent: of a magnet link it is another file than what was handed in. */
  readonly path: string
  /** Parts of a file, by its name as the opener gives it; undefined of what is only listed. */
  read(name: string): Promise<Partial<NewItem> | undefined>
  close(): Promise<void>
}

/**
 * Opens a torrent for listening to what is in it, where the operator turned the plug-in on. Whatever goes wrong with that,
 * the torrent is listed all the same.
 *
 * @returns undefined without the plug-in, and of what is no torrent.
 * @throws the reason of the signal.
 */
export async function torrentContents(
  tools: Tools,
  {
    path,
    detected,
    bytes,
  }: { readonly path: string; readonly detected: DetectedFile; readonly bytes: number },
  run: Run,
): Promise<TorrentContents | undefined> {
  if (!tools.torrents || detected.kind !== 'torrent' || bytes > TORRENT_BYTES_MAX) return undefined
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    const at = detected.format === 'magnet' ? await storedTorrent(tools, path, signal) : path
    return at === undefined
      ? undefined
      : listening(tools, at, tools.torrents.open(await readFile(at)), run, signal)
  } catch (error) {
    return listedOnly(error, run)
  }
}

/** Why something is listed and not listened to. Where its peers are is in no message. */
function listedOnly(error: unknown, run: Run): undefined {
  run.signal.throwIfAborted()
  const isOver = error instanceof Error && error.name === 'TimeoutError'
  if (!(error instanceof Problem) && !isOver) throw error
  run.log.info({ why: error.message }, 'it is listed only')
}

/** The torrent of the only link in a text. */
async function storedTorrent(tools: Tools, path: string, signal: AbortSignal): Promise<string | undefined> {
  const [magnet, another] = (await readFile(path, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^magnet:\?/i.test(line))
  if (magnet === undefined || another !== undefined || !tools.torrents) return undefined
  const torrent = await tools.torrents.torrentOf(magnet, signal)
  const { sha256 } = await tools.blobs.put(wholly(torrent), { bytesMax: TORRENT_BYTES_MAX })
  return tools.blobs.path(sha256)
}

async function* wholly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function listening(
  tools: Tools,
  path: string,
  torrent: OpenedTorrent,
  run: Run,
  signal: AbortSignal,
): TorrentContents {
  const audio = torrent.files.flatMap((file, index) => {
    const ending = /\.([a-z0-9]{1,7})$/i.exec(file.path)?.[1] ?? ''
    return kindOfEnding(ending) === 'media' ? [{ name: placeName(file.path), index }] : []
  })
  const every = Math.max(1, audio.length / FILES_READ_MAX)
  const chosen = new Map<string, number>()
  for (let at = 0; at < audio.length; at += every) {
    const one = audio[Math.floor(at)]
    if (one) chosen.set(one.name, one.index)
  }
  return {
    path,
    async read(name) {
      const index = chosen.get(name)
      if (index === undefined) return undefined
      try {
        const seen = await readTorrentFile(tools, torrent, index, { key: name, signal })
        if (!seen) return undefined
        const { sha256, bytes, detected, read } = seen
        return { kind: 'media', mediaType: detected.mediaType, sha256, bytes, read }
      } catch (error) {
        return listedOnly(error, run)
      }
    },
    close: () => torrent.close(),
  }
}
