import { type Html, html, trusted } from '../../services/core/html.ts'
import { changeInWords, clockTime, confidenceInWords } from '../../services/matches/match.ts'
import { timelineSvg } from '../../services/matches/picture.ts'
import { formatIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import {
  type Item,
  type PipelineStep,
  type Submission,
  defang,
  pipelineSteps,
  standing,
} from '../../services/submissions/submission.ts'
import { decodedNote } from '../parts/finds.ts'
import { icon } from '../parts/icons.ts'
import { leadList } from '../parts/names.ts'
import { backTo, card, facts, pageHead, problemNote, progressBar } from '../parts/pieces.ts'
import { pill, sharedPill } from '../parts/pills.ts'
import {
  acceptedInWords,
  counted,
  isrcCode,
  percent,
  shortHash,
  sizeInWords,
  timeAgo,
  timeExact,
} from '../parts/words.ts'
import type { Finding, NamedLead, SubmissionRead } from './submission-data.ts'
import { nameOfSubmission } from './submissions-view.ts'

/** How often a page asks while there is work: often enough to feel live, cheap enough for many open pages. */
const POLL = 'every 1500ms'
/** More passages than this are counted, not listed: the match page shows them all. */
const PASSAGES_LISTED_MAX = 4

const stepNames: Readonly<Record<(typeof pipelineSteps)[number], readonly [name: string, now: string]>> = {
  fetch: ['Fetch', 'Fetching the file'],
  unpack: ['Open', 'Looking what it is'],
  fingerprint: ['Fingerprint', 'Listening to the audio'],
  match: ['Compare', 'Comparing with your recordings'],
  done: ['Result', 'Done'],
}

/** The step at which a failed submission stopped, told by what there is of it. */
function failedAt({ blobSha256 }: Submission, items: readonly Item[]): PipelineStep {
  if (blobSha256 === null) return 'fetch'
  if (items.length === 0) return 'unpack'
  return items.some(({ durationMs }) => durationMs !== null) ? 'match' : 'fingerprint'
}

function steps(submission: Submission, items: readonly Item[]): Html {
  const { step, progress } = standing(submission, items)
  const failed = step === 'failed'
  const at = pipelineSteps.indexOf((failed ? failedAt(submission, items) : step) as 'fetch')
  const ended = step === 'done'
  const item = (name: (typeof pipelineSteps)[number], index: number): Html => {
    const past = index < at || ended
    const now = index === at && !ended
    const look = past ? 'past' : now ? (failed ? 'failed' : 'now') : 'ahead'
    const label = name === 'fetch' && submission.kind === 'file' ? 'Receive' : stepNames[name][0]
    const said = past ? 'done' : now ? (failed ? 'failed here' : 'at work') : 'still to come'
    return html`<li class="step step-${look}" ${now && html`aria-current="step"`}>
      <span class="step-dot">${past ? icon('check') : now && failed ? icon('cross') : ''}</span>
      <span class="step-name">${label}<span class="unseen">, ${said}</span></span>
    </li>`
  }
  const current = pipelineSteps[at] ?? 'done'
  const sentence = failed ? 'It could not be examined' : stepNames[current][1]
  return html` <ol class="steps" aria-label="Progress">
      ${pipelineSteps.map(item)}
    </ol>
    <p class="${ended ? 'unseen' : 'steps-now'}" role="status">${sentence}${!ended && !failed && '…'}</p>
    ${!ended && !failed && progressBar(progress, stepNames[current][1])}`
}

const passageLine = (passage: Finding['passages'][number]): Html =>
  html` <li>
    <span class="time">${clockTime(passage.suspectFromMs)}–${clockTime(passage.suspectToMs)}</span> of the
    file is
    <span class="time">${clockTime(passage.referenceFromMs)}–${clockTime(passage.referenceToMs)}</span> of the
    recording, ${changeInWords(passage)}
  </li>`

const findingCard = ({ match, recording, passages }: Finding): Html =>
  html` <article class="finding">
    <div class="finding-head">
      <div>
        <h4>
          <a href="/matches/${match.id}"
            >${recording.title}${recording.version && ` (${recording.version})`}</a
          >
        </h4>
        <p class="row-detail">
          ${recording.artists.join(', ')}${recording.isrc && html` · ${isrcCode(recording.isrc)}`}
        </p>
      </div>
      <p class="figure"><strong>${confidenceInWords(1 - match.confidence)}</strong><span>confidence</span></p>
      <p class="figure"><strong>${percent(match.shareOfRecording)}</strong><span>of the recording</span></p>
    </div>
    ${match.shared && html`<p class="hint">${sharedPill} Other recordings of yours have all of this audio too.</p>`}
    <ul class="passages">
      ${passages.slice(0, PASSAGES_LISTED_MAX).map(passageLine)}
      ${passages.length > PASSAGES_LISTED_MAX && html`<li>and ${counted(passages.length - PASSAGES_LISTED_MAX, 'more passage')}</li>`}
    </ul>
    <p class="row-actions">
      <a class="button button-small" href="/matches/${match.id}">${icon('ear')}See the match</a>
      ${
        match.besideId === null &&
        html`<a class="button button-small" href="/cases/${match.caseId}">${icon('case')}Open the case</a>`
      }
    </p>
  </article>`

/** `8 minutes`, `1.5 hours`, `62,000 hours`. */
function hoursInWords(hours: number): string {
  if (hours < 1) return counted(Math.ceil(hours * 60), 'minute')
  return `${hours.toLocaleString('en', { maximumFractionDigits: 1 })} hours`
}

/** What was said no to, and by comparing with what: a ‘no’ without it is worth nothing. */
function comparedWith(item: Item): Html | false {
  const { compared } = item
  if (!compared) return false
  const accepted = acceptedInWords(item)
  const recordings = counted(compared.recordings, 'recording')
  return html`<p class="compared">
    ${icon('search')}<span
      >Compared with ${recordings} (${hoursInWords(compared.hours)} of audio) in
      ${compared.seconds.toFixed(1)} s, matching engine version ${compared.engineVersion},
      ${timeExact(new Date(compared.at))}${accepted && `; ${accepted}`}.</span
    >
  </p>`
}

/** Without those that stand beside a better one. */
const ownOf = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ match }) => match.besideId === null)

