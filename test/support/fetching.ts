import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { expect } from 'vitest'

import type { ProblemType } from '../../services/core/problem.ts'

/** Limits that hostile behaviour runs into quickly. */
export const fetchLimits = {
  bytesMax: 1024 * 1024,
  timeoutMs: 2_000,
  idleTimeoutMs: 300,
  redirectsMax: 5,
  userAgent: 'Earwitness test',
}

/** A sink: the SHA-256 of what was fetched, in hex. */
export async function sha256Of(body: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of body) sum.update(chunk)
  return sum.digest('hex')
}

/** Counts the sockets that this process begins to open, also those that never reach anybody. */
export function countSockets(): { count(): number; stop(): void } {
  let sockets = 0
  const opened = (): void => void (sockets += 1)
  subscribe('net.client.socket', opened)
  return { count: () => sockets, stop: () => void unsubscribe('net.client.socket', opened) }
}

/** Matches a problem of one type in `toEqual` and `toThrow`. */
export const problem = (type: ProblemType): unknown => expect.objectContaining({ name: 'Problem', type })
