import { type Html, html } from '../../services/core/html.ts'
import type { SubmissionCounts } from '../../services/submissions/store.ts'
import { type Submission, type SubmissionStage, defang } from '../../services/submissions/submission.ts'
import { type Filled, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, pageHead, tabs } from '../parts/pieces.ts'
import { pill, submissionPill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { dropField } from '../parts/upload.ts'
import { counted, sizeInWords, timeAgo } from '../parts/words.ts'

/** A submission in a list, with how many recordings were found in it. */
export interface SubmissionRow {
  readonly submission: Submission
  readonly recordings: number
}

/** What a submission is called: its address made harmless, or the name of its file. */
export const nameOfSubmission = ({ url, fileName }: Submission): string =>
  url ? defang(url) : (fileName ?? 'Submission')

/** What came of it, in one pill. */
function verdict({ submission, recordings }: SubmissionRow): Html {
  if (submission.stage !== 'done') return submissionPill(submission.stage)
  return recordings > 0
    ? pill('signal', 'ear', counted(recordings, 'recording found', 'recordings found'))
    : pill('neutral', 'dash', 'Nothing found')
}

/** The list that overview and submissions share. */
export const submissionTable = (caption: string, rows: readonly SubmissionRow[]): Html =>
  table(
    caption,
    [
      {
        name: 'Suspect',
        kind: 'main',
        cell: ({ submission }) =>
          mainCell(`/submissions/${submission.id}`, nameOfSubmission(submission), submission.note ?? false),
      },
      { name: 'Result', kind: 'state', cell: verdict },
      {
        name: 'Size',
        kind: 'number',
        cell: ({ submission }) => (submission.bytes === null ? '–' : sizeInWords(submission.bytes)),
      },
      { name: 'Handed in', kind: 'number', cell: ({ submission }) => timeAgo(submission.createdAt) },
    ],
    rows,
  )

/** The two ways to hand something in. */
export const submitBox = (filled: Filled = unfilled): Html =>
  html` <section class="card submit-box" id="submit" aria-labelledby="submit-title">
    <h2 id="submit-title" class="unseen">Hand in a suspect</h2>
    <form method="post" action="/submissions" class="submit-url">
      ${textField(
        {
          name: 'url',
          label: 'Suspect link',
          type: 'url',
          required: true,
          placeholder: 'https://',
          autocomplete: 'off',
          charactersMax: 2048,
          hint: 'A page, a file, an archive, a stream, a playlist or a magnet link. We open it from our side.',
        },
        filled,
      )}
      ${textField(
        {
          name: 'note',
          label: 'Note',
          autocomplete: 'off',
          charactersMax: 2000,
          hint: 'Where it was found, who told you.',
        },
        filled,
      )}
      <button class="button button-primary">${icon('link')}Examine link</button>
    </form>
    <form
      method="post"
      action="/submissions/files"
      enctype="multipart/form-data"
      class="submit-file"
      data-upload="submission"
    >
      ${filled.faults['file'] && html`<p class="notice notice-bad" role="alert">${filled.faults['file']}</p>`}
      ${dropField({
        id: 'suspect-file',
        label: 'Choose files',
        hint: 'Audio, video, pictures, archives, playlists, torrents, saved mails. Files are deleted when they were examined, unless you chose to hold them.',
        multiple: true,
        required: true,
      })}
      <button class="button">${icon('file')}Examine files</button>
    </form>
  </section>`

/** Everything that was handed in, newest first. */
export function submissionsView(given: {
  rows: readonly SubmissionRow[]
  last: Submission | undefined
  counts: SubmissionCounts
  query: Readonly<Record<string, string>>
  stage: SubmissionStage | undefined
  filled: Filled
}): Html {
  const { rows, last, counts, query, stage, filled } = given
  const all = counts.open + counts.done + counts.failed
  const nothing = stage
    ? empty({ name: 'search', title: 'None like this', text: 'No submission is at this stage now.' })
    : empty({
        name: 'submit',
        title: 'Nothing handed in yet',
        text: 'Paste a suspect link or drop a file above. Every second of it is compared with your recordings.',
      })
  return html` ${pageHead({
    title: 'Submissions',
    below: 'Links and files that may contain your recordings.',
    actions: html`<a class="button" href="/batches">${icon('submit')}Lists</a>
      <a class="button" href="/watches">${icon('eye')}Watches</a>`,
  })}
  ${submitBox(filled)}
  ${card({
    id: 'list',
    title: 'Handed in',
    flush: true,
    refreshFrom: counts.open > 0 && listHref('/submissions', query),
    aside: tabs('Filter by result', [
      { text: 'All', href: '/submissions', current: !stage, count: all },
      { text: 'Examined', href: '/submissions?stage=done', current: stage === 'done', count: counts.done },
      {
        text: 'Failed',
        href: '/submissions?stage=failed',
        current: stage === 'failed',
        count: counts.failed,
      },
    ]),
    body:
      rows.length > 0
        ? html`${submissionTable('Submissions, newest first', rows)}
          ${pager('/submissions', query, last && { at: last.createdAt, id: last.id })}`
        : nothing,
  })}`
}
