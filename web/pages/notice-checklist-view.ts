import { type Html, html } from '../../services/core/html.ts'
import type { NoticeDocument, OpenPoint, Regime } from '../../services/notices/notice.ts'
import {
  type ChecklistEntry,
  type RuleStanding,
  checklistOf,
} from '../../services/notices/readiness/checklist.ts'
import type { Gate, Stop } from '../../services/notices/readiness/gate.ts'
import { icon } from '../parts/icons.ts'
import { card, noteBox } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { counted } from '../parts/words.ts'

/** What a point is about, and what its page needs to know of the notice. */
export interface Mending {
  readonly noticeId: string
  readonly recipientId: string
  readonly document: NoticeDocument
}

interface Way {
  readonly href: string
  readonly text: string
}

/** Points that are mended by changing the draft, although they speak of its recipient. */
const byEditing: ReadonlySet<string> = new Set([
  'format_not_accepted',
  'language_not_accepted',
  'recipient_unsuitable',
])

/** Where a point is mended: the pointer says what it is about, the page is where a person can do something about it. */
export function wayTo({ code, pointer }: Pick<OpenPoint, 'code' | 'pointer'>, at: Mending): Way | undefined {
  const [, first, index, third] = pointer.split('/')
  const edit = { href: `/notices/${at.noticeId}#edit`, text: 'Change this notice' }
  if (byEditing.has(code)) return edit
  switch (first) {
    case 'complainant':
      return {
        href: `/settings#${contactFields[index ?? ''] ?? 'name'}`,
        text: 'Complete your contact in the settings',
      }
    case 'recipient':
      return { href: `/recipients/${at.recipientId}`, text: `See ${at.document.recipient.name}` }
    case 'locations': {
      const location = at.document.locations[Number(index)]
      if (!index || !location) return { href: `/notices/${at.noticeId}#locations`, text: 'See the locations' }
      const path = `/cases/${location.locationId}`
      return code === 'capture_stale'
        ? { href: `${path}#looks`, text: `Look again, in case ${location.caseNumber}` }
        : { href: path, text: `Open case ${location.caseNumber}` }
    }
    case 'works': {
      const work = at.document.works[Number(index)]
      if (!work) return undefined
      const path = `/recordings/${work.workId}`
      return third === 'authority'
        ? { href: `${path}/rights`, text: `See the rights in “${work.title}”` }
        : { href: path, text: `Open the recording “${work.title}”` }
    }
    default:
      return edit
  }
}

/** The fields of the settings by what a notice calls them. */
const contactFields: Readonly<Record<string, string>> = {
  name: 'name',
  contact: 'contactName',
  address: 'contactAddress',
  country: 'contactCountry',
  phone: 'contactPhone',
  email: 'contactEmail',
}

const point = (open: Pick<OpenPoint, 'code' | 'pointer' | 'todo'>, at: Mending): Html => {
  const way = wayTo(open, at)
  return html`<li>${open.todo} ${way && html`<a href="${way.href}">${way.text}</a>`}</li>`
}

const standings: Readonly<Record<RuleStanding, Html>> = {
  holds: pill('good', 'check', 'Holds'),
  open: pill('bad', 'warning', 'Open'),
  not_asked: pill('neutral', 'dash', 'Not asked'),
  at_signing: pill('neutral', 'pen', 'When it is signed'),
}

const entry = ({ rule, title, why, standing, points }: ChecklistEntry, at: Mending): Html =>
  html` <li class="rule rule-${standing}" id="rule-${rule}">
    <div class="rule-head">
      <p><strong>${title}</strong></p>
      ${standings[standing]}
    </div>
    <p class="hint"><span class="code">${rule}</span> ${why}</p>
    ${
      points.length > 0 &&
      html`<ul class="points">
        ${points.map((open) => point(open, at))}
      </ul>`
    }
  </li>`

/** All rules with how they stand; what is open first, so that it is not searched for among what holds. */
export function checklistCard(regimes: readonly Regime[], points: readonly OpenPoint[], at: Mending): Html {
  const entries = checklistOf(regimes, points)
  const open = entries.filter(({ standing }) => standing === 'open')
  const others = entries.filter(({ standing }) => standing !== 'open')
  return card({
    id: 'checklist',
    title: 'Checklist',
    aside: html`<span class="row-detail"
      >${points.length === 0 ? 'nothing is open' : `${counted(points.length, 'point')} open, of ${counted(entries.length, 'rule')}`}</span
    >`,
    body: html` ${
        open.length > 0 &&
        html`<h3>To be mended before anybody can sign</h3>
          <ul class="rules">
            ${open.map((each) => entry(each, at))}
          </ul>`
      }
      <h3>${open.length > 0 ? 'All other rules' : 'All rules'}</h3>
      <ul class="rules">
        ${others.map((each) => entry(each, at))}
      </ul>`,
  })
}

const stopItem = (stop: Stop, at: Mending | undefined): Html => {
  const way = at && wayTo(stop, at)
  return html`<li>${stop.todo} ${way && html`<a href="${way.href}">${way.text}</a>`}</li>`
}

/** The estimate before signing in words, with what forbids to sign; `at` gives the ways to mend it. */
export const gateBody = (gate: Gate, at?: Mending): Html =>
  html` <p>${gate.words}</p>
    <p class="hint">
      An estimate from the calibrated confidences. It counts nothing for the reviews by people, and takes
      mistakes for independent of each other.
    </p>
    ${
      gate.stops.length > 0 &&
      html`<div class="notice notice-bad">
        ${icon('warning')}
        <div>
          <p><strong>${counted(gate.stops.length, 'point forbids', 'points forbid')} signing.</strong></p>
          <ul class="points">
            ${gate.stops.map((stop) => stopItem(stop, at))}
          </ul>
        </div>
      </div>`
    }`

/** The good-faith gate of one notice. */
export const gateCard = (gate: Gate, at: Mending): Html =>
  card({ id: 'gate', title: 'How many are likely to be wrong', body: gateBody(gate, at) })

/** What a reader of a checked notice should do next. */
export const nextStep = (isReady: boolean, open: number): Html =>
  isReady
    ? noteBox('good', 'Every rule holds. Read what would be sent, then sign.')
    : noteBox(
        'attention',
        open > 0
          ? 'Points are open: the checklist says where each is mended. Then check again.'
          : 'Nothing is open as far as this page can see. Check it: then the files are looked at as well.',
      )
