import { Problem } from '../core/problem.ts'
import type { Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'
import { durationOf, trackFind } from './track-find.ts'

const LIST_BYTES_MAX = 20 * 2 ** 20
/** Longer lines are no entries. */
const LINE_LENGTH_MAX = 4_096
/** Entries may come in any order, so all are held. */
const ENTRIES_MAX = 100_000

interface Entry {
  file?: string
  title?: string
  length?: string
}

/** PLS playlists, of which at most 20 MiB are read: `File1=`, `Title1=` and `Length1=` in any order. */
export const openPls: Opener = textOpener(LIST_BYTES_MAX, function* find(text, source) {
  const entries = new Map<number, Entry>()
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, key, digits, value] =
      /^\s{0,20}(File|Title|Length)(\d{1,6})\s{0,20}=(.*)$/i.exec(line.slice(0, LINE_LENGTH_MAX)) ?? []
    if (key === undefined || value === undefined || value.trim() === '') continue
    if (entries.size >= ENTRIES_MAX)
      throw new Problem('open/too-many', `The list has more than ${ENTRIES_MAX} entries`)
    const entry = entries.get(Number(digits)) ?? {}
    entry[key.toLowerCase() as keyof Entry] ??= value.trim()
    entries.set(Number(digits), entry)
  }
  for (const [number, { file, title, length }] of [...entries].toSorted(([a], [b]) => a - b)) {
    const durationMs = durationOf(Number(length ?? -1))
    const found = trackFind({ location: file, title, durationMs, number }, source)
    if (found) yield found
  }
})
