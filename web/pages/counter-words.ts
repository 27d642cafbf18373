import { type Html, html } from '../../services/core/html.ts'
import {
  type CounterAnswer,
  type CounterElement,
  type CounterNotice,
  type CounterReason,
  businessDaysLeft,
  missingElements,
} from '../../services/notices/clocks/counter-notice.ts'
import { type Tone, pill } from '../parts/pills.ts'
import { counted, dayExact } from '../parts/words.ts'

export const counterReasonNames: Readonly<Record<CounterReason, string>> = {
  owner: 'The material is theirs',
  authorised: 'They have a licence',
  fair_use: 'An exception covers it, such as fair use',
  misidentified: 'It is something else',
  other: 'Something else, or none is given',
}

export const counterAnswerNames: Readonly<Record<CounterAnswer, string>> = {
  retracted: 'The notice was taken back here',
  accepted: 'The copy may stay',
  action_filed: 'An action was filed',
}

/** An element as a reader recognises it, and what to call it where it is missing. */
interface ElementWords {
  readonly label: string
  readonly hint: string
  readonly lacks: string
}

/** The elements of 17 U.S.C. 512(g)(3). */
export const elementWords: Readonly<Record<CounterElement, ElementWords>> = {
  signature: {
    label: 'It is signed',
    hint: 'By the uploader, by hand or electronically.',
    lacks: 'a signature',
  },
  material_and_location: {
    label: 'It names the material and where it was',
    hint: 'One can tell which copy is meant, and at which address it was before it was taken down.',
    lacks: 'what the material is and where it was',
  },
  perjury_statement: {
    label: 'It declares a mistake, under penalty of perjury',
    hint: 'That they believe in good faith that the material was taken down by mistake or was misidentified.',
    lacks: 'the declaration of a mistake, under penalty of perjury',
  },
  name_address_phone: {
    label: 'It gives name, address and telephone number',
    hint: 'All three, of the uploader.',
    lacks: 'name, address or telephone number',
  },
  jurisdiction_consent: {
    label: 'It accepts a court and its papers',
    hint: 'They consent to the federal court of their district (outside the United States: one where the provider is), and accept service of process from whoever sent the notice.',
    lacks: 'the consent to a court and to its papers',
  },
}

/** Today as an ISO 8601 date in UTC, as the days of counter-notices are counted. */
export const todayUtc = (): string => new Date().toISOString().slice(0, 10)

type Window = Pick<CounterNotice, 'putBackFrom' | 'putBackLatest'>

const daysLeft = (until: string, today: string): string =>
  counted(businessDaysLeft(today, until), 'business day')

/** How much time is left, as a pill: until the copy may be put back, then until it has to be. */
export function timeLeftPill({ putBackFrom, putBackLatest }: Window, today = todayUtc()): Html {
  const [tone, text]: [Tone, string] =
    today < putBackFrom
      ? ['attention', `${daysLeft(putBackFrom, today)} left`]
      : today <= putBackLatest
        ? ['bad', `May be put back now; ${daysLeft(putBackLatest, today)} left`]
        : ['neutral', 'The time has passed']
  return pill(tone, 'clock', text)
}

/** The days on which a provider puts the material back: `2 Dec 2026 to 8 Dec 2026`. */
export const putBackWords = ({ putBackFrom, putBackLatest }: Window): Html =>
  html`${dayExact(putBackFrom)} to ${dayExact(putBackLatest)}`

/** What a counter-notice lacks, and what follows from that; or that nothing is missing. */
export function missingWords({ checks }: Pick<CounterNotice, 'checks'>): Html {
  const missing = missingElements(checks)
  if (missing.length === 0) return html`<p>It has all five elements that 17 U.S.C. 512(g)(3) asks for.</p>`
  return html`<p>
      <strong>${counted(missing.length, 'element')} of 17 U.S.C. 512(g)(3) missing.</strong> Without them the
      provider need not put anything back. It may do so all the same: the clock runs on.
    </p>
    <ul class="points">
      ${missing.map((element) => html`<li>${elementWords[element].lacks}</li>`)}
    </ul>`
}
