import { open } from 'node:fs/promises'

import type { Sha256 } from '../services/core/ids.ts'
import { audioHashOf } from '../services/provenance/audio-hash.ts'
import type { Clue } from '../services/provenance/clue.ts'
import { streamingDumpClues } from '../services/provenance/streaming-dump.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../services/submissions/file-kind.ts'
import type { ReadTags } from '../services/submissions/read-tags.ts'
import type { MediaItem } from '../services/submissions/submission.ts'

/** What a file tells of where it comes from. */
export interface Provenance {
  /** Of its audio alone; undefined where it cannot be told apart from the rest, or not all of the file was read. */
  readonly audioSha256: Sha256 | undefined
  readonly clues: readonly Clue[]
}

/** The format by its first bytes, as `detectFileKind` names it. */
async function formatOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(FILE_HEAD_BYTES)
    const { bytesRead } = await file.read(head, 0, FILE_HEAD_BYTES, 0)
    return detectFileKind(head.subarray(0, bytesRead)).format
  } finally {
    await file.close()
  }
}

/** Bits per second by size and length, for files whose header does not say; undefined where either is not known. */
function meanBitRate(
  { bytes, read }: Pick<MediaItem, 'bytes' | 'read'>,
  heard: { readonly durationMs: number; readonly truncated: boolean },
): number | undefined {
  const wholeBytes = read ? read.totalBytes : bytes
  const wholeMs = read ? read.durationMs : heard.truncated ? null : heard.durationMs
  return wholeBytes !== null && wholeMs ? Math.round((wholeBytes * 8_000) / wholeMs) : undefined
}

/**
 * Reads from a suspect's file what tells where it comes from.
 *
 * @param path of its bytes, or of the parts that were read, one after the other.
 */
export async function provenanceOf(
  path: string,
  item: Pick<MediaItem, 'name' | 'place' | 'bytes' | 'read'>,
  { tags, written }: ReadTags,
  heard: { readonly durationMs: number; readonly truncated: boolean },
): Promise<Provenance> {
  const format = await formatOf(path)
  const clues = streamingDumpClues({
    format,
    bitRate: tags.bitRate ?? meanBitRate(item, heard),
    names: [...item.place, item.name],
    tags: written,
  })
  // Of parts there is no hash that another copy, of which other parts were read, would have.
  return { audioSha256: item.read ? undefined : await audioHashOf(path, format), clues }
}
