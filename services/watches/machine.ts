import { Problem } from '../core/problem.ts'
import type { WatchState } from './watch.ts'

/** What a caller can do with a watch. */
export type WatchAct = 'pause' | 'resume' | 'change' | 'read' | 'end'

const allowed: Readonly<Record<WatchState, readonly WatchAct[]>> = {
  watching: ['pause', 'change', 'read', 'end'],
  failing: ['pause', 'change', 'read', 'end'],
  paused: ['resume', 'change', 'end'],
  ended: [],
}

/** What may be done with a watch in a state. */
export const actsIn = (state: WatchState): readonly WatchAct[] => allowed[state]

/** @throws {Problem} row/stage, naming what is allowed now. */
export function requireAct(state: WatchState, act: WatchAct): void {
  if (allowed[state].includes(act)) return
  const now =
    allowed[state].length > 0 ? `allowed now: ${allowed[state].join(', ')}` : 'nothing is allowed any more'
  throw new Problem('row/stage', `The watch is ${state}; ${now}`)
}
