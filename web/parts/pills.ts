import type { Recording, RecordingStage } from '../../services/catalog/recording.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { CaseState, DismissReason } from '../../services/matches/case.ts'
import type { SubmissionStage } from '../../services/submissions/submission.ts'
import { type IconName, icon } from './icons.ts'

/** What a colour says; the icon and the words say it, too. */
export type Tone = 'neutral' | 'work' | 'attention' | 'good' | 'bad' | 'signal'

/** A state in a word, with an icon and a colour. */
export const pill = (tone: Tone, name: IconName, text: string): Html =>
  html`<span class="pill pill-${tone}">${icon(name)}${text}</span>`

/** Audio that several recordings have: it does not tell which was copied. */
export const sharedPill = pill('neutral', 'link', 'Shared audio')

/** A flood of one recording that nobody has looked at yet. */
export const quarantinedPill = pill('neutral', 'clock', 'In quarantine')

type Look = readonly [tone: Tone, icon: IconName, text: string]

const caseStates: Readonly<Record<CaseState, Look>> = {
  needs_review: ['attention', 'eye', 'Needs review'],
  confirmed: ['signal', 'check', 'Confirmed'],
  in_notice: ['work', 'mail', 'In a notice'],
  escalated: ['attention', 'arrow', 'Escalated'],
  removed: ['good', 'check', 'Removed'],
  restored: ['bad', 'retry', 'Back again'],
  closed: ['neutral', 'dash', 'Closed'],
  dismissed: ['neutral', 'dash', 'Dismissed'],
  allowed: ['good', 'check', 'Allowed'],
  monitored: ['neutral', 'ear', 'Monitored'],
  excluded: ['neutral', 'dash', 'Excluded parts'],
}

const submissionStages: Readonly<Record<SubmissionStage, Look>> = {
  queued: ['neutral', 'clock', 'Waiting'],
  fetch: ['work', 'clock', 'Fetching'],
  unpack: ['work', 'clock', 'Opening'],
  compare: ['work', 'clock', 'Comparing'],
  done: ['good', 'check', 'Examined'],
  failed: ['bad', 'warning', 'Failed'],
}

const recordingStages: Readonly<Record<RecordingStage, Look>> = {
  index: ['work', 'clock', 'Fingerprinting'],
  registered: ['attention', 'dots', 'No audio yet'],
  done: ['good', 'ear', 'Recognisable'],
  failed: ['bad', 'warning', 'Failed'],
}

/** A recording that is no longer claimed, however far it had come. */
const withdrawn: Look = ['neutral', 'dash', 'Withdrawn']

export const casePill = (state: CaseState): Html => pill(...caseStates[state])
export const submissionPill = (stage: SubmissionStage): Html => pill(...submissionStages[stage])
export const recordingPill = ({ stage, withdrawnAt }: Pick<Recording, 'stage' | 'withdrawnAt'>): Html =>
  pill(...(withdrawnAt === null ? recordingStages[stage] : withdrawn))

/** The states as filters and headings call them. */
export const caseStateNames: Readonly<Record<CaseState, string>> = {
  needs_review: 'Needs review',
  confirmed: 'Confirmed',
  in_notice: 'In a notice',
  escalated: 'Escalated',
  removed: 'Removed',
  restored: 'Back again',
  closed: 'Closed',
  dismissed: 'Dismissed',
  allowed: 'Allowed',
  monitored: 'Monitored',
  excluded: 'Excluded parts',
}

export const recordingStageNames: Readonly<Record<RecordingStage, string>> = {
  done: 'Recognisable',
  index: 'Fingerprinting',
  registered: 'No audio yet',
  failed: 'Failed',
}

/** Why a case is dismissed, as a person would say it. */
export const dismissReasons: Readonly<Record<DismissReason, string>> = {
  false_positive: 'It is not this recording',
  authorised_use: 'The use is authorised',
  exception_applies: 'An exception applies (quotation, parody, fair use)',
  not_our_territory: 'The rights are not ours in this territory',
  duplicate: 'Handled in another case',
  content_gone: 'The copy is gone already',
}
