import type { House } from '../actions/house.ts'
import { csvText } from '../core/csv.ts'
import type { BatchId } from '../core/ids.ts'
import { findBatch, rowsOf } from '../submissions/batch-store.ts'
import { BATCH_ADDRESSES_MAX, type BatchResult } from '../submissions/batch.ts'
import type { Caller } from '../tenants/tenant.ts'
import { found } from './found.ts'
import type { AnsweredFile } from './route.ts'

const resultWords: Readonly<Record<BatchResult, string>> = {
  found: 'found',
  nothing: 'nothing found',
  failed: 'failed',
  waiting: 'waiting',
}

/** What became of each address of a batch as a table, and then the lines that were no addresses. @throws {Problem} row/unknown. */
export async function batchTable(house: House, caller: Caller, id: BatchId): Promise<AnsweredFile> {
  const { batch, rows } = await house.db.tenant(caller.tenantId, async (tx) => ({
    batch: found(await findBatch(tx, id), 'batch'),
    rows: await rowsOf(tx, { batchId: id }, { limit: BATCH_ADDRESSES_MAX }),
  }))
  const body = csvText([
    ['url', 'result', 'recordings', 'cases', 'problem', 'submission', 'ended'],
    ...rows.map((row) => [
      row.url,
      resultWords[row.result],
      row.recordings,
      row.cases.join(' '),
      row.problem,
      row.id,
      row.endedAt?.toISOString(),
    ]),
    ...batch.refused.map(({ text, line, why }) => [text, 'refused', 0, '', `line ${line}: ${why}`]),
  ])
  return { body, mediaType: 'text/csv', fileName: `earwitness-results-${id.slice(0, 8)}.csv` }
}
