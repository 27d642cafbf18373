import { z } from 'zod'

import { ResolutionId, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { LookUpNote } from './look-up.ts'

export const ResolutionStage = z.enum(['resolve', 'done', 'failed'])
export const resolutionTransitions = { resolve: ['done'] } as const satisfies Transitions

/** One look at who may be asked about a host. */
export const Resolution = z.object({
  id: ResolutionId,
  tenantId: TenantId,
  host: z.string(),
  stage: ResolutionStage,
  stageSince: z.date(),
  problem: StoredProblem.nullable(),
  tries: z.number(),
  /** What was asked and what came of it; null before it is done. */
  notes: z.array(LookUpNote).nullable(),
  createdAt: z.date(),
})
export type Resolution = z.infer<typeof Resolution>

/** Hosts move: what was looked up longer ago is looked up anew before a notice is drafted. */
export const RESOLUTION_FRESH_DAYS = 7
