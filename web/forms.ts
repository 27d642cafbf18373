import type { z } from 'zod'

import { unkeepableText } from '../services/core/keepable.ts'
import { Problem } from '../services/core/problem.ts'
import type { Filled } from './parts/fields.ts'

/** A form as it was sent: text by name; a name that came more than once keeps all. */
export type Sent = Readonly<Record<string, string | readonly string[]>>

/** What was sent under a name, as one text; empty when nothing was. */
export function textOf(sent: Sent | undefined, name: string): string {
  const value = sent?.[name]
  return typeof value === 'string' ? value : (value?.join(', ') ?? '')
}

/** No keyboard types it, and the database cannot hold it. @throws {Problem} request/invalid, with the field. */
export function refuseUnkeepable(sent: unknown): void {
  const path = unkeepableText(sent)
  if (path) throw new Problem('request/invalid', `The field “${path[0]}” holds a character that is no text`)
}

/** The values as the fields show them again. */
const valuesOf = (sent: Sent): Record<string, string> =>
  Object.fromEntries(Object.keys(sent).map((name) => [name, textOf(sent, name)]))

/** The field that a pointer speaks of: `/artists/0` → artists, `/release/upc` → upc, `/release/title` → release. */
function fieldOf(pointer: string): string {
  const [first = '', second] = pointer.split('/').slice(1)
  return second === undefined || second === 'title' || /^\d+$/.test(second) ? first : second
}

/** A Problem as faults beside the fields it points to; what points nowhere stands above the form. */
export function refused(sent: Sent, problem: Problem): Filled {
  const faults: Record<string, string> = {}
  for (const { pointer, detail } of problem.faults) faults[fieldOf(pointer)] ??= detail
  if (problem.faults.length === 0) faults[''] = problem.message
  return { values: valuesOf(sent), faults }
}

/**
 * Reads a form by its schema. Fields left empty count as not given.
 *
 * @throws {Problem} request/invalid with a fault for each wrong field.
 */
export function readForm<T>(schema: z.ZodType<T>, sent: Readonly<Record<string, unknown>>): T {
  const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== ''))
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => ({
    pointer: `/${path.join('/')}`,
    detail: Object.hasOwn(given, String(path[0])) || path.length > 1 ? message : 'this is needed',
  }))
  throw new Problem('request/invalid', 'Some fields need another look', { faults })
}

/** A form that was refused: as it was filled, with its faults, and the status to answer with. */
export interface Refusal {
  readonly filled: Filled
  readonly status: number
}

/**
 * Runs what a form asks for. A refusal that its sender can mend comes back, all else is thrown on.
 *
 * @param sent asked for only on refusal: a form with files is known when it has been read.
 */
export async function attempt<T>(
  sent: () => Sent,
  work: () => Promise<T>,
): Promise<{ done: T; refusal?: never } | { refusal: Refusal }> {
  try {
    return { done: await work() }
  } catch (error) {
    const mendable = error instanceof Problem && [400, 409, 413, 415, 422].includes(error.status)
    if (!mendable) throw error
    return { refusal: { filled: refused(sent(), error), status: error.status } }
  }
}

/** Names in a line, separated by commas or semicolons. */
export const listOf = (line: string): string[] =>
  line
    .split(/[,;]/)
    .map((name) => name.trim())
    .filter(Boolean)

/** A moment as a person types it, in UTC, as ISO 8601 writes it: `2031-03-06 23:00`, `2031-03-06`; anything else as it is. */
export function momentOf(text: string): string {
  const [, date, time = '00:00'] = text.match(/^(\S{10})(?:[ T](\S{5}))?$/) ?? []
  return date === undefined ? text : `${date}T${time}:00Z`
}
