import type { z } from 'zod'

import { unkeepableText } from '../core/keepable.ts'
import { type Fault, Problem } from '../core/problem.ts'

/** More faults than a person mends at once are not told. */
const FAULTS_MAX = 50

/** A JSON pointer (RFC 6901) to a place in what was sent. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Zod's issues as faults; each unknown field is a fault of its own, at its own place. */
function faultsOf(error: z.ZodError, under: string): Fault[] {
  const faults = error.issues.flatMap((issue): Fault[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: under + pointerOf([...issue.path, key]),
          detail: 'is not known',
        }))
      : [{ pointer: under + pointerOf(issue.path), detail: issue.message }],
  )
  return faults.slice(0, FAULTS_MAX)
}

/**
 * Reads what a caller sent.
 *
 * @param under where it stood: '' for the body, `/query`; faults point from there.
 * @throws {Problem} request/invalid with a fault for each thing that is wrong.
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown, under: string): z.output<S> {
  const read = schema.safeParse(value)
  if (!read.success) throw invalid(faultsOf(read.error, under))
  const unkeepable = unkeepableText(read.data)
  if (unkeepable)
    throw invalid([{ pointer: under + pointerOf(unkeepable), detail: 'holds a character that is no text' }])
  return read.data
}

/** The problem that says what is wrong, with the first fault in its detail for people who read no further. */
export function invalid(faults: readonly Fault[]): Problem {
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return new Problem('request/invalid', `${first?.pointer || 'The body'}: ${first?.detail}${more}`, {
    faults,
  })
}
