import { Problem } from '../services/core/problem.ts'
import { ExceptionAnswers, ExceptionKind } from '../services/matches/exceptions.ts'
import { type Sent, textOf } from './forms.ts'

/** The field of the reason that covers all answers without one; `reason` is why a case is dismissed. */
export const SHARED_REASON = 'exceptions_reason'

/** The field of an answer's own reason. The answer's field has the name of its question. */
export const ownReason = (kind: ExceptionKind): string => `${kind}_reason`

/** Which field of the form a part of the answers is. */
function fieldOf(path: readonly PropertyKey[]): string {
  const kind = ExceptionKind.safeParse(path[1]).data
  if (path[0] !== 'answers' || kind === undefined) return SHARED_REASON
  return path[2] === 'reason' ? ownReason(kind) : kind
}

/**
 * The answers of a form about the exceptions; undefined when none of its fields was filled in.
 *
 * @throws {Problem} request/invalid with a fault for each field that is missing or wrong.
 */
export function exceptionsOf(sent: Sent): ExceptionAnswers | undefined {
  const given = (name: string): string | undefined => textOf(sent, name) || undefined
  const fields = [...ExceptionKind.options.flatMap((kind) => [kind, ownReason(kind)]), SHARED_REASON]
  if (fields.every((name) => given(name) === undefined)) return undefined
  const answers = Object.fromEntries(
    ExceptionKind.options.map((kind) => [kind, { applies: given(kind), reason: given(ownReason(kind)) }]),
  )
  const read = ExceptionAnswers.safeParse({ answers, reason: given(SHARED_REASON) })
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => {
    const field = fieldOf(path)
    // Where reasons are missing, the one that covers all is asked for.
    return field.endsWith('_reason') && given(field) === undefined
      ? { pointer: `/${SHARED_REASON}`, detail: 'say why, here once for all, or with each answer' }
      : { pointer: `/${field}`, detail: given(field) === undefined ? 'choose an answer' : message }
  })
  throw new Problem('request/invalid', 'Some fields need another look', { faults })
}
