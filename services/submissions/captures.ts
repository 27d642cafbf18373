import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Sha256, type SubmissionId, type TenantId } from '../core/ids.ts'
import type { Submission } from './submission.ts'

/** What was seen at an address: kept as it was, because a report and a court may ask for it. */
export const Capture = z.object({
  requestedUrl: z.string(),
  finalUrl: z.string(),
  redirects: z.array(z.object({ url: z.string(), status: z.number(), address: z.string().optional() })),
  status: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  address: z.string(),
  tls: z.record(z.string(), z.unknown()).nullable(),
  sha256: Sha256,
  bytes: z.number(),
  startedAt: z.date(),
  endedAt: z.date(),
})
export type Capture = z.infer<typeof Capture>

export async function keepCapture(
  tx: Tx,
  submission: Pick<Submission, 'id' | 'tenantId'>,
  capture: Capture,
): Promise<void> {
  await tx.run`
    insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address, tls,
                         sha256, bytes, started_at, ended_at)
    values (${randomUUID()}, ${submission.tenantId}, ${submission.id}, ${capture.requestedUrl}, ${capture.finalUrl},
            ${JSON.stringify(capture.redirects)}, ${capture.status}, ${JSON.stringify(capture.headers)}, ${capture.address},
            ${capture.tls === null ? null : JSON.stringify(capture.tls)}, ${capture.sha256}, ${capture.bytes},
            ${capture.startedAt}, ${capture.endedAt})`
}

/** What was seen for a submission, the latest first. */
export const capturesOf = (tx: Tx, submissionId: SubmissionId): Promise<Capture[]> =>
  tx.all(Capture)`
    select requested_url, final_url, redirects, status, headers, host(address) as address, tls, sha256, bytes, started_at, ended_at
      from capture where submission_id = ${submissionId} order by started_at desc`

/** The last time that something was fetched from a host (lower case, IPv6 in brackets), whatever it was. */
export const latestCaptureAt = (tx: Tx, tenantId: TenantId, host: string): Promise<Capture | undefined> =>
  tx.maybe(Capture)`
    select requested_url, final_url, redirects, status, headers, host(address) as address, tls, sha256, bytes, started_at, ended_at
      from capture
     where tenant_id = ${tenantId}
       and lower(substring(final_url from '^[a-z]+://(\\[[^]]*\\]|[^/:?#]*)')) = ${host}
     order by started_at desc limit 1`
