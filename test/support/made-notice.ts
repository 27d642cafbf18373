import type { CaseId, NoticeId, RecipientId } from '../../services/core/ids.ts'
import type { Regime } from '../../services/notices/notice.ts'
import { createNotice } from '../../services/notices/store.ts'
import type { World } from './world.ts'

const HOUR_MS = 60 * 60_000

/**
 * A notice of the owner about cases at addresses of a host, as it would be after it was sent: for histories whose times a
 * test makes up. What was signed is nothing.
 */
export async function madeNotice(
  { house, owner }: World,
  given: {
    recipientId: RecipientId
    caseIds: readonly CaseId[]
    sentAt: Date
    acknowledgedAfterH?: number
    regimes?: readonly Regime[]
    replaces?: { id: NoticeId; number: string; version: number }
  },
): Promise<NoticeId> {
  return house.db.system(async (tx) => {
    const id = await createNotice(tx, owner.tenantId, {
      recipientId: given.recipientId,
      host: 'files.hoster.example',
      regimes: given.regimes ?? ['GENERIC'],
      language: 'en',
      format: 'mail',
      details: {},
      createdBy: 'system',
      locations: given.caseIds.map((caseId) => ({
        caseId,
        url: `https://files.hoster.example/${caseId}`,
        canonicalUrl: `https://files.hoster.example/${caseId}`,
      })),
      replaces: given.replaces,
    })
    const acknowledged =
      given.acknowledgedAfterH === undefined
        ? null
        : new Date(given.sentAt.getTime() + given.acknowledgedAfterH * HOUR_MS)
    await tx.run`
      update notice set state = 'sent', sent_at = ${given.sentAt}, acknowledged_at = ${acknowledged}, document = '{}',
             document_text = '{}', document_sha256 = ${'a'.repeat(64)}, signed_at = ${given.sentAt},
             signed_by = (select id from member where tenant_id = ${owner.tenantId} limit 1) where id = ${id}`
    return id
  })
}
