import type { Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'
import { durationOf, trackFind } from './track-find.ts'

/** A hundred thousand entries: nobody listens to that list. */
const LIST_BYTES_MAX = 20 * 2 ** 20
/** Longer lines are no entries. */
const LINE_LENGTH_MAX = 4_096

/** M3U playlists, of which at most 20 MiB are read: links for addresses, names for files of whoever wrote the list. */
export const openM3u: Opener = textOpener(LIST_BYTES_MAX, function* find(text, source) {
  let number = 0
  let title: string | undefined
  let durationMs: number | undefined
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw
      .slice(0, LINE_LENGTH_MAX)
      .trim()
      .replace(/^\uFEFF/, '')
    const [, seconds, words] =
      /^#EXTINF:\s{0,4}(-?\d{1,9}(?:\.\d{1,9})?)?[^,]{0,1000},?(.{0,1000})/i.exec(line) ?? []
    if (/^#EXTINF:/i.test(line)) {
      title = words?.trim() || undefined
      durationMs = seconds === undefined ? undefined : durationOf(Number(seconds))
    }
    if (line === '' || line.startsWith('#') || raw.length > LINE_LENGTH_MAX) continue
    number += 1
    const found = trackFind({ location: line, title, durationMs, number }, source)
    if (found) yield found
    title = durationMs = undefined
  }
})
