import { z } from 'zod'

/** How bad it is: an `error` keeps the row out, a `warning` at most the value. */
export const Severity = z.enum(['error', 'warning'])
export type Severity = z.infer<typeof Severity>

/** Names of what can be wrong with a row, with what each means. Stable: programs read them. */
export const rowErrorCodes = {
  missing: 'a required value is not there',
  malformed: 'a value does not have the form of its column',
  'identifier-malformed': 'an identifier does not have its form',
  'identifier-checksum': 'an identifier has a wrong check digit',
  'too-long': 'a value is longer than is kept',
  'too-many': 'a list has more values than are kept',
  'unknown-value': 'a value is none of those that are known',
  'unknown-column': 'a column has a heading that is not known; it is left out',
  contradiction: 'two values of the row contradict each other',
  duplicate: 'the same recording was named before in this file',
  'isrc-conflict': 'the ISRC belongs to another title or duration in this catalogue',
  ambiguous: 'several recordings have these names; give the ISRC',
  'not-yours': 'another party is named as the owner',
  encoding: 'bytes that are no characters in the encoding of the file',
  syntax: 'the file cannot be read from here on',
  limit: 'the file is larger, deeper or longer than is read',
} as const

export type RowErrorCode = keyof typeof rowErrorCodes
