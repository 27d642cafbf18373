import {
  type AllowEntry,
  type AllowKind,
  type NewAllowEntry,
  isInForce,
} from '../../services/allowlist/entry.ts'
import { kindNames } from '../../services/allowlist/leave.ts'
import type { EntryCounts, EntryState } from '../../services/allowlist/store.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { type Html, html } from '../../services/core/html.ts'
import { defang } from '../../services/submissions/submission.ts'
import { type Filled, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, confirmButton, empty, noteBox, tabs } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'
import { fullTitle } from './recordings-view.ts'

export const ALLOW_LIST_PATH = '/settings/allow-list'

const entryPill = (entry: AllowEntry): Html => {
  if (entry.endedAt) return pill('neutral', 'dash', 'Ended')
  return isInForce(entry, new Date())
    ? pill('good', 'check', 'In force')
    : pill('neutral', 'clock', 'Expired')
}

const untilWords = ({ endedAt, endedBy, expiresOn }: AllowEntry): Html | string => {
  if (endedAt) return html`ended ${timeAgo(endedAt)} by ${endedBy}`
  return expiresOn === null ? 'taken back' : expiresOn
}

const scopeWords = ({ recordingId, releaseId, scopeTitle }: AllowEntry): Html | string => {
  if (recordingId)
    return html`recording <a href="/recordings/${recordingId}">${scopeTitle ?? 'removed since'}</a>`
  return releaseId ? `release “${scopeTitle ?? ''}”` : 'whole catalogue'
}

const endButton = ({ id, value }: AllowEntry): Html =>
  confirmButton({
    id: `end-${id}`,
    button: 'End',
    question: `End leave for “${value}”?`,
    text: 'From now on finds there are shown for review again. The entry stays on record. Cases that it closed come up again when something is found there once more.',
    action: `${ALLOW_LIST_PATH}/${id}/end`,
    yes: 'End leave',
  })

/** Entries as a table; `canEnd` puts a button at those in force. */
const entryTable = (caption: string, entries: readonly AllowEntry[], canEnd: boolean): Html =>
  table(
    caption,
    [
      {
        name: 'Place',
        kind: 'main',
        cell: ({ kind, value, reason, licensee }) =>
          html`<strong class="breakable">${value}</strong>
            <span class="row-detail">${kindNames[kind]}${licensee !== null && html` · ${licensee}`}</span>
            <span class="row-detail">${reason}</span>`,
      },
      { name: 'State', kind: 'state', cell: entryPill },
      { name: 'Of', cell: scopeWords },
      { name: 'Until', cell: untilWords },
      {
        name: 'Made by',
        cell: ({ ownerName, createdAt }) =>
          html`${ownerName} <span class="row-detail">${timeAgo(createdAt)}</span>`,
      },
      { name: 'Action', cell: (entry) => (canEnd && isInForce(entry, new Date()) ? endButton(entry) : '–') },
    ],
    entries,
  )

const stateNames: Readonly<Record<EntryState, string>> = {
  'in-force': 'In force',
  expired: 'Expired',
  ended: 'Ended',
}

/** What the form says of an entry besides its place; the case page has the same. */
export const entryFields = (filled: Filled): Html =>
  html`${textArea(
      {
        id: 'allow-reason',
        name: 'reason',
        label: 'Reason',
        required: true,
        rows: 2,
        charactersMax: 500,
        hint: 'Why it is allowed, for whoever asks in a year.',
      },
      filled,
    )}
    <div class="field-grid">
      ${textField({ name: 'licensee', label: 'Licensee', autocomplete: 'off', charactersMax: 300 }, filled)}
      ${textField(
        {
          name: 'expiresOn',
          label: 'Until',
          type: 'date',
          hint: 'The last day, in UTC. Empty: until ended.',
        },
        filled,
      )}
    </div>`

/** For which recordings an entry is to be: all, or around one that the visitor came from. */
export function scopeField(recording: Recording | undefined, filled: Filled): Html {
  if (!recording)
    return html`<p class="hint">
      For the whole catalogue. To allow a place for one recording or release, start at the page of a
      recording.
    </p>`
  const options = {
    all: 'The whole catalogue',
    [`recording ${recording.id}`]: `Only “${fullTitle(recording)}”`,
    ...(recording.releaseId && {
      [`release ${recording.releaseId}`]: `Only the release “${recording.releaseTitle}”`,
    }),
  }
  const values = { scope: `recording ${recording.id}`, ...filled.values }
  return selectField({ name: 'scope', label: 'For', required: true, options }, { ...filled, values })
}

