import { parseBlob } from 'music-metadata'

import { type DescribedRecording, describeFile } from '../../services/metadata/describe-file.ts'
import type { RecordingNames } from './send.ts'

/** One file in the table: what is known of it can be corrected until it is registered. */
export interface FileRow {
  readonly file: File
  /** As the table says it now. */
  names(): RecordingNames
  /** What is still missing, if anything. */
  missing(): string | undefined
  say(text: string, state: 'waiting' | 'busy' | 'done' | 'failed', href?: string): void
  readonly isDone: boolean
}

/** Tags are a help; a file that keeps the parser busy for longer goes without. */
const TAGS_TIMEOUT_MS = 10_000

/** What the tags and the name of a file say. */
async function described(file: File): Promise<DescribedRecording> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, TAGS_TIMEOUT_MS))
  const read = parseBlob(file, { skipCovers: true, duration: false }).catch(() => undefined)
  const tags = await Promise.race([read, late])
  return describeFile(file.name, tags?.common ?? {}, {}).recording
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
  const { title, artists, isrc = '', release } = await described(file)
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
    missing() {
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
