import { EXPLANATION_CHARACTERS_MIN, type StatementCode } from '../notice.ts'
import { coreStatements } from '../statements/statements.ts'
import { type Finding, type Rule, US_REGIMES } from './rule.ts'
import type { ReadinessSubject } from './subject.ts'

/** What has to be stated, and what the laws ask to be written beside it. */
export const statementRules: readonly Rule[] = [
  { rule: 'R09', regimes: [...US_REGIMES, 'UK_ECR_22', 'GENERIC'], check: withoutCore },
  { rule: 'R11', regimes: ['EU_DSA_16'], check: withoutDsaFields },
  { rule: 'R12', regimes: ['IN_RULE_75'], check: withoutRule75Fields },
]

const statementNames: Readonly<Record<StatementCode, string>> = {
  good_faith: 'good faith',
  accuracy: 'accuracy',
  authority: 'authority',
  dsa_bona_fide: 'bona fide belief',
  in_not_s52: 'not being covered by section 52',
  in_suit_undertaking_21d: 'suing within 21 days',
}

/** Which of the wanted statements the document lacks; an empty text states nothing. */
function missingStatements(
  { document: { statements } }: ReadinessSubject,
  wanted: readonly StatementCode[],
  code: Finding['code'],
): Finding[] {
  const made = new Set(statements.texts.filter(({ text }) => text.trim() !== '').map(({ code }) => code))
  return wanted
    .filter((statement) => !made.has(statement))
    .map((statement) => ({
      code,
      pointer: '/statements/texts',
      todo: `Add the statement on ${statementNames[statement]}: compose the notice again.`,
    }))
}

function withoutCore(subject: ReadinessSubject): Finding[] {
  return missingStatements(subject, coreStatements, 'statement_missing')
}

function withoutDsaFields(subject: ReadinessSubject): Finding[] {
  const explanation = subject.document.details.illegalityExplanation?.trim() ?? ''
  const found: Finding[] = []
  if (explanation.length < EXPLANATION_CHARACTERS_MIN)
    found.push({
      code: 'dsa_fields_missing',
      pointer: '/details/illegalityExplanation',
      todo:
        'Explain in your own words why the copies are unlawful: work, right, missing licence, extent ' +
        `(at least ${EXPLANATION_CHARACTERS_MIN} characters).`,
    })
  return [...found, ...missingStatements(subject, ['dsa_bona_fide'], 'dsa_fields_missing')]
}

function withoutRule75Fields(subject: ReadinessSubject): Finding[] {
  const found = subject.document.works.flatMap(({ authority }, index): Finding[] => {
    if (authority.basis !== 'agent') return []
    const todo =
      'Only the owner or the exclusive licensee may complain: have them send it, or take the work out.'
    return [{ code: 'in_rule75_fields_missing', pointer: `/works/${index}/authority/basis`, todo }]
  })
  if ((subject.document.details.storage ?? '').trim() === '')
    found.push({
      code: 'in_rule75_fields_missing',
      pointer: '/details/storage',
      todo: 'Write where the copies are kept, as far as you know.',
    })
  const wanted: StatementCode[] = ['in_not_s52', 'in_suit_undertaking_21d']
  return [...found, ...missingStatements(subject, wanted, 'in_rule75_fields_missing')]
}
