import { addressIn } from './address.ts'
import type { Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'
import { durationOf, trackFind } from './track-find.ts'
import { type XmlNode, childrenOf, readXmlTree, textOf } from './xml-tree.ts'

const LIST_BYTES_MAX = 20 * 2 ** 20

/** `Creator - Title`, as far as a track says it. */
const titleOf = (track: XmlNode): string | undefined =>
  [textOf(track, 'creator'), textOf(track, 'title')].filter(Boolean).join(' - ') || undefined

/** XSPF playlists (version 1), of which at most 20 MiB are read: every location of each track, and its picture. */
export const openXspf: Opener = textOpener(LIST_BYTES_MAX, function* find(text, source, budget) {
  const { root, problem } = readXmlTree(text, budget)
  const covers = new Set<string>()
  for (const [index, track] of childrenOf(childrenOf(root, 'tracklist')[0], 'track').entries()) {
    const number = index + 1
    const title = titleOf(track)
    const durationMs = durationOf(Number(textOf(track, 'duration') ?? -1) / 1_000)
    const locations = childrenOf(track, 'location').map((node) => node.text.trim())
    for (const location of locations.length > 0 ? locations : [undefined]) {
      const found = trackFind({ location, title, durationMs, number }, source)
      if (found) yield found
    }
    const cover = addressIn(textOf(track, 'image') ?? '', source.url)
    if (cover !== undefined && !covers.has(cover))
      yield { kind: 'link', url: cover, name: `track ${number}, cover`, role: 'cover' }
    if (cover !== undefined) covers.add(cover)
  }
  if (problem) throw problem
})
