import { z } from 'zod'

import { Problem } from '../core/problem.ts'

/** A row, or the problem that says there is none: a stranger's row and no row look the same from outside. */
export function found<T>(row: T | undefined, noun: string): T {
  if (row === undefined) throw new Problem('row/unknown', `No such ${noun}`)
  return row
}

/** Parameters of a path with one id. */
export const oneId = <T extends z.ZodType>(id: T) => z.object({ id })
