import type { Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type DetectedFile, FILE_HEAD_BYTES, detectFileKind } from '../submissions/file-kind.ts'
import type { PartsRead } from '../submissions/parts-read.ts'
import { beginningOf } from './beginning.ts'
import { lookFor } from './layouts/look.ts'
import type { ReadingTools } from './reading-tools.ts'
import { type GetStretch, beginSample, readParts } from './sample.ts'
import type { OpenedTorrent } from './torrent-plugin.ts'

/** What cannot be read in parts is read whole up to this size: a track of ten minutes as people share it. */
const WHOLE_BYTES_MAX = 24 * 2 ** 20
/** What is smaller lies in a piece or two. */
const SAMPLED_BYTES_MIN = 512 * 1024
/** Asked for at once of what follows on itself. */
const STEP_BYTES = 256 * 1024

/** What was read of a file of a torrent. It is in the blob store. */
export interface ReadTorrentFile {
  readonly sha256: Sha256
  readonly bytes: number
  readonly detected: DetectedFile
  readonly read: PartsRead | null
}

/**
 * Reads parts of an audio file of a torrent as they are read of one at an address: the beginning and two further on.
 *
 * @param key by which the places of the parts are chosen; see places.ts.
 * @returns undefined of what is no audio, and of what is long and cannot be read in parts.
 * @throws {Problem} as `OpenedTorrent.readPieces`. The reason of the signal.
 */
export async function readTorrentFile(
  { blobs, config }: Pick<ReadingTools, 'blobs' | 'config'>,
  torrent: OpenedTorrent,
  fileIndex: number,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<ReadTorrentFile | undefined> {
  const totalBytes = torrent.files[fileIndex]?.bytes ?? 0
  if (totalBytes === 0) return undefined
  async function* all(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < totalBytes; from += STEP_BYTES) {
      const to = Math.min(from + STEP_BYTES, totalBytes) - 1
      yield await torrent.readPieces(fileIndex, { from, to }, signal)
    }
  }
  const get: GetStretch = async (from, to) => {
    const range = { from, to: Math.min(to, totalBytes - 1) }
    return { from, bytes: await torrent.readPieces(fileIndex, range, signal) }
  }
  const beginning = beginningOf(all())
  const detected = detectFileKind(await beginning.upTo(FILE_HEAD_BYTES))
  if (!/^(?:audio|video|audio-or-video)$/.test(detected.kind)) return undefined
  const limits = { bytesMax: config.FETCH_BYTES_MAX }
  const look = totalBytes >= SAMPLED_BYTES_MIN ? lookFor(detected.format) : undefined
  const begun = look && (await beginSample(beginning, look, totalBytes))
  if (begun) {
    try {
      const where = { requestedUrl: key, startedAt: new Date() }
      const { parts, read } = await readParts(where, begun, { whole: false, signal }, get)
      return { ...(await blobs.put(parts, limits)), detected, read }
    } catch (error) {
      if (!(error instanceof Problem) || error.type !== 'fetch/wrong-part') throw error
    }
  }
  if (totalBytes > WHOLE_BYTES_MAX) return undefined
  return { ...(await blobs.put(all(), limits)), detected, read: null }
}
