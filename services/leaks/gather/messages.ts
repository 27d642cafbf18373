import type { ProblemType } from '../../core/problem.ts'
import type { GatherOrder, GatherProgress, GatherResult } from './order.ts'

/** What the thread is told: one order, and perhaps that it shall stop. */
export type ToThread = { readonly kind: 'order'; readonly order: GatherOrder } | { readonly kind: 'stop' }

/** What it tells: progress, then one of the others. */
export type FromThread =
  | { readonly kind: 'progress'; readonly progress: GatherProgress }
  | { readonly kind: 'result'; readonly result: GatherResult }
  | { readonly kind: 'problem'; readonly type: ProblemType; readonly detail: string }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'stopped' }
