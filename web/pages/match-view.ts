import type { BesideMatch, Dossier } from '../../services/case-dossier.ts'
import type { Conflict } from '../../services/catalog/conflicts.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html, trusted } from '../../services/core/html.ts'
import type { Case } from '../../services/matches/case.ts'
import {
  type Match,
  type Passage,
  type PicturedPassage,
  changeInWords,
  confidenceInWords,
} from '../../services/matches/match.ts'
import { alignmentSvg, pictureCaption } from '../../services/matches/picture.ts'
import { oddsWords, preciseClock } from '../../services/reports/report-words.ts'
import type { Capture } from '../../services/submissions/captures.ts'
import type { MediaItem } from '../../services/submissions/submission.ts'
import { confidenceSum } from '../parts/confidence.ts'
import { besideList, decodedNote, excludedNote, sharedNotes } from '../parts/finds.ts'
import { icon } from '../parts/icons.ts'
import { nameReasons } from '../parts/names.ts'
import { backTo, card, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { casePill, sharedPill } from '../parts/pills.ts'
import { conflictNotes, embargoNote } from '../parts/standing.ts'
import { table } from '../parts/table.ts'
import {
  acceptedInWords,
  counted,
  isrcCode,
  percent,
  shortHash,
  sizeInWords,
  timeExact,
} from '../parts/words.ts'
import { locationText } from './cases-view.ts'
import { fullTitle } from './recordings-view.ts'

export interface MatchRead {
  readonly match: Match
  readonly passages: readonly PicturedPassage[]
  readonly besides: readonly BesideMatch[]
  readonly sharing: Dossier['sharing']
  readonly item: MediaItem
  readonly recording: Recording
  readonly opened: Case
  readonly conflicts: readonly Conflict[]
  readonly capture: Capture | undefined
  /** Whose audio can still be listened to. */
  readonly held: { readonly suspect: boolean; readonly reference: boolean }
}

const range = (fromMs: number, toMs: number): Html =>
  html`<span class="time">${preciseClock(fromMs)} – ${preciseClock(toMs)}</span>`

const passageTable = (passages: readonly Passage[]): Html =>
  table(
    'Matched passages, in the order of the suspect file',
    [
      { name: 'No.', cell: ({ number }) => number },
      { name: 'In the suspect', cell: ({ passage: p }) => range(p.suspectFromMs, p.suspectToMs) },
      {
        name: 'In the recording',
        cell: ({ passage: p }) =>
          html`${range(p.referenceFromMs, p.referenceToMs)}${p.excluded && html` <span class="row-detail">excluded</span>`}`,
      },
      { name: 'Change', cell: ({ passage }) => changeInWords(passage) },
      {
        name: 'Landmarks',
        kind: 'number',
        cell: ({ passage: p }) =>
          html`${p.landmarksMatched.toLocaleString('en')} of ${p.landmarksExpected.toLocaleString('en')}`,
      },
      {
        name: 'Score',
        kind: 'number',
        cell: ({ passage: p }) =>
          html`${p.score.toFixed(0)} bits <span class="row-detail">needed ${p.threshold.toFixed(0)}</span>`,
      },
      { name: 'By chance', kind: 'number', cell: ({ passage }) => oddsWords(passage.falseMatchProbability) },
    ],
    passages.map((passage, index) => ({ passage, number: index + 1 })),
  )

const player = (given: {
  id: string
  side: 'suspect' | 'reference'
  passage: number
  name: string
  key: string
}): Html =>
  html` <div class="player">
    <p class="player-name" id="player-${given.side}-${given.passage}">
      ${given.name} <kbd>${given.key}</kbd>
    </p>
    <audio
      controls
      preload="none"
      aria-labelledby="player-${given.side}-${given.passage}"
      data-side="${given.side}"
      src="/v1/matches/${given.id}/audio?side=${given.side}&amp;passage=${given.passage}"
    ></audio>
  </div>`

/** Seconds of the recording that pass in one second of the suspect. */
const tempoOf = (p: Passage): string =>
  ((p.referenceToMs - p.referenceFromMs) / (p.suspectToMs - p.suspectFromMs)).toFixed(5)

/** Both sides of one passage. With the keys one hears the same moment of either, back and forth. */
function listen({ match, passages, held }: MatchRead): Html {
  if (!held.suspect && !held.reference) {
    return html`<p>
        Neither file is held any more: audio is deleted as soon as it is fingerprinted. The fingerprints, and
        with them everything on this page, stay.
      </p>
      <p class="hint">
        To listen to later finds, switch on the keeping of audio under <a href="/settings#audio">Settings</a>.
      </p>`
  }
  const missing = held.suspect ? 'the recording' : 'the suspect file'
  return html` ${!(held.suspect && held.reference) && html`<p>The audio of ${missing} is not held, so there is only one side to hear.</p>`}
    <p class="hint">
      Keys: <kbd>A</kbd> plays the suspect, <kbd>B</kbd> the recording at the same moment,
      <kbd>space</kbd> stops.
    </p>
    <ol class="players" data-players>
      ${passages.map(
        (passage, index) =>
          html`<li data-passage data-tempo="${tempoOf(passage)}">
            <p class="player-head">
              <strong>Passage ${index + 1}</strong> <span class="row-detail">${changeInWords(passage)}</span>
            </p>
            <div class="player-pair">
              ${held.suspect && player({ id: match.id, side: 'suspect', passage: index + 1, name: 'Suspect', key: 'A' })}
              ${
                held.reference &&
                player({
                  id: match.id,
                  side: 'reference',
                  passage: index + 1,
                  name: 'Recording',
                  key: 'B',
                })
              }
            </div>
          </li>`,
      )}
    </ol>`
}

/** Why the machine says so, for somebody who has never heard of a fingerprint. */
function reasons({ match, passages, recording }: MatchRead): Html {
  const matched = passages.reduce((sum, p) => sum + p.landmarksMatched, 0)
  const expected = passages.reduce((sum, p) => sum + p.landmarksExpected, 0)
  const changed = passages.find(({ change }) => change !== 'none')
  return html` <p>
      Every recording has landmarks: points in time and pitch where its sound stands out. In the passages
      above “${recording.title}” has ${expected.toLocaleString('en')} of them, and
      <strong>${matched.toLocaleString('en')} stand in the suspect at exactly their places</strong>, in the
      same order and at the same distances.
    </p>
    <p>
      ${changed ? html`The suspect was altered (${changeInWords(changed)}); the distances fit once that is taken into account. ` : ''}The
      chance that a search like this one finds so much agreement with a recording that is not there is
      <strong>${oddsWords(match.falseMatchProbability)}</strong>.
    </p>
    <p class="hint">The machine finds and explains; whether the use is authorised is for a person to say.</p>`
}

const pictureBox = ({ passages, item, recording }: MatchRead): Html => {
  const furthest = (of: (p: Passage) => number): number => Math.max(...passages.map(of), 1)
  const picture = alignmentSvg({
    suspectDurationMs: item.durationMs ?? furthest((p) => p.suspectToMs),
    referenceDurationMs: recording.durationMs ?? furthest((p) => p.referenceToMs),
    passages,
  })
  return html`<div class="picture" role="region" aria-label="Alignment picture" tabindex="0">
      ${trusted(picture)}
    </div>
    <details class="more">
      <summary>How to read this</summary>
      <p>${pictureCaption}</p>
    </details>`
}

const evidence = ({ match, item, recording, opened, capture }: MatchRead): Html =>
  facts([
    { label: 'Recording', value: html`<a href="/recordings/${recording.id}">${fullTitle(recording)}</a>` },
    { label: 'ISRC', value: recording.isrc && isrcCode(recording.isrc) },
    {
      label: 'Suspect file',
      value: html`<a class="breakable" href="/submissions/${match.submissionId}">${item.name}</a>`,
    },
    { label: 'Location', value: html`<span class="code breakable">${locationText(opened.location)}</span>` },
    { label: 'Size', value: html`<span title="${item.bytes} bytes">${sizeInWords(item.bytes)}</span>` },
    { label: 'SHA-256', value: shortHash(item.sha256) },
    { label: 'Fetched', value: capture && timeExact(capture.startedAt) },
    { label: 'From address', value: capture && html`<span class="code">${capture.address}</span>` },
    { label: 'Compared', value: timeExact(match.createdAt) },
    { label: 'False claims accepted', value: acceptedInWords(item) },
    { label: 'Engine', value: `version ${match.engineVersion}` },
  ])

/** Of a find that is none of its own: of which it is a part. */
const besideNote = ({ match, opened }: MatchRead): Html | false =>
  match.besideId !== null &&
  noteBox(
    'info',
    html`“${opened.recordingTitle}” explains all of this audio and more, so this find has no case of its own:
      <a href="/matches/${match.besideId}">see the better match</a>.`,
  )

/** A find: the picture, the passages, both sides to hear, and why. */
export function matchView(read: MatchRead): Html {
  const { match, passages, item, recording, opened } = read
  return html` ${pageHead({
      above: backTo(`/cases/${opened.id}`, `Case ${opened.number}`),
      title: fullTitle(recording),
      below: html`<span class="below-line"
        >${casePill(opened.state)} ${match.shared && sharedPill}
        <span
          >${recording.artists.join(', ')}, found in <span class="breakable">${item.name}</span></span
        ></span
      >`,
      actions: html`<a class="button button-primary" href="/cases/${opened.id}#decide"
        >${icon('case')}Decide</a
      >`,
    })}
    ${conflictNotes(read.conflicts)} ${embargoNote(recording)} ${decodedNote(item)} ${besideNote(read)}
    ${sharedNotes(passages, read.sharing)} ${excludedNote(passages)}
    <ul class="figures">
      <li><strong>${confidenceInWords(1 - match.confidence)}</strong><span>confidence</span></li>
      <li><strong>${percent(match.shareOfRecording)}</strong><span>of the recording was found</span></li>
      <li>
        <strong>${percent(match.shareOfSuspect)}</strong
        ><span
          >of the suspect is ${match.shared ? 'audio shared with this recording' : 'this recording'}</span
        >
      </li>
      <li>
        <strong>${clockTime(passages.reduce((sum, p) => sum + p.suspectToMs - p.suspectFromMs, 0))}</strong
        ><span>in ${counted(passages.length, 'passage')}</span>
      </li>
    </ul>
    ${card({ id: 'alignment', title: 'Where they meet', body: pictureBox(read) })}
    ${card({ id: 'passages', title: 'Passages', flush: true, body: passageTable(passages) })}
    ${read.besides.length > 0 && card({ id: 'beside', title: 'Shared with others', body: html`${besideList(read.besides)}` })}
    <div class="columns">
      <div>
        ${card({ id: 'listen', title: 'Listen', body: listen(read) })}
        ${card({ id: 'why', title: 'Why do we think so?', body: reasons(read) })}
        ${match.confidenceReasons && card({ id: 'confidence', title: 'How sure, and why', body: confidenceSum(match.confidence, match.confidenceReasons) })}
        ${match.names && card({ id: 'names', title: 'What the names say', body: nameReasons(match.names) })}
      </div>
      ${card({ id: 'evidence', title: 'Evidence', body: evidence(read) })}
    </div>`
}
