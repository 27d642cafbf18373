import { Problem } from '../core/problem.ts'
import type { Recording } from './recording.ts'

/** An embargo of more years is a slip of the keyboard. */
const EMBARGO_YEARS_MAX = 10

/** Whether a recording is unreleased at a moment. */
export const isEmbargoed = (
  { embargoUntil }: Pick<Recording, 'embargoUntil'>,
  at: Date = new Date(),
): boolean => embargoUntil !== null && embargoUntil > at

/** @param pointer to it in the request. @throws {Problem} request/invalid for an end that has passed, or that is too far away to be meant. */
export function requireEmbargoEnd(until: Date, pointer: string, now: Date = new Date()): void {
  const latest = new Date(now)
  latest.setUTCFullYear(now.getUTCFullYear() + EMBARGO_YEARS_MAX)
  const detail =
    until <= now
      ? 'must lie in the future'
      : until > latest
        ? `must be within ${EMBARGO_YEARS_MAX} years`
        : undefined
  if (detail)
    throw new Problem('request/invalid', 'Choose another end of the embargo', {
      faults: [{ pointer, detail }],
    })
}
