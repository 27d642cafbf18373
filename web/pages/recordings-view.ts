import type { Recording, RecordingStage } from '../../services/catalog/recording.ts'
import type { CatalogCounts } from '../../services/catalog/store.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, noteBox, pageHead, tabs } from '../parts/pieces.ts'
import { recordingPill, recordingStageNames } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { dropField } from '../parts/upload.ts'
import { counted, isrcCode, timeAgo } from '../parts/words.ts'

/** A title with its version, as lists and headings have it. */
export const fullTitle = ({ title, version }: Pick<Recording, 'title' | 'version'>): string =>
  version ? `${title} (${version})` : title

const recordingTable = (rows: readonly Recording[]): Html =>
  table(
    'Recordings, newest first',
    [
      {
        name: 'Recording',
        kind: 'main',
        cell: (row) => mainCell(`/recordings/${row.id}`, fullTitle(row), row.artists.join(', ')),
      },
      { name: 'State', kind: 'state', cell: recordingPill },
      { name: 'ISRC', cell: ({ isrc }) => (isrc ? isrcCode(isrc) : '–') },
      {
        name: 'Length',
        kind: 'number',
        cell: ({ durationMs }) => (durationMs === null ? '–' : clockTime(durationMs)),
      },
      { name: 'Registered', kind: 'number', cell: ({ createdAt }) => timeAgo(createdAt) },
    ],
    rows,
  )

const nameFields = (filled: Filled): Html =>
  html` <div class="field-grid" data-single-file>
      ${textField(
        {
          name: 'title',
          label: 'Title',
          autocomplete: 'off',
          charactersMax: 500,
          hint: 'Left empty, the name of the file is taken.',
        },
        filled,
      )}
      ${textField(
        {
          name: 'version',
          label: 'Version',
          autocomplete: 'off',
          charactersMax: 200,
          placeholder: 'Live in Delhi',
        },
        filled,
      )}
    </div>
    <div class="field-grid">
      ${textField(
        {
          name: 'artists',
          label: 'Main artists',
          required: true,
          autocomplete: 'off',
          hint: 'Several: separated by commas.',
        },
        filled,
      )}
      <div data-single-file>
        ${textField(
          {
            name: 'isrc',
            label: 'ISRC',
            autocomplete: 'off',
            charactersMax: 40,
            placeholder: 'AA-6Q7-20-00047',
          },
          filled,
        )}
      </div>
    </div>`

const moreFields = (filled: Filled): Html =>
  html` <details class="more" ${Object.keys(filled.faults).length > 0 && html`open`}>
    <summary>Release and rights</summary>
    <div class="field-grid">
      ${textField({ name: 'release', label: 'Release', autocomplete: 'off', charactersMax: 500 }, filled)}
      ${textField({ name: 'label', label: 'Label', autocomplete: 'off', charactersMax: 300 }, filled)}
      ${textField({ name: 'upc', label: 'UPC or EAN', autocomplete: 'off', charactersMax: 40 }, filled)}
      ${textField(
        {
          name: 'pLine',
          label: '℗ line',
          autocomplete: 'off',
          charactersMax: 300,
          placeholder: '2020 Example Records',
        },
        filled,
      )}
      ${textField(
        {
          name: 'rightsHolder',
          label: 'Rights holder',
          autocomplete: 'off',
          charactersMax: 300,
          hint: 'Left empty, your account.',
        },
        filled,
      )}
      ${textField(
        {
          name: 'territories',
          label: 'Territories',
          autocomplete: 'off',
          placeholder: 'Worldwide',
          hint: 'Worldwide, or country codes such as IN, DE.',
        },
        filled,
      )}
      ${textField(
        {
          name: 'embargoUntil',
          label: 'Unreleased until',
          autocomplete: 'off',
          charactersMax: 25,
          placeholder: '2031-03-06 23:00',
          hint: 'Day and time in UTC, while it is under embargo.',
        },
        filled,
      )}
    </div>
  </details>`

const uploadHint =
  'One master, or a whole release at once: then titles come from the names of the files. Each is fingerprinted ' +
  'and deleted, unless you chose to hold it. Without audio the recording is registered by name only.'