/** The scope as the choice of `scopeField` says it. */
export function scopeOf(
  text: string,
): Pick<Record<keyof NewAllowEntry, unknown>, 'recordingId' | 'releaseId'> {
  const [kind, id] = text.split(' ')
  return {
    recordingId: kind === 'recording' ? id : undefined,
    releaseId: kind === 'release' ? id : undefined,
  }
}

const makeForm = (recording: Recording | undefined, filled: Filled): Html =>
  html` <form method="post" action="${ALLOW_LIST_PATH}" class="stack">
    ${formFault(filled)} ${recording && html`<input type="hidden" name="from" value="${recording.id}" />`}
    ${selectField(
      {
        name: 'kind',
        label: 'What',
        required: true,
        prompt: 'Choose',
        options: {
          channel: 'A channel: an account on a platform',
          'url-prefix': 'An address and what is under it',
          domain: 'A domain with its subdomains',
          file: 'One file that was handed in, by its SHA-256',
        } satisfies Record<AllowKind, string>,
      },
      filled,
    )}
    ${textField(
      {
        name: 'value',
        label: 'Which',
        required: true,
        autocomplete: 'off',
        charactersMax: 2048,
        placeholder: 'youtube.com/@name',
        hint: 'Paste the address; what does not belong to it is left out.',
      },
      filled,
    )}
    ${scopeField(recording, filled)} ${entryFields(filled)}
    <p><button class="button button-primary">${icon('check')}Allow</button></p>
  </form>`

/** What a test of an address found; undefined when none was asked for. */
export interface Tested {
  readonly url: string
  readonly entries: readonly AllowEntry[]
}

function testResult({ url, entries }: Tested): Html {
  const shown = html`<span class="code breakable">${defang(url)}</span>`
  if (entries.length === 0)
    return noteBox('info', html`Nothing on the list allows ${shown}: finds there are shown for review.`)
  const all = entries.some(({ recordingId, releaseId }) => !recordingId && !releaseId)
  const text = all
    ? html`${shown} is allowed for the whole catalogue.`
    : html`${shown} is allowed for some recordings only.`
  return html`${noteBox('good', text)} ${entryTable('Entries that allow this address', entries, false)}`
}

const testForm = (filled: Filled, tested: Tested | undefined): Html =>
  html` <form method="get" action="${ALLOW_LIST_PATH}#test" class="stack">
      ${textField(
        {
          id: 'test-address',
          name: 'test',
          label: 'Address',
          type: 'url',
          required: true,
          autocomplete: 'off',
          charactersMax: 2048,
          placeholder: 'https://example.com/song.mp3',
          hint: 'It is not opened, only held against the list.',
        },
        filled,
      )}
      <p><button class="button">${icon('search')}Test</button></p>
    </form>
    <div role="status">${tested && testResult(tested)}</div>`

/** Where copies are allowed: the list, a test, and a form. */
export function allowListView(given: {
  rows: readonly AllowEntry[]
  last: AllowEntry | undefined
  counts: EntryCounts
  state: EntryState
  query: Readonly<Record<string, string>>
  canChange: boolean
  recording: Recording | undefined
  tested: Tested | undefined
  testFilled: Filled
  filled: Filled
}): Html {
  const { rows, last, counts, state, query, canChange, recording, tested } = given
  const countOf = { 'in-force': counts.inForce, expired: counts.expired, ended: counts.ended }
  const { state: _state, after: _after, ...kept } = query
  return html` ${card({
    id: 'list',
    title: 'Where copies are allowed',
    flush: true,
    aside: tabs(
      'Filter by state',
      (Object.keys(stateNames) as EntryState[]).map((name) => ({
        text: stateNames[name],
        href: listHref(ALLOW_LIST_PATH, kept, { state: name }),
        current: name === state,
        count: countOf[name],
      })),
    ),
    body:
      rows.length > 0
        ? html`${entryTable('Entries, newest first', rows, canChange)}${pager(ALLOW_LIST_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'check',
            title: state === 'in-force' ? 'Nothing is allowed yet' : 'Nothing here',
            text:
              state === 'in-force'
                ? 'Put your own channels and your licensees here: finds there are kept, but open nothing to review and send no mail.'
                : 'Entries that hold no more are kept here.',
          }),
  })}
  ${card({ id: 'test', title: 'Test an address', body: testForm(given.testFilled, tested) })}
  ${canChange && card({ id: 'allow', title: 'Allow a place', body: makeForm(recording, given.filled) })}`
}
