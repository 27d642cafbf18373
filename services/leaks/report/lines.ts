import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import type { LeakId } from '../../core/ids.ts'
import { AuditLine } from '../exposure.ts'
import type { TrackStatus } from '../manifest-row.ts'

/** Which lines of an audit's result are wanted. */
export interface LinesAsked {
  readonly leakId?: LeakId | undefined
  readonly status?: TrackStatus | undefined
}

/** A line with its number in the result, from 1: the rank of how exposed it is. */
export type NumberedLine = AuditLine & { readonly number: number }

/**
 * The lines of an audit's frozen result, JSON lines in the order of their rank.
 *
 * @param source is destroyed when reading ends, also in the middle.
 */
export async function* auditLines(source: Readable, asked: LinesAsked = {}): AsyncGenerator<NumberedLine> {
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })
  let number = 0
  try {
    for await (const text of lines) {
      if (text === '') continue
      number += 1
      const line = AuditLine.parse(JSON.parse(text))
      if (asked.leakId !== undefined && line.leakId !== asked.leakId) continue
      if (asked.status !== undefined && line.status !== asked.status) continue
      yield { ...line, number }
    }
  } finally {
    lines.close()
    source.destroy()
  }
}

/** Some lines behind a number, one more than a page shows when there are more. */
export async function linesAfter(
  source: Readable,
  { after, limit, ...asked }: LinesAsked & { readonly after: number; readonly limit: number },
): Promise<NumberedLine[]> {
  const page: NumberedLine[] = []
  for await (const line of auditLines(source, asked)) {
    if (line.number <= after) continue
    page.push(line)
    if (page.length >= limit) break
  }
  return page
}
