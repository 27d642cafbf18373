import { z } from 'zod'

import type { AfterRetraction } from '../../services/actions/retract-notice.ts'
import { Problem } from '../../services/core/problem.ts'
import { DismissReason } from '../../services/matches/case.ts'
import { type Sent, readForm } from '../forms.ts'

const Retracting = z.object({
  reason: z.string().trim().min(1).max(1000),
  to: z.enum(['needs_review', 'dismissed']),
  dismissReason: DismissReason.optional(),
})

/** Why something is taken back, and what becomes of its cases. @throws {Problem} request/invalid. */
export function retractionOf(form: Sent): { reason: string; cases: AfterRetraction } {
  const { reason, to, dismissReason } = readForm(Retracting, form)
  if (to === 'needs_review') return { reason, cases: { to } }
  if (dismissReason) return { reason, cases: { to, reason: dismissReason } }
  const faults = [{ pointer: '/dismissReason', detail: 'choose why the cases are dismissed' }]
  throw new Problem('request/invalid', 'A reason is needed', { faults })
}
