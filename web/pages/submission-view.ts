import { type Html, html } from '../../services/core/html.ts'
import { type Item, type Submission, defang, standing } from '../../services/submissions/submission.ts'
import { icon } from '../parts/icons.ts'
import { numberPager } from '../parts/paging.ts'
import { backTo, card, facts, pageHead, problemNote, progressBar } from '../parts/pieces.ts'
import { counted, shortHash, timeAgo, timeExact } from '../parts/words.ts'
import type { SubmissionRead } from './submission-data.ts'
import { itemView } from './submission-item-view.ts'
import { nameOfSubmission } from './submissions-view.ts'

/** How often a page asks while there is work: often enough to feel live, cheap enough for many open pages. */
const POLL = 'every 1500ms'
/** Steps that every submission has. */
const shownSteps = ['fetch', 'unpack', 'fingerprint', 'match', 'done'] as const
type ShownStep = (typeof shownSteps)[number]

const stepNames: Readonly<Record<ShownStep, readonly [name: string, now: string]>> = {
  fetch: ['Fetch', 'Fetching the file'],
  unpack: ['Open', 'Looking what it is'],
  fingerprint: ['Fingerprint', 'Listening to the audio'],
  match: ['Compare', 'Comparing with your recordings'],
  done: ['Result', 'Done'],
}

/** Steps that not every submission has, what they are shown as, and what is said meanwhile. */
const betweenSteps: Readonly<Record<'queued' | 'follow', readonly [shown: ShownStep, now: string]>> = {
  queued: ['fetch', 'Waiting for its turn'],
  follow: ['unpack', 'Fetching what it leads to'],
}

/** The step at which a failed submission stopped, told by what there is of it. */
function failedAt({ blobSha256 }: Submission, items: readonly Item[]): ShownStep {
  if (blobSha256 === null) return 'fetch'
  if (!items.some(({ kind }) => kind === 'media')) return 'unpack'
  return items.some(({ durationMs }) => durationMs !== null) ? 'match' : 'fingerprint'
}

function steps({ submission, items, standing: stood }: SubmissionRead): Html {
  const { step, progress } = standing(submission, stood)
  const failed = step === 'failed'
  const [shown, now] =
    step === 'failed'
      ? ([failedAt(submission, items), 'It could not be examined'] as const)
      : step === 'queued' || step === 'follow'
        ? betweenSteps[step]
        : ([step, stepNames[step][1]] as const)
  const at = shownSteps.indexOf(shown)
  const ended = step === 'done'
  const item = (name: ShownStep, index: number): Html => {
    const past = index < at || ended
    const isNow = index === at && !ended
    const look = past ? 'past' : isNow ? (failed ? 'failed' : 'now') : 'ahead'
    const label = name === 'fetch' && submission.kind === 'file' ? 'Receive' : stepNames[name][0]
    const said = past ? 'done' : isNow ? (failed ? 'failed here' : 'at work') : 'still to come'
    return html`<li class="step step-${look}" ${isNow && html`aria-current="step"`}>
      <span class="step-dot">${past ? icon('check') : isNow && failed ? icon('cross') : ''}</span>
      <span class="step-name">${label}<span class="unseen">, ${said}</span></span>
    </li>`
  }
  return html` <ol class="steps" aria-label="Progress">
      ${shownSteps.map(item)}
    </ol>
    <p class="${ended ? 'unseen' : 'steps-now'}" role="status">${now}${!ended && !failed && '…'}</p>
    ${!ended && !failed && progressBar(progress, now)}`
}

const retryForm = (id: string): Html =>
  html`<form method="post" action="/submissions/${id}/retry">
    <button class="button button-small">${icon('retry')}Try again</button>
  </form>`

/** How many of how much is in it; nothing of what is one file. */
function countsLine({ counts }: SubmissionRead): Html | false {
  const { all, heard, recognised, failed } = counts
  if (all < 2) return false
  const parts = [
    heard > 0 && `${counted(heard, 'file')}, ${recognised.toLocaleString('en')} recognised`,
    failed > 0 && `${failed.toLocaleString('en')} could not be had or opened`,
    all > heard + failed && `${counted(all, 'thing')} found in all`,
  ]
  return html`<p class="hint">${parts.filter(Boolean).join(', ')}.</p>`
}

function verdictTitle({ submission, recordings }: SubmissionRead): string {
  if (submission.stage === 'failed') return 'It could not be examined'
  if (submission.stage !== 'done') return 'At work'
  return recordings > 0 ? `${counted(recordings, 'recording')} of yours found` : 'Nothing of yours found'
}

/** The part that changes while there is work: it asks for itself until the end. */
export function submissionLive(read: SubmissionRead): Html {
  const { submission, items, findings, leads, after, next } = read
  const open = submission.stage !== 'done' && submission.stage !== 'failed'
  const path = `/submissions/${submission.id}`
  const progress = `${path}/progress${after > 0 ? `?items=${after}` : ''}`
  return html` <div id="live" ${open && html`hx-get="${progress}" hx-trigger="${POLL}" hx-swap="outerMorph"`}>
    <section class="card" aria-labelledby="verdict">
      <div class="card-head">
        <h2 id="verdict" class="verdict">${verdictTitle(read)}</h2>
        ${!open && read.canRetry && retryForm(submission.id)}
      </div>
      ${steps(read)} ${countsLine(read)} ${submission.problem && problemNote(submission.problem)}
    </section>
    ${
      items.length > 0 &&
      html`<div class="items" id="items">
        ${items.map((item) =>
          itemView(
            item,
            findings.filter(({ match }) => match.itemId === item.id),
            leads.filter(({ itemId }) => itemId === item.id),
            read.copies.filter((copy) => copy.of === item.id),
          ),
        )}
      </div>`
    }
    ${numberPager(
      path,
      { items: String(after) },
      { name: 'items', id: 'items', label: 'Pages of what was found', next },
    )}
  </div>`
}

/** One submission: how far it is, what is in it, what was found. */
export function submissionView(read: SubmissionRead): Html {
  const { submission, capture, origin } = read
  return html` ${pageHead({
    above: backTo('/submissions', 'Submissions'),
    title: html`<span class="breakable">${nameOfSubmission(submission)}</span>`,
    below: html`Handed in
    ${timeAgo(submission.createdAt)}${origin && html` ${origin.kind === 'list' ? 'with the list' : 'by the watch'} <a href="${origin.path}">${origin.name}</a>`}${submission.note && html` · ${submission.note}`}`,
  })}
  ${submissionLive(read)}
  ${
    capture &&
    card({
      id: 'captures',
      title: 'What was seen at the address',
      body: facts([
        { label: 'Fetched', value: timeExact(capture.startedAt) },
        {
          label: 'Answered',
          value: html`HTTP ${capture.status} from <span class="code">${capture.address}</span>`,
        },
        {
          label: 'Led to',
          value:
            capture.finalUrl !== capture.requestedUrl &&
            html`<span class="code breakable">${defang(capture.finalUrl)}</span>`,
        },
        { label: 'Size', value: `${capture.bytes.toLocaleString('en')} bytes` },
        { label: 'SHA-256', value: shortHash(capture.sha256) },
      ]),
    })
  }`
}
