import { Problem } from '../core/problem.ts'
import { addressIn } from './address.ts'
import { named } from './find-name.ts'
import { type HlsPlaylist, type HlsRun, type HlsVariant, readHls } from './hls-playlist.ts'
import type { Found, FoundLink, Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'

/** Twenty thousand segments with signed addresses. */
const PLAYLIST_BYTES_MAX = 20 * 2 ** 20

/** Codecs that are heard, as RFC 6381 writes them. */
const AUDIO_CODEC = /(?:^|,)\s*(?:mp4a|ac-[34]|ec-3|opus|fLaC|alac|mp3|vorbis|dts[cehlx]|mha1|mhm1)/i
const VIDEO_CODEC = /(?:^|,)\s*(?:avc\d|hvc1|hev1|vp0?[89]|av01|dvh[1e]|mp4v)/i

const hasAudio = ({ codecs }: HlsVariant): boolean => codecs === undefined || AUDIO_CODEC.test(codecs)
const isAudioOnly = ({ codecs }: HlsVariant): boolean =>
  codecs !== undefined && AUDIO_CODEC.test(codecs) && !VIDEO_CODEC.test(codecs)

/** The variant that costs least to hear. */
function cheapest(variants: readonly HlsVariant[]): HlsVariant | undefined {
  const heard = variants.filter(hasAudio)
  const only = heard.filter(isAudioOnly)
  return (only.length > 0 ? only : heard).toSorted((a, b) => a.bandwidth - b.bandwidth)[0]
}

/** The cheapest variant with audio; where its audio lies apart, every rendition of it instead. */
function* mainFinds({ variants, renditions }: HlsPlaylist, own: string | undefined): Generator<Found> {
  const variant = cheapest(variants)
  const seen = new Set<string | undefined>([own])
  const linkOf = (uri: string, name: string): FoundLink | undefined => {
    const url = addressIn(uri, own)
    if (url === undefined || seen.has(url)) return undefined
    seen.add(url)
    return { kind: 'link', url, name, role: 'stream' }
  }
  const group = renditions.filter(({ group }) => variant === undefined || group === variant.audioGroup)
  let number = 0
  for (const { uri, name } of group) {
    const found = uri === undefined ? undefined : linkOf(uri, named(`audio ${number + 1}`, name))
    if (found === undefined) continue
    number += 1
    yield found
  }
  const isInside = number === 0 || group.some(({ uri }) => uri === undefined)
  const { uri, bandwidth } = variant ?? {}
  if (uri === undefined || !isInside) return
  const rate =
    bandwidth === Infinity ? 'variant' : `variant of ${Math.round((bandwidth ?? 0) / 1_000)} kbit/s`
  const found = linkOf(uri, rate)
  if (found) yield found
}

/** A run with absolute addresses; a list that names itself, or what is no address, is no part of it. */
function streamOf({ init, segments }: HlsRun, name: string, own: string | undefined): Found | undefined {
  const parts = segments.flatMap((segment) => {
    const url = addressIn(segment.url, own)
    return url === undefined || url === own ? [] : [{ ...segment, url }]
  })
  if (parts.length === 0) return undefined
  const initUrl = init && addressIn(init.url, own)
  return {
    kind: 'stream',
    name,
    ...(initUrl !== undefined && { init: { url: initUrl, range: init?.range } }),
    segments: parts,
  }
}

/**
 * HTTP Live Streaming (RFC 8216), of which at most 20 MiB and 20,000 segments are read. Of a stream that goes on, what is
 * there now; of an encrypted one nothing, for protection is not circumvented.
 */
export const openHls: Opener = textOpener(PLAYLIST_BYTES_MAX, function* find(text, { url }) {
  const playlist = readHls(text)
  yield* mainFinds(playlist, url)
  const name = playlist.isLive ? 'live stream' : 'stream'
  let found = 0
  for (const [index, run] of playlist.runs.entries()) {
    const stream = streamOf(run, playlist.runs.length > 1 ? `${name}, part ${index + 1}` : name, url)
    if (!stream) continue
    found += 1
    yield stream
  }
  if (playlist.encrypted > 0) {
    const problem = new Problem('open/encrypted', `${playlist.encrypted} parts of the stream are encrypted`)
    if (found === 0) throw problem
    yield { kind: 'fault', name: 'encrypted parts', problem }
  }
  if (playlist.runs.length > 0 && found === 0)
    throw new Problem('open/unsupported', 'Its parts lie beside it, and where it is from is not known')
  if (playlist.isCut) throw new Problem('open/too-many', 'The playlist has more parts than are examined')
})
