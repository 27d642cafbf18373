import type { StreamSegment } from './opener.ts'

/** A day in parts of five seconds. */
const SEGMENTS_MAX = 20_000
/** Variants and renditions of one stream: some ten qualities in some ten languages. */
const VARIANTS_MAX = 1_000
/** Longer lines are no tags and no addresses. */
const LINE_LENGTH_MAX = 8_192

/** A quality in which a stream is offered. */
export interface HlsVariant {
  readonly uri: string
  /** Bits in a second at most; Infinity where it is not said. */
  readonly bandwidth: number
  /** As RFC 6381 writes them; undefined where it is not said. */
  readonly codecs: string | undefined
  /** Which renditions belong to it. */
  readonly audioGroup: string | undefined
}

/** Audio that is offered beside the picture. */
export interface HlsRendition {
  readonly group: string
  /** Undefined where the audio is in the variant. */
  readonly uri: string | undefined
  readonly name: string
}

type Part = Omit<StreamSegment, 'durationMs'>

/** Segments that follow the same initialisation, addresses as written. */
export interface HlsRun {
  readonly init: Part | undefined
  readonly segments: StreamSegment[]
}

/** A playlist as it is written (RFC 8216), either a main one or one of segments. */
export interface HlsPlaylist {
  readonly variants: readonly HlsVariant[]
  readonly renditions: readonly HlsRendition[]
  readonly runs: readonly HlsRun[]
  /** Segments that are encrypted, and left out. */
  readonly encrypted: number
  /** Segments are still to come. */
  readonly isLive: boolean
  /** There are more than are taken. */
  readonly isCut: boolean
}

/** Attributes of a tag: `NAME=value,OTHER="a, b"`. */
export function hlsAttributes(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([A-Z0-9-]{1,60})=(?:"([^"]{0,4096})"|([^",]{0,4096}))/g)
  return new Map([...found].map(([, name = '', quoted, plain]) => [name, quoted ?? plain?.trim() ?? '']))
}

/** `n@o`: so many bytes from there; without `o` right behind the part before. */
function rangeOf(text: string | undefined, next: number): { from: number; to: number } | undefined {
  const [, length, offset] = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(text?.trim() ?? '') ?? []
  if (length === undefined || Number(length) === 0) return undefined
  const from = offset === undefined ? next : Number(offset)
  return { from, to: from + Number(length) - 1 }
}

/** Reads one playlist, line by line. */
class Reading {
  readonly variants: HlsVariant[] = []
  readonly renditions: HlsRendition[] = []
  readonly runs: HlsRun[] = []
  encrypted = 0
  isCut = false
  isLive = true
  #segments = 0
  #isEncrypted = false
  #init: Part | undefined
  #stream: ReadonlyMap<string, string> | undefined
  #durationMs = 0
  #range: string | undefined
  #isGap = false
  #last: { readonly uri: string; readonly end: number } | undefined

  tag(name: string, value: string): void {
    switch (name) {
      case '#EXT-X-STREAM-INF':
        this.#stream = hlsAttributes(value)
        break
      case '#EXT-X-MEDIA':
        this.#rendition(hlsAttributes(value))
        break
      case '#EXTINF':
        this.#durationMs = Math.max(0, Math.round((Number.parseFloat(value) || 0) * 1_000))
        break
      case '#EXT-X-BYTERANGE':
        this.#range = value
        break
      case '#EXT-X-KEY':
        this.#isEncrypted = hlsAttributes(value).get('METHOD') !== 'NONE'
        break
      case '#EXT-X-MAP':
        this.#map(hlsAttributes(value))
        break
      case '#EXT-X-GAP':
        this.#isGap = true
        break
      case '#EXT-X-ENDLIST':
        this.isLive = false
        break
      default:
    }
  }

  /** A line that is no tag: the address of what the tags before it speak of. */
  address(uri: string): void {
    if (this.#stream) this.#variant(uri, this.#stream)
    else this.#segment(uri)
    this.#stream = undefined
    this.#durationMs = 0
    this.#range = undefined
    this.#isGap = false
  }

  #variant(uri: string, attributes: ReadonlyMap<string, string>): void {
    if (this.variants.length >= VARIANTS_MAX) this.isCut = true
    else
      this.variants.push({
        uri,
        bandwidth: Number(attributes.get('BANDWIDTH')) || Infinity,
        codecs: attributes.get('CODECS'),
        audioGroup: attributes.get('AUDIO'),
      })
  }

  #rendition(attributes: ReadonlyMap<string, string>): void {
    if (attributes.get('TYPE') !== 'AUDIO') return
    if (this.renditions.length >= VARIANTS_MAX) this.isCut = true
    else
      this.renditions.push({
        group: attributes.get('GROUP-ID') ?? '',
        uri: attributes.get('URI'),
        name: attributes.get('NAME') ?? attributes.get('LANGUAGE') ?? '',
      })
  }

  #map(attributes: ReadonlyMap<string, string>): void {
    const url = attributes.get('URI')
    const init = url === undefined ? undefined : { url, range: rangeOf(attributes.get('BYTERANGE'), 0) }
    const before = this.#init
    const isSame = init?.url === before?.url && init?.range?.from === before?.range?.from
    if (!isSame) this.#init = init
  }

  #segment(url: string): void {
    const range = rangeOf(this.#range, this.#last?.uri === url ? this.#last.end : 0)
    this.#last = { uri: url, end: (range?.to ?? -1) + 1 }
    if (this.#isGap || this.isCut) return
    if (this.#isEncrypted) {
      this.encrypted += 1
      return
    }
    this.#segments += 1
    if (this.#segments > SEGMENTS_MAX) {
      this.isCut = true
      return
    }
    const segment = { url, range, durationMs: this.#durationMs }
    const run = this.runs.at(-1)
    if (run && run.init === this.#init) run.segments.push(segment)
    else this.runs.push({ init: this.#init, segments: [segment] })
  }
}

/** Reads a playlist of HTTP Live Streaming as it is written; what it does not understand it leaves out. */
export function readHls(text: string): HlsPlaylist {
  const reading = new Reading()
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || line.length > LINE_LENGTH_MAX) continue
    if (!line.startsWith('#')) reading.address(line)
    else {
      const colon = line.indexOf(':')
      reading.tag(colon === -1 ? line : line.slice(0, colon), colon === -1 ? '' : line.slice(colon + 1))
    }
  }
  return reading
}
