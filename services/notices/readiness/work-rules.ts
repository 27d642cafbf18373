import { type Finding, type Rule, worksOf } from './rule.ts'
import type { ReadinessSubject } from './subject.ts'
import { landsNotHeld } from './territory.ts'

/** What is asked of each work that a notice claims, and of the right under which it does. */
export const workRules: readonly Rule[] = [
  { rule: 'R01', check: unidentified },
  { rule: 'R07', check: withoutAuthority },
  { rule: 'R17', check: withoutTerritory },
]

/** Every work, and not only one, since each location rests on its own. */
function unidentified(subject: ReadinessSubject): Finding[] {
  return worksOf(subject).flatMap(({ work, pointer }): Finding[] => {
    if (work.isrc || work.iswc || (work.artists.length > 0 && work.pLine)) return []
    const todo = 'Add the ISRC or ISWC of the recording, or both its artist and its ℗ line.'
    return [{ code: 'work_not_identified', pointer, todo }]
  })
}

function withoutAuthority(subject: ReadinessSubject): Finding[] {
  const today = subject.now.toISOString().slice(0, 'YYYY-MM-DD'.length)
  return worksOf(subject).flatMap(({ work: { authority }, facts, pointer }) => {
    const found: Finding[] = []
    if (authority.validFrom !== undefined && today < authority.validFrom)
      found.push({
        code: 'authority_expired',
        pointer: `${pointer}/authority/validFrom`,
        todo: `The right begins on ${authority.validFrom}: wait until then, or correct its first day.`,
      })
    if (authority.validTo !== undefined && today > authority.validTo)
      found.push({
        code: 'authority_expired',
        pointer: `${pointer}/authority/validTo`,
        todo: `The right ended on ${authority.validTo}: enter the one that holds now, or take the work out.`,
      })
    if (facts.disputed)
      found.push({
        code: 'authority_scope',
        pointer: `${pointer}/authority`,
        todo: 'Another account claims this recording as well: settle who holds it, or take it out.',
      })
    return found
  })
}

function withoutTerritory(subject: ReadinessSubject): Finding[] {
  return worksOf(subject).flatMap(({ work, pointer }): Finding[] => {
    const missing = landsNotHeld(work.authority.territories, subject.document.regimes)
    if (missing.length === 0) return []
    const todo = `The right is not held in ${missing.join(' or ')}: take out that law or this work, or add the territory.`
    return [{ code: 'territory_not_owned', pointer: `${pointer}/authority/territories`, todo }]
  })
}
