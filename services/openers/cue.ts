import { addressIn, isLocalPath } from './address.ts'
import { atTime, named } from './find-name.ts'
import type { Found, FoundName, Opener } from './opener.ts'
import { placeName } from './place.ts'
import { textOpener } from './text-opener.ts'

/** A sheet of 99 tracks has some ten kilobytes. */
const SHEET_BYTES_MAX = 2 ** 20
const LINE_LENGTH_MAX = 1_000
/** A compact disc has 75 frames a second; indexes count in them. */
const FRAMES_PER_S = 75

interface Track {
  readonly number: number
  /** Which of the sheet's files it is in. */
  readonly file: number
  title?: string
  performer?: string
  startS?: number
}

/** Words of a line: a command, and its values with or without quotes. */
const wordsOf = (line: string): readonly string[] =>
  [...line.slice(0, LINE_LENGTH_MAX).matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )

function secondsAt(text: string | undefined): number | undefined {
  const [, minutes, seconds, frames] = /^(\d{1,4}):(\d{1,2}):(\d{1,2})$/.exec(text ?? '') ?? []
  return minutes === undefined
    ? undefined
    : Number(minutes) * 60 + Number(seconds) + Number(frames) / FRAMES_PER_S
}

function readSheet(text: string): { files: readonly string[]; tracks: readonly Track[] } {
  const files: string[] = []
  const tracks: Track[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [command = '', first, second] = wordsOf(line)
    const track = tracks.at(-1)
    switch (command.toUpperCase()) {
      case 'FILE':
        if (first) files.push(first)
        break
      case 'TRACK':
        tracks.push({
          number: /^\d{1,3}$/.test(first ?? '') ? Number(first) : tracks.length + 1,
          file: files.length,
        })
        break
      case 'TITLE':
        if (track && first) track.title ??= first
        break
      case 'PERFORMER':
        if (track && first) track.performer ??= first
        break
      case 'INDEX': {
        // Index 01 is where the track begins; 00 is the pause before it.
        const startS = Number(first) === 1 ? secondsAt(second) : undefined
        if (track && startS !== undefined) track.startS ??= startS
        break
      }
      default:
    }
  }
  return { files, tracks }
}

function listed(track: Track, next: Track | undefined): FoundName {
  const words = [track.performer, track.title].filter(Boolean).join(' - ')
  const { startS } = track
  const endS = next?.file === track.file ? next.startS : undefined
  const durationMs = startS !== undefined && endS !== undefined ? Math.round((endS - startS) * 1_000) : 0
  return {
    kind: 'listed',
    name: named(atTime(`track ${track.number}`, startS), words),
    ...(durationMs > 0 && { durationMs }),
  }
}

function fileFind(file: string, own: string | undefined): Found {
  const url = isLocalPath(file) ? undefined : addressIn(file.replaceAll('\\', '/'), own)
  const name = placeName(file.split(/[/\\]/).at(-1) ?? '')
  return url === undefined ? { kind: 'listed', name } : { kind: 'link', url, name, role: 'media' }
}

/**
 * Cue sheets, of which at most 1 MiB is read: the files that they are of, as links where the sheet was fetched, and their
 * tracks with the times at which they begin.
 */
export const openCue: Opener = textOpener(SHEET_BYTES_MAX, function* find(text, { url }) {
  const { files, tracks } = readSheet(text)
  for (const file of new Set(files)) yield fileFind(file, url)
  for (const [index, track] of tracks.entries()) yield listed(track, tracks[index + 1])
})
