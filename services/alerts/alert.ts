import { z } from 'zod'

import { AlertId, TenantId } from '../core/ids.ts'
import type { Transitions } from '../core/stages.ts'

export const AlertStage = z.enum(['notify', 'done', 'failed'])
/** `unreleased_found`: of recordings under embargo, told at once and in a mail of their own. */
export const AlertKind = z.enum(['cases_opened', 'unreleased_found'])
export type AlertKind = z.infer<typeof AlertKind>
export const alertTransitions = { notify: ['done'] } as const satisfies Transitions

/** Tells members that cases have opened; gathers for a moment, unless it is urgent, so that many matches make one mail. */
export const Alert = z.object({
  id: AlertId,
  tenantId: TenantId,
  kind: AlertKind,
  stage: AlertStage,
  dueAt: z.date(),
})
export type Alert = z.infer<typeof Alert>
