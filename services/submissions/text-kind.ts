import type { DetectedFile } from './file-kind.ts'

const text = (format: string, mediaType: string): DetectedFile => ({ kind: 'text', format, mediaType })

const html: DetectedFile = { kind: 'html', format: 'html', mediaType: 'text/html' }
const torrent: DetectedFile = { kind: 'torrent', format: 'torrent', mediaType: 'application/x-bittorrent' }
const magnet: DetectedFile = { kind: 'torrent', format: 'magnet', mediaType: 'text/plain' }
const xml = text('xml', 'application/xml')
const rss = text('rss', 'application/rss+xml')
const hls = text('hls', 'application/vnd.apple.mpegurl')
const m3u = text('m3u', 'audio/x-mpegurl')
const pls = text('pls', 'audio/x-scpls')
const cue = text('cue', 'application/x-cue')
const mail = text('eml', 'message/rfc822')
const mailbox = text('mbox', 'application/mbox')
const oembed = text('oembed', 'application/json')
const json = text('json', 'application/json')
const urlList = text('url-list', 'text/plain')
const plain = text('plain', 'text/plain')

/** A torrent is binary further on, and its first key tells it (BEP 3: keys are sorted). */
const TORRENT_START =
  /^d(?:8:announce|13:announce-list|7:comment|10:created by|13:creation date|8:encoding|9:httpseeds|5:nodes|4:infod)/

/** XML by the local name of its root element. */
const roots: Readonly<Record<string, DetectedFile>> = {
  html,
  rss,
  feed: text('atom', 'application/atom+xml'),
  playlist: text('xspf', 'application/xspf+xml'),
  mpd: text('dash', 'application/dash+xml'),
}

const HTML_START = /^<(?:!doctype\s+html|html|head|body|title|script|meta|div|p|a|table)\b/i

/** Headers that a mail has at least two of; a note in the form `Title: …` has none. */
const MAIL_HEADER =
  /^(?:from|to|subject|date|message-id|received|return-path|delivered-to|mime-version|content-type|dkim-signature)$/i
const MAIL_HEADERS_MIN = 2
/** The line with address and date that stands before each mail of a mailbox (RFC 4155), at the start of a text. */
export const MAILBOX_START = /^From \S{1,320} {1,4}\w{3} \w{3} [ \d]\d /

/** What a cue sheet says of its files and tracks, and other text does not. */
const CUE_LINE =
  /^[ \t]{0,20}(?:FILE [^\r\n]{1,300} (?:WAVE|MP3|AIFF|BINARY|MOTOROLA|FLAC)|TRACK \d\d AUDIO)\s*$/im
const CUE_START = /^(?:REM|TITLE|PERFORMER|SONGWRITER|CATALOG|CDTEXTFILE|FILE)[ \t]/i

/** An address, also as people write it so that nobody clicks on it. */
const ADDRESS = /\bh(?:tt|xx)ps?:\/\/[^\s"'<>]{3}/i

/**
 * What a text is, by its first words; undefined when the bytes are none. In an encoding that is not known only what
 * cannot be anything else is told: other bytes of that kind may be no text at all.
 */
export function detectText(head: Uint8Array): DetectedFile | undefined {
  const latin1 = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  if (TORRENT_START.test(latin1)) return torrent
  const unicode = decodeUnicode(head)
  const words = (unicode ?? latin1).trimStart()
  if (words === '' || hasControls(words)) return undefined
  const certain = byMarkup(words) ?? byFirstLine(words)
  if (certain !== undefined || unicode === undefined) return certain
  if (/^(?:\{\s*["}]|\[\s*(?:["{[\]\d-]|true|false|null))/.test(words)) return isOembed(words) ? oembed : json
  return ADDRESS.test(words) ? urlList : plain
}

/** Text in UTF-8, or in UTF-16 with its mark. */
function decodeUnicode(head: Uint8Array): string | undefined {
  const encoding =
    head[0] === 0xff && head[1] === 0xfe
      ? 'utf-16le'
      : head[0] === 0xfe && head[1] === 0xff
        ? 'utf-16be'
        : 'utf-8'
  try {
    // As a stream, because the head may end within a character.
    return new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const hasControls = (words: string): boolean => /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(words)

/** What stands before the first element of a document: declaration, comments, processing instructions. */
function withoutProlog(words: string): string {
  let rest = words
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined
    const at = end === undefined ? -1 : rest.indexOf(end)
    if (end === undefined || at === -1) return rest
    rest = rest.slice(at + end.length).trimStart()
  }
}

function byMarkup(words: string): DetectedFile | undefined {
  if (!words.startsWith('<')) return undefined
  const rest = withoutProlog(words)
  if (HTML_START.test(rest)) return html
  const root = rest.replace(/^<!doctype[^<>]{0,1000}>\s*/i, '')
  const [, name = ''] = /^<(?:[a-z_][\w.-]{0,100}:)?([a-z_][\w.-]{0,100})(?=[\s/>])/i.exec(root) ?? []
  // RSS 1.0 is RDF, of which there are other kinds.
  if (name === 'RDF' && root.includes('http://purl.org/rss/1.0/')) return rss
  const known = roots[name.toLowerCase()]
  if (known !== undefined) return known
  return name !== '' || words.startsWith('<?xml') ? xml : undefined
}

function byFirstLine(words: string): DetectedFile | undefined {
  if (/^#EXTM3U/i.test(words)) return /^#EXT-X-/m.test(words) ? hls : m3u
  if (/^#EXTINF:/i.test(words)) return m3u
  if (/^\[playlist\]/i.test(words)) return pls
  if (/^magnet:\?/i.test(words)) return magnet
  if (CUE_START.test(words) && CUE_LINE.test(words)) return cue
  if (MAILBOX_START.test(words)) return mailbox
  return isMail(words) ? mail : undefined
}

/** Whether a text begins with the header fields of a mail (RFC 5322). */
function isMail(words: string): boolean {
  if (!/^[\w-]{2,60}:/.test(words)) return false
  let known = 0
  for (const line of words.split(/\r?\n/)) {
    if (line === '') break
    if (/^[ \t]/.test(line)) continue
    const [, name] = /^([!-9;-~]{1,100}):/.exec(line) ?? []
    // The head may end within a line, so the last one need not be whole; by then enough is known.
    if (name === undefined) return known > MAIL_HEADERS_MIN
    if (MAIL_HEADER.test(name)) known += 1
  }
  return known >= MAIL_HEADERS_MIN
}

/** Whether an object is an answer of an oEmbed provider: a version and one of four types. */
const isOembed = (words: string): boolean =>
  /"version"\s{0,20}:\s{0,20}"?1\.0\b/.test(words) &&
  /"type"\s{0,20}:\s{0,20}"(?:photo|video|link|rich)"/.test(words)
