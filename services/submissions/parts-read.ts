import { z } from 'zod'

import { StoredProblem } from '../core/stages.ts'

/**
 * A stretch of bytes that was read, both ends within. The times are those of the audio in it, as far as they are known:
 * null of a stretch that was only read for what it tells of the others, as a table of contents.
 */
const PartRead = z.object({
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  fromMs: z.number().nonnegative().nullable().default(null),
  toMs: z.number().nonnegative().nullable().default(null),
})
export type PartRead = z.infer<typeof PartRead>

/**
 * What was read of a file, when not all of it was. The bytes that are stored are these parts, one after the other.
 * Without `totalBytes` it is a stream that is served in pieces: nobody knows where in the whole a piece would lie, and
 * `from` and `to` count the bytes that were read.
 */
export const PartsRead = z.object({
  totalBytes: z.number().int().positive().nullable(),
  parts: z.array(PartRead).min(1).max(16),
  /** Of the whole, where it is known. */
  durationMs: z.number().nonnegative().nullable(),
  /** Why the rest could not be had, when these parts said too little: they are all that can be told of the file. */
  rest: StoredProblem.optional(),
})
export type PartsRead = z.infer<typeof PartsRead>

/** How many bytes were read. */
export const bytesRead = ({ parts }: Pick<PartsRead, 'parts'>): number =>
  parts.reduce((sum, { from, to }) => sum + to - from + 1, 0)

/** A stretch of time that was listened to, in ms of the whole. */
export interface Heard {
  readonly fromMs: number
  readonly toMs: number
}

/** The stretches that were listened to, in their order. */
export const heardOf = ({ parts }: Pick<PartsRead, 'parts'>): Heard[] =>
  parts.flatMap(({ fromMs, toMs }) => (fromMs === null || toMs === null ? [] : [{ fromMs, toMs }]))
