import type { OpenPoint, Regime } from '../notice.ts'
import { batchRules } from './batch-rules.ts'
import { inDocumentOrder } from './document-order.ts'
import { partyRules } from './party-rules.ts'
import { placeRules } from './place-rules.ts'
import type { Rule, RuleId } from './rule.ts'
import { statementRules } from './statement-rules.ts'
import type { ReadinessSubject } from './subject.ts'
import { workRules } from './work-rules.ts'

/** All rules but R08, which signing itself enforces; by number. */
const rules: readonly Rule[] = [
  ...workRules,
  ...placeRules,
  ...partyRules,
  ...statementRules,
  ...batchRules,
].toSorted((a, b) => a.rule.localeCompare(b.rule))

/**
 * Everything that keeps a notice from being signed, at once and in the order of the document; an empty list when it is
 * ready. A match, however sure, makes no notice ready: the rules ask for what people decided, wrote and hold.
 *
 * @throws {Error} when the subject lacks the facts of a location or of a work.
 */
export function readinessOf(subject: ReadinessSubject): OpenPoint[] {
  const points = rules
    .filter((rule) => holdsUnder(rule, subject.document.regimes))
    .flatMap(({ rule, check }) => check(subject).map((finding) => ({ rule, ...finding })))
  return inDocumentOrder(points)
}

/** Whether a notice that rests on these laws is asked for what a rule wants. Signing asks for R08 under every law. */
export const isAsked = (id: RuleId, regimes: readonly Regime[]): boolean =>
  id === 'R08' || rules.some((rule) => rule.rule === id && holdsUnder(rule, regimes))

/** R08: what answers everybody who tries to sign without being allowed to. No draft has a signatory, so none lists it. */
export const signatoryPoint = (): OpenPoint => ({
  rule: 'R08',
  code: 'signatory_required',
  pointer: '/statements',
  todo: 'A person with the role of a signatory has to sign, in a session with a fresh second factor.',
})

const holdsUnder = (rule: Rule, regimes: readonly Regime[]): boolean =>
  rule.regimes?.some((regime) => regimes.includes(regime)) ?? true
