import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html, trusted } from '../../services/core/html.ts'
import { changeInWords, confidenceInWords } from '../../services/matches/match.ts'
import { timelineSvg } from '../../services/matches/picture.ts'
import { formatIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import { PLACE_SEPARATOR } from '../../services/openers/place.ts'
import type { AudioCopy } from '../../services/submissions/same-audio-store.ts'
import { type Item, defang } from '../../services/submissions/submission.ts'
import { clueList, copyList } from '../parts/clues.ts'
import { decodedNote } from '../parts/finds.ts'
import { icon } from '../parts/icons.ts'
import { leadList } from '../parts/names.ts'
import { facts, noteBox, problemNote } from '../parts/pieces.ts'
import { pill, sharedPill } from '../parts/pills.ts'
import {
  acceptedInWords,
  counted,
  isrcCode,
  percent,
  shortHash,
  sizeInWords,
  timeExact,
} from '../parts/words.ts'
import type { Finding, NamedLead } from './submission-data.ts'

/** More passages than this are counted, not listed: the match page shows them all. */
const PASSAGES_LISTED_MAX = 4

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
export const ownOf = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ match }) => match.besideId === null)

/** What became of an item that is not heard. */
function otherState({ kind, stage }: Item, leads: readonly NamedLead[]): Html {
  if (stage !== 'done') return pill('work', 'clock', stage === 'follow' ? 'Fetching' : 'Looking')
  switch (kind) {
    case 'container':
      return pill('neutral', 'menu', 'Opened')
    case 'link':
      return pill('neutral', 'dash', 'Not followed')
    case 'listed':
      return leads.length > 0
        ? pill('attention', 'eye', 'Named like yours')
        : pill('neutral', 'dash', 'Only its name')
    default:
      return leads.length > 0
        ? pill('attention', 'eye', 'Cover like yours')
        : pill('neutral', 'dash', 'No cover of yours')
  }
}

function itemState(item: Item, findings: readonly Finding[], leads: readonly NamedLead[]): Html {
  const { kind, stage } = item
  if (stage === 'failed') return pill('bad', 'warning', kind === 'container' ? 'Not opened' : 'Failed')
  if (kind !== 'media') return otherState(item, leads)
  if (stage === 'follow') return pill('work', 'clock', 'Fetching')
  if (stage !== 'done') return pill('work', 'clock', stage === 'match' ? 'Comparing' : 'Listening')
  return findings.length > 0
    ? pill('signal', 'ear', counted(ownOf(findings).length, 'recording found', 'recordings found'))
    : pill('neutral', 'dash', 'Nothing found')
}

/** How much of a file was read, where that was enough. */
const readInWords = ({ read, bytes }: Item): string | false =>
  read !== null &&
  bytes !== null &&
  (read.totalBytes === null
    ? `${sizeInWords(bytes)} of a stream`
    : `${sizeInWords(bytes)} of ${sizeInWords(read.totalBytes)}, in ${counted(read.parts.length, 'part')}`)

function itemFacts(item: Item): Html {
  const { kind, url, pageUrl, durationMs, tags, bytes, sha256, mediaType } = item
  const codec = [tags?.codec, tags?.container].filter(Boolean).join(' in ')
  const rate = tags?.bitRate ? `, ${Math.round(tags.bitRate / 1000)} kbit/s` : ''
  const address = (text: string): Html => html`<span class="code breakable">${defang(text)}</span>`
  const isKnown = kind === 'media' || sha256 !== null
  return facts([
    { label: 'Duration', value: durationMs !== null && clockTime(durationMs) },
    { label: 'Format', value: isKnown && (codec ? `${codec}${rate}` : mediaType) },
    {
      label: 'Size',
      value: bytes !== null && html`<span title="${bytes} bytes">${sizeInWords(bytes)}</span>`,
    },
    { label: 'Read', value: readInWords(item) },
    { label: 'SHA-256', value: sha256 !== null && shortHash(sha256) },
    { label: 'Address', value: url !== null && address(url) },
    { label: 'On the page', value: url !== null && pageUrl !== null && address(pageUrl) },
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

/** One item with all that was found in it. */
export function itemView(
  item: Item,
  findings: readonly Finding[],
  leads: readonly NamedLead[],
  copies: readonly AudioCopy[],
): Html {
  const found = findings.flatMap(({ recording, passages }) =>
    passages.map((p) => ({ title: recording.title, fromMs: p.suspectFromMs, toMs: p.suspectToMs })),
  )
  const isUnheard = item.kind === 'media' && item.stage === 'done' && findings.length === 0
  const rest = item.stage === 'done' ? item.read?.rest : undefined
  const isLeftOut = item.kind === 'link' && item.stage === 'done'
  const isPlain =
    item.stage === 'done' && ['listed', 'container', 'link'].includes(item.kind) && leads.length === 0
  return html` <section
    class="item ${isPlain && 'item-plain'}"
    id="item-${item.id}"
    aria-labelledby="item-${item.id}-name"
  >
    <div class="item-head">
      <h3 id="item-${item.id}-name">
        ${item.place.length > 0 && html`<span class="row-detail">${item.place.join(PLACE_SEPARATOR)}${PLACE_SEPARATOR}</span>`}${item.name}
      </h3>
      ${itemState(item, findings, leads)}
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
    ${rest && noteBox('attention', html`Only parts of this file were listened to: the rest could not be had. ${rest.detail}.`)}
    ${isUnheard && html`<p>No passage of your recordings was recognised in ${rest ? 'these parts' : 'this file'}.</p>`}
    ${isLeftOut && html`<p>Its site asks crawlers to stay away. Hand in the address itself to have it read.</p>`}
    ${leadList(leads)} ${comparedWith(item)} ${copyList(item, copies)} ${tagNote(item)}
    ${clueList(item.clues)}
  </section>`
}
