import type { NoticeDocument } from '../notice.ts'
import { inDocumentOrder } from './document-order.ts'
import { stalenessOf } from './place-rules.ts'
import { centralInterval, countDistribution } from './poisson-binomial.ts'
import { isPublicInstitution } from './public-hosts.ts'
import { hostOfAddress, placesOf, quoted, worksOf } from './rule.ts'
import type { ReadinessSubject } from './subject.ts'
import { landsNotHeld } from './territory.ts'

/** What forbids to sign in good faith, whatever the figures say. */
export type StopCode =
  | 'authorised_use'
  | 'own_domain'
  | 'public_domain'
  | 'territory_not_owned'
  | 'capture_stale'
  | 'reference_indistinct'
  | 'second_look_missing'

export interface Stop {
  readonly code: StopCode
  /** RFC 6901 pointer into the notice; of several notices, into the list of them. */
  readonly pointer: string
  readonly todo: string
}

/** What a signer is told before they sign: how many locations are likely to be wrong, and what forbids to go on. */
export interface Gate {
  /** Locations. */
  readonly count: number
  /** How probable it is of each of them that it is wrong, in the order of the document. */
  readonly doubts: readonly number[]
  readonly expectedWrong: number
  /** Wrong locations, 95 %. */
  readonly interval: readonly [low: number, high: number]
  /** The probability that not one is wrong. */
  readonly chanceOfNone: number
  readonly stops: readonly Stop[]
  readonly words: string
}

const INTERVAL_LEVEL = 0.95

/**
 * The estimate before signing. Each location is wrong with the probability that its claims do not all hold, by the
 * calibrated confidences of their matches; the number of wrong ones then has a Poisson-binomial distribution, computed
 * exactly. It takes errors for independent and counts nothing for the review by people: a recording that is registered
 * wrongly makes all its finds wrong together, which is what the hard stops are there for.
 *
 * @throws {Error} when the subject lacks the facts of a location or of a work.
 */
export function gateOf(subject: ReadinessSubject): Gate {
  return gateFrom(
    doubtsOf(subject.document),
    inDocumentOrder([...workStops(subject), ...placeStops(subject)]),
  )
}

/** The same for notices that are signed together. Their order gives the pointers: `/2/locations/0` is in the third. */
export function combineGates(gates: readonly Gate[]): Gate {
  const stops = gates.flatMap((gate, index) =>
    gate.stops.map((stop) => ({ ...stop, pointer: `/${index}${stop.pointer}` })),
  )
  return gateFrom(
    gates.flatMap(({ doubts }) => doubts),
    stops,
  )
}

function gateFrom(doubts: readonly number[], stops: readonly Stop[]): Gate {
  const distribution = countDistribution(doubts)
  const figures = {
    count: doubts.length,
    doubts,
    expectedWrong: doubts.reduce((sum, doubt) => sum + doubt, 0),
    interval: centralInterval(distribution, INTERVAL_LEVEL),
    chanceOfNone: doubts.reduce((chance, doubt) => chance * (1 - doubt), 1),
    stops,
  }
  return { ...figures, words: wordsOf(figures) }
}

/** Of each location; of several matches with one work the surest counts, and a claim without a match is surely wrong. */
function doubtsOf({ locations, matches }: NoticeDocument): number[] {
  const surest = new Map<string, number>()
  for (const { locationId, workId, confidence } of matches) {
    const claim = `${locationId} ${workId}`
    surest.set(claim, Math.max(confidence, surest.get(claim) ?? 0))
  }
  return locations.map(({ locationId, workIds }) => {
    const confidences = [...new Set(workIds)].map((workId) => surest.get(`${locationId} ${workId}`) ?? 0)
    return 1 - confidences.reduce((all, confidence) => all * confidence, 1)
  })
}

function workStops(subject: ReadinessSubject): Stop[] {
  return worksOf(subject).flatMap(({ work, facts, pointer }) => {
    const stops: Stop[] = []
    if (facts.publicDomain)
      stops.push({
        code: 'public_domain',
        pointer,
        todo: 'The recording is marked as public domain: nothing may be demanded for it. Take it out.',
      })
    if (facts.indistinct)
      stops.push({
        code: 'reference_indistinct',
        pointer,
        todo: 'Its reference cannot be told from others with certainty: take the work out.',
      })
    const missing = landsNotHeld(work.authority.territories, subject.document.regimes)
    if (missing.length > 0)
      stops.push({
        code: 'territory_not_owned',
        pointer: `${pointer}/authority/territories`,
        todo: `The right is not held in ${missing.join(' or ')}: nothing may be demanded by that law.`,
      })
    return stops
  })
}

function placeStops(subject: ReadinessSubject): Stop[] {
  const ownDomains = subject.ownDomains.flatMap((domain) => hostOfAddress(`http://${domain}`) ?? [])
  return placesOf(subject).flatMap(({ location, facts, pointer }) => {
    const stops: Stop[] = []
    if (facts.bar !== undefined)
      stops.push({ code: 'authorised_use', pointer, todo: `Take this location out: ${quoted(facts.bar)}` })
    const staleness = stalenessOf(facts, subject.now)
    if (staleness) stops.push({ code: 'capture_stale', pointer: `${pointer}/observedAt`, todo: staleness })
    const host = hostOfAddress(location.url)
    if (host === undefined) return stops
    const own = ownDomains.find((domain) => host === domain || host.endsWith(`.${domain}`))
    if (own !== undefined)
      stops.push({
        code: 'own_domain',
        pointer: `${pointer}/url`,
        todo: `${own} is a domain of your own account: take this location out.`,
      })
    if (isPublicInstitution(host) && !facts.secondLook)
      stops.push({
        code: 'second_look_missing',
        pointer: `${pointer}/url`,
        todo: `${host} is of a government or of education: have a second person review the case.`,
      })
    return stops
  })
}

function wordsOf({ count, expectedWrong, interval, chanceOfNone, stops }: Omit<Gate, 'words'>): string {
  const [low, high] = interval
  const range = low === high ? `${low}` : `${low} to ${high}`
  const estimate =
    `By the confidence of the matches, ${amount(expectedWrong)} of ${count} ${count === 1 ? 'location' : 'locations'} ` +
    `would be wrong (95 %: ${range}); the chance that none is: ${percent(chanceOfNone)}.`
  if (stops.length === 0) return estimate
  const number = stops.length === 1 ? 'One point forbids' : `${stops.length} points forbid`
  return `${estimate} ${number} signing.`
}

/** Never rounded to nothing: a small doubt is still one. */
const amount = (number: number): string =>
  number === 0 ? '0' : number < 0.01 ? 'fewer than 0.01' : number.toFixed(number < 10 ? 2 : 0)

/** Never rounded to certainty. */
function percent(share: number): string {
  if (share === 1) return '100 %'
  if (share > 0.999) return 'over 99.9 %'
  if (share > 0 && share < 0.001) return 'under 0.1 %'
  return `${(share * 100).toFixed(1)} %`
}
