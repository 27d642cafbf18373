import type { CaseState } from '../../matches/case.ts'
import { type Finding, placesOf, quoted, type Rule, US_REGIMES } from './rule.ts'
import { vaguenessOf } from './specific.ts'
import type { PlaceFacts, ReadinessSubject } from './subject.ts'

/** What is asked of each location. */
export const placeRules: readonly Rule[] = [
  { rule: 'R02', check: vague },
  { rule: 'R03', check: unmatched },
  { rule: 'R04', check: stale },
  { rule: 'R05', check: barred },
  { rule: 'R10', check: excepted },
  { rule: 'R10', regimes: [...US_REGIMES, 'EU_DSA_16'], check: unreviewed },
  { rule: 'R13', check: demandedTwice },
  { rule: 'R16', check: tampered },
]

const HOUR_MS = 60 * 60_000
/** Older sightings say little: copies vanish and move. */
export const CAPTURE_HOURS_MAX = 72

const ASIDE = 'It was decided not to pursue this case: reopen it, or take the location out.'
const OVER = 'This case is over: take the location out.'
/** By the state of a case: what to do before it can be demanded; nothing where a person confirmed it and it is free. */
const caseTodos: Readonly<Record<CaseState, string | undefined>> = {
  confirmed: undefined,
  escalated: undefined,
  restored: undefined,
  needs_review: 'No person has confirmed this case: review it, or take the location out.',
  in_notice: 'Another notice demands this already: wait for what becomes of it, or take the location out.',
  removed: OVER,
  closed: OVER,
  dismissed: ASIDE,
  allowed: ASIDE,
  monitored: ASIDE,
  excluded: ASIDE,
}

/** Why a sighting does not show that the copy is there now, as what to do; undefined when it does. */
export function stalenessOf({ liveAt }: PlaceFacts, now: Date): string | undefined {
  if (!liveAt) return 'The copy was not there at the last look: check the location again, or take it out.'
  if (now.getTime() - liveAt.getTime() > CAPTURE_HOURS_MAX * HOUR_MS)
    return `The copy was last seen more than ${CAPTURE_HOURS_MAX} hours ago: check the location again.`
  return undefined
}

function vague(subject: ReadinessSubject): Finding[] {
  return subject.document.locations.flatMap(({ url }, index): Finding[] => {
    const todo = vaguenessOf(url)
    return todo ? [{ code: 'location_not_specific', pointer: `/locations/${index}/url`, todo }] : []
  })
}

/** A find of the machine alone is none: a person has to have confirmed it. */
function unmatched(subject: ReadinessSubject): Finding[] {
  const shown = new Set(subject.document.matches.map(({ locationId, workId }) => `${locationId} ${workId}`))
  return placesOf(subject).flatMap(({ location, facts, pointer }) => {
    const found: Finding[] = []
    const todo = caseTodos[facts.caseState]
    if (todo) found.push({ code: 'match_missing', pointer, todo })
    if (location.workIds.some((workId) => !shown.has(`${location.locationId} ${workId}`)))
      found.push({
        code: 'match_missing',
        pointer: `${pointer}/matchIds`,
        todo: 'A work is claimed here without a match that shows it: add the match, or take the work out.',
      })
    return found
  })
}

function stale(subject: ReadinessSubject): Finding[] {
  return placesOf(subject).flatMap(({ facts, pointer }): Finding[] => {
    const todo = stalenessOf(facts, subject.now)
    return todo ? [{ code: 'capture_stale', pointer: `${pointer}/observedAt`, todo }] : []
  })
}

function barred(subject: ReadinessSubject): Finding[] {
  return placesOf(subject).flatMap(({ facts: { bar }, pointer }): Finding[] => {
    if (bar === undefined) return []
    return [{ code: 'authorised_use', pointer, todo: `Take this location out: ${quoted(bar)}` }]
  })
}

/** Where an exception was found to apply nothing may be demanded, whatever the law asks to be recorded. */
function excepted(subject: ReadinessSubject): Finding[] {
  return placesOf(subject).flatMap(({ facts: { review }, pointer }): Finding[] => {
    if (review?.outcome !== 'excepted') return []
    const todo = 'An exception of the law was found to cover this use: take the location out.'
    return [{ code: 'exceptions_review_missing', pointer, todo }]
  })
}

function unreviewed(subject: ReadinessSubject): Finding[] {
  return placesOf(subject).flatMap(({ facts: { review, matchedAt }, pointer }): Finding[] => {
    const isCurrent = review !== undefined && review.at.getTime() >= matchedAt.getTime()
    if (isCurrent || review?.outcome === 'excepted') return []
    const todo = review
      ? 'The match is newer than the review of exceptions: consider them once more.'
      : 'Record for this case whether an exception of the law applies, and why not.'
    return [{ code: 'exceptions_review_missing', pointer, todo }]
  })
}

function demandedTwice(subject: ReadinessSubject): Finding[] {
  const seen = new Set<string>()
  return placesOf(subject).flatMap(({ location, facts, pointer }): Finding[] => {
    const twice = seen.has(location.canonicalUrl)
    seen.add(location.canonicalUrl)
    if (!twice && facts.demandedIn === undefined) return []
    const todo =
      facts.demandedIn === undefined
        ? 'The same address stands in this notice twice: take one of them out.'
        : `Its removal is demanded of this recipient in ${quoted(facts.demandedIn)}: wait for that, or take it out here.`
    return [{ code: 'duplicate_notice', pointer: `${pointer}/url`, todo }]
  })
}

function tampered(subject: ReadinessSubject): Finding[] {
  return placesOf(subject).flatMap(({ facts, pointer }): Finding[] => {
    if (facts.tampered.length === 0) return []
    const kinds = quoted(facts.tampered.join(', '))
    const todo = `Evidence is no longer what was recorded (${kinds}): sign nothing, and tell whoever runs this service.`
    return [{ code: 'evidence_tampered', pointer, todo }]
  })
}
