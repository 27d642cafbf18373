import { parseBlob } from 'music-metadata'

import { type DescribedRecording, describeFile } from '../../services/metadata/claims/describe-file.ts'
import type { RecordingNames } from './send.ts'

/** One file in the table: what is known of it can be corrected until it is registered. */
export interface FileRow {
  readonly file: File
  /** As the table says it now. */
  names(): RecordingNames
  /** Why it cannot be registered as it stands, if so. */
  objection(): string | undefined
  say(text: string, state: 'waiting' | 'busy' | 'done' | 'failed', href?: string): void
  readonly isDone: boolean
}

/** Tags are a help; a file that keeps the parser busy for longer goes without. */
const TAGS_TIMEOUT_MS = 10_000

/**
 * A browser decodes a file in one piece, all channels at their own rate. More than this (100 minutes of a CD) may be more
 * than a page gets, and then all that was typed is lost.
 */
const DECODED_BYTES_MAX = 2 ** 31
const SAMPLE_BYTES = 4
/** What a file has that does not say: that of a CD. */
const [RATE_USUAL, CHANNELS_USUAL] = [44_100, 2]

interface DescribedFile {
  readonly recording: DescribedRecording
  /** As far as the file tells its length; else 0. */
  readonly decodedBytes: number
}

/** What the tags and the name of a file say. */
async function described(file: File): Promise<DescribedFile> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, TAGS_TIMEOUT_MS))
  const read = parseBlob(file, { skipCovers: true, duration: false }).catch(() => undefined)
  const tags = await Promise.race([read, late])
  const { duration = 0, sampleRate = RATE_USUAL, numberOfChannels = CHANNELS_USUAL } = tags?.format ?? {}
  return {
    recording: describeFile(file.name, tags?.common ?? {}, {}).recording,
    decodedBytes: duration * sampleRate * numberOfChannels * SAMPLE_BYTES,
  }
}

/** Several artists are written with a bar between them: names contain commas. */
const ARTIST_SEPARATOR = '|'

function field(label: string, value: string, maxLength: number): HTMLInputElement {
  const input = document.createElement('input')
  input.value = value
  input.maxLength = maxLength
  input.ariaLabel = label
  input.autocomplete = 'off'
  return input
}

/** @param label the column's heading, for screens that are too narrow for columns. */
function cell(label: string, child: Node | string): HTMLTableCellElement {
  const made = document.createElement('td')
  made.dataset['label'] = label
  made.append(child)
  return made
}

/** A row at the end of a table, filled in by the file's tags. */
export async function addRow(body: HTMLTableSectionElement, file: File): Promise<FileRow> {
  const { recording, decodedBytes } = await described(file)
  const { title, artists, isrc = '', release } = recording
  const fields = {
    title: field(`Title of ${file.name}`, title, 500),
    artists: field(`Artists of ${file.name}`, artists.join(` ${ARTIST_SEPARATOR} `), 1_000),
    isrc: field(`ISRC of ${file.name}`, isrc, 40),
  }
  const name = document.createElement('span')
  name.className = 'upload-name'
  name.textContent = file.name
  const state = cell('State', 'ready')
  const row = document.createElement('tr')
  row.append(
    cell('File', name),
    cell('Title', fields.title),
    cell('Artists', fields.artists),
    cell('ISRC', fields.isrc),
    state,
  )
  body.append(row)
  let isDone = false
  return {
    file,
    names: () => ({
      title: fields.title.value.trim(),
      artists: fields.artists.value
        .split(ARTIST_SEPARATOR)
        .map((text) => text.trim())
        .filter(Boolean),
      isrc: fields.isrc.value.trim(),
      release: release && { title: release.title },
    }),
    objection() {
      if (decodedBytes > DECODED_BYTES_MAX) return 'too long for a browser; use “earwitness register”'
      if (fields.title.value.trim() === '') return 'needs a title'
      return fields.artists.value.trim() === '' ? 'needs an artist' : undefined
    },
    say(text, kind, href) {
      isDone = kind === 'done'
      row.className = `local-${kind}`
      for (const input of Object.values(fields)) input.readOnly = kind === 'busy' || kind === 'done'
      if (!href) return state.replaceChildren(text)
      const link = document.createElement('a')
      link.href = href
      link.textContent = text
      return state.replaceChildren(link)
    },
    get isDone() {
      return isDone
    },
  }
}
