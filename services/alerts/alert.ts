import { z } from 'zod'

import { AlertId, TenantId } from '../core/ids.ts'
import type { Transitions } from '../core/stages.ts'

export const AlertStage = z.enum(['notify', 'done', 'failed'])
export const alertTransitions = { notify: ['done'] } as const satisfies Transitions

/** Tells members that cases have opened; gathers for a moment so that many matches make one mail. */
export const Alert = z.object({
  id: AlertId,
  tenantId: TenantId,
  stage: AlertStage,
  dueAt: z.date(),
})
export type Alert = z.infer<typeof Alert>
