import type { ManifestBatch, ManifestCursor } from './batch.ts'
import { openBytes, shareOf } from './bytes.ts'
import type { FieldPaths } from './fields.ts'
import { Gathering } from './gathering.ts'
import { LineSplitter } from './line-splitter.ts'

/** Paths are shorter on every file system. */
const LINE_BYTES_MAX = 64 * 1024

/** Files whose names are names of music, or of what music is packed in. */
const AUDIO_NAME = /\.(?:mp3|ogg|oga|opus|flac|m4a|aac|wav|aiff?|wma|ape|wv|mka|webm|mp4|zip|rar|7z|tar)$/i

/** What programs that list files write before or behind a path: rights, owners, sizes and dates, hashes. */
const shapes: readonly RegExp[] = [
  // sha256sum
  /^(?<sha256>[0-9a-f]{64}) [ *](?<path>.+)$/i,
  // ls -l, tar -tv
  /^[dlbcps-][rwxstST-]{9}[+.@]? .*?\b\d{1,2}:\d{2}(?::\d{2})? (?<path>.+)$/,
  /^[dlbcps-][rwxstST-]{9}[+.@]? .*? (?:\d{4}|\d{1,2}:\d{2}) (?<path>.+)$/,
  // du, find -printf '%s %p'
  /^\s*[\d.]+[KMGTP]?\s+(?<path>\S.*)$/,
]

/** The path that a line names, and its hash where it has one; undefined for folders and lines that name nothing. */
function fileOf(line: string): { path: string; sha256?: string | undefined } | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#') || /[/\\]$/.test(text)) return undefined
  for (const shape of shapes) {
    const found = shape.exec(text)?.groups
    if (found?.['path'] !== undefined) return { path: found['path'], sha256: found['sha256'] }
  }
  return { path: text }
}

/**
 * The rows of a list of files, one path a line, as `find`, `ls -l`, `tar -tv` and `sha256sum` write them, or as a torrent
 * is listed. Only names of music count; everything else is passed over.
 *
 * @throws {Problem} open/damaged at the end of a file that is cut off.
 */
export async function* readFileList(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
): AsyncGenerator<ManifestBatch> {
  const bytes = await openBytes(path)
  const gathering = new Gathering(part, paths, after, () => shareOf(bytes))
  const splitter = new LineSplitter(
    LINE_BYTES_MAX,
    (buffer, from, to) => {
      gathering.row += 1
      if (!gathering.isWanted || from === to) return
      const file = fileOf(buffer.toString('utf8', from, to))
      if (file && AUDIO_NAME.test(file.path))
        gathering.take({ filename: file.path, sha256: file.sha256, status: 'audio' })
    },
    () => {
      gathering.row += 1
      if (gathering.isWanted) gathering.fault(`The line is longer than ${LINE_BYTES_MAX} bytes`)
    },
  )
  try {
    for await (const chunk of bytes.chunks) {
      splitter.push(chunk)
      if (gathering.isFull) yield gathering.batch()
    }
  } catch (error) {
    yield gathering.batch()
    throw error
  }
  splitter.end()
  yield gathering.batch()
}
