import type { OpenPoint, Regime } from '../notice.ts'
import { isAsked } from './readiness.ts'
import type { RuleId } from './rule.ts'

/** What a person is shown of one rule. */
interface RuleWords {
  readonly title: string
  /** Why it is asked, with the law where there is one. */
  readonly why: string
}

const ruleWords: Readonly<Record<RuleId, RuleWords>> = {
  R01: {
    title: 'Works are identified',
    why: 'The recipient must know which work is meant (17 U.S.C. 512(c)(3)(A)(ii)).',
  },
  R02: {
    title: 'Locations are exact',
    why: 'The recipient must find the copy (17 U.S.C. 512(c)(3)(A)(iii); DSA Art. 16(2)(b)).',
  },
  R03: {
    title: 'Each location has a match that a person confirmed',
    why: 'A score alone shows no infringement; knowingly false notices cost damages (17 U.S.C. 512(f)).',
  },
  R04: {
    title: 'Copies were seen live in the last 72 hours',
    why: 'A notice about what is gone is unfounded, and too many of those get a sender suspended (DSA Art. 23(2)).',
  },
  R05: {
    title: 'Nothing on the allow-list is demanded',
    why: 'What the holder allows is no infringement.',
  },
  R06: {
    title: 'The sender can be reached',
    why: 'Address, phone and mail are asked by 17 U.S.C. 512(c)(3)(A)(iv) and rule 75; name and mail by DSA Art. 16(2)(c).',
  },
  R07: {
    title: 'The right holds today and nobody disputes it',
    why: 'The signatory declares to be authorised, in the US under penalty of perjury.',
  },
  R08: {
    title: 'A signatory signs, in a session with a fresh second factor',
    why: 'The law asks for the signature of an authorised person (17 U.S.C. 512(c)(3)(A)(i)).',
  },
  R09: {
    title: 'Good faith, accuracy and authority are stated',
    why: 'Without them a notice is defective (17 U.S.C. 512(c)(3)(A)(v)-(vi)).',
  },
  R10: {
    title: 'Exceptions were considered and do not apply',
    why: 'Fair use must be considered before a notice is sent (Lenz v. Universal); quotation and parody must survive (Directive 2019/790 Art. 17(7)).',
  },
  R11: {
    title: 'Explanation and bona fide statement of the DSA',
    why: 'DSA Art. 16(2)(a) and (d) ask for a substantiated explanation and a bona fide statement.',
  },
  R12: {
    title: 'Statements, storage and standing of rule 75',
    why: 'Rule 75 of the Copyright Rules 2013 asks for section 52, where the copies are stored, an undertaking to sue, and an owner or exclusive licensee.',
  },
  R13: {
    title: 'Nothing is demanded twice of one recipient',
    why: 'Recipients refuse duplicates, and count them against the sender.',
  },
  R14: {
    title: 'The recipient is known, recent and takes notices',
    why: 'A notice to somebody else is not effective (17 U.S.C. 512(c)(3)(A)).',
  },
  R15: {
    title: 'Size, host, language and format are those the recipient takes',
    why: 'What does not fit is refused unread.',
  },
  R16: {
    title: 'All evidence is what was recorded',
    why: 'Evidence that changed proves nothing, and something is badly wrong.',
  },
  R17: {
    title: 'The right is held where the law applies',
    why: 'Without a right in that territory there is no infringement there.',
  },
}

/**
 * `holds`: nothing is open; `open`: see its points; `not_asked`: not by the laws this notice rests on; `at_signing`: told
 * when somebody signs.
 */
export type RuleStanding = 'holds' | 'open' | 'not_asked' | 'at_signing'

export interface ChecklistEntry {
  readonly rule: RuleId
  readonly title: string
  readonly why: string
  readonly standing: RuleStanding
  readonly points: readonly OpenPoint[]
}

/**
 * All rules in their order with how they stand, so that a reader sees what was checked and not only what failed.
 *
 * @param regimes those of the notice.
 * @param points of its last check (`readinessOf`).
 */
export function checklistOf(regimes: readonly Regime[], points: readonly OpenPoint[]): ChecklistEntry[] {
  return (Object.keys(ruleWords) as RuleId[]).map((rule) => {
    const open = points.filter((point) => point.rule === rule)
    return { rule, ...ruleWords[rule], standing: standingOf(rule, open.length > 0, regimes), points: open }
  })
}

function standingOf(rule: RuleId, isOpen: boolean, regimes: readonly Regime[]): RuleStanding {
  if (isOpen) return 'open'
  if (rule === 'R08') return 'at_signing'
  return isAsked(rule, regimes) ? 'holds' : 'not_asked'
}