const registerForm = (filled: Filled, open: boolean): Html =>
  html` <details class="card disclosure" id="register" ${open && html`open`}>
    <summary><h2>${icon('plus')}Register recordings</h2></summary>
    <form
      method="post"
      action="/recordings"
      enctype="multipart/form-data"
      class="stack"
      data-upload="recording"
    >
      ${formFault(filled)} ${nameFields(filled)} ${moreFields(filled)}
      ${dropField({
        id: 'recording-file',
        label: 'Choose audio',
        hint: uploadHint,
        multiple: true,
      })}
      <p><button class="button button-primary">${icon('plus')}Register</button></p>
    </form>
    <p class="hint below-form">
      Should the audio not leave your computer?
      <a href="/recordings/here">Register on this computer</a>: only names and fingerprints are sent.
    </p>
  </details>`

const searchForm = (query: string | undefined, stage: RecordingStage | undefined): Html =>
  html` <form method="get" action="/recordings" role="search" class="search">
    ${stage && html`<input type="hidden" name="stage" value="${stage}" />`}
    <label class="unseen" for="q">Search title, artist or ISRC</label>
    <span class="search-box"
      >${icon('search')}<input
        id="q"
        name="q"
        type="search"
        value="${query}"
        placeholder="Title, artist or ISRC"
    /></span>
    <button class="button">Search</button>
  </form>`

function stageTabs(counts: CatalogCounts, stage: RecordingStage | undefined): Html {
  const of: Readonly<Record<RecordingStage, number>> = {
    done: counts.recognisable,
    index: counts.inWork,
    registered: counts.recordings - counts.recognisable - counts.inWork - counts.failed - counts.withdrawn,
    failed: counts.failed,
  }
  return tabs('Filter by state', [
    { text: 'All', href: '/recordings', current: !stage, count: counts.recordings },
    ...(Object.keys(of) as RecordingStage[])
      .filter((name) => of[name] > 0 || name === stage)
      .map((name) => ({
        text: recordingStageNames[name],
        href: `/recordings?stage=${name}`,
        current: stage === name,
        count: of[name],
      })),
  ])
}

/** The catalogue with its search, and the form that adds to it. */
export function recordingsView(given: {
  rows: readonly Recording[]
  last: Recording | undefined
  counts: CatalogCounts
  /** How many claims of other accounts to these recordings have not ended. */
  disputed: number
  query: Readonly<Record<string, string>>
  stage: RecordingStage | undefined
  filled: Filled
}): Html {
  const { rows, last, counts, disputed, query, stage, filled } = given
  const words = query['q']
  const isEmpty = counts.recordings === 0
  const nothing = isEmpty
    ? empty({
        name: 'recording',
        title: 'No recordings yet',
        text: 'Register the recordings you want to protect. Only what is registered with audio can be recognised.',
      })
    : empty({
        name: 'search',
        title: 'No recording like this',
        text: words ? `Nothing has all the words of “${words}”.` : 'No recording is in this state.',
        action: html`<a class="button" href="/recordings">Show all</a>`,
      })
  const isOpen = isEmpty || Object.keys(filled.faults).length > 0 || query['register'] !== undefined
  return html` ${pageHead({
    title: 'Recordings',
    below: 'What you protect. Every suspect is compared with all of them.',
    actions: html`<a class="button" href="/recordings/import">${icon('file')}Import a catalogue</a>`,
  })}
  ${
    disputed > 0 &&
    noteBox(
      'attention',
      html`Ownership in dispute: other accounts claim what you registered.
        <a href="/recordings/conflicts">See ${counted(disputed, 'dispute')}</a>.`,
    )
  }
  ${registerForm(filled, isOpen)}
  ${card({
    id: 'list',
    title: 'Catalogue',
    flush: true,
    refreshFrom: counts.inWork > 0 && listHref('/recordings', query),
    aside: stageTabs(counts, stage),
    body: html` ${!isEmpty && searchForm(words, stage)}
    ${rows.length > 0 ? html`${recordingTable(rows)}${pager('/recordings', query, last && { at: last.createdAt, id: last.id })}` : nothing}`,
  })}`
}
