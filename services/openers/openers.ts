import type { DetectedFile } from '../submissions/file-kind.ts'
import { openBzip2, openGzip, openXz, openZstd } from './compressed.ts'
import { openCue } from './cue.ts'
import { openDash } from './dash.ts'
import { openFeed } from './feed.ts'
import { openHls } from './hls.ts'
import { openHtml } from './html.ts'
import { openM3u } from './m3u.ts'
import { openMagnet } from './magnet.ts'
import { openMail, openMailbox } from './mail.ts'
import { openOembed } from './oembed.ts'
import type { Opener } from './opener.ts'
import { openPls } from './pls.ts'
import { openRar } from './rar.ts'
import { openSevenZip } from './seven-zip.ts'
import { openTar } from './tar.ts'
import { openTorrent } from './torrent.ts'
import { tracksOpener } from './tracks.ts'
import { openUrlList } from './url-list.ts'
import { openXspf } from './xspf.ts'
import { openZip } from './zip.ts'

/** What some openers need of the machine. */
export interface OpenerTools {
  /** As `findFfmpeg` found it; without it media are heard as they are, by their first audio track. */
  readonly ffmpegPath?: string | undefined
}

/** The opener of each format, by its name in `detectFileKind`. */
const openers: Readonly<Record<string, Opener>> = {
  '7z': openSevenZip,
  atom: openFeed,
  bzip2: openBzip2,
  cue: openCue,
  dash: openDash,
  eml: openMail,
  gzip: openGzip,
  hls: openHls,
  html: openHtml,
  m3u: openM3u,
  magnet: openMagnet,
  mbox: openMailbox,
  oembed: openOembed,
  plain: openUrlList,
  pls: openPls,
  rar: openRar,
  rss: openFeed,
  tar: openTar,
  torrent: openTorrent,
  'url-list': openUrlList,
  xspf: openXspf,
  xz: openXz,
  zip: openZip,
  zstd: openZstd,
}

/** Containers that may hold several audio tracks. */
const withTracks: ReadonlySet<string> = new Set([
  'asf',
  'avi',
  'm4a',
  'matroska',
  'mov',
  'mp4',
  'mpeg-ps',
  'mpeg-ts',
  'ogg',
  'ogg-theora',
  'webm',
])

/** What opens a file, by what its bytes say that it is; undefined when there is nothing in it to open. */
export function openerOf({ format }: DetectedFile, { ffmpegPath }: OpenerTools = {}): Opener | undefined {
  if (ffmpegPath !== undefined && withTracks.has(format)) return tracksOpener(ffmpegPath)
  return Object.hasOwn(openers, format) ? openers[format] : undefined
}
