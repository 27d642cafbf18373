/** The shortest limit among the file systems that a name may land on (ext4, NTFS, APFS): 255 bytes. */
const NAME_BYTES_MAX = 255

/** No more of a longer name is looked at: it could only be an attack on the patterns below. */
const NAME_LENGTH_MAX = 1_024

/** A name ending longer than this is no ending: it is not kept when a name is shortened. */
const ENDING_LENGTH_MAX = 16

/**
 * A file name that can be shown, logged and written: no folders, no control or direction-changing characters
 * (which make `gpm.exe` read as `exe.mpg`), no characters that a file system refuses, at most 255 bytes of UTF-8.
 *
 * @returns undefined when nothing is left.
 */
export function sanitiseFileName(name: string): string | undefined {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .slice(-NAME_LENGTH_MAX)
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  return plain ? shorten(plain) : undefined
}

/** Cuts the middle of a name, on whole characters, so that its ending stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 && name.length - dot <= ENDING_LENGTH_MAX ? name.slice(dot) : ''
  const room = NAME_BYTES_MAX - Buffer.byteLength(ending)
  let kept = ''
  let bytes = 0
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    kept += character
  }
  return kept + ending
}

/**
 * The name that a source gives to a file: from Content-Disposition (RFC 6266; `filename*` wins), else the last
 * part of the URL's path. `disposition` is the header as it came: one character for each byte.
 */
export function fileNameOf(disposition: string | undefined, url: URL): string | undefined {
  return fromDisposition(disposition ?? '') ?? sanitiseFileName(percentDecoded(url.pathname))
}

function fromDisposition(disposition: string): string | undefined {
  const extended = /(?:^|;)\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(disposition)
  if (extended?.[2]) {
    const isUtf8 = extended[1]?.toLowerCase() === 'utf-8'
    const name = sanitiseFileName(isUtf8 ? percentDecoded(extended[2]) : unescape8(extended[2]))
    if (name) return name
  }
  const plain = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)
  const text = plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2]
  // Browsers read raw UTF-8 and percent signs here although RFC 6266 has neither, so hosts send both.
  return text === undefined ? undefined : sanitiseFileName(percentDecoded(utf8OfBytes(text)))
}

/** Percent-decoded UTF-8, or the text as it is when it is not that. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

const unescape8 = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** A header's bytes read as UTF-8 where they are UTF-8. */
function utf8OfBytes(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  return decoded.includes('\uFFFD') ? text : decoded
}
