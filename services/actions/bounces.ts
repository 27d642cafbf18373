import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { bouncesTooOften } from '../notices/delivery.ts'
import type { Notice } from '../notices/notice-row.ts'
import { bounceCounts, pauseRecipient } from '../notices/sending-limits-store.ts'

/**
 * Stops sending to a recipient whose messages come back too often: its address is wrong, and mail servers block who
 * keeps on writing to such. A person lifts it.
 */
export async function pauseIfBouncing(
  tx: Tx,
  { tenantId, recipientId }: Pick<Notice, 'tenantId' | 'recipientId'>,
): Promise<void> {
  const { sent, bounced } = await bounceCounts(tx, recipientId)
  if (!bouncesTooOften({ sent, bounced })) return
  const why = `${bounced} of the last ${sent} messages came back`
  if (!(await pauseRecipient(tx, recipientId, why))) return
  await audit(tx, tenantId, {
    actor: 'system',
    action: 'recipient.paused',
    subject: `recipient:${recipientId}`,
    details: { sent, bounced },
  })
}
