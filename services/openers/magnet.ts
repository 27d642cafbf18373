import { oneLine } from './find-name.ts'
import type { FoundName, Opener } from './opener.ts'
import { placeName } from './place.ts'
import { textOpener } from './text-opener.ts'

/** A list of magnet links is a text as any other. */
const TEXT_BYTES_MAX = 5 * 2 ** 20
/** A magnet link with a hundred trackers has some kilobytes. */
const MAGNET_LENGTH_MAX = 16_384

const TOPIC = /^urn:(?:bt(?:ih|mh)|sha1|tree:tiger|ed2k|md5):([a-z0-9.]{1,200})$/i

/**
 * What a magnet link says of itself: display name, length and keywords. Trackers, peers and sources in it are not kept.
 *
 * @param fallback what it is called where it has neither a name nor a hash.
 */
export function* magnetFinds(magnet: string, fallback: string): Generator<FoundName> {
  if (magnet.length > MAGNET_LENGTH_MAX || !/^magnet:\?/i.test(magnet)) return
  const said = new URLSearchParams(magnet.slice(magnet.indexOf('?') + 1))
  const hash = TOPIC.exec(said.get('xt') ?? said.get('xt.1') ?? '')?.[1]
  const title = oneLine(said.get('dn') ?? said.get('dn.1') ?? '')
  const length = /^\d{1,15}$/.exec(said.get('xl') ?? '')?.[0]
  const name =
    title === '' ? (hash === undefined ? fallback : `torrent ${hash.toLowerCase()}`) : placeName(title)
  yield { kind: 'listed', name, ...(length !== undefined && { bytes: Number(length) }) }
  const keywords = oneLine(said.get('kt') ?? '')
  if (keywords !== '') yield { kind: 'listed', name: `keywords: ${keywords}` }
}

/** Magnet links, one on each line: what they name is listed, and nothing is asked for. At most 5 MiB are read. */
export const openMagnet: Opener = textOpener(TEXT_BYTES_MAX, function* find(text) {
  let number = 0
  for (const line of text.split('\n')) {
    const magnet = line.trim()
    if (!/^magnet:\?/i.test(magnet)) continue
    number += 1
    yield* magnetFinds(magnet, `magnet link ${number}`)
  }
})