function itemState(item: Item, findings: readonly Finding[]): Html {
  if (item.stage === 'failed') return pill('bad', 'warning', 'Failed')
  if (item.stage !== 'done') return pill('work', 'clock', item.stage === 'match' ? 'Comparing' : 'Listening')
  return findings.length > 0
    ? pill('signal', 'ear', counted(ownOf(findings).length, 'recording found', 'recordings found'))
    : pill('neutral', 'dash', 'Nothing found')
}

function itemFacts({ durationMs, tags, bytes, sha256, mediaType }: Item): Html {
  const codec = [tags?.codec, tags?.container].filter(Boolean).join(' in ')
  const rate = tags?.bitRate ? `, ${Math.round(tags.bitRate / 1000)} kbit/s` : ''
  return facts([
    { label: 'Duration', value: durationMs !== null && clockTime(durationMs) },
    { label: 'Format', value: codec ? `${codec}${rate}` : mediaType },
    { label: 'Size', value: html`<span title="${bytes} bytes">${sizeInWords(bytes)}</span>` },
    { label: 'SHA-256', value: shortHash(sha256) },
  ])
}

/** What the file says about itself: a hint beside the audio evidence, never its ground. */
function tagNote({ tags }: Item): Html | false {
  const said = [
    tags?.title && `title “${tags.title}”`,
    tags?.artists?.length && `artist ${tags.artists.join(', ')}`,
    tags?.album && `album “${tags.album}”`,
    tags?.isrc?.length && `ISRC ${tags.isrc.map(formatIsrc).join(', ')}`,
  ].filter(Boolean)
  if (said.length === 0) return false
  return html`<p class="tags">
    <strong>The file says of itself:</strong> ${said.join('; ')}.
    <span class="hint">Tags can be forged, so they support a match but never make one.</span>
  </p>`
}

