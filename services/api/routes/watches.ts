import { z } from 'zod'

import { editWatch, endWatch, pauseWatch, readWatch, resumeWatch, startWatch } from '../../actions/watches.ts'
import { WatchId, WatchReadId } from '../../core/ids.ts'
import { rowsOf } from '../../submissions/batch-store.ts'
import { BatchResult, BatchRow } from '../../submissions/batch.ts'
import { findWatch, listWatches, readsOf } from '../../watches/store.ts'
import { NewWatch, WatchChange, WatchRead, WatchState, WatchSummary } from '../../watches/watch.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Watches'
const params = oneId(WatchId)

const WatchView = view(
  'Watch',
  WatchSummary.omit({ tenantId: true, urlKey: true, etag: true, lastModified: true })
    .extend({
      handedIn: WatchSummary.shape.handedIn.describe('Addresses that were new there and are examined'),
      finds: WatchSummary.shape.finds.describe('Of them those in which something was found'),
      lastProblem: WatchSummary.shape.lastProblem.describe('Why the last read failed; null when it did not'),
      state: WatchSummary.shape.state.describe(
        '`failing`: its last reads failed; it is asked less often then',
      ),
    })
    .describe('A place that is read again and again; addresses that are new there are handed in'),
)
const ReadView = view(
  'WatchRead',
  WatchRead.extend({
    leftOut: WatchRead.shape.leftOut.describe(
      'New addresses beyond what one read hands in: the next one does',
    ),
  }).describe('One time that a watched place was read'),
)
const FoundView = view(
  'WatchRow',
  BatchRow.describe('One address that a watch handed in, and what became of it'),
)

const start = route({
  id: 'startWatch',
  method: 'post',
  path: '/v1/watches',
  summary: 'Watch a page, feed, playlist or search result: what is new there is handed in',
  tag,
  caller: 'any',
  body: json(
    request(
      'NewWatch',
      NewWatch.meta({ examples: [{ url: 'https://forum.example/music/feed.xml', everyH: 6 }] }),
    ),
  ),
  status: 201,
  answer: WatchView,
  problems: ['request/conflict'],
  idempotent: true,
  async handle({ house, caller, body }) {
    const watch = await startWatch(house, caller, body)
    return new Reply(watch, { headers: { Location: `/v1/watches/${watch.id}` } })
  },
})

const listAll = route({
  id: 'listWatches',
  method: 'get',
  path: '/v1/watches',
  summary: 'Watches, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, state: WatchState.optional() }),
  answer: listOf('WatchList', WatchView),
  async handle({ house, caller, query: { state, cursor: after, limit } }) {
    const asked = { state, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listWatches(tx, asked))
    return pageOf(rows, limit, ({ createdAt }) => createdAt)
  },
})

const getOne = route({
  id: 'getWatch',
  method: 'get',
  path: '/v1/watches/:id',
  summary: 'How a watch fares',
  tag,
  caller: 'any',
  params,
  answer: WatchView,
  async handle({ house, caller, params: { id } }) {
    const [watch] = await house.db.tenant(caller.tenantId, (tx) => listWatches(tx, { id, limit: 1 }))
    return found(watch, 'watch')
  },
})

const change = route({
  id: 'changeWatch',
  method: 'patch',
  path: '/v1/watches/:id',
  summary: 'Change what a watch is called or how often it reads',
  tag,
  caller: 'any',
  params,
  body: json(request('WatchChange', WatchChange)),
  answer: WatchView,
  problems: ['row/stage'],
  handle: ({ house, caller, params: { id }, body }) => editWatch(house, caller, id, body),
})

const pause = route({
  id: 'pauseWatch',
  method: 'post',
  path: '/v1/watches/:id/pause',
  summary: 'Read a place no more until it is resumed',
  tag,
  caller: 'any',
  params,
  answer: WatchView,
  problems: ['row/stage'],
  handle: ({ house, caller, params: { id } }) => pauseWatch(house, caller, id),
})

const resume = route({
  id: 'resumeWatch',
  method: 'post',
  path: '/v1/watches/:id/resume',
  summary: 'Read it again, beginning now',
  tag,
  caller: 'any',
  params,
  answer: WatchView,
  problems: ['row/stage'],
  handle: ({ house, caller, params: { id } }) => resumeWatch(house, caller, id),
})

const end = route({
  id: 'endWatch',
  method: 'post',
  path: '/v1/watches/:id/end',
  summary: 'End a watch for good; what it found stays',
  tag,
  caller: 'any',
  params,
  answer: WatchView,
  problems: ['row/stage'],
  handle: ({ house, caller, params: { id } }) => endWatch(house, caller, id),
})

const read = route({
  id: 'readWatch',
  method: 'post',
  path: '/v1/watches/:id/reads',
  summary: 'Read a place now; a read that is under way counts',
  tag,
  caller: 'any',
  params,
  status: 202,
  answer: view('StartedWatchRead', z.object({ id: WatchReadId })),
  problems: ['row/stage'],
  handle: async ({ house, caller, params: { id } }) => ({ id: await readWatch(house, caller, id) }),
})

const reads = route({
  id: 'listWatchReads',
  method: 'get',
  path: '/v1/watches/:id/reads',
  summary: 'The reads of a place, the latest first',
  tag,
  caller: 'any',
  params,
  query: z.strictObject(pageQuery),
  answer: listOf('WatchReadList', ReadView),
  async handle({ house, caller, params: { id }, query: { cursor: after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      found(await findWatch(tx, id), 'watch')
      return pageOf(await readsOf(tx, id, { after, limit: limit + 1 }), limit, ({ startedAt }) => startedAt)
    })
  },
})

const rows = route({
  id: 'listWatchRows',
  method: 'get',
  path: '/v1/watches/:id/rows',
  summary: 'What a watch handed in, newest first, and what became of each',
  tag,
  caller: 'any',
  params,
  query: z.strictObject({ ...pageQuery, result: BatchResult.optional() }),
  answer: listOf('WatchRowList', FoundView),
  async handle({ house, caller, params: { id }, query: { result, cursor: after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      found(await findWatch(tx, id), 'watch')
      const given = await rowsOf(tx, { watchId: id }, { result, after, limit: limit + 1 })
      return pageOf(given, limit, ({ createdAt }) => createdAt)
    })
  },
})

export const watchRoutes = [start, listAll, getOne, change, pause, resume, end, read, reads, rows]
