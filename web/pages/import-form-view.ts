import { XML_BYTES_MAX } from '../../services/catalog/import/ddex/xml.ts'
import { JSON_BYTES_MAX } from '../../services/catalog/import/musicbrainz/json-lines.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type Filled, formFault, selectField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { backTo, pageHead } from '../parts/pieces.ts'
import { dropField } from '../parts/upload.ts'
import { sizeInWords } from '../parts/words.ts'
import { columnGuide } from './import-columns.ts'

/** Encodings that spreadsheets write, by their names in the WHATWG Encoding Standard. */
export const encodings = {
  'utf-8': 'UTF-8',
  'windows-1252': 'Western (Windows-1252)',
  'windows-1250': 'Central European (Windows-1250)',
  'windows-1251': 'Cyrillic (Windows-1251)',
  'windows-1253': 'Greek (Windows-1253)',
  'windows-1254': 'Turkish (Windows-1254)',
  macintosh: 'Western (Macintosh)',
  'utf-16le': 'UTF-16',
  shift_jis: 'Japanese (Shift JIS)',
  gb18030: 'Chinese (GB 18030)',
  'euc-kr': 'Korean (EUC-KR)',
} as const

/** What the chooser of the browser offers; what a file is its first bytes tell. */
const FILES = '.csv,.tsv,.txt,.xml,.json,text/csv,text/tab-separated-values,text/xml,application/json'

const fileHint = (bytesMax: number): string =>
  `A table (CSV, TSV) of up to ${sizeInWords(bytesMax)}, a DDEX ERN message of up to ` +
  `${sizeInWords(Math.min(bytesMax, XML_BYTES_MAX))}, or MusicBrainz JSON of up to ` +
  `${sizeInWords(Math.min(bytesMax, JSON_BYTES_MAX))}. Which of them it is, is found out.`

const tableOptions = (filled: Filled): Html =>
  html` <details class="more" ${(filled.values['dateOrder'] || filled.values['encoding']) && html`open`}>
    <summary>How a table is written</summary>
    <div class="field-grid">
      ${selectField(
        {
          name: 'dateOrder',
          label: 'Dates such as 05/06/2020',
          prompt: 'Find out from the file',
          options: { dmy: 'Day first: 5 June', mdy: 'Month first: May 6' },
        },
        filled,
      )}
      ${selectField(
        { name: 'encoding', label: 'Encoding', prompt: 'Find out from the file', options: encodings },
        filled,
      )}
    </div>
  </details>`

/** Where a catalogue is handed in, with what is understood of it. */
export const importFormView = (filled: Filled, bytesMax: number): Html =>
  html` ${pageHead({
      title: 'Import a catalogue',
      above: backTo('/recordings', 'Recordings'),
      below:
        'Every row is checked first. You see what would change and correct what is wrong before anything is kept.',
      actions: html`<a class="button" href="/recordings/imports">Earlier imports</a>`,
    })}
    <section class="card" aria-label="Hand in a file">
      <form
        method="post"
        action="/recordings/import"
        enctype="multipart/form-data"
        class="stack"
        data-upload="import"
      >
        ${formFault(filled)} ${tableOptions(filled)}
        ${dropField({
          id: 'catalogue-file',
          label: 'Choose files',
          hint: fileHint(bytesMax),
          multiple: true,
          required: true,
          accept: FILES,
        })}
        <p><button class="button button-primary">${icon('search')}Check the file</button></p>
      </form>
    </section>
    <section class="card" aria-labelledby="columns-title">
      <div class="card-head">
        <h2 id="columns-title">Columns of a table</h2>
        <a class="button button-small" href="/v1/imports/template" download>${icon('download')}Template</a>
      </div>
      ${columnGuide()}
    </section>`
