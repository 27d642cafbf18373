import { z } from 'zod'

import { excludeSegments } from '../../actions/allow-list.ts'
import { excludedSegmentsOf } from '../../catalog/excluded-segments-store.ts'
import { ExcludedSegment, ExcludedSegments } from '../../catalog/excluded-segments.ts'
import { find } from '../../catalog/store.ts'
import type { Tx } from '../../core/db.ts'
import { RecordingId } from '../../core/ids.ts'
import { found, oneId } from '../found.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Catalogue'
const path = '/v1/recordings/:id/excluded-segments'

const SegmentsView = view(
  'ExcludedSegments',
  z.object({
    items: z.array(
      view(
        'ExcludedSegment',
        ExcludedSegment.describe('A part of the recording that is not the holder’s own, such as a sample'),
      ),
    ),
  }),
)

async function segmentsOf(tx: Tx, id: RecordingId) {
  found(await find(tx, id), 'recording')
  return { items: (await excludedSegmentsOf(tx, [id])).get(id) ?? [] }
}

const list = route({
  id: 'listExcludedSegments',
  method: 'get',
  path,
  summary: 'Parts of a recording that are not its holder’s own: what is found of them alone opens no case',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  answer: SegmentsView,
  handle: ({ house, caller, params }) => house.db.tenant(caller.tenantId, (tx) => segmentsOf(tx, params.id)),
})

const replace = route({
  id: 'replaceExcludedSegments',
  method: 'put',
  path,
  summary: 'Replace these parts; it holds for what is compared from then on',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  body: json(
    request(
      'NewExcludedSegments',
      z.strictObject({ items: ExcludedSegments }).meta({
        examples: [{ items: [{ fromMs: 61_000, toMs: 75_500, reason: 'Sample of another recording' }] }],
      }),
    ),
  ),
  answer: SegmentsView,
  async handle({ house, caller, params, body }) {
    await excludeSegments(house, caller, params.id, body.items)
    return house.db.tenant(caller.tenantId, (tx) => segmentsOf(tx, params.id))
  },
})

export const excludedSegmentRoutes = [list, replace]
