import { z } from 'zod'

import type { Connection } from '../../client/connection.ts'
import { openTransport } from '../../client/transport.ts'

const Problem = z.object({ detail: z.string() }).nullable()

/** A manifest of a leak, and how far it was read. */
const ManifestView = z.object({
  id: z.string(),
  name: z.string(),
  stage: z.enum(['manifest', 'done', 'failed']),
  progress: z.number(),
  rows: z.number(),
  faults: z.number(),
  rate: z.number().nullable(),
  problem: Problem,
})
export type ManifestView = z.infer<typeof ManifestView>

const AuditView = z.object({
  id: z.string(),
  stage: z.enum(['audit', 'done', 'failed']),
  problem: Problem,
  summary: z
    .object({
      asked: z.number(),
      listed: z.number(),
      audio: z.number(),
      published: z.number(),
      contradicted: z.number(),
      forecasts: z.array(z.object({ reason: z.string() })),
    })
    .nullable(),
})
export type AuditView = z.infer<typeof AuditView>

/** What a leak has of one recording. */
const LineView = z.object({
  leakId: z.string(),
  recordingId: z.string().nullable(),
  title: z.string().nullable(),
  status: z.enum(['audio', 'sibling', 'planned', 'metadata', 'failed', 'unknown']),
  codec: z.enum(['unknown', 'vorbis-160', 'opus-75', 'other']),
  foundBy: z.enum(['isrc', 'alternative', 'names', 'address']),
  probability: z.number(),
  batchName: z.string().nullable(),
  publishedOn: z.string().nullable(),
  advice: z.string(),
})
export type LineView = z.infer<typeof LineView>

/** Lines of one page: more than the demo has recordings. */
const LINES_MAX = 100

/** What the demo asks about leaks. */
export interface LeakClient {
  manifests(leakId: string): Promise<readonly ManifestView[]>
  /** Has the whole catalogue asked for in all leaks. */
  startAudit(): Promise<AuditView>
  audit(id: string): Promise<AuditView>
  /** The first lines of an audit that is done, the most exposed first. */
  lines(auditId: string): Promise<readonly LineView[]>
  report(auditId: string, file: 'report.pdf' | 'lines.csv'): Promise<Buffer>
}

/** @param signal ends every request that is under way. */
export function openLeakClient(connection: Connection, signal: AbortSignal): LeakClient {
  const send = openTransport(connection, signal)
  const get = async <T>(schema: z.ZodType<T>, path: string): Promise<T> =>
    schema.parse(await (await send({ method: 'GET', path })).json())
  const audits = '/v1/exposure-audits'
  return {
    manifests: async (leakId) =>
      (await get(z.object({ items: z.array(ManifestView) }), `/v1/leaks/${leakId}/manifests`)).items,
    startAudit: async () =>
      AuditView.parse(await (await send({ method: 'POST', path: audits, json: { kind: 'all' } })).json()),
    audit: (id) => get(AuditView, `${audits}/${id}`),
    lines: async (id) =>
      (await get(z.object({ items: z.array(LineView) }), `${audits}/${id}/lines?limit=${LINES_MAX}`)).items,
    report: async (id, file) =>
      Buffer.from(await (await send({ method: 'GET', path: `${audits}/${id}/${file}` })).arrayBuffer()),
  }
}
