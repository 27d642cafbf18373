import { z } from 'zod'

import { line, sha256 } from '../core/document-fields.ts'
import { canonicalText, canonicalValue } from './manifest.ts'

/** A million and a half entries; what is longer is not held in memory to be read. */
export const LOG_BYTES_MAX = 256 << 20

/** An entry of the audit chain about something else: only that it was there, and its place. */
const LogLink = z.strictObject({ number: z.int().min(1), prevHash: sha256(), entryHash: sha256() })

/** An entry of the audit chain (services/core/audit.ts) as it was hashed. */
const LogEntry = LogLink.extend({
  at: z.iso.datetime(),
  actor: line(100),
  action: line(200),
  subject: line(200),
  details: z.record(z.string(), z.unknown()),
})
export type LogEntry = z.infer<typeof LogEntry>
export type LogLink = z.infer<typeof LogLink>

/**
 * The part of an audit chain from the first entry about a subject to the chain's head. Entries about the subject stand
 * in it in full, all others as links.
 */
export const LogDocument = z.strictObject({
  format: z.literal('earwitness/log/1'),
  entries: z.array(z.union([LogEntry, LogLink])).min(1),
})
export type LogDocument = z.infer<typeof LogDocument>

const Shell = LogDocument.extend({ entries: z.array(z.unknown()).min(1) })

/** The log of some bytes; undefined when they are none. It ends at the first fault: a forged one has millions. */
export function readLog(bytes: Uint8Array): LogDocument | undefined {
  const shell = Shell.safeParse(canonicalValue(bytes))
  if (!shell.success) return undefined
  const entries: LogDocument['entries'] = []
  for (const each of shell.data.entries) {
    const entry = LogDocument.shape.entries.element.safeParse(each)
    if (!entry.success) return undefined
    entries.push(entry.data)
  }
  return { ...shell.data, entries }
}

export const isWhole = (entry: LogEntry | LogLink): entry is LogEntry => 'action' in entry

/** The bytes whose SHA-256 is the hash of an entry: the hash before it and its canonical JSON. */
export function hashedText(entry: LogEntry): string {
  const { number, at, actor, action, subject, details, prevHash } = entry
  return prevHash + canonicalText({ number, at, actor, action, subject, details })
}

/** Whether each entry follows from the one before it and is what was hashed. @returns what is wrong, in words. */
export async function faultOfLog(
  { entries }: LogDocument,
  sha256: (bytes: Uint8Array) => Promise<string>,
): Promise<string | undefined> {
  let before: LogLink | undefined
  for (const entry of entries) {
    if (before && (entry.number !== before.number + 1 || entry.prevHash !== before.entryHash))
      return `Entry ${entry.number} does not follow from the one before it`
    if (isWhole(entry) && (await sha256(new TextEncoder().encode(hashedText(entry)))) !== entry.entryHash)
      return `Entry ${entry.number} is not what was hashed`
    before = entry
  }
  return undefined
}
