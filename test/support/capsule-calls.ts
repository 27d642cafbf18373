import { CapsuleId, newId } from '../../services/core/ids.ts'
import { capsuleBytes } from '../../services/evidence/capsule.ts'
import type { Call } from './api-scene.ts'
import { sampleCapsule } from './capsule.ts'
import type { Account, World } from './world.ts'

/** Calls of the routes of evidence capsules. */
export const capsuleCalls: Record<string, Call> = {
  requestCaseEvidence: { path: (s) => `/v1/cases/${s.caseId}/evidence`, status: 202 },
  requestNoticeEvidence: { path: (s) => `/v1/notices/${s.notices.unapprovedId}/evidence`, status: 202 },
  getCapsule: { path: (s) => `/v1/capsules/${s.capsuleId}`, status: 200 },
  downloadCapsule: {
    path: (s) => `/v1/capsules/${s.capsuleId}/download`,
    status: 200,
    type: 'application/zip',
  },
  downloadBsaCertificate: {
    path: (s) => `/v1/capsules/${s.capsuleId}/certificate`,
    status: 200,
    type: 'application/pdf',
  },
}

/** A capsule of a case that was built: its id. What is in it is made up. */
export async function capsuleScene({ house }: World, account: Account, caseId: string): Promise<CapsuleId> {
  const id = newId(CapsuleId)
  const sealed = await sampleCapsule()
  const { sha256, bytes } = await house.blobs.put(capsuleBytes(sealed), { bytesMax: 1_000_000 })
  await house.db.system(
    (tx) => tx.run`
      insert into capsule (id, tenant_id, case_id, stage, manifest_sha256, sha256, bytes, held, requested_by)
      values (${id}, ${account.tenant.id}, ${caseId}, 'done', ${sealed.manifestSha256}, ${sha256}, ${bytes}, true, 'system')`,
  )
  return id
}
