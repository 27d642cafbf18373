import { randomUUID } from 'node:crypto'

import {
  type CapsuleFile,
  type CapsuleHead,
  capsuleBytes,
  sealCapsule,
} from '../../services/evidence/capsule.ts'
import { hashedText } from '../../services/evidence/log.ts'
import { canonicalText } from '../../services/evidence/manifest.ts'
import { sha256Of } from '../../services/evidence/verify-file.ts'

const at = new Date('2026-11-23T10:00:00.000Z')

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** All bytes of a stream in one piece. */
export async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

/** A log of three entries, the second about something else. */
async function sampleLog(reportSha256: string) {
  const first = {
    number: 7,
    at: at.toISOString(),
    actor: 'system',
    action: 'report.issued',
    subject: 'case:1',
    details: { sha256: reportSha256, version: 1 },
    prevHash: 'a'.repeat(64),
  }
  const one = { ...first, entryHash: await sha256Of([utf8(hashedText({ ...first, entryHash: '' }))]) }
  const link = { number: 8, prevHash: one.entryHash, entryHash: 'b'.repeat(64) }
  const third = { ...first, number: 9, action: 'capsule.requested', details: {}, prevHash: link.entryHash }
  const last = { ...third, entryHash: await sha256Of([utf8(hashedText({ ...third, entryHash: '' }))]) }
  return { format: 'earwitness/log/1', entries: [one, link, last] } as const
}

/** A small capsule, sealed, that says nothing of anybody. */
export async function sampleCapsule(more: readonly CapsuleFile[] = [], timeStamped = false) {
  const report = utf8(canonicalText({ title: 'Sample Song', says: 'nothing' }))
  const log = await sampleLog(await sha256Of([report]))
  const file = (path: string, kind: CapsuleFile['kind'], content: Uint8Array): CapsuleFile => ({
    path,
    kind,
    mediaType: 'application/json',
    capturedAt: at,
    content,
  })
  const last = log.entries[2]
  const head: CapsuleHead = {
    capsuleId: randomUUID(),
    subject: { kind: 'case', id: randomUUID(), number: 'EW-2026-000001' },
    tenantName: 'Sample Records',
    tool: {
      name: 'earwitness',
      version: '0.0.0',
      engineVersion: 1,
      thresholds: { falseClaimsPerMillion: 10 },
    },
    createdAt: at,
    timeStamped,
    auditHead: { number: last.number, entryHash: last.entryHash },
  }
  const files = [
    file('log.json', 'log', utf8(canonicalText(log))),
    file('reports/EW-2026-000001-v1.json', 'report', report),
    file('match-report.json', 'match_report', utf8('{"passages":[]}')),
    ...more,
  ]
  const absent = [{ ...file('suspect/a.ogg', 'suspect', utf8('')), sha256: 'c'.repeat(64), bytes: 123_456 }]
  return sealCapsule(head, files, absent)
}

/** The bytes of a small capsule. */
export const sampleBytes = async (timeStamp?: Uint8Array): Promise<Uint8Array> =>
  gathered(capsuleBytes(await sampleCapsule([], timeStamp !== undefined), timeStamp))
