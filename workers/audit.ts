import type { ExposureAuditId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { makeAudit } from '../services/leak-audit.ts'
import { claim, findAudit } from '../services/leaks/audit-store.ts'
import { lookUpFormerFiles } from '../services/listed-files.ts'
import type { Tools } from './tools.ts'

/**
 * Asks a part of a catalogue in all leaks. Pages that were written before it was broken off are written again, with the
 * same answers. A new manifest is also asked for every file that the account ever handed in.
 */
export const audit =
  (tools: Pick<Tools, 'db' | 'blobs' | 'leaks'>) =>
  async ({ id }: OneRow<ExposureAuditId>, run: Run): Promise<void> => {
    const { db } = tools
    const asked = await db.system(async (tx) => ((await claim(tx, id)) ? findAudit(tx, id) : undefined))
    if (!asked) return run.log.info('another worker has made the audit')
    if (asked.cause === 'manifest') await lookUpFormerFiles(tools, asked.tenantId, run.signal)
    await makeAudit(tools, asked, run)
  }
