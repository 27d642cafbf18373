import { parseIsrc, parseUpc } from '../identifiers/identifiers.ts'

/** No more of a name is read. File systems allow 255 bytes, pages write longer titles, attackers the longest. */
const CLAIM_LENGTH_MAX = 1_000

/** A code found in a name that belongs to a platform. */
export interface ClaimId {
  /** `youtube`: the 11 characters that downloaders append; `base62`: 22 characters, as some platforms number tracks. */
  readonly kind: 'youtube' | 'base62'
  readonly value: string
}

/** A name without its codes and without what uploaders and sites add. */
export interface ClaimText {
  readonly text: string
  readonly isrc: string | undefined
  readonly upc: string | undefined
  readonly ids: readonly ClaimId[]
}

const ENDING =
  /\.(?:mp[234]|m4[abv]|flac|wav|ogg|oga|opus|aac|aiff?|wma|ape|wv|alac|mkv|webm|mov|avi|flv|3gp|zip|rar|7z|tar|gz|torrent|html?|php|part|nfo|m3u8?|cue)$/i
/** `song.mp3.html`, `song.tar.gz.part`. */
const ENDINGS_MAX = 3

const YOUTUBE_ID = / ?\[([\w-]{11})\]$/
/** The older way of the same downloader; only believed when it looks like no word. */
const YOUTUBE_ID_BARE = /-((?=[\w-]{0,10}\d)(?=[\w-]{0,10}[A-Z])[\w-]{11})$/
const BASE62_ID =
  /(?<![0-9A-Za-z])(?=[0-9A-Za-z]{0,21}\d)(?=[0-9A-Za-z]{0,21}[A-Z])(?=[0-9A-Za-z]{0,21}[a-z])[0-9A-Za-z]{22}(?![0-9A-Za-z])/
const ISRC = /(?<![0-9A-Za-z])[A-Za-z]{2}-?[0-9A-Za-z]{3}-?\d{2}-?\d{5}(?![0-9A-Za-z])/
const UPC = /(?<!\d)\d{12,14}(?!\d)/

/** Repetitions are bounded, so that no text makes these patterns try the same characters again and again. */
const NOISE: readonly RegExp[] = [
  /[([{]?(?:https?:\/\/|www\.)[\w.-]{2,60}(?:\/\S{0,60})?[)\]}]?/gi,
  /[([{][\w-]{2,40}\.(?:com|net|org|info|ru|me|co|site|xyz|io|cc|to|ws|biz|fm|su|club|online)[)\]}]/gi,
  /^[-_ ]{0,3}[\w-]{2,40}\.(?:com|net|org|info|ru|site|xyz|cc|ws|biz|su|club|online)[-_ ]{1,3}/gi,
  /[-_ ]{1,3}[\w-]{2,40}\.(?:com|net|org|info|ru|site|xyz|cc|ws|biz|su|club|online)$/gi,
  /[-_ ([]{0,3}(?<![0-9a-z])(?:320|256|192|160|128|96|64) ?k(?:bps|bit|b)?(?:\/s)?\b[)\]]?/gi,
  /[-_ ]{1,3}(?:320|256|192|128)$/g,
  / ?[-_]? ?\((?:\d{1,2}|copy|kopie|copia|copie)\)$/gi,
  /[-_ ]{1,3}(?:copy|kopie|copia|copie)(?: ?\d{1,2})?$/gi,
  /[([](?:mp3|flac|wav|m4a|aac|web|web-dl|cd|cdq|vinyl|lossless|hi-?res|24 ?bit|16 ?bit)(?:[ -/]{1,2}[\w.-]{1,12}){0,3}[)\]]/gi,
]

const PERCENT = /%[0-9a-f]{2}/i

function percentDecoded(text: string): string {
  if (!PERCENT.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // A percent sign that encodes nothing is a part of the name.
    if (error instanceof URIError) return text
    throw error
  }
}

const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** No writing has more marks on one letter; a longer pile only makes work. */
const MARKS = /(\p{M}{4})\p{M}+/gu

/** Text as it came, made safe to look at: bounded, decoded, without control and direction-changing characters. */
export const readableClaim = (text: string): string =>
  spaced(
    percentDecoded(text.slice(0, CLAIM_LENGTH_MAX))
      .normalize('NFC')
      .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ')
      .replaceAll(MARKS, '$1')
      .slice(0, CLAIM_LENGTH_MAX),
  )

/** A file name without the endings of audio, video, archives and pages. */
export function withoutEndings(name: string): string {
  let rest = name
  for (let count = 0; count < ENDINGS_MAX; count++) rest = rest.replace(ENDING, '')
  return rest
}

/** Takes codes and noise out of a name that `readableClaim` and `withoutEndings` went over. */
export function readClaimText(name: string): ClaimText {
  const ids: ClaimId[] = []
  let text = name
  const take = (pattern: RegExp, kind: ClaimId['kind']): void => {
    const found = pattern.exec(text)
    if (!found) return
    ids.push({ kind, value: found[1] ?? found[0] })
    text = text.replace(pattern, ' ').trim()
  }
  take(YOUTUBE_ID, 'youtube')
  take(BASE62_ID, 'base62')
  const isrc = parseFirst(ISRC, text, parseIsrc)
  if (isrc) text = text.replace(ISRC, ' ')
  const upc = parseFirst(UPC, text, parseUpc)
  if (upc) text = text.replace(UPC, ' ')
  if (ids.length === 0 && isrc === undefined) take(YOUTUBE_ID_BARE, 'youtube')
  for (const pattern of NOISE) text = text.replace(pattern, ' ')
  return { text: withWordSpaces(text.trim()), isrc, upc, ids }
}

function parseFirst(
  pattern: RegExp,
  text: string,
  parse: (code: string) => string | undefined,
): string | undefined {
  const found = pattern.exec(text)
  return found ? parse(found[0]) : undefined
}

/** Underscores, plus signs or dots as spaces where a name has them instead. */
function withWordSpaces(text: string): string {
  const spaces = count(text, ' ')
  let rest = text
  if (count(rest, '_') > spaces) rest = rest.replaceAll('_', ' ')
  if (!rest.includes(' ') && count(rest, '+') > 1) rest = rest.replaceAll('+', ' ')
  if (!rest.includes(' ') && count(rest, '.') > 1) rest = rest.replaceAll('.', ' ')
  return spaced(rest)
}

const count = (text: string, sign: string): number => text.split(sign).length - 1
