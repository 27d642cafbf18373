import { z } from 'zod'

import { submitList } from '../../actions/batches.ts'
import type { Tx } from '../../core/db.ts'
import { BatchId } from '../../core/ids.ts'
import { countsOfBatches, findBatch, listBatches, rowsOf } from '../../submissions/batch-store.ts'
import {
  BATCH_ADDRESSES_MAX,
  Batch,
  BatchCounts,
  BatchResult,
  BatchRow,
  batchProgress,
} from '../../submissions/batch.ts'
import { batchTable } from '../batch-table.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, file, fileOf, route } from '../route.ts'
import { view } from '../schema.ts'

const tag = 'Submissions'

const BatchView = view(
  'Batch',
  Batch.extend({
    total: z.number().describe('Addresses that were taken'),
    ended: z.number().describe('Of them examined or failed'),
    progress: z.number().min(0).max(1).describe('Share of them that has ended'),
    secondsLeft: z
      .number()
      .optional()
      .describe('By the rate of the last ten minutes; absent when nothing ended then'),
    counts: BatchCounts.omit({ endedLately: true }).describe('What became of them'),
    refused: Batch.shape.refused.describe('Lines that are no addresses, with why; the first 1,000'),
  }).describe('Addresses that were handed in together'),
)
const BatchRowView = view('BatchRow', BatchRow.describe('One address of a batch and what became of it'))

/** Batches with where they stand. */
async function stood(tx: Tx, batches: readonly Batch[]) {
  const counts = await countsOfBatches(
    tx,
    batches.map(({ id }) => id),
  )
  const now = new Date()
  return batches.map((batch, at) => {
    const own = counts[at]
    if (!own) throw new Error('a batch without counts')
    const { secondsLeft, ...progress } = batchProgress(batch, own, now)
    return {
      ...batch,
      ...progress,
      counts: own,
      progress: progress.total === 0 ? 1 : progress.ended / progress.total,
      ...(secondsLeft !== undefined && { secondsLeft }),
    }
  })
}

const oneStood = async (tx: Tx, id: BatchId) => {
  const [batch] = await stood(tx, [found(await findBatch(tx, id), 'batch')])
  if (!batch) throw new Error('a batch vanished within its transaction')
  return batch
}

const submit = route({
  id: 'submitBatch',
  method: 'post',
  path: '/v1/batches',
  summary:
    `Have up to ${BATCH_ADDRESSES_MAX.toLocaleString('en')} addresses examined: a JSON array, one in a line, or a ` +
    'table with a column `url`',
  tag,
  caller: 'any',
  body: file(
    z.strictObject({
      name: z.string().trim().max(200).optional().describe('What the list is called'),
      note: z.string().trim().max(2_000).optional().describe('Stands at each of its submissions'),
    }),
    { takesJson: true },
  ),
  status: 202,
  answer: BatchView,
  problems: ['file/empty'],
  idempotent: true,
  async handle({ house, caller, body: { fields, source } }) {
    const { id } = await submitList(house, caller, { ...fields, source })
    const batch = await house.db.tenant(caller.tenantId, (tx) => oneStood(tx, id))
    return new Reply(batch, { headers: { Location: `/v1/batches/${id}` } })
  },
})

const listAll = route({
  id: 'listBatches',
  method: 'get',
  path: '/v1/batches',
  summary: 'Batches, newest first',
  tag,
  caller: 'any',
  query: z.strictObject(pageQuery),
  answer: listOf('BatchList', BatchView),
  async handle({ house, caller, query: { cursor: after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      const rows = await listBatches(tx, { after, limit: limit + 1 })
      const { items, next } = pageOf(rows, limit, ({ createdAt }) => createdAt)
      return { items: await stood(tx, items), next }
    })
  },
})

const getOne = route({
  id: 'getBatch',
  method: 'get',
  path: '/v1/batches/:id',
  summary: 'How far a batch is',
  tag,
  caller: 'any',
  params: oneId(BatchId),
  answer: BatchView,
  handle: ({ house, caller, params }) => house.db.tenant(caller.tenantId, (tx) => oneStood(tx, params.id)),
})

const rows = route({
  id: 'listBatchRows',
  method: 'get',
  path: '/v1/batches/:id/rows',
  summary: 'The addresses of a batch in their order, and what became of each',
  tag,
  caller: 'any',
  params: oneId(BatchId),
  query: z.strictObject({ ...pageQuery, result: BatchResult.optional() }),
  answer: listOf('BatchRowList', BatchRowView),
  async handle({ house, caller, params, query: { result, cursor: after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      found(await findBatch(tx, params.id), 'batch')
      const read = await rowsOf(tx, { batchId: params.id }, { result, after, limit: limit + 1 })
      return pageOf(read, limit, ({ createdAt }) => createdAt)
    })
  },
})

const table = route({
  id: 'downloadBatchResults',
  method: 'get',
  path: '/v1/batches/:id/results.csv',
  summary: 'What became of each address of a batch, as a table',
  tag,
  caller: 'any',
  params: oneId(BatchId),
  answer: fileOf('text/csv'),
  handle: ({ house, caller, params }) => batchTable(house, caller, params.id),
})

export const batchRoutes = [submit, listAll, getOne, rows, table]