function itemView(item: Item, findings: readonly Finding[], leads: readonly NamedLead[]): Html {
  const found = findings.flatMap(({ recording, passages }) =>
    passages.map((p) => ({ title: recording.title, fromMs: p.suspectFromMs, toMs: p.suspectToMs })),
  )
  return html` <section class="item" id="item-${item.id}" aria-labelledby="item-${item.id}-name">
    <div class="item-head">
      <h3 id="item-${item.id}-name">${item.name}</h3>
      ${itemState(item, findings)}
    </div>
    ${itemFacts(item)} ${decodedNote(item)}
    ${
      found.length > 0 &&
      item.durationMs !== null &&
      html`<div class="timeline-box">
        ${trusted(timelineSvg(item.durationMs, found))}
        <div class="timeline-ends"><span>0:00</span><span>${clockTime(item.durationMs)}</span></div>
      </div>`
    }
    ${findings.map(findingCard)} ${item.problem && problemNote(item.problem)}
    ${item.stage === 'done' && findings.length === 0 && html`<p>No passage of your recordings was recognised in this file.</p>`}
    ${leadList(leads)} ${comparedWith(item)} ${tagNote(item)}
  </section>`
}

const retryForm = (id: string): Html =>
  html`<form method="post" action="/submissions/${id}/retry">
    <button class="button button-small">${icon('retry')}Try again</button>
  </form>`

function verdictTitle({ submission, findings }: SubmissionRead): string {
  if (submission.stage === 'failed') return 'It could not be examined'
  if (submission.stage !== 'done') return 'At work'
  const count = new Set(ownOf(findings).map(({ recording }) => recording.id)).size
  return count > 0 ? `${counted(count, 'recording')} of yours found` : 'Nothing of yours found'
}

/** The part that changes while there is work: it asks for itself until the end. */
export function submissionLive(read: SubmissionRead): Html {
  const { submission, items, findings, leads } = read
  const open = submission.stage !== 'done' && submission.stage !== 'failed'
  const anyFailed = submission.stage === 'failed' || items.some(({ stage }) => stage === 'failed')
  return html` <div
    id="live"
    ${open && html`hx-get="/submissions/${submission.id}/progress" hx-trigger="${POLL}" hx-swap="outerMorph"`}
  >
    <section class="card" aria-labelledby="verdict">
      <div class="card-head">
        <h2 id="verdict" class="verdict">${verdictTitle(read)}</h2>
        ${!open && anyFailed && retryForm(submission.id)}
      </div>
      ${steps(submission, items)} ${submission.problem && problemNote(submission.problem)}
    </section>
    ${
      items.length > 0 &&
      html`<div class="items">
        ${items.map((item) =>
          itemView(
            item,
            findings.filter(({ match }) => match.itemId === item.id),
            leads.filter(({ itemId }) => itemId === item.id),
          ),
        )}
      </div>`
    }
  </div>`
}

/** One submission: how far it is, what is in it, what was found. */
export function submissionView(read: SubmissionRead): Html {
  const { submission, captures } = read
  return html` ${pageHead({
    above: backTo('/submissions', 'Submissions'),
    title: html`<span class="breakable">${nameOfSubmission(submission)}</span>`,
    below: html`Handed in ${timeAgo(submission.createdAt)}${submission.note && html` · ${submission.note}`}`,
  })}
  ${submissionLive(read)}
  ${
    captures.length > 0 &&
    card({
      id: 'captures',
      title: 'What was seen at the address',
      body: html`${captures.map((capture) =>
        facts([
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
      )}`,
    })
  }`
}
