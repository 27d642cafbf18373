import type { Conflict } from '../../services/catalog/conflicts.ts'
import type { ExcludedSegment } from '../../services/catalog/excluded-segments.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html, nothing } from '../../services/core/html.ts'
import type { ListedExposure } from '../../services/leaks/exposure-list-store.ts'
import type { ExposureChange } from '../../services/leaks/exposure-store.ts'
import type { Case } from '../../services/matches/case.ts'
import { type Caller, hasRole } from '../../services/tenants/tenant.ts'
import { type Filled, formFault, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import {
  backTo,
  card,
  confirmButton,
  empty,
  facts,
  pageHead,
  problemNote,
  progressBar,
} from '../parts/pieces.ts'
import { recordingPill } from '../parts/pills.ts'
import { recordingLeaksCard } from '../parts/recording-leaks.ts'
import { conflictNotes, embargoNote } from '../parts/standing.ts'
import { dropField } from '../parts/upload.ts'
import { isrcCode, shortHash, timeAgo, timeExact } from '../parts/words.ts'
import { ALLOW_LIST_PATH } from './allow-list-view.ts'
import { caseTable } from './cases-view.ts'
import { isSegmentsForm, segmentsForm } from './excluded-segments.ts'
import { isNoticeFactsForm, noticeFactsForm } from './recording-notice-facts.ts'
import { fullTitle } from './recordings-view.ts'
import { rightsCard } from './rights-view.ts'

/** How often the page asks while the audio is fingerprinted. */
const POLL = 'every 1500ms'

const sentences: Readonly<Record<Recording['stage'], string>> = {
  done: 'Its fingerprint is in the index: copies of it are recognised.',
  index: 'The audio is being decoded and fingerprinted…',
  registered: 'Known by name only. Add audio, so that copies can be recognised.',
  failed: 'The audio could not be fingerprinted. Add another file.',
}

const withdrawnSentence =
  'You no longer claim it, so copies of it are not looked for. Register or import it again, and they are.'

const audioForm = ({ id, hasFingerprint }: Recording, filled: Filled): Html =>
  html` <form
    method="post"
    action="/recordings/${id}/audio"
    enctype="multipart/form-data"
    class="stack"
    data-upload="audio"
  >
    ${formFault(filled)}
    ${dropField({
      id: 'audio-file',
      label: hasFingerprint ? 'Choose other audio' : 'Choose audio',
      hint: 'The best version you have: a lossless master if possible. Any format.',
      multiple: false,
      required: true,
    })}
    <p><button class="button">${icon('submit')}Upload</button></p>
  </form>`

/** Whether the recording is recognisable: asks for itself until its fingerprint is made. */
export const recordingLive = (recording: Recording, filled: Filled = unfilled): Html => {
  const { id, stage, problem, progress, hasFingerprint, withdrawnAt } = recording
  const sentence = withdrawnAt === null ? sentences[stage] : withdrawnSentence
  const form = audioForm(recording, filled)
  return html` <div
    id="live"
    class="stacked"
    ${stage === 'index' && html`hx-get="/recordings/${id}/progress" hx-trigger="${POLL}" hx-swap="outerMorph"`}
  >
    <p class="state-line">${recordingPill(recording)}<span role="status">${sentence}</span></p>
    ${stage === 'index' && progressBar(progress, 'Fingerprinting')} ${problem && problemNote(problem)}
    ${
      stage !== 'index' &&
      (hasFingerprint
        ? html`<details class="more">
            <summary>Replace the audio</summary>
            ${form}
          </details>`
        : form)
    }
  </div>`
}

const policies: Readonly<Record<Recording['policy'], string>> = {
  block: 'Block: a copy opens a case',
  monitor: 'Monitor: copies are kept, and nobody is told',
  allow: 'Allow: copies may be',
}

const policyWords = ({ id, policy }: Recording): Html =>
  html`${policies[policy]}
    <span class="row-detail"
      ><a href="${ALLOW_LIST_PATH}?recording=${id}#allow">Allow a place for it</a></span
    >`

const recordingFacts = (recording: Recording): Html =>
  facts([
    { label: 'ISRC', value: recording.isrc && isrcCode(recording.isrc) },
    { label: 'Length', value: recording.durationMs !== null && clockTime(recording.durationMs) },
    { label: 'Rights holder', value: recording.rightsHolder },
    { label: 'Policy', value: policyWords(recording) },
    { label: 'Territories', value: recording.territories.join(', ') },
    { label: '℗', value: recording.pLine },
    { label: 'Release', value: recording.releaseTitle },
    { label: 'Label', value: recording.label },
    { label: 'UPC', value: recording.upc && html`<span class="code">${recording.upc}</span>` },
    {
      label: 'Audio',
      value:
        recording.audioSha256 &&
        html`${shortHash(recording.audioSha256)} ${recording.audioHeld ? 'held' : 'not held'}`,
    },
    { label: 'Registered', value: timeExact(recording.createdAt) },
  ])

/** One recording: what is known of it, whether copies are recognised, where it was found. */
export function recordingView(given: {
  recording: Recording
  /** Whether nothing of it was left out: otherwise there is nothing to change about it either. */
  isWhole: boolean
  cases: readonly Case[]
  conflicts: readonly Conflict[]
  segments: readonly ExcludedSegment[]
  exposures: readonly ListedExposure[]
  changes: readonly ExposureChange[]
  /** Whether there is a leak that can be asked. */
  hasLeaks: boolean
  filled: Filled
  caller: Caller
}): Html {
  const { recording, isWhole, cases, conflicts, segments, filled, caller } = given
  const canRemove = hasRole(caller, 'owner') && cases.length === 0
  return html` ${pageHead({
      above: backTo('/recordings', 'Recordings'),
      title: fullTitle(recording),
      below: html`${recording.artists.join(', ')} · registered ${timeAgo(recording.createdAt)}`,
      actions: canRemove
        ? confirmButton({
            id: 'remove',
            button: 'Remove',
            question: `Remove “${recording.title}”?`,
            text: 'Its fingerprint is deleted and copies of it are no longer recognised. This cannot be undone.',
            action: `/recordings/${recording.id}/remove`,
            yes: 'Remove recording',
          })
        : nothing,
    })}
    ${conflictNotes(conflicts)} ${embargoNote(recording)}
    <div class="columns">
      <div>
        ${card({ id: 'fingerprint', title: 'Fingerprint', body: recordingLive(recording, isSegmentsForm(filled) || isNoticeFactsForm(filled) ? unfilled : filled) })}
        ${card({
          id: 'cases',
          title: 'Where it was found',
          flush: true,
          body:
            cases.length > 0
              ? caseTable('Cases of this recording', cases)
              : empty({
                  name: 'ear',
                  title: 'Not found anywhere yet',
                  text: 'When a suspect contains this recording, its case appears here.',
                  action: html`<a class="button" href="/submissions">${icon('submit')}Hand in a suspect</a>`,
                }),
        })}
        ${recordingLeaksCard({ ...given, releaseId: recording.releaseId })}
        ${
          isWhole &&
          html`${rightsCard(recording)}
          ${card({ id: 'excluded', title: 'Excluded parts', body: segmentsForm(recording.id, segments, filled) })}
          ${card({ id: 'notice-facts', title: 'For notices', body: noticeFactsForm(recording, filled) })}`
        }
      </div>
      ${card({ id: 'facts', title: 'Facts', body: recordingFacts(recording) })}
    </div>`
}
