import express, { type Router } from 'express'

import { submitList } from '../../services/actions/batches.ts'
import { BatchId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { countsOfBatches, findBatch, listBatches, rowsOf } from '../../services/submissions/batch-store.ts'
import { BATCH_BYTES_MAX, type Batch, BatchResult } from '../../services/submissions/batch.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, textOf } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { BATCHES_PATH, batchView, batchesView } from './batches-view.ts'

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const after = readAfter(visit.query['after'])
  const { rows, last } = await visit.tenant(async (tx) => {
    const page = pageOf(await listBatches(tx, { after, limit: PAGE_ROWS + 1 }))
    const ids = page.shown.map(({ id }) => id)
    const counts = await countsOfBatches(tx, ids)
    const rows = page.shown.flatMap((batch, at) => {
      const own = counts[at]
      return own ? [{ batch, counts: own }] : []
    })
    return { rows, last: page.last }
  })
  const body = batchesView({ rows, last, query: visit.query, filled })
  return { title: 'Lists', section: 'submissions', body, status }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** The list of the form: its file, or what stands in its box. */
async function handedIn(visit: Visit): Promise<Reply> {
  let fields: Sent = {}
  const about = (sent: Sent) => ({
    name: textOf(sent, 'name').trim(),
    note: textOf(sent, 'note').trim() || undefined,
  })
  const tried = await attempt(
    () => fields,
    async () => {
      let batch: Batch | undefined
      const sent = await readMultipart(
        visit.request,
        async ({ source, fields: before }) => {
          if (batch) throw new Problem('request/invalid', 'One file at a time')
          fields = before
          batch = await submitList(visit.house, visit.caller, { ...about(before), source })
        },
        { fieldBytesMax: BATCH_BYTES_MAX },
      )
      fields = sent.fields
      const typed = textOf(fields, 'addresses')
      if (!batch && typed.trim() === '')
        throw new Problem('request/invalid', 'Paste addresses, or choose a file')
      return batch ?? submitList(visit.house, visit.caller, { ...about(fields), source: bytesOf(typed) })
    },
  )
  if (tried.refusal) return listPage(visit, inWords(tried.refusal.filled), tried.refusal.status)
  return { redirect: withFlash(`${BATCHES_PATH}/${tried.done.id}`, 'list-submitted') }
}

/** Faults of lines have no fields of their own: they stand above the form. */
function inWords({ values, faults }: Filled): Filled {
  const lines = Object.entries(faults).filter(([name]) => name !== '')
  if (lines.length === 0) return { values, faults }
  return {
    values,
    faults: { '': `No line is an http or https address. The first one: ${lines[0]?.[1] ?? ''}.` },
  }
}

const batchId = (visit: Visit): BatchId => idOf(BatchId, visit.params['id'], 'list')

async function onePage(visit: Visit): Promise<Page> {
  const id = batchId(visit)
  const result = BatchResult.safeParse(visit.query['result']).data
  const after = readAfter(visit.query['after'])
  const read = await visit.tenant(async (tx) => ({
    batch: found(await findBatch(tx, id), 'list'),
    counts: (await countsOfBatches(tx, [id]))[0],
    page: pageOf(await rowsOf(tx, { batchId: id }, { result, after, limit: PAGE_ROWS + 1 })),
  }))
  const { batch, counts, page } = read
  if (!counts) throw new Error('a batch without counts')
  const body = batchView({
    stood: { batch, counts },
    rows: page.shown,
    last: page.last,
    result,
    query: visit.query,
  })
  return { title: batch.name, section: 'submissions', body }
}

/** Handing in lists of addresses, and following what becomes of them. */
export function batchRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    BATCHES_PATH,
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post(BATCHES_PATH, forMembers(web, handedIn))
  router.get(`${BATCHES_PATH}/:id`, forMembers(web, onePage))
  return router
}
